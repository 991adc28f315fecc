//! This machine, without asking a compiler.

use miette::IntoDiagnostic as _;

use crate::config::Machine;
use crate::model::Triple;
use crate::nix::System;

/// The machine that this program was made for, with the GNU C library: enough to read a
/// configuration whose targets do not matter.
///
/// # Errors
/// None: Nix's systems have triples that are right.
pub fn this_machine() -> miette::Result<Machine> {
    let here = format!("{}-linux", std::env::consts::ARCH);
    let system = System::from_name(&here).unwrap_or(System::X8664Linux);
    Ok(Machine { system, host: Triple::new(system.triple()).into_diagnostic()? })
}
