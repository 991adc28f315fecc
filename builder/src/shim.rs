//! The compiler that build scripts of rustc's own build are given.
//!
//! x.py puts a shim in the compiler's place, which adds arguments to each call. A script that tries whether the
//! compiler takes a feature must hear what its crate will hear: without `-Zallow-features` it would turn on what
//! the crate may not use. So this program stands there, under rustc's name, and adds the same.
//!
//! Source: `src/bootstrap/src/bin/rustc.rs` of rustc 1.96.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::bootstrap::Shim;
use crate::facts::Facts;
use crate::failure::Failure;
use crate::here::Here;
use crate::json::Value;
use crate::stand_in::PROGRAM;

/// Where its facts are, beside the program.
const FACTS: &str = "/build/target/shim.json";

impl Here {
    /// Has a build script call this program in the compiler's place.
    pub(crate) fn shim(&self, variables: &mut BTreeMap<OsString, OsString>) -> Result<(), Failure> {
        if let Some(shim) = &self.step.bootstrap.shim {
            place(shim, &self.tools.rustc)
                .map_err(|error| Failure::new(format!("cannot make {PROGRAM}: {error}")))?;
            variables.insert("RUSTC".into(), PROGRAM.into());
        }
        Ok(())
    }
}

fn place(shim: &Shim, rustc: &Path) -> io::Result<()> {
    let list = |args: &[String]| Value::List(args.iter().cloned().map(Value::Text).collect());
    let rustc = rustc.to_string_lossy().into_owned();
    let first = if shim.rustc.is_empty() { &rustc } else { &shim.rustc };
    let facts = Value::object([
        ("first", Value::Text(first.clone())),
        ("rustc", Value::Text(rustc.clone())),
        ("onHost", list(&shim.on_host)),
        ("forTarget", list(&shim.for_target)),
    ]);
    if let Some(dir) = Path::new(FACTS).parent() {
        fs::create_dir_all(dir)?;
    }
    fs::write(FACTS, facts.write())?;
    symlink(env::current_exe()?, PROGRAM)
}

/// Answers a build script's call; comes back where this program stands in the compiler's place for another's sake.
pub(crate) fn answer() {
    if !Path::new(FACTS).exists() {
        return;
    }
    let failed = match command() {
        Ok(mut command) => format!("cannot run the compiler: {}", command.exec()),
        Err(reason) => reason,
    };
    eprintln!("rbn-plan: {failed}");
    std::process::exit(1);
}

fn command() -> Result<Command, String> {
    let text =
        fs::read_to_string(FACTS).map_err(|error| format!("cannot read {FACTS}: {error}"))?;
    let mut facts = Facts::new("shim", Value::parse(&text)?)?;
    let (rustc, first) = (facts.needed("rustc")?, facts.needed("first")?);
    let (on_host, for_target) = (facts.texts("onHost")?, facts.texts("forTarget")?);
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    let has_target = names_target(&args);
    // The version that is asked for is the compiler's that builds the crates.
    let is_first = !has_target && !args.iter().any(|arg| arg == "-vV");
    let mut command = Command::new(if is_first { first } else { rustc });
    command.args(&args).args(if has_target { for_target } else { on_host });
    Ok(command)
}

fn names_target(args: &[OsString]) -> bool {
    args.iter().any(|arg| arg == "--target" || arg.to_string_lossy().starts_with("--target="))
}

#[cfg(test)]
mod tests {
    use super::names_target;

    #[test]
    fn a_call_for_a_target_names_it() {
        let says = |args: &[&str]| names_target(&args.iter().map(Into::into).collect::<Vec<_>>());
        assert!(says(&["a.rs", "--target", "x"]) && says(&["--target=x"]));
        assert!(!says(&["-vV"]) && !says(&["--targets", "target"]) && !says(&[]));
    }
}
