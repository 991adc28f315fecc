//! What the program says.

/// A greeting for somebody.
pub fn of(name: &str) -> String {
    format!("hello, {name}")
}
