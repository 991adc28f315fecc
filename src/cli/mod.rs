//! The command line: one file per command; nobody imports this room.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

/// As the standard library's, which would end the program where nobody reads stderr any more:
/// `rbn-plan check 2>&1 | head`.
macro_rules! eprintln {
    ($($words:tt)*) => { $crate::cli::out::talk(format_args!("{}\n", format_args!($($words)*))) };
}

/// As the standard library's, but for a reader that has gone away.
macro_rules! eprint {
    ($($words:tt)*) => { $crate::cli::out::talk(format_args!($($words)*)) };
}

mod audit;
mod bootstrap;
mod bootstrap_review;
mod bootstrap_verify;
mod build;
mod cache;
mod cache_push;
mod cargos;
mod check;
mod check_plans;
mod checks;
mod ci;
mod completions;
pub mod config;
mod declared;
mod develop;
mod diff;
mod discover;
mod doctor;
mod doctor_fix;
pub mod document;
mod early;
mod editor_sources;
mod explain;
mod flake;
mod flake_json;
pub mod flake_text;
mod flake_toolchain;
mod flake_update;
mod git;
mod graph;
mod ignored;
mod init;
mod init_changes;
mod init_config;
mod machine;
mod man;
mod nix_command;
mod out;
mod outcome;
mod outputs;
mod plan;
mod planned_checks;
mod replan;
mod rust_project;
mod sbom;
mod select;
mod shell;
mod standard_library;
mod status;
mod step;
mod steps;
mod times;
mod toolchain;
mod toolchain_store;
mod verify;
mod verify_files;
mod verify_scripts;

use self::out::{print, print_exact, print_json};
use crate::cargo::selection;

pub use self::outcome::{CommandResult, Outcome};

/// How commands end, for --help.
const ENDS: &str = "\
Exit codes: 0 done; 1 a check found a difference, or a build failed; 2 wrong usage or bad input; \
129, 130, 143 a signal (HUP, Ctrl-C, TERM) stopped it.";

/// Plan a Cargo workspace as one Nix derivation per compilation step.
///
/// Without a command, prints the plan: `rbn-plan > generated/steps.nix`.
#[derive(Debug, Parser)]
#[command(name = "rbn-plan", version, args_conflicts_with_subcommands = true)]
#[command(max_term_width = 80, after_help = ENDS)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    plan: plan::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the plan, or write it with --output (the default command)
    Plan(plan::Args),
    /// Plan, build with Nix, and say what was built, what took long, and why something failed
    Build(build::Args),
    /// Plan the Rust compiler itself, in a checkout of it, stage by stage
    Bootstrap(bootstrap::Args),
    /// Run the workspace's tests as cached steps, and say what they found
    Test(checks::Args),
    /// Run the workspace's tests, and say which lines of its code they ran
    Coverage(checks::Args),
    /// Run the workspace's benchmarks as cached steps
    Bench(checks::Args),
    /// Lint the workspace's packages as cached steps
    Clippy(checks::Args),
    /// Make the pages of documentation as cached steps, and one site of them
    Doc(checks::Args),
    /// Say what of the workspace's packages is not formatted, as cached steps
    Fmt(checks::Args),
    /// Say which steps are here, which are in a binary cache, and which must be built, for how long
    Status(status::Args),
    /// Print how a CI system builds the plan, as a file of its own
    Ci(ci::Args),
    /// Show the tree of flakes here: inputs, follows, systems, outputs, lock state
    Flake(flake::Args),
    /// Bring the plan up to date, and open the flake's shell
    Develop(develop::Args),
    /// Make a project ready: config.toml, generated/, and a flake that builds the plan
    Init(init::Args),
    /// Say whether the plan's file is up to date; exit code 1 and a difference if not
    Check(check::Args),
    /// Say what changed between two plans, what is built again, and why
    Diff(diff::Args),
    /// Say what a step is, who needs it, why its features are on, what touching it costs
    Explain(explain::Args),
    /// List the plan's steps, for people and for pipes
    Steps(steps::Args),
    /// Show plans well in Git's own diffs
    Git(git::Args),
    /// Draw the plan: DOT, SVG, or one page for a browser
    Graph(graph::Args),
    /// Print what is built as a bill of materials: packages, licences, checksums (CycloneDX)
    Sbom(sbom::Args),
    /// Write what an editor needs to know (rust-project.json), with macros and build scripts built
    RustProject(rust_project::Args),
    /// Say what is known against the packages that are built: advisories, licences nobody allowed
    Audit(audit::Args),
    /// Print the completions for a shell
    Completions(completions::Args),
    /// Print the manual page, or write all of them with --output
    Man(man::Args),
    /// Show every effective value of config.toml, and where it came from
    Config(config::Args),
    /// Start, stop and measure the compile cache; share steps by binary caches (push, save, restore)
    Cache(cache::Args),
    /// Is this machine ready? Each finding with its cure
    Doctor(doctor::Args),
    /// Print a toolchain provider for plans
    Toolchain(toolchain::Args),
    /// Prove the plan equal to what Cargo runs on this workspace
    Verify(verify::Args),
}

/// Runs the command line given by `args` (program name first) and says how it ended.
///
/// Exit codes: 0 done, 1 a check found a difference or a build failed, 2 wrong usage or bad input,
/// 128 and a signal's number where one stopped it (130 for Ctrl-C).
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    out::settle();
    let words = early::behind(args.into_iter().collect(), &Cli::command());
    let cli = match Cli::try_parse_from(&words) {
        Ok(cli) => cli,
        Err(mut error) => {
            cargos::advise(&mut error);
            out::usage(&error, &words, |shown| Cli::try_parse_from(shown).err());
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let result = match cli.command {
        None => plan::run(&cli.plan),
        Some(Command::Plan(args)) => plan::run(&args),
        Some(Command::Build(args)) => build::run(&args),
        Some(Command::Bootstrap(args)) => bootstrap::run(&args),
        Some(Command::Test(args)) => checks::run(selection::Command::Test, &args),
        Some(Command::Coverage(args)) => checks::run(selection::Command::Coverage, &args),
        Some(Command::Bench(args)) => checks::run(selection::Command::Bench, &args),
        Some(Command::Clippy(args)) => checks::run(selection::Command::Clippy, &args),
        Some(Command::Doc(args)) => checks::run(selection::Command::Doc, &args),
        Some(Command::Fmt(args)) => checks::run(selection::Command::Fmt, &args),
        Some(Command::Status(args)) => status::run(&args),
        Some(Command::Ci(args)) => ci::run(&args),
        Some(Command::Flake(args)) => flake::run(&args),
        Some(Command::Develop(args)) => develop::run(&args),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Diff(args)) => diff::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Steps(args)) => steps::run(&args),
        Some(Command::Git(args)) => git::run(&args),
        Some(Command::Graph(args)) => graph::run(&args),
        Some(Command::Sbom(args)) => sbom::run(&args),
        Some(Command::RustProject(args)) => rust_project::run(&args),
        Some(Command::Audit(args)) => audit::run(&args),
        Some(Command::Completions(args)) => completions::run(&args, Cli::command()),
        Some(Command::Man(args)) => man::run(&args, Cli::command()),
        Some(Command::Config(args)) => config::run(&args),
        Some(Command::Cache(args)) => cache::run(&args),
        Some(Command::Doctor(args)) => doctor::run(&args),
        Some(Command::Toolchain(args)) => toolchain::run(&args),
        Some(Command::Verify(args)) => verify::run(&args),
    };
    match result {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Different | Outcome::Failed) => ExitCode::from(1),
        Ok(Outcome::Interrupted(signal)) => {
            ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
        }
        Ok(Outcome::BadInput) => ExitCode::from(2),
        Err(report) => {
            out::complain(&report);
            ExitCode::from(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A global flag's value is given to the commands above, too, under the flag's id.
    fn check(above: &[String], command: &clap::Command) {
        for arg in command.get_arguments().filter(|arg| arg.is_global_set()) {
            let id = arg.get_id().to_string();
            assert!(!above.contains(&id), "`{}` has a global flag `{id}`", command.get_name());
        }
        let own = command.get_arguments().map(|arg| arg.get_id().to_string());
        let all: Vec<String> = above.iter().cloned().chain(own).collect();
        command.get_subcommands().for_each(|below| check(&all, below));
    }

    #[test]
    fn a_global_flag_of_a_command_is_no_flag_of_those_above() {
        check(&[], &Cli::command());
    }
}
