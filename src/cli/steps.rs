//! `rbn-plan steps`: what the plan is made of, for people and for pipes.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use petgraph::graph::NodeIndex;
use serde_json::json;

use super::select::SelectArgs;
use super::times::TimesArgs;
use super::{CommandResult, print, replan, step};
use crate::plan_file::json as document_json;
use crate::review::StepGraph;
use crate::review::report as emit;

/// The version of the list as JSON.
const FORMAT_VERSION: u32 = 1;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these: a step, PLATFORM/STEP, or a package
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
    /// How to say it [default: text on a terminal, else names]
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    times: TimesArgs,
    #[command(flatten)]
    select: SelectArgs,
}

/// The forms of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table, by platform
    Text,
    /// PLATFORM/STEP, one a line
    Names,
    /// For programs
    Json,
}

/// Lists.
pub fn run(args: &Args) -> CommandResult {
    let (plan, loaded) = replan::selected(&args.select)?.plan_of_workspace()?;
    let document = document_json::document(&plan);
    let graph = StepGraph::of(&document)?;
    let mut ids: Vec<NodeIndex> = Vec::new();
    for name in &args.steps {
        ids.extend(step::named(&graph, name)?);
    }
    if args.steps.is_empty() {
        ids.extend(graph.graph.node_indices());
    }
    // In the order of the plan, each once.
    ids.sort();
    ids.dedup();
    let usual = if std::io::stdout().is_terminal() { Format::Text } else { Format::Names };
    let format = args.format.unwrap_or(usual);
    if format == Format::Names {
        return print(&emit::steps::names(&graph, &ids));
    }
    let times = args.times.load(&loaded.workspace.root, &loaded.config, &graph)?;
    if format == Format::Text {
        return print(&emit::steps::table(&graph, &times, &ids));
    }
    let steps: Vec<_> = ids
        .iter()
        .map(|id| {
            let node = &graph.graph[*id];
            json!({
                "platform": node.platform,
                "step": node.name,
                "package": node.package.name,
                "version": node.package.version,
                "kind": node.kind(),
                "milliseconds": times.of(&graph, *id),
            })
        })
        .collect();
    print(&format!("{:#}\n", json!({ "format_version": FORMAT_VERSION, "steps": steps })))
}
