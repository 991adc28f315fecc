//! What one node of a graph is to another.

/// How a node calls the run of its build script.
pub const SCRIPT: &str = "script";
/// How a run calls the compilation of its program.
pub const PROGRAM: &str = "program";
/// How a node calls a crate, before its name.
pub const EXTERN: &str = "extern ";
