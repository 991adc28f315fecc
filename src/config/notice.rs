//! What a user should know about a configuration that is not wrong.

use serde::Serialize;

use super::origin::Origin;

/// A key that does less than its writer may think, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// The key, the variable or the flag, as it was written.
    pub key: String,
    /// What becomes of it.
    pub message: String,
    /// Where it is.
    pub origin: Origin,
}
