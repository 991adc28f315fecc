//! `rbn-plan build --dry-run`: what would be built and fetched, and for how long.

use std::collections::BTreeSet;
use std::process::Command;

use petgraph::graph::NodeIndex;

use super::prepare::Prepared;
use crate::build::store::Store;
use crate::build::tracker::plain;
use crate::build::trouble::Trouble;
use crate::build::{BuildError, Subject, dry};
use crate::cli::{CommandResult, Outcome, print, times};
use crate::review::StepGraph;

/// Asks Nix, and says it in words of the plan.
///
/// `scope` are all steps that were asked for, as far as that is known.
pub fn run(
    command: &[String],
    prepared: &Prepared,
    graph: &StepGraph<'_>,
    scope: Option<BTreeSet<NodeIndex>>,
) -> CommandResult {
    let mut words = command.to_vec();
    // For people: the words that every Nix has for it.
    if let Some(at) = words.iter().position(|word| word == "internal-json") {
        words[at] = "raw".to_owned();
    }
    words.push("--dry-run".to_owned());
    let (program, arguments) = words.split_first().expect("a command has a program");
    let done = Command::new(program).args(arguments).current_dir(&prepared.dir).output();
    let done = done.map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => BuildError::NoNix { program: program.clone() },
        _ => BuildError::Io { what: "start Nix", source },
    })?;
    let said = plain(&String::from_utf8_lossy(&done.stderr));
    if !done.status.success() {
        eprint!("{said}");
        eprint!("{}", Trouble::cures(&said));
        return Ok(Outcome::Failed);
    }
    let mut store = Store::new(graph);
    let answer = dry::read(&said);
    let mut steps: BTreeSet<NodeIndex> = BTreeSet::new();
    let mut others = 0;
    for drv in &answer.built {
        match &store.known(drv).subject {
            Subject::Step(step) => steps.extend(graph.id(&step.platform, &step.step)),
            _ => others += 1,
        }
    }
    let file = times::directory(&prepared.root, &prepared.config).join(times::FILE);
    let known = times::earlier(&file, &mut store);
    let of = scope.map_or(graph.graph.node_count(), |scope| scope.len());
    print(&dry::text(graph, &known, &steps, of, others, &answer))
}
