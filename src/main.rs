//! `rbn-plan`: see the library's documentation for how it works.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Cargo may have started us in rustc's or a build script's place.
    if let Some(code) = rbn_plan::verify::wrapper::enter() {
        return code;
    }
    if let Some(code) = rbn_plan::cargo::shim::enter() {
        return code;
    }
    rbn_plan::cli::run(std::env::args_os())
}
