//! What build scripts change in the rustc calls of a plan.
//!
//! Cargo 1.95's rules, in the order in which arguments come:
//!
//! 1. `-L` of every script that reaches the unit ([`crate::crates::natives`]), first those inside the script's
//!    `OUT_DIR`, then the others; both in the order of the scripts.
//! 2. For each such script in order: `-l` if it is the package's own script and the unit is the
//!    library (or the package has none); then `-C link-arg`, from the own script if they are for
//!    this build target, from other scripts only those for cdylibs.
//! 3. `--cfg`, then `--check-cfg`, of the own script; and its variables.

use std::collections::BTreeMap;

use crate::directives::{Directives, LinkArgFor, is_inside};
use crate::step::{Compile, Step};
use crate::target::{CrateType, Kind};

/// What a compiled unit is, as far as link arguments ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkedAs<'a> {
    /// A library of whatever crate types.
    Lib {
        /// Whether cdylib is one of them.
        cdylib: bool,
    },
    /// A bin of this name, also as a test harness.
    Bin(&'a str),
    /// An example that is a program.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Bench,
    /// A build script, or an example that is a library.
    Other,
}

/// The unit that effects are computed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit<'a> {
    /// What it is.
    pub linked_as: LinkedAs<'a>,
    /// Whether it is compiled with a test harness or `cfg(test)`, or is a benchmark.
    pub test_mode: bool,
    /// Whether its package has a library.
    pub package_has_lib: bool,
}

impl<'a> Unit<'a> {
    /// What a step's facts say.
    #[must_use]
    pub fn of(step: &'a Step, compile: &'a Compile) -> Self {
        let linked_as = match compile.kind {
            Kind::Lib => LinkedAs::Lib { cdylib: compile.makes(CrateType::Cdylib) },
            Kind::ProcMacro => LinkedAs::Lib { cdylib: false },
            Kind::Bin => LinkedAs::Bin(&compile.target),
            Kind::Example if compile.makes(CrateType::Bin) => LinkedAs::Example,
            Kind::Test => LinkedAs::Test,
            Kind::Bench => LinkedAs::Bench,
            Kind::Example | Kind::CustomBuild => LinkedAs::Other,
        };
        Self { linked_as, test_mode: compile.mode.is_test(), package_has_lib: step.package.has_lib }
    }
}

/// A script that reaches a unit.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// What it said.
    pub directives: &'a Directives,
    /// Its `OUT_DIR`.
    pub out_dir: &'a str,
    /// Whether it is the script of the unit's own package.
    pub own: bool,
}

/// Arguments and variables that scripts add to a rustc call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// In Cargo's order and spelling (`-L`, `x` are two arguments).
    pub args: Vec<String>,
    /// Variables.
    pub env: BTreeMap<String, String>,
}

fn applies(to: &LinkArgFor, unit: &Unit<'_>) -> bool {
    match (to, unit.linked_as) {
        (LinkArgFor::All, _)
        | (LinkArgFor::Bins, LinkedAs::Bin(_))
        | (LinkArgFor::Tests, LinkedAs::Test)
        | (LinkArgFor::Benches, LinkedAs::Bench)
        | (LinkArgFor::Examples, LinkedAs::Example) => true,
        (LinkArgFor::Bin(wanted), LinkedAs::Bin(name)) => wanted == name,
        (LinkArgFor::Cdylib, LinkedAs::Lib { cdylib }) => cdylib && !unit.test_mode,
        _ => false,
    }
}

/// What `scripts` (in the order of [`crate::crates::natives`]) add to the call of `unit`.
pub fn effects(unit: &Unit<'_>, scripts: &[Script<'_>]) -> Effects {
    let mut effects = Effects::default();
    let mut arg = |flag: &str, value: &str| {
        effects.args.push(flag.to_owned());
        effects.args.push(value.to_owned());
    };
    let paths = || {
        scripts.iter().flat_map(|script| {
            let inside = |path: &String| is_inside(path, script.out_dir);
            script.directives.search_paths.iter().map(move |path| (inside(path), path))
        })
    };
    for wanted in [true, false] {
        for (_, path) in paths().filter(|(inside, _)| *inside == wanted) {
            arg("-L", path);
        }
    }
    let is_lib = matches!(unit.linked_as, LinkedAs::Lib { .. });
    for script in scripts {
        if script.own && (is_lib || !unit.package_has_lib) {
            for library in &script.directives.libraries {
                arg("-l", library);
            }
        }
        for (to, value) in &script.directives.link_args {
            if applies(to, unit) && (script.own || *to == LinkArgFor::Cdylib) {
                arg("-C", &format!("link-arg={value}"));
            }
        }
    }
    for own in scripts.iter().filter(|script| script.own) {
        for cfg in &own.directives.cfgs {
            arg("--cfg", cfg);
        }
        for check_cfg in &own.directives.check_cfgs {
            arg("--check-cfg", check_cfg);
        }
    }
    for own in scripts.iter().filter(|script| script.own) {
        effects.env.extend(own.directives.env.iter().cloned());
    }
    effects
}

/// The variables that a run gets from a direct dependency's script: `links` is that package's
/// `links` key.
pub fn dep_env(links: &str, directives: &Directives) -> BTreeMap<String, String> {
    directives
        .metadata
        .iter()
        .map(|(key, value)| (format!("DEP_{}_{}", envify(links), envify(key)), value.clone()))
        .collect()
}

/// Cargo's spelling of a name in a variable's name: upper case, `-` as `_`.
pub fn envify(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).map(|c| if c == '-' { '_' } else { c }).collect()
}
