//! `rbn-plan doctor`: is this machine ready?

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use super::select::{Again, SelectArgs, program, workspace_root};
use super::toolchain::host_toolchain;
use super::{CommandResult, Outcome, flake_toolchain, ignored, print, print_json, replan};
use crate::cache::Setup;
use crate::cargo::settings::{self, Asked};
use crate::config::{Config, Sccache, Toolchain};
use crate::doctor::facts::{PlanState, Project, Socket, ToolchainState};
use crate::doctor::{Facts, State, examine, gather, report};
use crate::files::reader;
use crate::model::{Triple, default_target};
use crate::plan_file::write::nix;
use crate::toolchain::{on_path, rendered};

/// Arguments of `rbn-plan doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How the findings are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// One text for a bug report, without names and homes
    #[arg(long, conflicts_with = "format")]
    report: bool,
    /// Show the lines that nix.conf lacks, ask, and add them, where that file may be written here
    #[arg(long, conflicts_with_all = ["format", "report"])]
    fix: bool,
    /// Add them without asking; without a terminal nobody can be asked, and nothing is written
    #[arg(short, long, requires = "fix")]
    yes: bool,
    #[command(flatten)]
    select: SelectArgs,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Looks at the machine and the project.
///
/// # Errors
/// Only what keeps it from printing: whatever is wrong is a finding.
pub fn run(args: &Args) -> CommandResult {
    let options = args.select.options()?;
    let root = workspace_root(&options);
    let mut facts = gather::machine();
    let config = args.select.place().ok().map(|(_, config)| config);
    facts.host =
        Some(host_toolchain(&options.dir, config.as_ref()).map_err(|error| error.to_string()));
    let is_project = ["Cargo.toml", "flake.nix", "config.toml"];
    if is_project.iter().any(|name| root.join(name).is_file()) {
        project(&args.select, &root, &mut facts);
    } else {
        facts.socket =
            socket(&super::cache::configured(None).unwrap_or_default(), args.select.is_untrusted());
    }
    let findings = examine(&facts);
    if args.report {
        print(&report::report(&findings, &gather::kernel(), &gather::private(&root)))?;
    } else {
        match args.format {
            Format::Text if io::stdout().is_terminal() => print(&report::wrapped(&findings))?,
            Format::Text => print(&report::text(&findings))?,
            Format::Json => print_json(&report::json(&findings))?,
        };
    }
    if args.fix {
        return super::doctor_fix::mend(&facts, &findings, args.yes);
    }
    let missing = findings.iter().any(|finding| finding.state == State::Missing);
    Ok(if missing { Outcome::Different } else { Outcome::Done })
}

/// What concerns the project at `root`.
fn project(select: &SelectArgs, root: &Utf8Path, facts: &mut Facts) {
    let config = configuration(select);
    let plan_file = match &config {
        Ok(config) => config.nix.output.value.as_path().to_owned(),
        Err(_) => Utf8PathBuf::from("generated/steps.nix"),
    };
    let toolchain_file = match &config {
        Ok(config) => config.nix.toolchain_file.value.as_path().to_owned(),
        Err(_) => Utf8PathBuf::from("generated/toolchain.nix"),
    };
    let flake = match &config {
        Ok(config) => root.join(config.nix.root.value.as_path()),
        Err(_) => root.to_owned(),
    };
    let has_flake = flake.join("flake.nix").is_file();
    let plan = match &config {
        // Without Cargo nothing can be told of a plan; that it is missing is told of the toolchain.
        Ok(_) if on_path(&program("CARGO", "cargo")).is_none() => PlanState::Unknown,
        Ok(_) if root.join("Cargo.toml").is_file() => plan_state(select, root, &plan_file),
        _ => PlanState::Unknown,
    };
    // A configuration with a mistake in it switches nothing off.
    facts.socket = match &config {
        Ok(config) => socket(&config.sccache, select.is_untrusted()),
        Err(_) => socket(&Sccache::default(), select.is_untrusted()),
    };
    let (targets, other_targets) =
        config.as_ref().map(|config| targets(select, config, facts)).unwrap_or_default();
    facts.project = Some(Project {
        host_toolchain: config.as_ref().map_or(true, |config| {
            matches!(config.toolchain.value, Toolchain::Host | Toolchain::Store { .. })
        }),
        lacks: match &config {
            Ok(config) => flake_toolchain::lacks(root, config),
            Err(_) => None,
        },
        targets,
        other_targets,
        has_config: config.as_ref().is_ok_and(|config| config.file.is_some()),
        config_error: config.err(),
        has_flake,
        drift: if has_flake { gather::drift(&flake) } else { Ok(Vec::new()) },
        toolchain: toolchain_state(&root.join(&toolchain_file), facts),
        toolchain_is_taken: !select.is_untrusted()
            && ignored::is_taken(root, toolchain_file.as_str()),
        toolchain_file,
        plan_file,
        plan,
    });
}

/// Whether the toolchain's file is for the tools that were found here.
fn toolchain_state(file: &Utf8Path, facts: &Facts) -> ToolchainState {
    match reader::text(file) {
        Err(error) if error.is_absent() => ToolchainState::Absent,
        Err(_) => ToolchainState::Unknown,
        Ok(text) if rendered::is_of_store(&text) => ToolchainState::Store,
        Ok(text) => {
            let Some(Ok(tools)) = &facts.host else { return ToolchainState::Unknown };
            match rendered::gone(&text, tools) {
                None => ToolchainState::Unknown,
                Some(gone) if gone.is_empty() => ToolchainState::Current,
                Some(gone) => ToolchainState::Stale(gone),
            }
        }
    }
}

/// The daemon's socket, where one is wanted.
fn socket(config: &Sccache, is_untrusted: bool) -> Socket {
    // Asking a daemon is starting the program beside its socket.
    if !config.enable.value || is_untrusted {
        return Socket::Unwanted;
    }
    match Setup::new(config) {
        Ok(setup) => gather::socket(&setup),
        Err(_) => Socket::Absent(config.socket.value.clone()),
    }
}

/// What `build` builds here, and what else is planned: where the configuration is silent, Cargo's own comes
/// before this machine.
fn targets(
    select: &SelectArgs,
    config: &Config,
    facts: &Facts,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut targets = config.build.selection().targets;
    if targets.is_empty()
        && let Ok(options) = select.options()
        && let Ok(reader) = settings::open(&Asked {
            cargo: &options.cargo,
            dir: &options.dir,
            flags: &select.cargo_flags(),
        })
    {
        targets.extend(reader.targets().into_iter().filter_map(|target| Triple::new(target).ok()));
    }
    let host = facts.host.as_ref().and_then(|host| host.as_ref().ok()).map(|host| &host.host);
    if let Some(host) = host {
        targets = targets.into_iter().map(|target| target.on(host)).collect();
    }
    let machines = config.build.systems.value.len();
    let here = default_target(&targets, host, machines).cloned();
    let (here, others) =
        targets.into_iter().partition::<Vec<_>, _>(|one| Some(one) == here.as_ref());
    let texts = |triples: Vec<Triple>| triples.iter().map(ToString::to_string).collect();
    (texts(here), texts(others))
}

/// The configuration, which needs no compiler: that one is missing is no mistake in it.
fn configuration(select: &SelectArgs) -> Result<Config, String> {
    select.place().map(|(_, config)| config).map_err(|error| error.to_string())
}

/// Plans again and compares.
fn plan_state(select: &SelectArgs, root: &Utf8Path, file: &Utf8Path) -> PlanState {
    let file = &root.join(file);
    let old = match reader::text_if_there(file) {
        Ok(old) => old,
        Err(error) => return PlanState::Failed(error.to_string()),
    };
    let select = match select.without_network().again(old.as_deref()) {
        Ok(Again::Same(select)) => select,
        Ok(Again::Other(_, other)) => return PlanState::OtherSelection(other.was.to_string()),
        Err(error) => return PlanState::Failed(error.to_string()),
    };
    let Some(old) = old else {
        let make = replan::cure(&select, file);
        return PlanState::Absent(match root.join("Cargo.lock").is_file() {
            true => make,
            false => format!("cargo generate-lockfile, then {make}"),
        });
    };
    let new = select.plans().map_err(|error| error.to_string());
    let new = new.and_then(|(plans, _)| nix::render(&plans).map_err(|error| error.to_string()));
    match new {
        Err(reason) => PlanState::Failed(reason),
        Ok(new) if new == old => PlanState::Current,
        Ok(_) => PlanState::Outdated(replan::cure(&select, file)),
    }
}
