//! A plan's outputs, as Nix evaluates them, and where they are.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use camino::Utf8Path;
use petgraph::graph::NodeIndex;

use super::build::command;
use super::build::prepare::Prepared;
use super::nix_command::NixError;
use crate::build::outputs::{Output, of_steps, read};
use crate::build::store::registered;
use crate::review::StepGraph;

/// A file as Nix is called with it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Where Nix runs.
    pub dir: &'a Utf8Path,
    /// The file, seen from there.
    pub file: &'a Utf8Path,
    /// What it is called with.
    pub arguments: &'a [String],
    /// Whether derivations are in the store afterwards.
    pub instantiate: bool,
}

impl Call<'_> {
    /// What an expression makes of an attribute of the file, as JSON.
    ///
    /// # Errors
    /// Nix is missing, or cannot evaluate it; it has said why.
    pub fn evaluate(&self, attribute: &str, expression: &str) -> miette::Result<Vec<u8>> {
        let Self { dir, file, arguments, instantiate } = *self;
        let mut nix = Command::new("nix");
        nix.args(["eval", "--extra-experimental-features", command::features(arguments), "--json"]);
        nix.args(["-f", &command::file(file)]).args(arguments);
        nix.args([attribute, "--apply", expression]);
        if !instantiate {
            nix.arg("--read-only");
        }
        let output = nix.current_dir(dir).stderr(Stdio::inherit()).output();
        let output = output.map_err(NixError::Start)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let command = format!("nix eval -f {file} {attribute}");
        Err(NixError::Failed { command, status: output.status }.into())
    }
}

/// The outputs of the plan's steps. With `instantiate` their derivations are in the store afterwards.
///
/// # Errors
/// Nix is missing, or cannot evaluate the plan; it has said why.
pub fn evaluate(
    prepared: &Prepared,
    graph: &StepGraph<'_>,
    instantiate: bool,
) -> miette::Result<BTreeMap<NodeIndex, Output>> {
    let Prepared { dir, file, arguments, .. } = prepared;
    let call = Call { dir, file, arguments, instantiate };
    Ok(read(graph, &call.evaluate("steps", &of_steps())?))
}

/// The steps whose outputs are in the store here.
pub fn here(outputs: &BTreeMap<NodeIndex, Output>) -> BTreeSet<NodeIndex> {
    let is_here = |(_, output): &(&NodeIndex, &Output)| registered(output.out.as_ref());
    outputs.iter().filter(is_here).map(|(id, _)| *id).collect()
}
