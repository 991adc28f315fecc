//! The flake of a project that has none.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Wiring;
use super::provider::{InputNames, Unnameable};
use crate::nix::escape;

/// Where nixpkgs comes from in a new flake.
const NIXPKGS: &str = "github:NixOS/nixpkgs/nixos-unstable";

/// Where toolchains come from, by the names that everybody gives their flakes.
const TOOLCHAINS: [(&str, &str); 2] =
    [("fenix", "github:nix-community/fenix"), ("rust-overlay", "github:oxalica/rust-overlay")];

/// A flake for a project that has none. `references` says where the toolchain's inputs come from;
/// nixpkgs, fenix and rust-overlay are known without it.
///
/// # Errors
/// Why the toolchain cannot be asked for.
pub fn new_flake(
    description: &str,
    wiring: &Wiring,
    references: &[(String, String)],
) -> Result<String, Unnameable> {
    let parameters = wiring.every_input();
    let names = InputNames { parameters: &parameters, rebound: BTreeSet::new() };
    let mut text = format!("{{\n  description = {};\n\n", escape::string(description));
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes every line");
    let inputs: Vec<&str> = parameters.names.iter().map(|name| name.value.as_str()).collect();
    for (index, input) in inputs.iter().enumerate() {
        let name = escape::attr(input);
        let reference = address(input, index == 0, references)?;
        line(format!("  inputs.{name}.url = {};", escape::string(reference)));
        if index > 0 {
            let nixpkgs = escape::string(inputs[0]);
            line(format!("  inputs.{name}.inputs.nixpkgs.follows = {nixpkgs};"));
        }
    }
    if !inputs.is_empty() {
        line(String::new());
    }
    let arguments: String = inputs.iter().map(|input| format!(", {input}")).collect();
    let Some(toolchain) = &wiring.toolchain else {
        line(format!("  outputs = {{ self{arguments} }}: {{"));
        for binding in wiring.bindings(("packages", Some("default")), "default", &names)? {
            line(format!("    {binding}"));
        }
        if let Some(checks) = wiring.of_checks() {
            for binding in checks.bindings(("checks", None), "flat", &names)? {
                line(format!("    {binding}"));
            }
        }
        line("  };\n}".to_owned());
        return Ok(text);
    };
    let systems: Vec<String> = wiring.systems.iter().map(|name| escape::string(name)).collect();
    let tools = toolchain.call("system", &names)?;
    let more: String =
        wiring.arguments.iter().map(|(name, value)| format!(" {name} = {value};")).collect();
    line(format!("  outputs = {{ self{arguments} }}:"));
    line("    let".to_owned());
    line(format!("      systems = [ {} ];", systems.join(" ")));
    line("      each = f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) systems);".to_owned());
    line("      # What the steps are built with.".to_owned());
    line(format!("      toolchain = system: {tools};"));
    line(
        "      # One derivation for each compilation step; `rbn-plan` writes the file.".to_owned(),
    );
    line(format!(
        "      plan = system: import {} {{ inherit system; toolchain = toolchain system;{more} }};",
        wiring.steps
    ));
    line("    in".to_owned());
    line("    {".to_owned());
    line("      packages = each (system: { default = (plan system).default; });".to_owned());
    line(
        "      devShells = each (system: { default = (plan system).devShells.default; });"
            .to_owned(),
    );
    if let Some(file) = &wiring.checks {
        line(format!(
            "      checks = each (system: (import {file} {{ inherit system; toolchain = toolchain system;{more} }}).flat);"
        ));
        line("      hydraJobs = { inherit (self) packages checks; };".to_owned());
    }
    line("    };\n}".to_owned());
    Ok(text)
}

/// Where an input comes from: what the configuration says wins.
fn address<'r>(
    input: &str,
    is_nixpkgs: bool,
    references: &'r [(String, String)],
) -> Result<&'r str, Unnameable> {
    if escape::attr(input) != input {
        return Err(format!("`{input}` cannot be the name of an argument"));
    }
    let said = references.iter().find(|(name, _)| name == input).map(|(_, url)| url.as_str());
    let known = || TOOLCHAINS.iter().find(|(name, _)| *name == input).map(|(_, url)| *url);
    said.or(is_nixpkgs.then_some(NIXPKGS)).or_else(known).ok_or_else(|| {
        format!("config.toml does not say where its input `{input}` comes from: [nix.inputs]")
    })
}
