//! `rbn-plan bootstrap`: rustc's own build, stage by stage.

use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Subcommand, ValueEnum};
use miette::IntoDiagnostic as _;

use super::bootstrap_review::{self, Picture};
use super::bootstrap_verify::{self, Asked};
use super::select::SelectArgs;
use super::toolchain::host_toolchain_with;
use super::{CommandResult, Outcome, out, print, print_json};
use crate::bootstrap::layers::Layers;
use crate::bootstrap::mode::{self, Kind, Mode};
use crate::bootstrap::planning::{Ground, stage0};
use crate::bootstrap::tree::{Commit, Tree};
use crate::bootstrap::{BootstrapError, Settings, composition, versions};
use crate::cargo::{Machines, Shim};
use crate::files::{reader, writer};
use crate::model::Plan;
use crate::plan_file::json;
use crate::plan_file::write::nix;
use crate::toolchain::host::HostToolchain;
use crate::toolchain::is_other_architecture;
use crate::toolchain::provider;

/// Where the plan goes, from the root of the tree.
const OUTPUT: &str = "generated/bootstrap";

/// The compiler to begin with, as a toolchain. It is of this machine, and no part of what is checked.
const STAGE0: &str = "stage0.nix";

/// The variable that lets a released compiler do what only a nightly may. x.py sets it for all it starts.
const UNSTABLE: &str = "RUSTC_BOOTSTRAP";

/// The command's flags. What is global reaches the parser of `rbn-plan` itself by its id: so no id is one of its own.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Option<What>,
    /// The stage that is built where nobody says [default: build.build-stage, else 1]
    #[arg(id = "bootstrap-stage", long = "stage", value_name = "N", global = true, value_parser = clap::value_parser!(u32).range(1..=3))]
    stage: Option<u32>,
    /// The configuration of x.py [default: bootstrap.toml of the tree]
    #[arg(id = "bootstrap-config", long = "config", value_name = "FILE", global = true)]
    config: Option<Utf8PathBuf>,
    /// Where the plan goes [default: generated/bootstrap of the tree]
    #[arg(
        id = "bootstrap-output",
        short = 'o',
        long = "output",
        value_name = "DIR",
        global = true
    )]
    output: Option<Utf8PathBuf>,
    /// The tree [default: here]
    #[arg(id = "bootstrap-directory", short = 'C', value_name = "DIR", global = true)]
    directory: Option<Utf8PathBuf>,
    /// Plan a version whose rules are not known by the nearest that are
    #[arg(id = "bootstrap-any-version", long = "any-version", global = true)]
    any_version: bool,
    /// Print the steps of a mode instead of writing anything
    #[arg(
        id = "bootstrap-format",
        long = "format",
        value_name = "FORMAT",
        value_enum,
        global = true
    )]
    format: Option<Format>,
    /// The mode that is printed or drawn
    #[arg(
        id = "bootstrap-mode",
        long = "mode",
        global = true,
        default_value = "compiler",
        value_name = "MODE"
    )]
    mode: String,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    /// Write the plan (the default)
    Plan,
    /// Say whether the plan is up to date; exit code 1 if not
    Check,
    /// Record what the tree's own x.py runs up to --stage, and compare; exit code 1 if it differs
    Verify {
        /// Let Nix run the build scripts that the first compiler makes, and compare what they say and leave
        #[arg(long)]
        scripts: bool,
    },
    /// Say what changed since another plan, mode by mode, and what is built again in which stage
    Diff {
        /// The old plan: a git revision, or the directory of a plan
        #[arg(value_name = "OLD", default_value = "HEAD")]
        old: String,
    },
    /// Say what a step is, who needs it and what it costs, in each mode that has it
    Explain {
        /// A step, PLATFORM/STEP, or a package; behind MODE: of one mode
        #[arg(value_name = "STEP")]
        step: String,
    },
    /// Draw the mode that --mode names
    Graph {
        /// The kind of picture
        #[arg(value_enum, default_value_t)]
        picture: Picture,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The document of every step, for programs: see docs/plan.schema.json
    Json,
}

/// A file of the plan.
struct File {
    name: String,
    text: String,
}

/// Plans rustc's own build, or says whether it is planned.
pub fn run(args: &Args) -> CommandResult {
    if std::env::var_os(UNSTABLE).is_none_or(|value| value != "1") {
        // Cargo and rustc are asked as x.py asks them, by all that is started from here on.
        let program = std::env::current_exe().into_diagnostic()?;
        let error =
            Command::new(program).args(std::env::args_os().skip(1)).env(UNSTABLE, "1").exec();
        return Err(error).into_diagnostic();
    }
    let ground = ground(args)?;
    for (place, key, reason) in &ground.settings.without_effect {
        out::tell(&format!("note: {place}: `{key}` changes nothing of a plan: {reason}"));
    }
    for name in &ground.settings.tools {
        if !mode::TOOLS.contains(&name.as_str()) {
            let known = mode::TOOLS.join(", ");
            out::tell(&format!("note: build.tools: `{name}` is not planned; planned are {known}"));
        }
    }
    let stage = args.stage.unwrap_or_else(|| ground.settings.stage.max(1));
    let modes = mode::all(&ground.tree, &ground.settings, &ground.rustc.host)?;
    let program = std::env::current_exe().into_diagnostic()?;
    let shim = Utf8PathBuf::from_path_buf(program).ok();
    let shim = shim.map(|program| Shim::new(program, ground.options.answers.clone()));
    let machines = Machines { hosts: vec![ground.rustc.host.clone()], shim };
    let plans_only = matches!(args.command, None | Some(What::Plan | What::Check));
    if args.format.is_some() && plans_only {
        return document(args, &ground, &modes, &machines);
    }
    let own = ground.tree.root.join(OUTPUT);
    let dir = args.output.as_ref().map_or(own, |dir| here(args).join(dir));
    let as_json = args.format.is_some();
    if let Some(What::Graph { picture }) = args.command {
        let mode = named(args, &modes)?;
        return bootstrap_review::graph(picture, &ground.plan(mode, &machines)?.remove(0));
    }
    let plans = planned(&ground, modes, &machines)?;
    match &args.command {
        Some(What::Verify { scripts }) => {
            let (ground, tools) = (&ground, tools(&ground)?);
            let scripts = scripts.then_some(dir.as_path());
            let asked = Asked { ground, plans, tools, stage, json: as_json, scripts };
            return bootstrap_verify::run(asked);
        }
        Some(What::Diff { old }) => {
            let root = &ground.tree.root;
            let below = dir.strip_prefix(root).unwrap_or(&dir);
            return bootstrap_review::diff(old, root, below, &plans, as_json);
        }
        Some(What::Explain { step }) => return bootstrap_review::explain(step, &plans, as_json),
        None | Some(What::Plan | What::Check | What::Graph { .. }) => {}
    }
    let mut files = vec![File {
        name: "default.nix".to_owned(),
        text: composition::render(&ground, &plans, stage).into_diagnostic()?,
    }];
    for (mode, plan) in &plans {
        let text = nix::render(std::slice::from_ref(plan)).into_diagnostic()?;
        files.push(File { name: format!("{}.nix", mode.plan), text });
    }
    match args.command {
        Some(What::Check) => check(&dir, &files),
        _ => {
            write(&ground, &dir, &files)?;
            print(&summary(&plans, stage, &dir))
        }
    }
}

/// All modes side by side: none needs another, and each waits for Cargo.
fn planned(
    ground: &Ground,
    modes: Vec<Mode>,
    machines: &Machines,
) -> Result<Vec<(Mode, Plan)>, BootstrapError> {
    thread::scope(|scope| {
        let start = |mode: Mode| {
            scope.spawn(move || {
                let plan = ground.plan(&mode, machines)?.remove(0);
                Ok((mode, plan))
            })
        };
        let started: Vec<_> = modes.into_iter().map(start).collect();
        let join = |one: thread::ScopedJoinHandle<'_, _>| {
            one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        started.into_iter().map(join).collect()
    })
}

/// The directory that paths of flags count from.
fn here(args: &Args) -> Utf8PathBuf {
    let current = std::env::current_dir().ok().and_then(|dir| Utf8PathBuf::from_path_buf(dir).ok());
    let current = current.unwrap_or_else(|| ".".into());
    args.directory.as_ref().map_or(current.clone(), |dir| current.join(dir))
}

fn ground(args: &Args) -> miette::Result<Ground> {
    let root = here(args);
    let tree = Tree::read(&root)?;
    let rules = versions::rules(&tree, args.any_version)?;
    let named = args.config.as_ref().map(|file| root.join(file));
    let layers = Layers::read(&tree, named.as_deref())?;
    let mut options = SelectArgs::default().options()?;
    options.dir.clone_from(&root);
    let machine = super::machine::this_machine()?;
    let settings = Settings::read(&tree, &layers, &machine.host, || commit(&root))?;
    if let Some((rustc, _)) = &settings.rustc {
        options.rustc.clone_from(rustc);
    }
    if let Some(cargo) = &settings.cargo {
        options.cargo.clone_from(cargo);
    }
    let rustc = options.compiler()?;
    stage0(&tree, &settings, &rustc)?;
    let llvm = crate::bootstrap::llvm::found(&settings, &rustc.host)?;
    let config = layers.file.clone();
    Ok(Ground { tree, rules, config, settings, llvm: Some(llvm), options, rustc })
}

/// The commit of the tree, as Git has it.
fn commit(root: &Utf8Path) -> Option<Commit> {
    if !root.join(".git").exists() {
        return None;
    }
    let say = |args: &[&str]| {
        let output = Command::new("git").arg("-C").arg(root).args(args).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        (output.status.success() && !text.is_empty()).then_some(text)
    };
    Some(Commit {
        hash: say(&["rev-parse", "HEAD"])?,
        short: say(&["rev-parse", "--short=9", "HEAD"])?,
        date: say(&["log", "-1", "--date=short", "--pretty=format:%cd"])?,
    })
}

/// The mode that --mode names.
fn named<'a>(args: &Args, modes: &'a [Mode]) -> miette::Result<&'a Mode> {
    modes.iter().find(|mode| mode.plan == args.mode).ok_or_else(|| {
        let names: Vec<&str> = modes.iter().map(|mode| mode.plan.as_str()).collect();
        miette::miette!(
            help = format!("there are: {}", names.join(", ")),
            "there is no mode {}",
            args.mode
        )
    })
}

fn document(args: &Args, ground: &Ground, modes: &[Mode], machines: &Machines) -> CommandResult {
    let mode = named(args, modes)?;
    let mut plan = ground.plan(mode, machines)?.remove(0);
    if let Some(own) = &mut plan.bootstrap {
        let stage = args.stage.unwrap_or(1);
        own.built_by = if mode.kind == Kind::Std { stage } else { stage - 1 };
    }
    print_json(&json::render(&plan))
}

fn write(ground: &Ground, dir: &Utf8Path, files: &[File]) -> miette::Result<()> {
    let tools = tools(ground)?;
    linked(ground, &tools)?;
    let text = provider::render_host(&tools).into_diagnostic()?;
    for file in files {
        writer::write_generated(&dir.join(&file.name), &file.text)?;
    }
    writer::write_generated(&dir.join(STAGE0), &text)?;
    Ok(())
}

/// Whether each target of another architecture has what links for it: the machine's own linker would fail late, in `std`.
fn linked(ground: &Ground, tools: &HostToolchain) -> Result<(), BootstrapError> {
    let settings = &ground.settings;
    for target in settings.hosts.iter().chain(&settings.targets) {
        let own = settings.target(target);
        let is_named = own.linker.is_some() || own.programs.contains_key("CC");
        if is_other_architecture(target, &tools.host)
            && !is_named
            && !tools.linkers.contains_key(target)
        {
            return Err(BootstrapError::Linker { target: target.clone() });
        }
    }
    Ok(())
}

/// The compiler to begin with, and what belongs to it.
fn tools(ground: &Ground) -> miette::Result<HostToolchain> {
    let settings = &ground.settings;
    let foreign = settings.hosts.iter().chain(&settings.targets).cloned().collect();
    let Some((rustc, _)) = &ground.settings.rustc else {
        return Ok(host_toolchain_with(&ground.tree.root, None, &foreign)?);
    };
    let home = crate::cargo::home().unwrap_or_default();
    let cargo = &ground.options.cargo;
    let folders = std::collections::BTreeMap::new();
    Ok(crate::toolchain::host::probe(&ground.tree.root, rustc, cargo, &home, &folders, &foreign)?)
}

fn check(dir: &Utf8Path, files: &[File]) -> CommandResult {
    let mut differs = Vec::new();
    for file in files {
        let path = dir.join(&file.name);
        match reader::text_if_there(&path)? {
            Some(text) if text == file.text => {}
            Some(_) => differs.push(format!("{path} is out of date\n")),
            None => differs.push(format!("there is no {path}\n")),
        }
    }
    if differs.is_empty() {
        return print(&format!("{dir} is up to date\n"));
    }
    print(&differs.concat())?;
    print("`rbn-plan bootstrap` makes it again\n")?;
    Ok(Outcome::Different)
}

fn summary(plans: &[(Mode, Plan)], stage: u32, dir: &Utf8Path) -> String {
    let mut text = String::new();
    for (mode, plan) in plans {
        let groups = plan.groups();
        let count = |(platform, steps): (&crate::model::Platform, &Vec<_>)| {
            format!("{} {}", steps.len(), platform.group())
        };
        let parts: Vec<String> = groups.iter().map(count).collect();
        let (name, all) = (&mode.plan, plan.graph.node_count());
        text.push_str(&format!("{name}: {all} steps ({})\n", parts.join(", ")));
    }
    text.push_str(&format!("nix build -f {dir} stage{stage}.toolchain\n"));
    text
}
