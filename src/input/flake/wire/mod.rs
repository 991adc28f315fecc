//! Lossless edits of a flake.nix that make it build a plan: one insertion into its outputs, every
//! other byte kept. What cannot be placed with certainty is a snippet to paste.

mod insert;
mod new;
mod provider;
mod rebound;
mod site;

use std::collections::BTreeSet;

use rnix::{Root, SyntaxKind};
use rowan::ast::AstNode as _;

use super::inputs::FlakeInputs;
use super::outputs::{FlakeOutputs, OutputBody, OutputKey, OutputNode, Parameters};
use super::read::read;
use super::span::{Span, Spanned};
use crate::nix::escape;
use insert::insertion;
pub use new::new_flake;
pub use provider::{FlakeCompiler, FlakeToolchain, ToolchainLibrary};
use provider::{InputNames, Unnameable};
use rebound::rebound;
use site::{Binding, Site, find};

/// The plan's shell for `nix develop`.
const SHELL: &str = "devShells.default";

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
    /// The expression of the plan's `attribute` for the system that `system` evaluates to.
    fn call(
        &self,
        system: &str,
        attribute: &str,
        names: &InputNames,
    ) -> Result<String, Unnameable> {
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
        Ok(format!("(import {} {{ {system}{arguments} }}).{attribute}", self.steps))
    }

    /// `output.<system>.name` for each system.
    fn bindings(
        &self,
        (output, name): (&str, &str),
        attribute: &str,
        names: &InputNames,
    ) -> Result<Vec<String>, Unnameable> {
        let binding = |system: &String| {
            let call = self.call(&escape::string(system), attribute, names)?;
            Ok(format!("{output}.{}.{name} = {call};", escape::attr(system)))
        };
        self.systems.iter().map(binding).collect()
    }

    /// What is put into the outputs: the package, and the shell where they have none. `guarded`:
    /// only for the systems that the plan is for.
    fn lines(
        &self,
        site: &Site,
        package: &str,
        names: &InputNames,
        guarded: bool,
    ) -> Result<Vec<String>, Unnameable> {
        let shell = site.takes_shell && self.toolchain.is_some();
        match &site.binding {
            Binding::PerSystem { prefix, system } => {
                let systems: Vec<_> =
                    self.systems.iter().map(|name| escape::string(name)).collect();
                let systems = systems.join(" ");
                // An attribute whose name is null is none.
                let named = |name: &str| match guarded {
                    true => format!(
                        "${{if builtins.elem {system} [ {systems} ] then {} else null}}",
                        escape::string(name)
                    ),
                    false => name.to_owned(),
                };
                let plan = self.call(system, "default", names)?;
                let mut lines = vec![format!("{prefix}{} = {plan};", named(package))];
                if shell {
                    let shell = self.call(system, SHELL, names)?;
                    lines.push(format!("devShells.{} = {shell};", named("default")));
                }
                Ok(lines)
            }
            Binding::EachSystem => {
                let mut lines = self.bindings(("packages", package), "default", names)?;
                if shell {
                    lines.extend(self.bindings(("devShells", "default"), SHELL, names)?);
                }
                Ok(lines)
            }
        }
    }

    /// What to paste: it calls the inputs by their own names.
    fn snippet(&self, reason: impl Into<String>) -> Wired {
        let parameters = self.every_input();
        let names = InputNames { parameters: &parameters, rebound: BTreeSet::new() };
        let (reason, text) = match self.bindings(("packages", "default"), "default", &names) {
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
        let others = matches!(site.binding, Binding::PerSystem { .. })
            && has_other_systems(&after.outputs, &wiring.systems);
        if others { edit(true).map(|(guarded, _)| guarded) } else { Ok(wired) }
    });
    wired.unwrap_or_else(|reason| wiring.snippet(reason))
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
