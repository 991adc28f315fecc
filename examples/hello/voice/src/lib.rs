//! Loud for the build script, quiet for the program: two units of one crate.

pub fn say(text: &str) -> String {
    if cfg!(feature = "loud") { format!("{}!", text.to_uppercase()) } else { text.to_owned() }
}
