//! The plans of checks, as the output `checks` of a flake.

use std::collections::BTreeSet;

use rnix::ast;
use rnix::{Root, SyntaxKind};
use rowan::ast::AstNode as _;

use super::super::parse::parse;
use super::super::read::read;
use super::insert::insertion;
use super::provider::{InputNames, Unnameable};
use super::rebound::rebound;
use super::shape::path;
use super::site::{Binding, find_checks};
use super::{Wiring, has_other_systems, names, same_inputs};

/// What became of a flake.nix whose checks are planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WiredChecks {
    /// It has them now: the new text.
    Edited(String),
    /// It has them already, or none are planned.
    Unchanged,
    /// There is no place for them that is certain.
    Snippet {
        /// Why not; completes "flake.nix is not edited: ...".
        reason: String,
        /// What to paste.
        text: String,
    },
}

/// Gives the flake with this text the checks of `wiring`. Running it on its own result changes nothing.
pub fn wire_checks(flake_nix: &str, wiring: &Wiring) -> WiredChecks {
    let Some(checks) = wiring.of_checks() else { return WiredChecks::Unchanged };
    match (read(flake_nix, "flake.nix"), parse(flake_nix)) {
        (Ok(before), Ok(root)) => {
            if names(&root, &checks.steps) || is_given_to_a_module(&root, &wiring.steps) {
                return WiredChecks::Unchanged;
            }
            match edit(flake_nix, &before, &root, &checks) {
                Ok(text) => WiredChecks::Edited(text),
                Err(reason) => snippet(&checks, reason),
            }
        }
        (Err(failure), _) => snippet(&checks, failure.to_string()),
        (_, Err(_)) => snippet(&checks, "it is not Nix".to_owned()),
    }
}

fn edit(
    flake_nix: &str,
    before: &super::super::Flake,
    root: &Root,
    checks: &Wiring,
) -> Result<String, String> {
    let (set, binding) = find_checks(root)?;
    let names = InputNames { parameters: &before.outputs.parameters, rebound: rebound(&set) };
    let guarded = matches!(binding, Binding::PerSystem { .. } | Binding::Module)
        && has_other_systems(&before.outputs, &checks.systems);
    let lines = lines(checks, &binding, &names, guarded)?;
    let new = insertion(&set, &lines, flake_nix).ok_or("its outputs do not end with a brace")?;
    let mut text = flake_nix.to_owned();
    text.insert_str(new.at, &new.text);
    // The edit is shown to be what it should before anybody sees it.
    match read(&text, "flake.nix") {
        Ok(after) if same_inputs(&before.inputs, &after.inputs) => Ok(text),
        Ok(_) => Err("the edit would change its inputs".to_owned()),
        Err(_) => Err("`checks` is defined in a way that cannot be added to".to_owned()),
    }
}

/// The bindings of `checks`.
fn lines(
    checks: &Wiring,
    binding: &Binding,
    names: &InputNames<'_>,
    guarded: bool,
) -> Result<Vec<String>, Unnameable> {
    let bound = |system: &str| {
        let lines = checks.bind("checks", system, "flat", names)?;
        Ok::<_, Unnameable>(if guarded { planned(checks, system, lines) } else { lines })
    };
    match binding {
        Binding::PerSystem { system, .. } => bound(system),
        Binding::Module => {
            let mut lines = ["perSystem =", "  { pkgs, ... }:", "  {"].map(str::to_owned).to_vec();
            let inner = bound("pkgs.stdenv.hostPlatform.system")?;
            lines.extend(inner.into_iter().map(|line| format!("    {line}")));
            lines.push("  };".to_owned());
            Ok(lines)
        }
        Binding::EachSystem => checks.bindings(("checks", None), "flat", names),
    }
}

/// The binding for systems that the plans are for; others have no checks. An attribute that only some have is
/// missed by calls that ask each system for the same ones.
fn planned(checks: &Wiring, system: &str, lines: Vec<String>) -> Vec<String> {
    let text = lines.join("\n");
    let value = text.strip_prefix("checks =").unwrap_or(&text);
    let value = value.strip_suffix(';').unwrap_or(value).trim_start_matches('\n');
    let condition = format!("  if builtins.elem {system} [ {} ] then", checks.all_systems());
    let mut planned = vec!["checks =".to_owned(), condition];
    planned.extend(
        value.lines().map(|line| format!("  {}{line}", if lines.len() == 1 { " " } else { "" })),
    );
    planned.extend(["  else", "    { };"].map(str::to_owned));
    planned
}

/// Whether the plan is the option `steps` of a module, which finds the plans of checks beside it.
fn is_given_to_a_module(root: &Root, steps: &str) -> bool {
    let mut bindings = root.syntax().descendants().filter_map(ast::AttrpathValue::cast);
    let is_steps = |binding: &ast::AttrpathValue| {
        let value = binding.value();
        let is_path = value.is_some_and(|value| {
            let node = value.syntax();
            node.kind() == SyntaxKind::NODE_PATH_REL && node.text() == steps
        });
        is_path && path(binding).is_some_and(|names| names.last().is_some_and(|n| n == "steps"))
    };
    bindings.any(|binding| is_steps(&binding))
}

/// What to paste behind the checks that there are.
fn snippet(checks: &Wiring, reason: String) -> WiredChecks {
    let every = checks.every_input();
    let names = InputNames { parameters: &every, rebound: BTreeSet::new() };
    match checks.call("system", "flat", &names) {
        Ok(flat) => {
            let text =
                format!("# Put this behind what `checks` is for each `system`.\n// {flat}\n");
            WiredChecks::Snippet { reason, text }
        }
        Err(reason) => WiredChecks::Snippet { reason, text: String::new() },
    }
}
