//! A plan's outputs, as Nix evaluates them, and where they are.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::thread;

use petgraph::graph::NodeIndex;

use super::build::command;
use super::build::prepare::Prepared;
use super::nix_command::NixError;
use crate::build::outputs::{EXPRESSION, Output, read};
use crate::build::store::registered;
use crate::build::tracker::plain;
use crate::build::{BuildError, dry};
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

/// Which of `wanted` each cache has: all are asked at once, and each by Nix's own parallel queries.
/// The second are caches that did not answer.
///
/// # Errors
/// Nix cannot be started.
pub fn cached(
    caches: &[String],
    wanted: &BTreeMap<&str, NodeIndex>,
) -> miette::Result<(BTreeMap<NodeIndex, String>, Vec<String>)> {
    let mut found = BTreeMap::new();
    let mut silent = Vec::new();
    if wanted.is_empty() {
        return Ok((found, silent));
    }
    let paths: Vec<String> = wanted.keys().map(|path| (*path).to_owned()).collect();
    let asked: Vec<_> = caches
        .iter()
        .map(|cache| {
            let (cache, paths) = (cache.clone(), paths.clone());
            thread::spawn(move || ask(&cache, &paths))
        })
        .collect();
    for (cache, answer) in caches.iter().zip(asked) {
        let answer = answer.join().unwrap_or_else(|_| Ok((Vec::new(), false)));
        let (paths, answers) =
            answer.map_err(|source| BuildError::Io { what: "start Nix", source })?;
        if !answers {
            silent.push(cache.clone());
        }
        for id in paths.iter().filter_map(|path| wanted.get(path.as_str())) {
            found.entry(*id).or_insert_with(|| cache.clone());
        }
    }
    Ok((found, silent))
}

/// The most paths that one command is given.
const AT_ONCE: usize = 4000;

/// What Nix would fetch from this cache alone, and whether the cache answers.
fn ask(cache: &str, paths: &[String]) -> std::io::Result<(Vec<String>, bool)> {
    let (mut found, mut answers) = (Vec::new(), true);
    for paths in paths.chunks(AT_ONCE) {
        let mut nix = Command::new("nix-store");
        nix.args(["--realise", "--dry-run", "--option", "substituters", cache]);
        nix.args(["--option", "extra-substituters", "", "--option", "connect-timeout", "10"]);
        nix.args(["--option", "download-attempts", "1", "--option", "substitute", "true"]);
        let output = nix.args(paths).env("LC_ALL", "C").stdin(Stdio::null()).output()?;
        let said = plain(&String::from_utf8_lossy(&output.stderr));
        found.extend(dry::read(&said).fetched);
        answers &= !said.contains("nix-cache-info") && !said.contains("cannot connect");
    }
    Ok((found, answers))
}
