//! Lossless edits of a flake.nix that make it build a plan: one insertion into its outputs, every
//! other byte kept. What cannot be placed with certainty is a snippet to paste.

mod insert;
mod site;

use rnix::{Root, SyntaxKind};
use rowan::ast::AstNode as _;

use super::inputs::FlakeInputs;
use super::read::read;
use super::span::Span;
use insert::{Insertion, insertion};
use site::{Binding, find};

/// What a flake shall evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The plan, as flake.nix names it: `./generated/steps.nix`.
    pub steps: String,
    /// Further arguments of the plan beside `system`, each a name and an expression of Nix.
    pub arguments: Vec<(String, String)>,
    /// The systems to name where the flake does not spread its outputs over systems itself.
    pub systems: Vec<String>,
}

/// What became of a flake.nix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wired {
    /// It evaluates the plan now.
    Edited {
        /// The new text.
        text: String,
        /// The only part of it that is new.
        inserted: Span,
        /// The package's name under `packages.<system>`.
        package: String,
    },
    /// It names the plan already; nothing is changed.
    Unchanged,
    /// It has no place for the plan that is certain.
    Snippet {
        /// Why not; completes "flake.nix is not edited: ...".
        reason: String,
        /// What to paste into the outputs.
        text: String,
    },
}

impl Wiring {
    /// The expression of the default package for the system that `system` evaluates to.
    fn call(&self, system: &str) -> String {
        let system = match system {
            "system" => "inherit system;".to_owned(),
            other => format!("system = {other};"),
        };
        let arguments =
            self.arguments.iter().map(|(name, expression)| format!(" {name} = {expression};"));
        let arguments: String = arguments.collect();
        format!("(import {} {{ {system}{arguments} }}).default", self.steps)
    }

    fn bindings(&self, prefix: &str, package: &str) -> Vec<String> {
        let binding = |system: &String| {
            let call = self.call(&quoted(system));
            format!("{prefix}{}.{package} = {call};", attribute(system))
        };
        self.systems.iter().map(binding).collect()
    }

    fn snippet(&self, reason: impl Into<String>) -> Wired {
        let text = self.bindings("packages.", "default").join("\n") + "\n";
        Wired::Snippet { reason: reason.into(), text }
    }
}

/// Makes the flake with this text evaluate the plan. Running it on its own result changes nothing.
pub fn wire(flake_nix: &str, wiring: &Wiring) -> Wired {
    let before = match read(flake_nix, "flake.nix") {
        Ok(flake) => flake,
        Err(failure) => return wiring.snippet(failure.to_string()),
    };
    let Ok(root) = super::syntax::parse(flake_nix) else {
        return wiring.snippet("it is not Nix");
    };
    if names(&root, &wiring.steps) {
        return Wired::Unchanged;
    }
    let site = match find(&root) {
        Ok(site) => site,
        Err(reason) => return wiring.snippet(reason),
    };
    let package = if site.has_default { "rbn-plan" } else { "default" };
    let lines = match &site.binding {
        Binding::PerSystem { prefix, system } => {
            vec![format!("{prefix}{package} = {};", wiring.call(system))]
        }
        Binding::EachSystem { prefix } => wiring.bindings(prefix, package),
    };
    if lines.is_empty() {
        return wiring.snippet("no system is asked for");
    }
    let Some(Insertion { at, text: new }) = insertion(&site.set, &lines, flake_nix) else {
        return wiring.snippet("its outputs do not end with a brace");
    };
    let mut text = flake_nix.to_owned();
    text.insert_str(at, &new);
    // The edit is shown to be what it should before anybody sees it.
    match read(&text, "flake.nix") {
        Ok(after) if same_inputs(&before.inputs, &after.inputs) => {}
        Ok(_) => return wiring.snippet("the edit would change its inputs"),
        Err(_) => return wiring.snippet("`packages` is defined in a way that cannot be added to"),
    }
    let inserted = Span::new(at, at + new.len());
    Wired::Edited { text, inserted, package: package.to_owned() }
}

/// A flake for a project that has none.
pub fn new_flake(description: &str, wiring: &Wiring) -> String {
    let bindings = wiring.bindings("packages.", "default");
    let bindings: Vec<_> = bindings.iter().map(|binding| format!("    {binding}\n")).collect();
    format!(
        "{{\n  description = {};\n\n  outputs = {{ self }}: {{\n{}  }};\n}}\n",
        quoted(description),
        bindings.concat()
    )
}

/// Whether a path of the flake names the plan (a comment that does so is no wiring).
fn names(root: &Root, steps: &str) -> bool {
    let nodes = root.syntax().descendants();
    nodes.filter(|node| node.kind() == SyntaxKind::NODE_PATH_REL).any(|node| node.text() == steps)
}

/// Whether two readings name the same inputs, wherever they stand.
fn same_inputs(before: &FlakeInputs, after: &FlakeInputs) -> bool {
    let facts = |inputs: &FlakeInputs| {
        let facts = inputs.inputs.iter().map(|(name, input)| {
            (name.clone(), input.origin.reference(name), input.is_flake, input.inputs.len())
        });
        facts.collect::<Vec<_>>()
    };
    facts(before) == facts(after)
}

/// A string of Nix.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${");
    let escaped = escaped.replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    format!("\"{escaped}\"")
}

/// An attribute's name, quoted where it must be.
fn attribute(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\''));
    if plain { name.to_owned() } else { quoted(name) }
}
