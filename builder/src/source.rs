//! The builder's own text, as plans carry it: all modules in one, without comments and tests.

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        /// The modules by name.
        const MODULES: &[(&str, &str)] = &[$(($name, include_str!(concat!($name, ".rs")))),*];
    };
}

modules!(
    "argv",
    "cache",
    "call",
    "collect",
    "compile",
    "crates",
    "directives",
    "effects",
    "environment",
    "facts",
    "failure",
    "here",
    "identity",
    "jobserver",
    "json",
    "key",
    "note",
    "package",
    "process",
    "profile",
    "program",
    "protocol",
    "run",
    "sha256",
    "sources",
    "stand_in",
    "step",
    "target",
    "tools",
);

/// The program that builds steps, as one text for rustc (edition 2024).
#[must_use]
pub fn source() -> String {
    let mut text = "#![allow(dead_code)]\n".to_owned();
    for (name, module) in MODULES {
        text.push_str(&format!("mod {name} {{\n"));
        let code = module.split("\n#[cfg(test)]\n").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            if !line.trim().is_empty() {
                text.push_str(line);
                text.push('\n');
            }
        }
        text.push_str("}\n");
    }
    text.push_str("fn main() -> std::process::ExitCode {\n    program::main()\n}\n");
    text
}
