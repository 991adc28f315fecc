//! Lossless edits of a flake.nix that make it build a plan: one insertion into its outputs, every
//! other byte kept. What cannot be placed with certainty is a snippet to paste.

mod checks;
mod insert;
mod new;
mod provider;
mod rebound;
mod shape;
mod site;
mod wiring;

use rnix::{Root, SyntaxKind};
use rowan::ast::AstNode as _;

use super::inputs::FlakeInputs;
use super::outputs::{FlakeOutputs, OutputBody, OutputKey, OutputNode};
use super::read::read;
use super::span::Span;
pub use checks::{WiredChecks, wire_checks};
use insert::insertion;
pub use new::new_flake;
use provider::InputNames;
pub use provider::{FlakeCompiler, FlakeToolchain, ToolchainLibrary};
use rebound::rebound;
use site::{Binding, Takes, find, takes};
pub use wiring::Wiring;

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
        /// What to paste around the outputs.
        text: String,
    },
}

/// Makes the flake with this text evaluate the plan. Running it on its own result changes nothing.
pub fn wire(flake_nix: &str, wiring: &Wiring) -> Wired {
    let before = match read(flake_nix, "flake.nix") {
        Ok(flake) => flake,
        Err(failure) => return wiring.snippet(failure.to_string(), Takes::Unknown),
    };
    let Ok(root) = super::parse::parse(flake_nix) else {
        return wiring.snippet("it is not Nix", Takes::Unknown);
    };
    if names(&root, &wiring.steps) {
        return Wired::Unchanged;
    }
    let takes = takes(&root, &before.outputs.parameters);
    let site = match find(&root) {
        Ok(site) => site,
        Err(reason) => return wiring.snippet(reason, takes),
    };
    // Before packages had the name `default`, it was an output of its own.
    let has_default = site.has_default || output(&before.outputs, "defaultPackage").is_some();
    let package = if has_default { "rbn-plan" } else { "default" };
    let parameters = &before.outputs.parameters;
    let names = InputNames { parameters, rebound: rebound(&site.set) };
    let edit = |guarded| {
        let lines = wiring.lines(&site, package, &names, guarded)?;
        if lines.is_empty() {
            return Err("no system is asked for".to_owned());
        }
        let new = insertion(&site.set, &lines, flake_nix)
            .ok_or("its outputs do not end with a brace".to_owned())?;
        let mut text = flake_nix.to_owned();
        text.insert_str(new.at, &new.text);
        // The edit is shown to be what it should before anybody sees it.
        match read(&text, "flake.nix") {
            Ok(after) if same_inputs(&before.inputs, &after.inputs) => {
                let inserted = Span::new(new.at, new.at + new.text.len());
                Ok((Wired::Edited { text, inserted, package: package.to_owned() }, after))
            }
            Ok(_) => Err("the edit would change its inputs".to_owned()),
            Err(_) => Err("`packages` is defined in a way that cannot be added to".to_owned()),
        }
    };
    let wired = edit(false).and_then(|(wired, after)| {
        let others = matches!(site.binding, Binding::PerSystem { .. } | Binding::Module)
            && has_other_systems(&after.outputs, &wiring.systems);
        if others { edit(true).map(|(guarded, _)| guarded) } else { Ok(wired) }
    });
    wired.unwrap_or_else(|reason| wiring.snippet(reason, takes))
}

fn output<'o>(outputs: &'o FlakeOutputs, name: &str) -> Option<&'o OutputNode> {
    outputs.outputs.iter().find(|node| matches!(&node.key, OutputKey::Name(known) if known == name))
}

/// Whether packages are, or may be, for other systems than these.
fn has_other_systems(outputs: &FlakeOutputs, systems: &[String]) -> bool {
    match output(outputs, "packages").map(|packages| &packages.body) {
        Some(OutputBody::Set { children, rest: None }) => {
            children.iter().any(|child| match &child.key {
                OutputKey::Name(system) => !systems.contains(system),
                OutputKey::Each(_) => true,
            })
        }
        _ => true,
    }
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
