//! LLVM, which comes from outside: what its `llvm-config` says.

use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use super::error::BootstrapError;
use super::settings::Settings;
use crate::model::Triple;

/// An LLVM that was built before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Llvm {
    /// Its `llvm-config`, as it is named.
    pub config: Utf8PathBuf,
    /// Its version.
    pub version: String,
    /// Where its libraries are.
    pub libdir: String,
}

/// The oldest LLVM that rustc 1.96 takes (`check_llvm_version` of its x.py).
const OLDEST: u32 = 21;

/// The LLVM of the first machine that a compiler is for.
///
/// # Errors
/// [`BootstrapError::Llvm`]: none is named, or it does not answer as it should.
pub fn found(settings: &Settings, here: &Triple) -> Result<Llvm, BootstrapError> {
    let host = settings.hosts.first().unwrap_or(here);
    match settings.target(host).llvm_config {
        Some((config, place)) => Llvm::ask(&config, &place),
        None => Err(BootstrapError::Llvm {
            wanted_by: format!("bootstrap.toml has no `target.{host}.llvm-config`"),
            reason: "x.py would build LLVM of src/llvm-project, which is no step of a plan"
                .to_owned(),
            cure: format!(
                "name an LLVM that is there:\n[target.{host}]\nllvm-config = \"/usr/bin/llvm-config-22\""
            ),
        }),
    }
}

impl Llvm {
    /// Asks the program `config`, which `named_by` names.
    ///
    /// # Errors
    /// [`BootstrapError::Llvm`]: it does not run, or is too old.
    pub fn ask(config: &Utf8Path, named_by: &str) -> Result<Self, BootstrapError> {
        let failed = |reason: String, cure: &str| BootstrapError::Llvm {
            wanted_by: named_by.to_owned(),
            reason,
            cure: cure.to_owned(),
        };
        let install = "install LLVM's development files (Debian: `llvm-22-dev`), or name another `llvm-config`";
        let say = |arg: &str| {
            let output = Command::new(config).arg(arg).stdin(Stdio::null()).output();
            let output = output
                .map_err(|error| failed(format!("{config} cannot be started: {error}"), install))?;
            match output.status.success() {
                true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
                false => {
                    Err(failed(format!("`{config} {arg}` ended with {}", output.status), install))
                }
            }
        };
        let version = say("--version")?;
        let major = version.split('.').next().and_then(|text| text.parse::<u32>().ok());
        if major.is_none_or(|major| major < OLDEST) {
            let reason =
                format!("{config} is of LLVM {version}, and rustc wants {OLDEST} or newer");
            return Err(failed(reason, install));
        }
        let libdir = say("--libdir")?;
        Ok(Self { config: config.to_owned(), version, libdir })
    }
}
