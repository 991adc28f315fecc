//! Why rustc's own build cannot be planned.

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use crate::cargo::CargoError;
use crate::config::ConfigError;
use crate::files::reader::ReadError;
use crate::model::Triple;
use crate::plan::PlanError;

/// The reason, and what to do.
#[derive(Debug, Error, Diagnostic)]
pub enum BootstrapError {
    /// Not rustc's source.
    #[error("{dir} is no source tree of the Rust compiler: it has no {missing}")]
    #[diagnostic(
        code(bootstrap::no_tree),
        help("run it in a checkout of rust-lang/rust, or name one with -C")
    )]
    NoTree {
        /// The directory.
        dir: Utf8PathBuf,
        /// The file that tells.
        missing: &'static str,
    },
    /// A file of the tree that says something else than expected.
    #[error("{path} has no {what}")]
    #[diagnostic(
        code(bootstrap::tree_file),
        help("the file is not as in a release: take it from the tree's own history")
    )]
    TreeFile {
        /// The file.
        path: Utf8PathBuf,
        /// What is missing in it.
        what: &'static str,
    },
    /// A version whose rules are not known.
    #[error("{path} says {version}: the rules of its x.py are not known here")]
    #[diagnostic(
        code(bootstrap::version),
        help(
            "known are {known}; `--any-version` plans by the nearest of them, and `rbn-plan bootstrap verify` says what differs"
        )
    )]
    Version {
        /// `src/version`.
        path: Utf8PathBuf,
        /// What it says.
        version: String,
        /// Those that are known.
        known: String,
    },
    /// The wrong first compiler.
    #[error("stage 0 is {rustc} {found}, and {wanted_by} wants {wanted}")]
    #[diagnostic(code(bootstrap::stage0), help("{cure}"))]
    Stage0 {
        /// The compiler.
        rustc: String,
        /// Its version.
        found: String,
        /// Where it is said.
        wanted_by: String,
        /// The version that is wanted.
        wanted: String,
        /// What to do.
        cure: String,
    },
    /// Nothing links for a target.
    #[error("nothing on this machine links for {target}")]
    #[diagnostic(
        code(bootstrap::linker),
        help(
            "install a C compiler for it (Debian: `gcc-aarch64-linux-gnu` and its like), or name one: `linker` or `cc` \
             in `[target.{target}]` of bootstrap.toml"
        )
    )]
    Linker {
        /// The target.
        target: Triple,
    },
    /// No LLVM from outside.
    #[error("{wanted_by}: {reason}")]
    #[diagnostic(code(bootstrap::llvm), help("{cure}"))]
    Llvm {
        /// Where it is said, or where it would be said.
        wanted_by: String,
        /// What is wrong.
        reason: String,
        /// What to do.
        cure: String,
    },
    /// What x.py does on a channel where nobody says otherwise.
    #[error(
        "channel {channel}: `build.optimized-compiler-builtins` is true where it is not set, and C builtins are compiled of LLVM's compiler-rt, whose sources are not of this tree"
    )]
    #[diagnostic(
        code(bootstrap::builtins),
        help("set it to false, or to the path of a library: `\"/path/libclang_rt.builtins.a\"`")
    )]
    Builtins {
        /// The channel.
        channel: String,
    },
    /// A lock that does not fit the manifests.
    #[error("{lock} does not fit the manifests of the tree")]
    #[diagnostic(
        code(bootstrap::lock),
        help(
            "a distribution has pruned it: complete it once with `cargo metadata --manifest-path {manifest} >/dev/null` and keep it with the plan (x.py does so itself where `build.locked-deps` is false)"
        )
    )]
    Lock {
        /// The lock.
        lock: Utf8PathBuf,
        /// A manifest of its workspace.
        manifest: Utf8PathBuf,
    },
    /// No sources of a tool.
    #[error("the tree has no {path}, which the tool `{tool}` is made of")]
    #[diagnostic(
        code(bootstrap::tool),
        help(
            "get it (`git submodule update --init {path}`), or leave the tool out of `build.tools`"
        )
    )]
    NoTool {
        /// The tool.
        tool: String,
        /// Where it would be.
        path: Utf8PathBuf,
    },
    /// A file that a configuration names.
    #[error("{named_by} names {path}, which cannot be read")]
    #[diagnostic(code(bootstrap::include), help("{cure}"))]
    Include {
        /// The file and the line.
        named_by: String,
        /// The file that is named.
        path: Utf8PathBuf,
        /// What to do.
        cure: String,
    },
    /// Values of `bootstrap.toml`.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    /// A file that cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Read(#[from] ReadError),
    /// What Cargo says.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Cargo(#[from] CargoError),
    /// What no step can express.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Plan(#[from] PlanError),
}
