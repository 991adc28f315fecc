//! Is this machine ready? Facts are gathered first; every check is a pure decision on them.
//!
//! - `facts`: what can be known of the machine and the project;
//! - `gather`: the only part that runs programs and reads files;
//! - `machine`, `project`: one function per check;
//! - `fix`: the lines of nix.conf that cure;
//! - `report`: findings for people, for programs, and for a bug report;
//! - `private`: what a bug report does not say.

pub mod facts;
mod finding;
pub mod fix;
pub mod gather;
mod machine;
pub mod private;
mod project;
pub mod report;

pub use facts::Facts;
pub use finding::{Finding, State};

/// Looks at everything.
#[must_use]
pub fn examine(facts: &Facts) -> Vec<Finding> {
    vec![
        machine::nix(facts),
        machine::features(facts),
        machine::sandbox(facts),
        machine::sandbox_paths(facts),
        machine::build_users(facts),
        machine::jobs(facts),
        machine::space(facts),
        machine::toolchain(facts),
        machine::standard_libraries(facts),
        machine::linkers(facts),
        machine::emulation(facts),
        machine::sccache(facts),
        machine::tracer(facts),
        project::configuration(facts),
        project::lock(facts),
        project::toolchain(facts),
        project::plan(facts),
    ]
}
