//! Cargo's home.

use camino::Utf8PathBuf;

/// Cargo's home: `CARGO_HOME`, else `~/.cargo`.
#[must_use]
pub fn home() -> Option<Utf8PathBuf> {
    let named = std::env::var("CARGO_HOME").ok().filter(|home| !home.is_empty());
    let own = || Some(Utf8PathBuf::from(std::env::var("HOME").ok()?).join(".cargo"));
    named.map(Utf8PathBuf::from).or_else(own)
}
