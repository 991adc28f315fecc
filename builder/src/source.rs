//! The builder's own text, as plans carry it: all modules in one, without comments and tests.

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!($name, ".rs")))),*]
    };
}

/// The modules of every builder by name.
const MODULES: &[(&str, &str)] = modules!(
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
    "metadata",
    "native",
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

/// Those that only checks need.
const CHECKS: &[(&str, &str)] = modules!(
    "attempt", "check", "coverage", "gate", "library", "lint", "report", "rustdoc", "site",
    "subject", "test_run", "watch"
);

/// Those that only rustc's own build needs.
const BOOTSTRAP: &[(&str, &str)] =
    modules!("archive", "assemble", "bootstrap", "of_bootstrap", "shim");

/// What lines of other modules end in that only plans of rustc's own build have.
const MARK: &str = "// bootstrap";

/// The program that builds steps, as one text for rustc (edition 2024).
#[must_use]
pub fn source() -> String {
    format!("#![allow(dead_code)]\n{}{MAIN}", modules_text(MODULES, false))
}

/// The program that builds the steps of rustc's own build, which has more facts.
#[must_use]
pub fn source_of_bootstrap() -> String {
    let more = modules_text(BOOTSTRAP, true);
    format!("#![allow(dead_code)]\n{}{more}{MAIN}", modules_text(MODULES, true))
}

/// How the program that builds steps ends.
const MAIN: &str = "fn main() -> std::process::ExitCode {\n    program::main()\n}\n";

/// What makes of [`source`] the program that runs checks: it takes the place of the last lines, which
/// are given first. So a plan of checks has the builder's text once, and a change of a check's
/// rule builds no crate again.
#[must_use]
pub fn checks() -> (&'static str, String) {
    let main = MAIN.replace("program::main()", "check::main()");
    (MAIN, format!("{}{main}", modules_text(CHECKS, false)))
}

fn modules_text(modules: &[(&str, &str)], of_bootstrap: bool) -> String {
    let mut text = String::new();
    for (name, module) in modules {
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
    text
}
