//! One spelling for rustc's arguments.
//!
//! rustc reads `-C opt-level=3`, `-Copt-level=3`, `--codegen opt-level=3` and
//! `--codegen=opt-level=3` as the same thing. Cargo and the plan do not spell alike, so both are
//! read into [`Flag`]s before anything is compared.

use std::fmt;

/// One argument of rustc in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// An option: its long name without dashes (or the letter, where rustc has only that), and
    /// its value, absent for switches such as `--test`.
    Option {
        /// For instance `codegen`, `cfg`, `L`, `l`, `test`.
        name: &'static str,
        /// For instance `opt-level=3`.
        value: Option<String>,
    },
    /// An argument that is no option: the crate root, or `-`.
    Input(String),
    /// An option that this table does not know, kept as it was written.
    Unknown(String),
}

/// How rustc spells an option: short letter, long name, canonical name, and whether a value
/// follows. From `rustc --help -v`, 1.95; the last ones are rustdoc's own.
const OPTIONS: &[(Option<&str>, Option<&str>, &str, bool)] = &[
    (Some("-C"), Some("--codegen"), "codegen", true),
    (Some("-L"), None, "L", true),
    (Some("-l"), None, "l", true),
    (Some("-Z"), None, "Z", true),
    (Some("-A"), Some("--allow"), "allow", true),
    (Some("-W"), Some("--warn"), "warn", true),
    (Some("-D"), Some("--deny"), "deny", true),
    (Some("-F"), Some("--forbid"), "forbid", true),
    (None, Some("--force-warn"), "force-warn", true),
    (None, Some("--cap-lints"), "cap-lints", true),
    (None, Some("--cfg"), "cfg", true),
    (None, Some("--check-cfg"), "check-cfg", true),
    (None, Some("--crate-name"), "crate-name", true),
    (None, Some("--crate-type"), "crate-type", true),
    (None, Some("--edition"), "edition", true),
    (None, Some("--emit"), "emit", true),
    (None, Some("--extern"), "extern", true),
    (None, Some("--target"), "target", true),
    (None, Some("--out-dir"), "out-dir", true),
    (Some("-o"), None, "o", true),
    (None, Some("--print"), "print", true),
    (None, Some("--error-format"), "error-format", true),
    (None, Some("--json"), "json", true),
    (None, Some("--color"), "color", true),
    (None, Some("--diagnostic-width"), "diagnostic-width", true),
    (None, Some("--remap-path-prefix"), "remap-path-prefix", true),
    (None, Some("--sysroot"), "sysroot", true),
    (None, Some("--explain"), "explain", true),
    (None, Some("--env-set"), "env-set", true),
    (None, Some("--test"), "test", false),
    (Some("-v"), Some("--verbose"), "verbose", false),
    (None, Some("--crate-version"), "crate-version", true),
    (None, Some("--document-private-items"), "document-private-items", false),
    (None, Some("--test-run-directory"), "test-run-directory", true),
    (None, Some("--test-runtool"), "test-runtool", true),
    (None, Some("--test-runtool-arg"), "test-runtool-arg", true),
    (None, Some("--test-args"), "test-args", true),
];

impl Flag {
    fn option(name: &'static str, value: impl Into<String>) -> Self {
        Self::Option { name, value: Some(value.into()) }
    }

    /// The value if this is the option `wanted` with a value.
    pub fn value_of(&self, wanted: &str) -> Option<&str> {
        match self {
            Self::Option { name, value } if *name == wanted => value.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option { name: "codegen", value: Some(value) } => write!(f, "-C {value}"),
            Self::Option { name, value: Some(value) } if name.len() == 1 => {
                write!(f, "-{name} {value}")
            }
            Self::Option { name, value: Some(value) } => write!(f, "--{name}={value}"),
            Self::Option { name, value: None } => write!(f, "--{name}"),
            Self::Input(text) | Self::Unknown(text) => f.write_str(text),
        }
    }
}

/// Reads rustc's arguments (without the program) into canonical flags, in their order.
///
/// Never fails: what is not known stays as it is, so that it still shows in a comparison.
pub fn parse(args: &[String]) -> Vec<Flag> {
    let mut flags = Vec::with_capacity(args.len());
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        flags.push(parse_one(arg, &mut rest));
    }
    flags
}

fn parse_one<'a>(arg: &str, rest: &mut impl Iterator<Item = &'a String>) -> Flag {
    match arg {
        // Documented shorthands.
        "-O" => return Flag::option("codegen", "opt-level=3"),
        "-g" => return Flag::option("codegen", "debuginfo=2"),
        _ => {}
    }
    for &(short, long, name, takes_value) in OPTIONS {
        if short == Some(arg) || long == Some(arg) {
            if !takes_value {
                return Flag::Option { name, value: None };
            }
            return match rest.next() {
                Some(value) => Flag::option(name, value),
                None => Flag::Unknown(arg.to_owned()),
            };
        }
        if !takes_value {
            continue;
        }
        if let Some(value) =
            long.and_then(|long| arg.strip_prefix(long)).and_then(|tail| tail.strip_prefix('='))
        {
            return Flag::option(name, value);
        }
        if let Some(value) = short.and_then(|short| arg.strip_prefix(short)) {
            // getopts takes `-Lx` and `-L=x` alike.
            return Flag::option(name, value.strip_prefix('=').unwrap_or(value));
        }
    }
    if arg.starts_with('-') && arg != "-" {
        Flag::Unknown(arg.to_owned())
    } else {
        Flag::Input(arg.to_owned())
    }
}
