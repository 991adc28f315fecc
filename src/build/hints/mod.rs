//! From a failed step's log to what cures it, where that is known.
//!
//! Programs say the same thing in many words, and only some of them mean a thing that a plan can
//! give: a file, a program, a library, a standard library. What cannot help is not said: a crate of
//! a registry reads no file of the workspace. Where nothing is known, the step is compared with
//! what Cargo runs.

mod file;
mod lack;
mod library;
mod program;

use camino::Utf8Path;
use rbn_builder::attempt;

use self::lack::Lack;
use crate::model::document::{Action, Origin};
use crate::review::graph::Node;
use crate::text::words::wrap;

/// How the builder's own words begin.
const BUILDER: &str = "rbn-plan:";

/// How far the lines of a hint after its first are indented.
const INDENT: usize = 6;

/// Lines for people: what the step lacked, and what to do. None where the step's own words say all
/// that there is to say, as rustc does of mistakes in the workspace's code. `has` tells whether the
/// workspace has a file, by its path from the root.
#[must_use]
pub fn of(node: &Node<'_>, log: &[String], has: &dyn Fn(&Utf8Path) -> bool) -> Vec<String> {
    let lines: Vec<&str> = log
        .iter()
        .map(|line| line.trim())
        .filter(|line| !line.is_empty() && !line.starts_with(BUILDER))
        .collect();
    // A builder that gives hints of its own has said it.
    let has_said = |line: &String| line.trim().starts_with("hint: ") || lacks_program(line);
    if log.iter().any(has_said) {
        return Vec::new();
    }
    let told = match lack(&lines) {
        Some(lack) => cure(node, &lack, has).unwrap_or_else(|| compare(node)),
        None if said_by_rustc(node, &lines) => Vec::new(),
        None => compare(node),
    };
    told.iter().map(|line| wrap("", line, INDENT)).collect()
}

/// Whether a line is a builder's that the toolchain lacks a program for a check. It says the cure itself.
#[must_use]
pub fn lacks_program(line: &str) -> bool {
    line.starts_with(BUILDER) && line.contains(&format!(" failed: {} ", attempt::LACKS))
}

/// What the log says that is missing: the surest words first, and of alike ones the last.
fn lack(lines: &[&str]) -> Option<Lack> {
    let last = |read: fn(&str) -> Option<Lack>| lines.iter().rev().find_map(|line| read(line));
    last(library::standard)
        .or_else(|| last(library::linked))
        .or_else(|| last(program::named))
        .or_else(|| last(library::pkg_config))
        .or_else(|| last(library::header))
        .or_else(|| last(file::named))
}

/// Whether rustc, and no script or linker, has found mistakes in code that is the user's own.
fn said_by_rustc(node: &Node<'_>, lines: &[&str]) -> bool {
    node.step.action == Action::Compile
        && matches!(node.package.source, Origin::Path { .. })
        && lines.iter().any(|line| line.starts_with("error"))
}

/// The key of an override in config.toml.
fn table(node: &Node<'_>) -> String {
    let name = &node.package.name;
    let bare = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let name = if bare { name.clone() } else { format!("\"{name}\"") };
    format!("      [override.{name}]")
}

/// The lines of a cure; nothing where there is none that helps.
fn cure(node: &Node<'_>, lack: &Lack, has: &dyn Fn(&Utf8Path) -> bool) -> Option<Vec<String>> {
    let step = node.name;
    let config = |head: String, lines: &[String]| {
        let mut all = vec![head, table(node)];
        all.extend(lines.iter().map(|line| format!("      {line}")));
        Some(all)
    };
    let or = |name: &str| if name.is_empty() { "NAME".to_owned() } else { name.to_owned() };
    match lack {
        Lack::StandardLibrary => {
            let add = match node.platform {
                "host" => "rustup component add rust-std".to_owned(),
                triple => format!("rustup target add {triple}"),
            };
            Some(vec![format!(
                "hint: the toolchain has no standard library for {}. Install it (`{add}`, or the \
                 distribution's package) and render the toolchain again: `rbn-plan toolchain host`",
                node.platform
            )])
        }
        Lack::Library(name) => config(
            format!(
                "hint: {step} links the native library {}, which is not there. With the host's \
                 toolchain, install its development package, or write its directory in place of \
                 its name; with that of nixpkgs, add to config.toml:",
                or(name)
            ),
            &[format!("build-inputs = [\"{}\"]", or(name))],
        ),
        Lack::PkgConfig(name) => config(
            format!(
                "hint: pkg-config found no {} for {step}. With the host's toolchain, install its \
                 development package, or write its directory in place of its name; with that of \
                 nixpkgs, add to config.toml:",
                or(name)
            ),
            &[
                "native-inputs = [\"pkg-config\"]".to_owned(),
                format!("build-inputs = [\"{}\"]", or(name)),
            ],
        ),
        Lack::Header(name) => config(
            format!(
                "hint: {step} includes {name}, which no library in its sandbox has. With the \
                 host's toolchain, install the library's development package, or write its \
                 directory in place of its name; with that of nixpkgs, add to config.toml:"
            ),
            &["build-inputs = [\"NAME\"]".to_owned()],
        ),
        Lack::Program(name) => config(
            format!(
                "hint: {step} runs `{name}`, which its sandbox does not have. With the host's \
                 toolchain, install it; else name it in config.toml:"
            ),
            &[format!("native-inputs = [\"{name}\"]")],
        ),
        Lack::File(path) => of_file(node, path, has),
    }
}

/// A file that was looked for: only one of the workspace can be given, and only to its packages.
fn of_file(
    node: &Node<'_>,
    path: &Utf8Path,
    has: &dyn Fn(&Utf8Path) -> bool,
) -> Option<Vec<String>> {
    let step = node.name;
    let Origin::Path { dir } = &node.package.source else { return None };
    match file::in_workspace(node, Utf8Path::new(dir), path) {
        file::Place::Workspace(path) if has(&path) => Some(vec![
            format!(
                "hint: {step} looks for {path}, which is in the workspace and not in the step's \
                 sandbox. Name it in config.toml:"
            ),
            table(node),
            format!("      files = [\"{path}\"]"),
        ]),
        file::Place::Workspace(path) => Some(vec![format!(
            "hint: {step} looks for {path}, which the workspace does not have either. Is it made \
             by something that has not run, or is it not committed?"
        )]),
        file::Place::Machine(path) => Some(vec![format!(
            "hint: {step} looks for {path} of the machine, which its sandbox does not show. If the \
             package needs it, name what provides it in config.toml ([override.{}] native-inputs, \
             build-inputs or env).",
            node.package.name
        )]),
        file::Place::Sandbox => None,
    }
}

/// Nothing is known: what Cargo reads is compared with what the step has.
fn compare(node: &Node<'_>) -> Vec<String> {
    let what = match node.step.action {
        Action::RunScript => "the build script of ",
        Action::Compile => "",
    };
    vec![format!(
        "hint: does {what}{} work with Cargo? Then it reads or runs something that its sandbox does \
         not have: `rbn-plan verify --files` says what, and what to write into config.toml.",
        node.package.name
    )]
}
