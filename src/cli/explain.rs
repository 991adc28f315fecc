//! `rbn-plan explain`: what a step is, who needs it, why its features are on, what it costs.

use clap::ValueEnum;
use petgraph::graph::NodeIndex;
use serde_json::json;

use super::select::SelectArgs;
use super::times::TimesArgs;
use super::{CommandResult, Outcome, declared, print, print_json, replan, step};
use crate::plan_file::json as document_json;
use crate::review::report as emit;
use crate::review::{self, StepGraph, feature};
use crate::text::words;

/// The version of the answer as JSON.
const FORMAT_VERSION: u32 = 1;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A step, PLATFORM/STEP, or a package; PACKAGE/FEATURE, as Cargo writes it, says why the
    /// feature is on [default: list all steps]
    #[arg(value_name = "STEP")]
    step: Option<String>,
    /// Say only why this feature is on, up to what asks for it
    #[arg(long, value_name = "NAME")]
    feature: Option<String>,
    /// How to say it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    times: TimesArgs,
    #[command(flatten)]
    select: SelectArgs,
}

/// The forms of an explanation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal, 80 columns
    #[default]
    Text,
    /// For programs
    Json,
}

/// Explains.
pub fn run(args: &Args) -> CommandResult {
    let (plan, loaded) = replan::selected(&args.select)?.plan_of_workspace()?;
    let document = document_json::document(&plan);
    let graph = StepGraph::of(&document)?;
    let Some(asked) = &args.step else {
        let times = args.times.load(&loaded.workspace.root, &loaded.config, &graph)?;
        let all: Vec<NodeIndex> = graph.graph.node_indices().collect();
        print(&emit::steps::table(&graph, &times, &all))?;
        eprintln!("help: `rbn-plan explain STEP` explains one of them");
        return Ok(Outcome::Done);
    };
    let declared = declared::of(&loaded.workspace);
    let (found, feature) = match &args.feature {
        Some(feature) => (step::named(&graph, asked)?, Some(feature.as_str())),
        None => step::with_feature(&graph, asked)?,
    };
    if let Some(feature) = feature {
        let answers = feature::answers(&graph, &declared, &found, feature);
        if args.format == Format::Json {
            let answer = json!({ "format_version": FORMAT_VERSION, "features": answers });
            return print_json(&format!("{answer:#}\n"));
        }
        return print(&answers.iter().map(emit::explain::feature).collect::<String>());
    }
    let times = args.times.load(&loaded.workspace.root, &loaded.config, &graph)?;
    let explanations: Vec<_> =
        found.iter().map(|id| review::explain(&graph, &declared, &times, *id)).collect();
    if args.format == Format::Json {
        let answer = json!({ "format_version": FORMAT_VERSION, "steps": explanations });
        return print_json(&format!("{answer:#}\n"));
    }
    let total = document.count();
    let mut texts = vec![emit::explain::steps(&explanations, total)];
    if found.len() > 1 {
        let all = graph.rebuilds(found.iter().copied());
        let cost = times.cost(&graph, all.iter().copied());
        let cost = cost.map(|sum| format!(", {}", emit::cost(&sum))).unwrap_or_default();
        let sentence = format!(
            "All {} together: touching them rebuilds {} of {}{cost}.",
            found.len(),
            all.len(),
            words::count(total, "step")
        );
        texts.push(format!("{}\n", words::wrap("", &sentence, 2)));
    }
    print(&texts.join("\n"))
}
