//! Why a build could not be recorded.

use std::io;

use miette::Diagnostic;
use thiserror::Error;

/// Completes "failed to record what cargo runs: ..".
#[derive(Debug, Error, Diagnostic)]
pub enum RecordError {
    /// The workspace does not build with Cargo.
    #[error("`{command}` failed ({status})\n\n{stderr}")]
    #[diagnostic(
        code(verify::cargo),
        help(
            "verify compares with what cargo runs, so the workspace must build with cargo: \
             run the command above by itself first"
        )
    )]
    Cargo {
        /// The command as a user would type it.
        command: String,
        /// How it ended.
        status: String,
        /// What Cargo said, rendered.
        stderr: String,
    },
    /// A build script failed under Cargo while being recorded.
    #[error("a build script failed while being recorded by `{command}` ({status})\n\n{stderr}")]
    #[diagnostic(
        code(verify::script),
        help(
            "Cargo runs on this machine, without what config.toml adds to steps. If `{command}` \
             by itself fails too, cure that first; if it succeeds, the script depends on its \
             target directory: recording gives it an empty one in the system's temporary directory"
        )
    )]
    Script {
        /// The command as a user would type it.
        command: String,
        /// How it ended.
        status: String,
        /// What Cargo said, rendered; the script's own words are in it.
        stderr: String,
    },
    /// x.py failed.
    #[error("x.py failed while being recorded ({status})\n\n{stderr}")]
    #[diagnostic(
        code(verify::xpy),
        help(
            "what it was told stands in build/rbn-plan/bootstrap.toml of the tree, which takes your own in; does `x.py build` by itself come as far?"
        )
    )]
    Xpy {
        /// How it ended.
        status: String,
        /// What it said, rendered.
        stderr: String,
    },
    /// A program is not there or cannot be started.
    #[error("`{program}` cannot be started")]
    #[diagnostic(code(verify::start), help("{help}"))]
    Start {
        /// The program.
        program: String,
        /// The system's reason.
        source: io::Error,
        /// What to do.
        help: &'static str,
    },
    /// `rustc -vV` says nothing that can be used.
    #[error("`{program} -vV` names no host: {said}")]
    #[diagnostic(
        code(verify::host),
        help(
            "is this rustc? `RUSTC` or `build.rustc` of cargo's configuration may name another program"
        )
    )]
    NoHost {
        /// The compiler that was asked.
        program: String,
        /// What it answered.
        said: String,
    },
    /// Cargo never called the wrapper.
    #[error("cargo succeeded without calling the recording wrapper")]
    #[diagnostic(
        code(verify::wrapper),
        help("is `cargo` a script that sets RUSTC_WRAPPER itself? Name the real one with CARGO")
    )]
    NotCalled,
    /// A script's output is not where Cargo keeps it.
    #[error("cargo kept no output of the build script of {package}")]
    #[diagnostic(
        code(verify::output),
        help("this cargo lays out its target directory in a way that is not known here")
    )]
    NoScriptOutput {
        /// Name and version.
        package: String,
        /// The system's reason.
        source: io::Error,
    },
    /// There is nothing that traces.
    #[error("there is no `strace` here, which --files needs to see what processes read")]
    #[diagnostic(
        code(verify::tracer),
        help("install it: `apt-get install strace`; nixpkgs has it, too")
    )]
    NoTracer,
    /// The system does not let it.
    #[error("`strace` cannot watch a process here{}", if said.is_empty() { String::new() } else { format!(": {said}") })]
    #[diagnostic(
        code(verify::tracer),
        help(
            "--files needs ptrace: in a container allow it (`--cap-add SYS_PTRACE`, or a newer seccomp \
             profile); on a machine see /proc/sys/kernel/yama/ptrace_scope"
        )
    )]
    TracerRefused {
        /// What it said.
        said: String,
    },
    /// Ctrl-C, or another polite request to end, by its number.
    #[error("interrupted; nothing was left behind")]
    #[diagnostic(code(verify::interrupted))]
    Interrupted(i32),
    /// The disk or the system said no.
    #[error("cannot {what}")]
    #[diagnostic(
        code(verify::io),
        help("recording needs room in the system's temporary directory; TMPDIR names another one")
    )]
    Io {
        /// Completes "cannot ..".
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
}

/// Completes "failed to see the plan as Nix does: ..".
#[derive(Debug, Error, Diagnostic)]
pub enum EvaluateError {
    /// The plan could not be rendered.
    #[error("the plan cannot be rendered")]
    #[diagnostic(code(verify::render))]
    Render {
        /// The template engine's reason.
        source: tera::Error,
    },
    /// The disk said no.
    #[error("cannot write the plan to a temporary file")]
    #[diagnostic(
        code(verify::temporary),
        help("TMPDIR names another directory for temporary files")
    )]
    Io {
        /// The system's reason.
        source: io::Error,
    },
    /// Ctrl-C, or another polite request to end, by its number.
    #[error("interrupted; nothing was left behind")]
    #[diagnostic(code(verify::interrupted))]
    Interrupted(i32),
    /// Nix is there and cannot be started.
    #[error("`nix-instantiate` cannot be started")]
    #[diagnostic(
        code(verify::nix),
        help("--no-nix compares what the planner has in memory instead")
    )]
    Start {
        /// The system's reason.
        source: io::Error,
    },
    /// Nix does not take the plan.
    #[error("nix cannot evaluate the plan ({status})\n\n{stderr}")]
    #[diagnostic(
        code(verify::evaluate),
        help("--no-nix compares what the planner has in memory instead")
    )]
    Failed {
        /// How it ended.
        status: String,
        /// What it said.
        stderr: String,
    },
    /// The builder does not take what Nix gives it.
    #[error("nix evaluated the plan to facts that its builder refuses: {reason}")]
    #[diagnostic(code(verify::facts), help("this is a fault in rbn-plan: please report it"))]
    Facts {
        /// The step and the fact.
        reason: String,
    },
    /// The plan in memory and the evaluated one have different steps.
    #[error("the evaluated plan has no step `{step}`, or one of another kind")]
    #[diagnostic(code(verify::steps), help("this is a fault in rbn-plan: please report it"))]
    Step {
        /// Its name.
        step: String,
    },
    /// Nix gives a step other flags or variables than config.toml says.
    #[error("the evaluated plan gives `{step}` other flags or variables than config.toml says")]
    #[diagnostic(code(verify::added), help("this is a fault in rbn-plan: please report it"))]
    Added {
        /// Its output.
        step: String,
    },
}
