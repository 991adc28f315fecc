//! How commands end.

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done (exit code 0).
    Done,
    /// A check found a difference (exit code 1).
    Different,
    /// A build failed; it has been said what and why (exit code 1).
    Failed,
    /// Part of the input is bad; the command has said so itself (exit code 2).
    BadInput,
    /// A signal ended what was at work below us (exit code 128 and the signal's number).
    Interrupted(i32),
}

/// What a command gives back.
pub type CommandResult = Result<Outcome, miette::Report>;
