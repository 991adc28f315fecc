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

/// Which of `wanted` each cache has, by Nix's own parallel queries: the first one that has a path counts.
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
    let paths: Vec<&str> = wanted.keys().copied().collect();
    let share = paths.len().div_ceil(AT_A_TIME).max(FEWEST);
    for cache in caches {
        // Nix notes each cache in a database of its own. Several commands that meet one for the first time take the
        // note from each other and end; so one asks alone before the others.
        let mut answers = asked(cache, &paths[..1])?.1;
        let answered = thread::scope(|scope| {
            let all: Vec<_> = paths
                .chunks(share)
                .map(|paths| (paths, scope.spawn(|| ask(cache, paths))))
                .collect();
            all.into_iter().map(|(paths, one)| (paths, one.join())).collect::<Vec<_>>()
        });
        for (part, answer) in answered {
            // What could not ask beside the others asks alone.
            let (there, said) = match answer {
                Ok(Ok((there, true))) => (there, true),
                _ if answers => asked(cache, part)?,
                _ => (Vec::new(), false),
            };
            answers &= said;
            for id in there.iter().filter_map(|path| wanted.get(path.as_str())) {
                found.entry(*id).or_insert_with(|| cache.clone());
            }
        }
        if !answers {
            silent.push(cache.clone());
        }
    }
    Ok((found, silent))
}

/// How many commands ask a cache at once; each has some 25 questions under way.
const AT_A_TIME: usize = 4;

/// The fewest paths that are worth a command.
const FEWEST: usize = 60;

/// As [`ask`], with an error for people.
fn asked(cache: &str, paths: &[&str]) -> miette::Result<(Vec<String>, bool)> {
    let answer = ask(cache, paths);
    Ok(answer.map_err(|source| BuildError::Io { what: "start Nix", source })?)
}

/// What Nix would fetch from this cache alone, and whether the cache answers.
fn ask(cache: &str, paths: &[&str]) -> std::io::Result<(Vec<String>, bool)> {
    let (mut found, mut answers) = (Vec::new(), true);
    // A command line has an end.
    for paths in paths.chunks(4000) {
        let mut nix = Command::new("nix-store");
        nix.args(["--realise", "--dry-run", "--option", "substituters", cache]);
        nix.args(["--option", "extra-substituters", "", "--option", "connect-timeout", "10"]);
        nix.args(["--option", "download-attempts", "1", "--option", "substitute", "true"]);
        let output = nix.args(paths).env("LC_ALL", "C").stdin(Stdio::null()).output()?;
        let said = plain(&String::from_utf8_lossy(&output.stderr));
        found.extend(dry::read(&said).fetched);
        answers &= output.status.success();
        answers &= !said.contains("nix-cache-info") && !said.contains("cannot connect");
    }
    Ok((found, answers))
}
