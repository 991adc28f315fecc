//! The builder's own text, as plans carry it: all modules in one, without comments and tests.

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        /// The modules by name.
        const MODULES: &[(&str, &str)] = &[$(($name, include_str!(concat!($name, ".rs")))),*];
    };
}

modules!(
    "argv",
    "assemble",
    "bootstrap",
    "cache",
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

/// The modules, and the mark of the lines elsewhere, that only plans of rustc's own build have.
const OF_BOOTSTRAP: [&str; 2] = ["assemble", "bootstrap"];
const MARK: &str = "// bootstrap";

/// The program that builds steps, as one text for rustc (edition 2024).
#[must_use]
pub fn source() -> String {
    text(false)
}

/// The program that builds the steps of rustc's own build, which has more facts.
#[must_use]
pub fn source_of_bootstrap() -> String {
    text(true)
}

fn text(of_bootstrap: bool) -> String {
    let mut text = "#![allow(dead_code)]\n".to_owned();
    for (name, module) in
        MODULES.iter().filter(|(name, _)| of_bootstrap || !OF_BOOTSTRAP.contains(name))
    {
        text.push_str(&format!("mod {name} {{\n"));
        let code = module.split("\n#[cfg(test)]\n").next().unwrap_or_default();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let (line, is_marked) = match line.strip_suffix(MARK) {
                Some(line) => (line.trim_end(), true),
                None => (line, false),
            };
            if !line.trim().is_empty() && (of_bootstrap || !is_marked) {
                text.push_str(line);
                text.push('\n');
            }
        }
        text.push_str("}\n");
    }
    text.push_str("fn main() -> std::process::ExitCode {\n    program::main()\n}\n");
    text
}
