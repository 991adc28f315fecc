//! The protocol in which a build script talks to Cargo: lines on its standard output.
//!
//! A pure model of what Cargo 1.95 reads (checked against its behaviour, see `tests/it/directives.rs` of rbn-plan):
//!
//! | line | meaning |
//! |---|---|
//! | `cargo::KEY=VALUE` | a directive; an unknown key is an error |
//! | `cargo:KEY=VALUE` | a directive if the key is one of the old ones; else metadata `KEY=VALUE` |
//! | anything else, or not UTF-8 | passed over |
//!
//! Lines are trimmed, and values once more at their end. What directives do to rustc's command
//! line is in [`crate::effects`].

use std::fmt;

use crate::package::Package;

pub use crate::directives::{Directives, LinkArgFor, Severity, is_inside};

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

/// Why Cargo would refuse a script's output. Completes "the build script of X ..".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectiveError {
    /// No `=` where one must be.
    NoValue {
        /// The line.
        line: String,
    },
    /// `cargo::` with a key that Cargo does not know.
    UnknownKey {
        /// The line.
        line: String,
        /// The key.
        key: String,
    },
    /// `cargo::` in a package that promises to build with a Cargo that cannot read it.
    TooNew {
        /// The line.
        line: String,
        /// Declared major version.
        major: u64,
        /// Declared minor version.
        minor: u64,
    },
    /// `rustc-flags` takes `-l` and `-L` only.
    OtherFlag {
        /// The directive's value.
        value: String,
    },
    /// `-l` or `-L` at the end of `rustc-flags`.
    FlagWithoutValue {
        /// The directive's value.
        value: String,
    },
    /// `rustc-link-arg-bin=ARG` without a bin.
    NoBin {
        /// The line.
        line: String,
        /// The key.
        key: String,
    },
    /// A link argument for build targets that the package does not have.
    NoSuchTarget {
        /// The line.
        line: String,
        /// The package.
        package: String,
        /// For instance ``bin target named `x` ``.
        wanted: String,
    },
    /// `rustc-env` without a value.
    EnvWithoutValue {
        /// The directive's value.
        value: String,
    },
    /// A script may not make a stable compiler accept unstable features.
    Bootstrap {
        /// The wanted value.
        value: String,
    },
}

impl fmt::Display for DirectiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoValue { line } => {
                write!(f, "printed `{line}`, which lacks a `=`: `KEY=VALUE` is expected")
            }
            Self::UnknownKey { line, key } => {
                write!(f, "printed `{line}`, whose key `{key}` cargo does not know")
            }
            Self::TooNew { line, major, minor } => write!(
                f,
                "printed `{line}`, but `cargo::` is read since Rust 1.77 and the package declares rust-version {major}.{minor}"
            ),
            Self::OtherFlag { value } => {
                write!(f, "printed rustc-flags `{value}`, but only `-l` and `-L` are allowed there")
            }
            Self::FlagWithoutValue { value } => {
                write!(f, "printed rustc-flags `{value}`, whose last flag has no value")
            }
            Self::NoBin { line, key } => {
                write!(f, "printed `{line}`, but `{key}=BIN=ARG` is expected")
            }
            Self::NoSuchTarget { line, package, wanted } => {
                write!(f, "printed `{line}`, but {package} has no {wanted}")
            }
            Self::EnvWithoutValue { value } => {
                write!(f, "printed rustc-env `{value}`, which lacks a `=`")
            }
            Self::Bootstrap { value } => write!(f, "tried to set `RUSTC_BOOTSTRAP={value}`"),
        }
    }
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
///
/// # Errors
/// The first line for which Cargo refuses the run.
pub fn parse(stdout: &[u8], package: &ScriptPackage) -> Result<Directives, DirectiveError> {
    let mut directives = Directives::default();
    for line in stdout.split(|byte| *byte == b'\n') {
        directives.hear(line, package)?;
    }
    Ok(directives)
}

impl ScriptPackage {
    /// What the facts of a package say; `bootstrap` is `RUSTC_BOOTSTRAP` of the build, if it is set.
    #[must_use]
    pub fn of(package: &Package, bootstrap: Option<&str>) -> Self {
        let library = package.has_lib.then(|| package.name.replace('-', "_"));
        let has = |word: &str| package.targets.iter().any(|target| target == word);
        let bins = package.targets.iter().filter_map(|target| target.strip_prefix("bin "));
        let about = |(name, _): &&(&str, String)| *name == "RUST_VERSION";
        let version = package.about.iter().find(about).map_or("", |(_, value)| value);
        let mut parts = version.split('.').map(str::parse);
        let rust_version = match (parts.next(), parts.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
            (Some(Ok(major)), None) => Some((major, 0)),
            _ => None,
        };
        Self {
            name: format!("{} v{}", package.name, package.version),
            bootstrap_allowed: bootstrap_allowed(bootstrap, library.as_deref()),
            library,
            has_cdylib: has("cdylib"),
            bins: bins.map(str::to_owned).collect(),
            has_tests: has("test"),
            has_benches: has("bench"),
            has_examples: has("example"),
            rust_version,
        }
    }
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
    /// Takes in one line of a script's output.
    ///
    /// # Errors
    /// Cargo refuses the run for it.
    pub fn hear(&mut self, line: &[u8], package: &ScriptPackage) -> Result<(), DirectiveError> {
        // Scripts let compilers print what they like.
        let Ok(line) = std::str::from_utf8(line) else { return Ok(()) };
        let line = line.trim();
        let no_value = || DirectiveError::NoValue { line: line.to_owned() };
        if let Some(data) = line.strip_prefix("cargo::") {
            check_rust_version(line, package)?;
            let (key, value) = data.split_once('=').ok_or_else(no_value)?;
            self.take(line, key, value.trim_end(), package)?;
        } else if let Some(data) = line.strip_prefix("cargo:") {
            let (key, value) = data.split_once('=').ok_or_else(no_value)?;
            if OLD_KEYS.contains(&key) {
                self.take(line, key, value.trim_end(), package)?;
            } else {
                self.metadata.push((key.to_owned(), value.trim_end().to_owned()));
            }
        }
        Ok(())
    }

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
