//! Short digests that tell texts apart in names.

use sha2::{Digest, Sha256};

/// The first 16 hexadecimal digits of the SHA-256 of `text`.
#[must_use]
pub fn hex16(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of `bytes`, in hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first 6 hexadecimal digits of the SHA-256 of `text`.
#[must_use]
pub fn short(text: &str) -> String {
    hex16(text)[..6].to_owned()
}
