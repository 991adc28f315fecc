//! `rbn-plan explain`: what a step is, who needs it, why its features are on, what it costs.

use std::collections::BTreeSet;

use clap::ValueEnum;
use miette::IntoDiagnostic as _;
use petgraph::graph::NodeIndex;
use serde_json::json;

use super::select::SelectArgs;
use super::times::TimesArgs;
use super::{CommandResult, print};
use crate::emit::{json as document_json, review as emit};
use crate::input::cargo::Workspace;
use crate::model::document::Kind;
use crate::review::declared::{DeclaredDependency, DeclaredPackage};
use crate::review::explain::{FeatureReasons, find, near};
use crate::review::{self, Declared, Reason, StepGraph};

/// The version of the answer as JSON.
const FORMAT_VERSION: u32 = 1;

/// How many levels of reasons are followed.
const LEVELS: usize = 12;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A step, PLATFORM/STEP, or a package
    #[arg(value_name = "STEP")]
    step: String,
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
    let (plan, loaded) = args.select.plan_of_workspace()?;
    let document = document_json::document(&plan);
    let graph = StepGraph::of(&document)?;
    let declared = declared(&loaded.workspace);
    let found = find(&graph, &args.step);
    if found.is_empty() {
        let near = near(&graph, &args.step);
        let help = match near.is_empty() {
            true => "`rbn-plan --format json` lists all steps".to_owned(),
            false => format!("did you mean {}?", near.join(", ")),
        };
        return Err(miette::miette!(
            help = help,
            "the plan has no step or package `{}`",
            args.step
        ));
    }
    if let Some(feature) = &args.feature {
        return feature_reasons(args, &graph, &declared, &found, feature);
    }
    let times = args.times.load(&loaded.workspace.root, &loaded.config, &graph)?;
    let explanations: Vec<_> =
        found.iter().map(|id| review::explain(&graph, &declared, &times, *id)).collect();
    if args.format == Format::Json {
        let answer = json!({ "format_version": FORMAT_VERSION, "steps": explanations });
        return print(&format!("{answer:#}\n"));
    }
    let total = document.count();
    let mut texts: Vec<String> =
        explanations.iter().map(|one| emit::explain::step(one, total)).collect();
    if found.len() > 1 {
        let all = graph.rebuilds(found.iter().copied());
        let cost = times.cost(&graph, all.iter().copied());
        let cost = cost.map(|sum| format!(", {}", emit::cost(&sum))).unwrap_or_default();
        let sentence = format!(
            "All {} together: touching them rebuilds {} of {}{cost}.",
            found.len(),
            all.len(),
            emit::count(total, "step")
        );
        texts.push(format!("{}\n", emit::wrap("", &sentence, 2)));
    }
    print(&texts.join("\n"))
}

/// What the workspace's manifests declare.
fn declared(workspace: &Workspace) -> Declared {
    let packages = workspace.metadata.packages.iter().map(|package| {
        let dependencies = package.dependencies.iter().map(|dependency| DeclaredDependency {
            package: dependency.name.clone(),
            name: dependency.rename.clone().unwrap_or_else(|| dependency.name.clone()),
            build: dependency.kind.as_deref() == Some("build"),
            default: dependency.uses_default_features,
            features: dependency.features.clone(),
        });
        let declared = DeclaredPackage {
            features: package.features.clone(),
            dependencies: dependencies.collect(),
        };
        ((package.name.clone(), package.version.to_string()), declared)
    });
    Declared { packages: packages.collect() }
}

fn feature_reasons(
    args: &Args,
    graph: &StepGraph<'_>,
    declared: &Declared,
    found: &[NodeIndex],
    feature: &str,
) -> CommandResult {
    // One answer for each platform: the library, where there is one.
    let mut seen = BTreeSet::new();
    let mut ids: Vec<NodeIndex> = found.to_vec();
    ids.sort_by_key(|id| graph.graph[*id].step.kind == Kind::CustomBuild);
    ids.retain(|id| seen.insert((graph.graph[*id].platform, &graph.graph[*id].step.package)));
    let on = |id: &NodeIndex| graph.graph[*id].step.features.iter().any(|name| name == feature);
    if args.format == Format::Json {
        let answers: Vec<_> = ids
            .iter()
            .map(|id| {
                let node = &graph.graph[*id];
                let reasons = if on(id) { declared.reasons(graph, *id, feature) } else { Vec::new() };
                json!({ "platform": node.platform, "step": node.name, "feature": feature, "on": on(id), "reasons": reasons })
            })
            .collect();
        let answers = serde_json::to_value(answers).into_diagnostic()?;
        let answer = json!({ "format_version": FORMAT_VERSION, "features": answers });
        return print(&format!("{answer:#}\n"));
    }
    let mut text = String::new();
    for id in &ids {
        let node = &graph.graph[*id];
        let state = if on(id) { "on" } else { "off" };
        let line = format!("{feature} of {} ({}) is {state}", node.step.package, node.platform);
        text.push_str(&emit::plain(&line));
        text.push('\n');
        if on(id) {
            let mut told = BTreeSet::new();
            tree(graph, declared, *id, feature, 1, &mut told, &mut text);
        } else if let Some(package) =
            declared.packages.get(&(node.package.name.clone(), node.package.version.clone()))
            && !package.features.contains_key(feature)
        {
            text.push_str("  the package declares no such feature\n");
        }
    }
    print(&text)
}

/// The reasons for a feature, and the reasons for these, indented.
fn tree(
    graph: &StepGraph<'_>,
    declared: &Declared,
    id: NodeIndex,
    feature: &str,
    level: usize,
    told: &mut BTreeSet<(NodeIndex, String)>,
    text: &mut String,
) {
    if level > LEVELS || !told.insert((id, feature.to_owned())) {
        return;
    }
    let reasons = declared.reasons(graph, id, feature);
    let pad = "  ".repeat(level);
    if reasons.is_empty() {
        let nothing = FeatureReasons { feature: feature.to_owned(), reasons };
        text.push_str(&emit::wrap(&pad, &emit::explain::why(&nothing), level * 2 + 2));
        text.push('\n');
        return;
    }
    for reason in reasons {
        let one = FeatureReasons { feature: feature.to_owned(), reasons: vec![reason.clone()] };
        text.push_str(&emit::wrap(&pad, &emit::plain(&emit::explain::why(&one)), level * 2 + 2));
        text.push('\n');
        match reason {
            Reason::Implied { by } => tree(graph, declared, id, &by, level + 1, told, text),
            Reason::Through { by, feature } => {
                // The dependent that has this feature on.
                let dependents = graph.graph.neighbors_directed(id, petgraph::Direction::Incoming);
                let dependent = dependents.filter(|other| {
                    let node = &graph.graph[*other];
                    format!("{} {}", node.package.name, node.package.version) == by
                        && node.step.features.contains(&feature)
                });
                if let Some(dependent) = dependent.min() {
                    tree(graph, declared, dependent, &feature, level + 1, told, text);
                }
            }
            _ => {}
        }
    }
}
