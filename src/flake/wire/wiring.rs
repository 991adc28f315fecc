//! What a flake shall evaluate, and the bindings that say so.

use std::collections::BTreeSet;

use super::super::outputs::Parameters;
use super::super::span::{Span, Spanned};
use super::Wired;
use super::provider::{FlakeToolchain, InputNames, Unnameable};
use super::site::{Binding, Site, Takes};
use crate::nix::escape;

/// The plan's shell for `nix develop`.
const SHELL: &str = "devShells.default";

/// The most columns of a binding on one line, without its indent.
const WIDTH: usize = 76;

/// What stands in a snippet for the outputs as they are.
const OUTPUTS: &str = "OUTPUTS";

/// Where a snippet goes: into the function that the outputs are, or around what makes them.
const BEHIND: &str =
    "# Put this behind `outputs = ...:`, and what stands there now in place of OUTPUTS.\n";
const INSTEAD: &str =
    "# Put this behind `outputs =`, and what stands there now in place of OUTPUTS.\ninputs:\n";

/// What a flake shall evaluate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiring {
    /// The plan, as flake.nix names it: `./generated/steps.nix`.
    pub steps: String,
    /// The file that joins the plans of checks, in the same way; none where no checks are planned.
    pub checks: Option<String>,
    /// Further arguments of the plan beside `system`, each a name and an expression of Nix.
    pub arguments: Vec<(String, String)>,
    /// The toolchain, where the flake's own inputs provide it; else the plan's default counts.
    pub toolchain: Option<FlakeToolchain>,
    /// The systems to name where the flake does not spread its outputs over systems itself.
    pub systems: Vec<String>,
}

impl Wiring {
    /// The expression of the plan's `attribute` for the system that `system` evaluates to.
    pub(super) fn call(
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

    /// The lines of a binding of `name` to a call, as nixfmt would have them: on one line if it
    /// fits, else an argument on each.
    pub(super) fn bind(
        &self,
        name: &str,
        system: &str,
        attribute: &str,
        names: &InputNames,
    ) -> Result<Vec<String>, Unnameable> {
        let one = format!("{name} = {};", self.call(system, attribute, names)?);
        if one.chars().count() <= WIDTH {
            return Ok(vec![one]);
        }
        let mut lines = vec![format!("{name} ="), format!("  (import {} {{", self.steps)];
        lines.push(match system {
            "system" => "    inherit system;".to_owned(),
            other => format!("    system = {other};"),
        });
        let own = self.arguments.iter().map(|(name, value)| format!("    {name} = {value};"));
        lines.extend(own);
        if let Some(toolchain) = &self.toolchain {
            lines.push(format!("    toolchain = {};", toolchain.call(system, names)?));
        }
        lines.push(format!("  }}).{attribute};"));
        Ok(lines)
    }

    /// `output.<system>.name` for each system, or `output.<system>`.
    pub(super) fn bindings(
        &self,
        (output, name): (&str, Option<&str>),
        attribute: &str,
        names: &InputNames,
    ) -> Result<Vec<String>, Unnameable> {
        let binding = |system: &String| {
            let below = name.map(|name| format!(".{name}")).unwrap_or_default();
            let name = format!("{output}.{}{below}", escape::attr(system));
            self.bind(&name, &escape::string(system), attribute, names)
        };
        let all: Result<Vec<Vec<String>>, Unnameable> = self.systems.iter().map(binding).collect();
        Ok(all?.into_iter().flatten().collect())
    }

    /// What is put into the outputs: the package, and the shell where they have none. `guarded`:
    /// only for the systems that the plan is for.
    pub(super) fn lines(
        &self,
        site: &Site,
        package: &str,
        names: &InputNames,
        guarded: bool,
    ) -> Result<Vec<String>, Unnameable> {
        let shell = site.takes_shell && self.toolchain.is_some();
        let named = |system: &str, name: &str| match guarded {
            true => self.guarded(system, name),
            false => name.to_owned(),
        };
        match &site.binding {
            Binding::PerSystem { prefix, system } => {
                let name = format!("{prefix}{}", named(system, package));
                let mut lines = self.bind(&name, system, "default", names)?;
                if shell {
                    let name = format!("devShells.{}", named(system, "default"));
                    lines.extend(self.bind(&name, system, SHELL, names)?);
                }
                Ok(lines)
            }
            Binding::Module => {
                let system = "pkgs.stdenv.hostPlatform.system";
                let name = format!("packages.{}", named(system, package));
                let mut lines = vec!["perSystem =".to_owned(), "  { pkgs, ... }:".to_owned()];
                lines.push("  {".to_owned());
                let plan = self.bind(&name, system, "default", names)?;
                lines.extend(plan.into_iter().map(|line| format!("    {line}")));
                lines.push("  };".to_owned());
                Ok(lines)
            }
            Binding::EachSystem => {
                let mut lines = self.bindings(("packages", Some(package)), "default", names)?;
                if shell {
                    lines.extend(self.bindings(("devShells", Some("default")), SHELL, names)?);
                }
                Ok(lines)
            }
        }
    }

    /// A name that is one only for the systems that the plan is for: an attribute whose name is null is none.
    fn guarded(&self, system: &str, name: &str) -> String {
        let name = escape::string(name);
        format!("${{if builtins.elem {system} [ {} ] then {name} else null}}", self.all_systems())
    }

    /// The systems, as elements of a list.
    pub(super) fn all_systems(&self) -> String {
        let systems: Vec<_> = self.systems.iter().map(|name| escape::string(name)).collect();
        systems.join(" ")
    }

    /// What to paste around the outputs, whatever they are: it takes no name but the inputs, and
    /// adds under a name that is free. `takes` is what the outputs take; an input that they do not
    /// take is told of.
    pub(super) fn snippet(&self, reason: impl Into<String>, takes: Takes<'_>) -> Wired {
        let all = Spanned::new("inputs".to_owned(), Span::new(0, 0));
        let all = Parameters { names: Vec::new(), open: true, whole: Some(all) };
        let every = self.every_input();
        let (takes, head, before) = match takes {
            Takes::These(parameters) => (parameters, BEHIND, OUTPUTS.to_owned()),
            Takes::Unknown => (&every, BEHIND, OUTPUTS.to_owned()),
            Takes::Whatever => (&all, INSTEAD, format!("({OUTPUTS}) inputs")),
        };
        let call = |wiring: &Self, attribute: &str, parameters: &Parameters| {
            let names = InputNames { parameters, rebound: BTreeSet::new() };
            wiring.call("system", attribute, &names)
        };
        let plan = |parameters: &Parameters| call(self, "default", parameters);
        let mut text = head.to_owned();
        let plan = plan(takes).or_else(|unnameable| {
            text.push_str(&format!("# First: {unnameable}; add it to what they take.\n"));
            plan(&every)
        });
        let plan = match plan {
            Ok(plan) => plan,
            Err(reason) => return Wired::Snippet { reason, text: String::new() },
        };
        let systems = self.all_systems();
        // What the plan's own call can name, that of the checks can, too.
        let checks = self.of_checks().and_then(|wiring| {
            call(&wiring, "flat", takes).or_else(|_| call(&wiring, "flat", &every)).ok()
        });
        let (checks, joined) = match checks {
            None => (String::new(), ""),
            Some(flat) => (
                format!(
                    "\
  checked = system: {{
    name = system;
    value = (before.checks.${{system}} or {{ }}) // {flat};
  }};
  checks = builtins.listToAttrs (map checked [ {systems} ]);
"
                ),
                " checks = (before.checks or { }) // checks;",
            ),
        };
        text.push_str(&format!(
            "\
let
  before = {before};
  plan = system: {plan};
  joined = system: {{
    name = system;
    value = (before.packages.${{system}} or {{ }}) // {{ rbn-plan = plan system; }};
  }};
  ours = builtins.listToAttrs (map joined [ {systems} ]);
{checks}in
before // {{ packages = (before.packages or {{ }}) // ours;{joined} }}
"
        ));
        Wired::Snippet { reason: reason.into(), text }
    }

    /// The same for the file that joins the plans of checks.
    pub(super) fn of_checks(&self) -> Option<Self> {
        self.checks.clone().map(|steps| Self { steps, ..self.clone() })
    }

    /// Outputs that take every input that the toolchain needs.
    pub(super) fn every_input(&self) -> Parameters {
        let toolchain = self.toolchain.iter();
        let inputs = toolchain.flat_map(|toolchain| {
            let compiler = toolchain.compiler.as_ref().map(|compiler| &compiler.input);
            std::iter::once(&toolchain.nixpkgs).chain(compiler)
        });
        let names = inputs.map(|name| Spanned::new(name.clone(), Span::new(0, 0))).collect();
        Parameters { names, open: true, whole: None }
    }
}
