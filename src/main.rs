//! `rbn-plan`: see the library's documentation for how it works.

use std::process::ExitCode;

fn main() -> ExitCode {
    rbn_plan::cli::run(std::env::args_os())
}
