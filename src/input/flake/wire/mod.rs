//! Lossless edits of a flake.nix that make it build a plan: one insertion into its outputs, every
//! other byte kept. What cannot be placed with certainty is a snippet to paste.

mod insert;
mod new;
mod provider;
mod site;

use rnix::{Root, SyntaxKind};
use rowan::ast::AstNode as _;

use super::inputs::FlakeInputs;
use super::outputs::Parameters;
use super::read::read;
use super::span::{Span, Spanned};
use crate::nix::escape;
use insert::{Insertion, insertion};
pub use new::new_flake;
pub use provider::{FlakeCompiler, FlakeToolchain, ToolchainLibrary};
use provider::{InputNames, Unnameable};
use site::{Binding, find};

/// What a flake shall evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The plan, as flake.nix names it: `./generated/steps.nix`.
    pub steps: String,
    /// Further arguments of the plan beside `system`, each a name and an expression of Nix.
    pub arguments: Vec<(String, String)>,
    /// The toolchain, where the flake's own inputs provide it; else the plan's default counts.
    pub toolchain: Option<FlakeToolchain>,
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
    fn call(&self, system: &str, names: &InputNames) -> Result<String, Unnameable> {
        let mut arguments: Vec<(String, String)> = self.arguments.clone();
        if let Some(toolchain) = &self.toolchain {
            arguments.push(("toolchain".to_owned(), toolchain.call(system, names)?));
        }
        let system = match system {
            "system" => "inherit system;".to_owned(),
            other => format!("system = {other};"),
        };
        let arguments = arguments.iter().map(|(name, value)| format!(" {name} = {value};"));
        let arguments: String = arguments.collect();
        Ok(format!("(import {} {{ {system}{arguments} }}).default", self.steps))
    }

    fn bindings(
        &self,
        prefix: &str,
        package: &str,
        names: &InputNames,
    ) -> Result<Vec<String>, Unnameable> {
        let binding = |system: &String| {
            let call = self.call(&escape::string(system), names)?;
            Ok(format!("{prefix}{}.{package} = {call};", escape::attr(system)))
        };
        self.systems.iter().map(binding).collect()
    }

    /// What to paste: it calls the inputs by their own names.
    fn snippet(&self, reason: impl Into<String>) -> Wired {
        let names = self.every_input();
        let (reason, text) = match self.bindings("packages.", "default", &InputNames(&names)) {
            Ok(lines) => (reason.into(), lines.join("\n") + "\n"),
            Err(unnameable) => (unnameable, String::new()),
        };
        Wired::Snippet { reason, text }
    }

    /// Outputs that take every input that the toolchain needs.
    fn every_input(&self) -> Parameters {
        let toolchain = self.toolchain.iter();
        let inputs = toolchain.flat_map(|toolchain| {
            let compiler = toolchain.compiler.as_ref().map(|compiler| &compiler.input);
            std::iter::once(&toolchain.nixpkgs).chain(compiler)
        });
        let names = inputs.map(|name| Spanned::new(name.clone(), Span::new(0, 0))).collect();
        Parameters { names, open: true, whole: None }
    }
}

/// Makes the flake with this text evaluate the plan. Running it on its own result changes nothing.
pub fn wire(flake_nix: &str, wiring: &Wiring) -> Wired {
    let before = match read(flake_nix, "flake.nix") {
        Ok(flake) => flake,
        Err(failure) => return wiring.snippet(failure.to_string()),
    };
    let Ok(root) = super::parse::parse(flake_nix) else {
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
    let names = InputNames(&before.outputs.parameters);
    let lines = match &site.binding {
        Binding::PerSystem { prefix, system } => {
            wiring.call(system, &names).map(|call| vec![format!("{prefix}{package} = {call};")])
        }
        Binding::EachSystem { prefix } => wiring.bindings(prefix, package, &names),
    };
    let lines = match lines {
        Ok(lines) => lines,
        Err(reason) => return wiring.snippet(reason),
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
