//! `rbn-plan rust-project`: the plan for an editor, as rust-analyzer reads it.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueHint;
use serde_json::Value;

use super::build::{self, prepare};
use super::discover::{self, Made};
use super::select::SelectArgs;
use super::{CommandResult, Outcome, editor_sources, out, outputs};
use crate::build::store::registered;
use crate::files::{reader, writer};
use crate::model::{Plan, StepId};
use crate::nix::escape;
use crate::plan::editor::{self, Here};
use crate::review::StepGraph;
use crate::text::words::{count, shortened};

/// The file that rust-analyzer looks for.
const FILE: &str = "rust-project.json";

/// How many packages a warning names.
const NAMED: usize = 8;

/// How it ends, for --help.
const ENDS: &str = "\
Exit code: 0 if the file was written, also where something that an editor needs could not be built: \
a warning says what is left out; 2 for wrong usage, or a workspace that cannot be planned; 129, 130, \
143 after a signal.";

/// The command's flags.
#[derive(Debug, clap::Args)]
#[command(after_help = ENDS)]
pub struct Args {
    /// Write it to this file [default: rust-project.json beside Cargo.lock]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<Utf8PathBuf>,
    /// Answer rust-analyzer's discover command on standard output, and write no file: a
    /// `{"path":…}`, `{"buildfile":…}` or `{"label":…}`
    #[arg(long, value_name = "JSON", conflicts_with = "output")]
    discover: Option<String>,
    /// Build nothing: macros and build scripts count as far as the store has them
    #[arg(long)]
    no_build: bool,
    /// Show no progress
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    select: SelectArgs,
}

/// Writes it, or answers.
pub fn run(args: &Args) -> CommandResult {
    if let Some(question) = &args.discover {
        return discover::answer(question, &args.select, &mut |select, tell| {
            make(select, args.no_build, true, tell)
        });
    }
    let made = make(&args.select, args.no_build, args.quiet, &mut |_| ())?;
    let Some(project) = made.project else { return Ok(made.outcome) };
    let text = format!("{project:#}\n");
    let file = args.output.clone().unwrap_or_else(|| made.root.join(FILE));
    match &args.output {
        Some(named) => writer::write(named, &text)?,
        None => {
            writer::write_within(&made.root, &file, &text, writer::Ours::Known(is_project))?;
        }
    }
    let shown = prepare::seen(&file, &made.dir);
    if !args.quiet {
        let crates = project["crates"].as_array().map_or(0, Vec::len);
        eprintln!("wrote {shown}: {}", count(crates, "crate"));
    }
    if args.output.is_none() && is_seen_by_git(&made.root) {
        out::tell(&format!(
            "note: it names places of this machine: add the line /{FILE} to .gitignore"
        ));
    }
    Ok(made.outcome)
}

/// Plans, builds what an editor needs unless `no_build` says otherwise, and makes the document. `tell` hears what is
/// done.
pub fn make(
    select: &SelectArgs,
    no_build: bool,
    quiet: bool,
    tell: &mut dyn FnMut(&str),
) -> miette::Result<Made> {
    tell("planning");
    let select = select.for_editor();
    let prepared = prepare::prepare(&select, &[], false)?;
    let (root, dir, plan) = (prepared.root.clone(), prepared.dir.clone(), &prepared.plan);
    let wanted = editor::wanted(plan);
    if no_build || wanted.is_empty() {
        prepared.write(quiet)?;
    } else {
        tell(&format!("building {}", count(wanted.len(), "macro or build script")));
        let attribute = |id: &StepId| {
            let step = plan.step(*id);
            let (group, name) = (step.platform.group(), step.name.as_str());
            format!("steps.{}.{}", escape::attr(group), escape::attr(name))
        };
        let built = build::attributes(&prepared, wanted.iter().map(attribute).collect(), quiet)?;
        if matches!(built, Outcome::Interrupted(_)) {
            return Ok(Made { root, dir, project: None, outcome: built });
        }
    }
    tell("looking for sources");
    let graph = StepGraph::of(&prepared.document)?;
    let evaluated = outputs::evaluate(&prepared, &graph, false)?;
    let sources = editor_sources::of(&prepared, plan, !no_build)?;
    let mut here = Here { root: root.clone(), sources: sources.of, ..Here::default() };
    for id in plan.graph.node_indices() {
        let step = plan.step(id);
        let node = graph.id(step.platform.group(), step.name.as_str());
        if let Some(output) = node.and_then(|node| evaluated.get(&node)) {
            here.outputs.insert(id, output.out.clone());
        }
    }
    let absent = take(&mut here, plan, &wanted);
    if !absent.is_empty() {
        let names = shortened(absent.iter().map(String::as_str).collect::<Vec<_>>(), NAMED);
        out::tell(&format!(
            "warning: not built, so an editor does not see what they make: {names}"
        ));
    }
    if !sources.missing.is_empty() {
        let names = sources.missing.iter().map(|key| key.as_str()).collect::<Vec<_>>();
        out::tell(&format!(
            "warning: their sources are not in the store, so they are left out: {}",
            shortened(names, NAMED)
        ));
    }
    here.flags = select.asked();
    here.sysroot = sysroot(&sources.rustc);
    let library = here.sysroot.as_ref().map(|root| root.join("lib/rustlib/src/rust/library"));
    here.sysroot_src = library.filter(|library| library.is_dir());
    if here.sysroot_src.is_none() && !quiet {
        out::tell(
            "note: the compiler comes without the sources of its standard library, which an \
             editor wants: rustup's component rust-src",
        );
    }
    Ok(Made { root, dir, project: Some(editor::document(plan, &here)), outcome: Outcome::Done })
}

/// Takes what was built of the `wanted` steps; the names of the others.
fn take(here: &mut Here, plan: &Plan, wanted: &[StepId]) -> Vec<String> {
    let mut absent = Vec::new();
    for id in wanted {
        let output = here.outputs.get(id).filter(|output| registered(output.as_ref())).cloned();
        let is_run = plan.step(*id).run().is_some();
        let taken = output.and_then(|output| match is_run {
            true => {
                let text = reader::text(format!("{output}/{}", rbn_builder::note::RUN)).ok()?;
                let note = rbn_builder::note::Run::read(&text).ok()?;
                here.runs.insert(*id, note);
                Some(())
            }
            false => {
                let file = format!("{output}/{}", editor::macro_file(plan, *id)?);
                here.macros.insert(*id, file);
                Some(())
            }
        });
        if taken.is_none() {
            absent.push(plan.step(*id).name.to_string());
        }
    }
    absent.sort();
    absent.dedup();
    absent
}

/// Where a compiler keeps its libraries; nothing where it is not here.
fn sysroot(rustc: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut command = Command::new(rustc);
    let asked = command.args(["--print", "sysroot"]).stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8(asked.stdout).ok()?;
    let path = Utf8PathBuf::from(said.trim());
    (asked.status.success() && path.is_dir()).then_some(path)
}

/// A file of that name is rust-analyzer's, whoever wrote it; one that is no such document stays.
fn is_project(text: &str) -> bool {
    let document: BTreeMap<String, Value> = serde_json::from_str(text).unwrap_or_default();
    document.get("crates").is_some_and(Value::is_array)
}

/// Whether Git would take the file into a commit.
fn is_seen_by_git(root: &Utf8Path) -> bool {
    let asked = |words: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(root).args(words).stdin(Stdio::null());
        git.output().ok().and_then(|done| done.status.code())
    };
    asked(&["rev-parse", "--git-dir"]) == Some(0) && asked(&["check-ignore", "-q", FILE]) == Some(1)
}
