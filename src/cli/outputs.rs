//! A plan's outputs, as Nix evaluates them, and where they are.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use petgraph::graph::NodeIndex;

use super::build::command;
use super::build::prepare::Prepared;
use super::nix_command::NixError;
use crate::build::outputs::{EXPRESSION, Output, read};
use crate::build::store::registered;
use crate::review::StepGraph;

/// The outputs of the plan's steps. With `instantiate` their derivations are in the store afterwards.
///
/// # Errors
/// Nix is missing, or cannot evaluate the plan; it has said why.
pub fn evaluate(
    prepared: &Prepared,
    graph: &StepGraph<'_>,
    instantiate: bool,
) -> miette::Result<BTreeMap<NodeIndex, Output>> {
    let mut nix = Command::new("nix");
    nix.args(["eval", "--extra-experimental-features", command::features(prepared), "--json"]);
    nix.args(["-f", &command::file(prepared)]).args(&prepared.arguments);
    nix.args(["steps", "--apply", EXPRESSION]);
    if !instantiate {
        nix.arg("--read-only");
    }
    let output = nix.current_dir(&prepared.dir).stderr(Stdio::inherit()).output();
    let output = output.map_err(NixError::Start)?;
    if !output.status.success() {
        let command = format!("nix eval -f {} steps", prepared.file);
        return Err(NixError::Failed { command, status: output.status }.into());
    }
    Ok(read(graph, &output.stdout))
}

/// The steps whose outputs are in the store here.
pub fn here(outputs: &BTreeMap<NodeIndex, Output>) -> BTreeSet<NodeIndex> {
    let is_here = |(_, output): &(&NodeIndex, &Output)| registered(output.out.as_ref());
    outputs.iter().filter(is_here).map(|(id, _)| *id).collect()
}
