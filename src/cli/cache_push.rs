//! `rbn-plan cache push`, `save`, `restore`: a plan's steps, and the planned checks, in a binary cache.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueHint;
use miette::Diagnostic;
use petgraph::graph::NodeIndex;
use thiserror::Error;

use super::build::prepare::{self, Prepared};
use super::nix_command::NixError;
use super::planned_checks::{Evaluated, PlannedChecks};
use super::select::SelectArgs;
use super::{CommandResult, Outcome, out, outputs, print};
use crate::build::archive::Archive;
use crate::build::line::{Activity, Line};
use crate::build::outputs::{Checked, Output};
use crate::build::store::{Store, registered};
use crate::build::tracker::plain;
use crate::files::{reader, writer};
use crate::model::document::{Kind, Origin};
use crate::nix::stored;
use crate::review::StepGraph;
use crate::text::words::count;
use crate::toolchain::rendered;

/// The flags of `push`.
#[derive(Debug, clap::Args)]
pub struct PushArgs {
    /// Where to, as Nix names it: ssh-ng://HOST, file:///DIR, s3://BUCKET
    #[arg(value_name = "TO", required_unless_present = "list")]
    to: Option<String>,
    /// Sign what is pushed with this key (nix-store --generate-binary-cache-key makes one)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    sign: Option<Utf8PathBuf>,
    /// Push every step, also the programs of build scripts whose output is enough for others
    #[arg(long)]
    all: bool,
    /// Push nothing; print the paths that would be, one a line, for other tools (cachix, attic)
    #[arg(long, conflicts_with_all = ["to", "sign"])]
    list: bool,
    #[command(flatten)]
    select: SelectArgs,
}

/// The flags of `save` and `restore`.
#[derive(Debug, clap::Args)]
pub struct DirArgs {
    /// The directory, which a CI system stores and gives back as one archive
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Utf8PathBuf,
    #[command(flatten)]
    select: SelectArgs,
}

/// Copies what is here and not there.
pub fn push(args: &PushArgs) -> CommandResult {
    let prepared = prepare::prepare(&args.select, &[], true)?;
    let checks = PlannedChecks::of(&args.select, &prepared)?;
    let known = Known::of(&prepared, &checks)?;
    let mut paths = Paths::of(&prepared, &known, args.all);
    paths.all.extend(paths.toolchain.clone());
    if args.list {
        return print(&paths.all.iter().map(|path| format!("{path}\n")).collect::<String>());
    }
    paths.warn();
    if let Some(key) = args.sign.as_ref().filter(|_| !paths.all.is_empty()) {
        let mut sign = nix(&["store", "sign", "-r", "-k", key.as_str()]);
        if let Err(error) = run(sign.args(&paths.all), "nix store sign") {
            out::tell(
                "hint: --sign takes the file of the secret key, the first that `nix-store \
                 --generate-binary-cache-key NAME SECRET PUBLIC` writes",
            );
            return Err(error);
        }
    }
    let to = args.to.as_deref().unwrap_or_default();
    let sent = copy(&["--to", to], &paths.all)?;
    eprintln!("{to}: {} missing there, and sent", count(sent, "path"));
    Ok(Outcome::Done)
}

/// What a binary cache has in its directory, besides what is called by a path.
const PARTS: [&str; 4] = ["nix-cache-info", "nar", "log", "realisations"];

/// Brings a directory up to date.
pub fn save(args: &DirArgs) -> CommandResult {
    let prepared = prepare::prepare(&args.select, &[], true)?;
    let checks = PlannedChecks::of(&args.select, &prepared)?;
    let known = Known::of(&prepared, &checks)?;
    let paths = Paths::of(&prepared, &known, false);
    paths.warn();
    let dir = prepared.dir.join(&args.dir);
    // Nix writes there, and what is old is removed: an archive may hold links in place of directories.
    for name in PARTS {
        writer::stays_within(&dir, &dir.join(name))?;
    }
    let to = address(&dir)?;
    // Two at once would remove each other's files that no entry names yet.
    let _held = writer::held(&dir)?;
    let damaged = Archive::read(&dir).remove_damaged();
    // One archive is compressed whole, and better, by who stores it.
    let sent = copy(&["--to", &format!("{to}?compression=none")], &paths.all)?;
    let gone = Archive::read(&dir).keep(&paths.all);
    let damaged = match damaged {
        0 => String::new(),
        number => format!(", {number} removed that was damaged"),
    };
    eprintln!(
        "{}: {} added, {gone} of earlier plans removed{damaged}",
        args.dir,
        count(sent, "path")
    );
    Ok(Outcome::Done)
}

/// Takes out of it what this plan's steps and the planned checks are. What it has not is no error: it is built.
pub fn restore(args: &DirArgs) -> CommandResult {
    let prepared = prepare::prepare(&args.select, &[], true)?;
    let dir = prepared.dir.join(&args.dir);
    let from = address(&dir)?;
    if !dir.join("nix-cache-info").is_file() {
        eprintln!("{} has nothing yet: all is built", args.dir);
        return Ok(Outcome::Done);
    }
    let checks = PlannedChecks::of(&args.select, &prepared)?;
    let known = Known::of(&prepared, &checks)?;
    let archive = Archive::read(&dir);
    let mut wanted = known.outputs();
    wanted.retain(|path| archive.names(path) && !registered(path.as_ref()));
    if wanted.is_empty() {
        eprintln!("{} has nothing that is not here", args.dir);
        return Ok(Outcome::Done);
    }
    let whole = archive.whole(&wanted);
    if whole.len() < wanted.len() {
        out::tell(&format!(
            "warning: {} is damaged: {} of {} cannot be taken from it, and what is needed of that is built. \
             `rbn-plan cache save` mends it",
            args.dir,
            wanted.len() - whole.len(),
            count(wanted.len(), "path")
        ));
    }
    let got = copy(&["--no-check-sigs", "--from", &from], &whole)?;
    eprintln!("{}: {} taken into the store", args.dir, count(got, "path"));
    Ok(Outcome::Done)
}

/// A directory that no address can name.
#[derive(Debug, Error, Diagnostic)]
#[error("Nix knows no cache in {dir}: {letter:?} means something else in its addresses")]
#[diagnostic(help(
    "take a directory whose whole path is of letters and digits of ASCII and of / . _ - + ~ = @ , :"
))]
struct Unaddressed {
    dir: Utf8PathBuf,
    letter: char,
}

/// The address of an archive. What else letters may be there, each version of Nix reads in its own way.
fn address(dir: &Utf8Path) -> Result<String, Unaddressed> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+~=@,:".contains(c);
    match dir.as_str().chars().find(|c| !is_plain(*c)) {
        Some(letter) => Err(Unaddressed { dir: dir.to_owned(), letter }),
        None => Ok(format!("file://{dir}")),
    }
}

/// A plan and the planned checks, as Nix evaluates them.
struct Known<'d> {
    graph: StepGraph<'d>,
    steps: BTreeMap<NodeIndex, Output>,
    checks: Evaluated<'d>,
}

impl<'d> Known<'d> {
    /// Writes what Nix needs, and asks it.
    fn of(prepared: &'d Prepared, checks: &'d PlannedChecks) -> miette::Result<Self> {
        let graph = StepGraph::of(&prepared.document)?;
        prepared.write(true)?;
        checks.write(prepared)?;
        let steps = outputs::evaluate(prepared, &graph, true)?;
        let checks = checks.evaluate(prepared, true)?;
        Ok(Self { graph, steps, checks })
    }

    /// The plan first, then those of checks.
    fn plans(&self) -> impl Iterator<Item = (&StepGraph<'d>, &BTreeMap<NodeIndex, Output>)> {
        let graphs = self.checks.graphs.iter().map(|(_, graph)| graph);
        std::iter::once((&self.graph, &self.steps)).chain(graphs.zip(&self.checks.found.steps))
    }

    /// All that is made, each once.
    fn outputs(&self) -> Vec<String> {
        let Checked { reports, gates, .. } = &self.checks.found;
        let steps = self.plans().flat_map(|(_, steps)| steps.values());
        let made = steps.chain(reports).chain(gates).map(|output| output.out.clone());
        once(made.chain(self.builders()))
    }

    /// What every step and check is built with: the programs, and the facts of tools. Whoever builds one needs these
    /// first.
    fn builders(&self) -> BTreeSet<String> {
        let mut store = Store::new(&self.graph);
        let one_of_each =
            self.steps.values().next().into_iter().chain(self.checks.found.reports.first());
        let inputs: Vec<String> =
            one_of_each.flat_map(|output| store.known(&output.drv).inputs.clone()).collect();
        let is_builder =
            |drv: &&String| BUILDERS.iter().any(|name| stored::name(drv) == Some(*name));
        let found = inputs.iter().filter(is_builder);
        found.flat_map(|drv| store.known(drv).outputs.clone()).collect()
    }
}

/// The derivations that others are built with.
const BUILDERS: [&str; 3] = ["rbn-plan-builder.drv", "rbn-plan-checker.drv", "rbn-plan-tools.drv"];

/// Each of them once, in their order.
fn once(paths: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    paths.into_iter().filter(|path| seen.insert(path.clone())).collect()
}

/// What there is to share.
struct Paths {
    all: Vec<String>,
    /// A toolchain that lies in the store: builders and fresh machines need it, an archive for CI does not.
    toolchain: Option<String>,
    /// How many steps of the plan are not here, of how many.
    missing: (usize, usize),
    /// The same of the reports of the planned checks.
    missing_reports: (usize, usize),
    /// Whether the steps were built with this machine's own tools.
    is_host: bool,
}

impl Paths {
    fn of(prepared: &Prepared, known: &Known<'_>, everything: bool) -> Self {
        let Checked { reports, gates, .. } = &known.checks.found;
        let mut wanted = known.plans().map(|(graph, steps)| {
            let is_wanted = move |id: &NodeIndex| everything || !is_left_out(graph, *id, steps);
            steps.iter().filter(move |(id, _)| is_wanted(id)).map(|(_, output)| output.out.clone())
        });
        let of_plan: Vec<String> = wanted.next().into_iter().flatten().collect();
        let paths = |outputs: &[Output]| once(outputs.iter().map(|output| output.out.clone()));
        let (reports, gates) = (paths(reports), paths(gates));
        let missing =
            |paths: &[String]| paths.iter().filter(|path| !registered(path.as_ref())).count();
        let missing_reports = (missing(&reports), reports.len());
        let missing = (missing(&of_plan), known.graph.graph.node_count());
        let steps = of_plan.into_iter().chain(wanted.flatten());
        let all = steps.chain(reports).chain(gates).chain(known.builders());
        let all = once(all.filter(|path| registered(path.as_ref())));
        let toolchain = prepared.root.join(prepared.config.nix.toolchain_file.value.as_path());
        let text = reader::text(toolchain).unwrap_or_default();
        let toolchain = store_toolchain(&text);
        let is_host = rendered::is_of_a_machine(&text);
        Self { all, toolchain, missing, missing_reports, is_host }
    }

    /// What whoever shares should know.
    fn warn(&self) {
        if self.is_host {
            out::tell(
                "warning: these steps were built with this machine's own compiler and linker. Another machine \
                 finds them in the cache only if it has the same ones, and must be trusted with what they make. \
                 `rbn-plan toolchain store` or `toolchain nixpkgs` makes a toolchain that is shared, too.",
            );
        }
        if let (missing @ 1.., all) = self.missing {
            out::tell(&format!(
                "{missing} of {} are not here, and are left out (`rbn-plan build` builds what is needed)",
                count(all, "step")
            ));
        }
        if let (missing @ 1.., all) = self.missing_reports {
            out::tell(&format!(
                "{missing} of {} of planned checks are not here, and are left out (`rbn-plan build --checks` runs them)",
                count(all, "report")
            ));
        }
    }
}

/// The program of a build script is needed only to run it again. Where its package never changes, and what
/// it said is here, nobody will.
fn is_left_out(graph: &StepGraph<'_>, id: NodeIndex, known: &BTreeMap<NodeIndex, Output>) -> bool {
    let node = &graph.graph[id];
    let is_fixed = !matches!(node.package.source, Origin::Path { .. } | Origin::Vendor { .. });
    let is_here =
        |run: NodeIndex| known.get(&run).is_some_and(|output| registered(output.out.as_ref()));
    let is_program = node.step.kind == Kind::CustomBuild && node.kind() != "run of a build script";
    let mut users = graph.graph.neighbors_directed(id, petgraph::Direction::Incoming).peekable();
    is_program && is_fixed && users.peek().is_some() && users.all(is_here)
}

/// The path of a toolchain that lies in the store, in the text of its file.
fn store_toolchain(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("\n  rustc = kept \"/nix/store/")?;
    let name = rest.split(['/', '"']).next()?;
    let path = format!("/nix/store/{name}");
    registered(path.as_ref()).then_some(path)
}

/// What Nix says of a store, and what to do then.
const CURES: [(&str, &str); 5] = [
    (
        "lacks a valid signature",
        "that store takes what is signed with a key that it trusts: push with --sign KEY-FILE, and name the public \
         key in `trusted-public-keys` of its nix.conf",
    ),
    (
        "don't know how to open Nix store",
        "this Nix does not know that kind of store. For s3:// a Nix must be built with it, and some distributions' \
         are not: take another Nix, or push to ssh-ng://HOST or file:///DIR",
    ),
    (
        "No space left on device",
        "there is no room where that is written: make some, and do it again; what was copied whole stays",
    ),
    (
        "Read-only file system",
        "nothing can be written there: take another place, or mount that one to be written",
    ),
    (
        "is for Nix stores with prefix",
        "its paths begin with another directory than those of the store here, so that neither can use the other's: \
         take a new directory or another cache",
    ),
];

/// Copies between stores, and counts what had to be.
fn copy(how: &[&str], paths: &[String]) -> miette::Result<usize> {
    let mut sent = BTreeSet::new();
    for paths in paths.chunks(4000) {
        let mut command = nix(&["copy", "--log-format", "internal-json"]);
        let output = command.args(how).args(paths).stdin(Stdio::null()).output();
        let output = output.map_err(NixError::Start)?;
        for line in String::from_utf8_lossy(&output.stderr).lines() {
            match Line::parse(line) {
                Line::Start { activity: Activity::Copy { path }, .. } => {
                    sent.insert(path);
                }
                Line::Message { level: 0 | 1, text } => {
                    let text = plain(&text);
                    eprintln!("{text}");
                    for (_, cure) in CURES.iter().filter(|(words, _)| text.contains(words)) {
                        out::tell(&format!("hint: {cure}"));
                    }
                }
                _ => {}
            }
        }
        if !output.status.success() {
            let command = format!("nix copy {}", how.join(" "));
            return Err(NixError::Failed { command, status: output.status }.into());
        }
    }
    Ok(sent.len())
}

fn nix(words: &[&str]) -> Command {
    let mut command = Command::new("nix");
    command.args(["--extra-experimental-features", "nix-command"]).args(words);
    command
}

fn run(command: &mut Command, shown: &str) -> miette::Result<()> {
    let status = command.stdin(Stdio::null()).status().map_err(NixError::Start)?;
    if status.success() {
        return Ok(());
    }
    Err(NixError::Failed { command: shown.to_owned(), status }.into())
}
