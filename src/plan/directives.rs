//! The protocol in which a build script talks to Cargo: lines on its standard output.
//!
//! A pure model of what Cargo 1.95 reads (checked against its behaviour, see `tests/it/directives.rs`):
//!
//! | line | meaning |
//! |---|---|
//! | `cargo::KEY=VALUE` | a directive; an unknown key is an error |
//! | `cargo:KEY=VALUE` | a directive if the key is one of the old ones; else metadata `KEY=VALUE` |
//! | anything else, or not UTF-8 | passed over |
//!
//! Lines are trimmed, and values once more at their end. What directives do to rustc's command
//! line is in [`super::script_effects`].

use std::path::Path;

use thiserror::Error;

/// What the parser must know of the script's package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScriptPackage {
    /// How errors call the package: `name v1.2.3`.
    pub name: String,
    /// Crate name of its library, if it has one.
    pub library: Option<String>,
    /// Whether one of its build targets is a cdylib.
    pub has_cdylib: bool,
    /// Names of its bins.
    pub bins: Vec<String>,
    /// Whether it has integration tests.
    pub has_tests: bool,
    /// Whether it has benchmarks.
    pub has_benches: bool,
    /// Whether it has examples.
    pub has_examples: bool,
    /// Major and minor of `rust-version`.
    pub rust_version: Option<(u64, u64)>,
    /// Whether `RUSTC_BOOTSTRAP` of the build allows a script to set it, see [`bootstrap_allowed`].
    pub bootstrap_allowed: bool,
}

/// Build targets that a link argument is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkArgFor {
    /// `rustc-link-arg`: everything that is linked.
    All,
    /// `rustc-link-arg-cdylib`, `rustc-cdylib-link-arg`.
    Cdylib,
    /// `rustc-link-arg-bins`.
    Bins,
    /// `rustc-link-arg-bin=NAME=`.
    Bin(String),
    /// `rustc-link-arg-tests`.
    Tests,
    /// `rustc-link-arg-benches`.
    Benches,
    /// `rustc-link-arg-examples`.
    Examples,
}

/// How serious a script's message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Shown.
    Warning,
    /// Shown, and the run has failed, whatever its exit code.
    Error,
}

/// All that a script said, each list in the order of the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    /// `-L` values, with their `native=` and the like if the script wrote one.
    pub search_paths: Vec<String>,
    /// `-l` values.
    pub libraries: Vec<String>,
    /// Link arguments and whom they are for.
    pub link_args: Vec<(LinkArgFor, String)>,
    /// `--cfg` values.
    pub cfgs: Vec<String>,
    /// `--check-cfg` values.
    pub check_cfgs: Vec<String>,
    /// Variables for rustc; of two with one name the later one counts.
    pub env: Vec<(String, String)>,
    /// What becomes `DEP_<LINKS>_<KEY>`.
    pub metadata: Vec<(String, String)>,
    /// `rerun-if-changed`.
    pub rerun_if_changed: Vec<String>,
    /// `rerun-if-env-changed`.
    pub rerun_if_env_changed: Vec<String>,
    /// Messages for the user, of the script and about it.
    pub messages: Vec<(Severity, String)>,
}

impl Directives {
    /// The script's `cargo::error` messages: with any, Cargo takes the run as failed.
    pub fn errors(&self) -> impl Iterator<Item = &str> {
        self.messages
            .iter()
            .filter(|(severity, _)| *severity == Severity::Error)
            .map(|(_, text)| text.as_str())
    }
}

/// Why Cargo would refuse a script's output. Completes "the build script of X ..".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DirectiveError {
    /// No `=` where one must be.
    #[error("printed `{line}`, which lacks a `=`: `KEY=VALUE` is expected")]
    NoValue {
        /// The line.
        line: String,
    },
    /// `cargo::` with a key that Cargo does not know.
    #[error("printed `{line}`, whose key `{key}` cargo does not know")]
    UnknownKey {
        /// The line.
        line: String,
        /// The key.
        key: String,
    },
    /// `cargo::` in a package that promises to build with a Cargo that cannot read it.
    #[error(
        "printed `{line}`, but `cargo::` is read since Rust 1.77 and the package declares \
         rust-version {major}.{minor}"
    )]
    TooNew {
        /// The line.
        line: String,
        /// Declared major version.
        major: u64,
        /// Declared minor version.
        minor: u64,
    },
    /// `rustc-flags` takes `-l` and `-L` only.
    #[error("printed rustc-flags `{value}`, but only `-l` and `-L` are allowed there")]
    OtherFlag {
        /// The directive's value.
        value: String,
    },
    /// `-l` or `-L` at the end of `rustc-flags`.
    #[error("printed rustc-flags `{value}`, whose last flag has no value")]
    FlagWithoutValue {
        /// The directive's value.
        value: String,
    },
    /// `rustc-link-arg-bin=ARG` without a bin.
    #[error("printed `{line}`, but `{key}=BIN=ARG` is expected")]
    NoBin {
        /// The line.
        line: String,
        /// The key.
        key: String,
    },
    /// A link argument for build targets that the package does not have.
    #[error("printed `{line}`, but {package} has no {wanted}")]
    NoSuchTarget {
        /// The line.
        line: String,
        /// The package.
        package: String,
        /// For instance ``bin target named `x` ``.
        wanted: String,
    },
    /// `rustc-env` without a value.
    #[error("printed rustc-env `{value}`, which lacks a `=`")]
    EnvWithoutValue {
        /// The directive's value.
        value: String,
    },
    /// A script may not make a stable compiler accept unstable features.
    #[error("tried to set `RUSTC_BOOTSTRAP={value}`")]
    Bootstrap {
        /// The wanted value.
        value: String,
    },
}

/// Keys that `cargo:` (one colon) knows; every other key is metadata in that syntax. No key is
/// ever added here: new ones need `cargo::`.
const OLD_KEYS: [&str; 17] = [
    "rerun-if-changed",
    "rerun-if-env-changed",
    "rustc-cdylib-link-arg",
    "rustc-cfg",
    "rustc-check-cfg",
    "rustc-env",
    "rustc-flags",
    "rustc-link-arg",
    "rustc-link-arg-benches",
    "rustc-link-arg-bin",
    "rustc-link-arg-bins",
    "rustc-link-arg-cdylib",
    "rustc-link-arg-examples",
    "rustc-link-arg-tests",
    "rustc-link-lib",
    "rustc-link-search",
    "warning",
];

/// Whether a build's `RUSTC_BOOTSTRAP` (its value, if it is set) lets the script of the package
/// with the library `library` set that variable: on `1` always, else if it lists the library.
pub fn bootstrap_allowed(variable: Option<&str>, library: Option<&str>) -> bool {
    variable.is_some_and(|value| {
        value == "1" || library.is_some_and(|name| value.split(',').any(|listed| listed == name))
    })
}

/// Reads what a script printed.
pub fn parse(stdout: &[u8], package: &ScriptPackage) -> Result<Directives, DirectiveError> {
    let mut directives = Directives::default();
    for line in stdout.split(|byte| *byte == b'\n') {
        // Scripts let compilers print what they like.
        let Ok(line) = std::str::from_utf8(line) else { continue };
        let line = line.trim();
        let no_value = || DirectiveError::NoValue { line: line.to_owned() };
        if let Some(data) = line.strip_prefix("cargo::") {
            check_rust_version(line, package)?;
            let (key, value) = data.split_once('=').ok_or_else(no_value)?;
            directives.take(line, key, value.trim_end(), package)?;
        } else if let Some(data) = line.strip_prefix("cargo:") {
            let (key, value) = data.split_once('=').ok_or_else(no_value)?;
            if OLD_KEYS.contains(&key) {
                directives.take(line, key, value.trim_end(), package)?;
            } else {
                directives.metadata.push((key.to_owned(), value.trim_end().to_owned()));
            }
        }
    }
    Ok(directives)
}

fn check_rust_version(line: &str, package: &ScriptPackage) -> Result<(), DirectiveError> {
    match package.rust_version {
        Some((major, minor)) if (major, minor) < (1, 77) => {
            Err(DirectiveError::TooNew { line: line.to_owned(), major, minor })
        }
        _ => Ok(()),
    }
}

impl Directives {
    fn take(
        &mut self,
        line: &str,
        key: &str,
        value: &str,
        package: &ScriptPackage,
    ) -> Result<(), DirectiveError> {
        let owned = || value.to_owned();
        let require = |has: bool, wanted: &str| {
            let missing = || DirectiveError::NoSuchTarget {
                line: line.to_owned(),
                package: package.name.clone(),
                wanted: wanted.to_owned(),
            };
            if has { Ok(()) } else { Err(missing()) }
        };
        match key {
            "rustc-flags" => self.take_flags(value)?,
            "rustc-link-lib" => self.libraries.push(owned()),
            "rustc-link-search" => self.search_paths.push(owned()),
            "rustc-link-arg" => self.link_args.push((LinkArgFor::All, owned())),
            "rustc-link-arg-cdylib" | "rustc-cdylib-link-arg" => {
                if !package.has_cdylib {
                    let text = format!("{key} was printed, but {} has no cdylib", package.name);
                    self.messages.push((Severity::Warning, text));
                }
                self.link_args.push((LinkArgFor::Cdylib, owned()));
            }
            "rustc-link-arg-bins" => {
                require(!package.bins.is_empty(), "bin target")?;
                self.link_args.push((LinkArgFor::Bins, owned()));
            }
            "rustc-link-arg-bin" => {
                let (bin, arg) = value.split_once('=').ok_or_else(|| DirectiveError::NoBin {
                    line: line.to_owned(),
                    key: key.to_owned(),
                })?;
                let known = package.bins.iter().any(|name| name == bin);
                require(known, &format!("bin target named `{bin}`"))?;
                self.link_args.push((LinkArgFor::Bin(bin.to_owned()), arg.to_owned()));
            }
            "rustc-link-arg-tests" => {
                require(package.has_tests, "test target")?;
                self.link_args.push((LinkArgFor::Tests, owned()));
            }
            "rustc-link-arg-benches" => {
                require(package.has_benches, "benchmark target")?;
                self.link_args.push((LinkArgFor::Benches, owned()));
            }
            "rustc-link-arg-examples" => {
                require(package.has_examples, "example target")?;
                self.link_args.push((LinkArgFor::Examples, owned()));
            }
            "rustc-cfg" => self.cfgs.push(owned()),
            "rustc-check-cfg" => self.check_cfgs.push(owned()),
            "rustc-env" => self.take_env(value, package)?,
            "warning" => self.messages.push((Severity::Warning, owned())),
            "error" => self.messages.push((Severity::Error, owned())),
            "rerun-if-changed" => self.rerun_if_changed.push(owned()),
            "rerun-if-env-changed" => self.rerun_if_env_changed.push(owned()),
            "metadata" => {
                let (key, value) = value
                    .split_once('=')
                    .ok_or_else(|| DirectiveError::NoValue { line: line.to_owned() })?;
                self.metadata.push((key.to_owned(), value.trim_end().to_owned()));
            }
            _ => {
                let (line, key) = (line.to_owned(), key.to_owned());
                return Err(DirectiveError::UnknownKey { line, key });
            }
        }
        Ok(())
    }

    fn take_flags(&mut self, value: &str) -> Result<(), DirectiveError> {
        let mut words = value.split_whitespace();
        while let Some(word) = words.next() {
            let (list, glued) = if let Some(glued) = word.strip_prefix("-l") {
                (&mut self.libraries, glued)
            } else if let Some(glued) = word.strip_prefix("-L") {
                (&mut self.search_paths, glued)
            } else {
                return Err(DirectiveError::OtherFlag { value: value.to_owned() });
            };
            // `-L /path` and `-L/path` alike; pkg-config prints the latter.
            let name = if glued.is_empty() { words.next() } else { Some(glued) };
            let missing = || DirectiveError::FlagWithoutValue { value: value.to_owned() };
            list.push(name.ok_or_else(missing)?.to_owned());
        }
        Ok(())
    }

    fn take_env(&mut self, value: &str, package: &ScriptPackage) -> Result<(), DirectiveError> {
        let (name, value) = value
            .split_once('=')
            .ok_or_else(|| DirectiveError::EnvWithoutValue { value: value.to_owned() })?;
        if name != "RUSTC_BOOTSTRAP" {
            self.env.push((name.to_owned(), value.to_owned()));
        } else if package.bootstrap_allowed {
            // The user has set it already: the script's wish changes nothing.
            let text = format!("the build script of {} sets RUSTC_BOOTSTRAP", package.name);
            self.messages.push((Severity::Warning, text));
        } else {
            return Err(DirectiveError::Bootstrap { value: value.to_owned() });
        }
        Ok(())
    }
}

/// Whether a `-L` value lies in the script's own `OUT_DIR`: such paths come before all others.
/// What the configuration says in a script's place has none (empty), and lies outside.
pub fn is_inside(search_path: &str, out_dir: &str) -> bool {
    let path = match search_path.split_once('=') {
        Some(("native" | "crate" | "dependency" | "framework" | "all", path)) => path,
        _ => search_path,
    };
    !out_dir.is_empty() && Path::new(path).starts_with(out_dir)
}
