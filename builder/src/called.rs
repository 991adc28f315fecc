//! What a check calls. A crate's facts are enough to say it, so `verify` says it with the same words before
//! anything is built.

use crate::attempt::Check;
use crate::failure::Failure;
use crate::report::Call;
use crate::subject::{Programs, Subject};
use crate::{lint, rustdoc, test_run};

/// What `check` calls for `subject`: all but what a machine's toolchain adds.
///
/// # Errors
/// There is no such check, or what it calls follows from no crate's facts.
pub fn call(
    subject: &Subject<'_>,
    check: &Check,
    programs: &Programs<'_>,
) -> Result<Call, Failure> {
    match check.action.as_str() {
        "test" | "bench" => Ok(test_run::call(subject, check)),
        "doctest" => Ok(rustdoc::test_call(subject, check, programs)),
        "doc" => Ok(rustdoc::page_call(subject, programs)),
        "clippy" => Ok(lint::call(subject, check, programs)),
        word => Err(Failure::new(format!("there is no call of a crate for `{word}`"))),
    }
}
