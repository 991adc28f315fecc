//! The command that Nix is called with.

use std::collections::BTreeSet;

use super::Args;
use super::prepare::Prepared;
use crate::cli::step;
use crate::nix::escape;
use crate::review::StepGraph;

/// The words of `nix build`.
///
/// # Errors
/// A name that the plan does not have.
pub fn words(
    args: &Args,
    prepared: &Prepared,
    graph: &StepGraph<'_>,
) -> miette::Result<Vec<String>> {
    let mut words: Vec<String> =
        ["nix", "build", "--extra-experimental-features", "nix-command", "--log-format"]
            .map(str::to_owned)
            .to_vec();
    let mut add = |more: &[&str]| words.extend(more.iter().map(|word| (*word).to_owned()));
    add(&["internal-json", "--json", "-f", &file(prepared)]);
    add(&prepared.arguments.iter().map(String::as_str).collect::<Vec<_>>());
    for what in &args.what {
        let attributes = attributes(graph, what)?;
        add(&attributes.iter().map(String::as_str).collect::<Vec<_>>());
    }
    add(&args.attr.iter().map(String::as_str).collect::<Vec<_>>());
    match &args.out_link {
        _ if args.no_link => add(&["--no-link"]),
        Some(link) => add(&["--out-link", link.as_str()]),
        None => {}
    }
    if args.keep_going {
        add(&["--keep-going"]);
    }
    if let Some(jobs) = &args.jobs {
        add(&["--max-jobs", jobs]);
    }
    add(&args.nix.iter().map(String::as_str).collect::<Vec<_>>());
    Ok(words)
}

/// The plan's file as an argument that is no option.
fn file(prepared: &Prepared) -> String {
    let file = &prepared.file;
    if file.is_absolute() || !file.as_str().starts_with('-') {
        return file.to_string();
    }
    format!("./{file}")
}

/// The attributes that `what` names: a package that was asked for, else steps.
fn attributes(graph: &StepGraph<'_>, what: &str) -> miette::Result<Vec<String>> {
    let roots = &graph.document.roots;
    let wanted = roots.iter().filter(|root| {
        let package = graph.id(&root.platform, &root.step).map(|id| graph.graph[id].package);
        package.is_some_and(|package| package.name == what)
    });
    let platforms: BTreeSet<&str> = wanted.map(|root| root.platform.as_str()).collect();
    if !platforms.is_empty() {
        let attribute =
            |triple| format!("packages.{}.{}", escape::attr(triple), escape::attr(what));
        return Ok(platforms.into_iter().map(attribute).collect());
    }
    let attribute = |id: petgraph::graph::NodeIndex| {
        let node = &graph.graph[id];
        format!("steps.{}.{}", escape::attr(node.platform), escape::attr(node.name))
    };
    Ok(step::named(graph, what)?.into_iter().map(attribute).collect())
}

/// The paths in what `nix build --json` prints, one a line.
pub fn out_paths(stdout: &[u8]) -> String {
    let Ok(serde_json::Value::Array(built)) = serde_json::from_slice(stdout) else {
        return String::new();
    };
    let outputs = built.iter().filter_map(|one| one.get("outputs")?.as_object());
    let paths = outputs.flat_map(|outputs| outputs.values()).filter_map(|path| path.as_str());
    paths.map(|path| format!("{path}\n")).collect()
}
