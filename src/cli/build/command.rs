//! The command that Nix is called with.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use thiserror::Error;

use super::Args;
use super::prepare::Prepared;
use crate::cli::select::from_here;
use crate::cli::step;
use crate::model::Triple;
use crate::model::document::{Origin, StepRef};
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
    let features = features(prepared);
    let mut words: Vec<String> =
        ["nix", "build", "--extra-experimental-features", features, "--log-format"]
            .map(str::to_owned)
            .to_vec();
    let mut add = |more: &[&str]| words.extend(more.iter().map(|word| (*word).to_owned()));
    add(&["internal-json", "--json", "-f", &file(prepared)]);
    add(&prepared.arguments.iter().map(String::as_str).collect::<Vec<_>>());
    if args.what.is_empty()
        && args.attr.is_empty()
        && let Some(member) = &prepared.member
    {
        add(&[&of_member(prepared, graph, member)?]);
    }
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

/// The features of Nix's that the plan's file needs.
pub fn features(prepared: &Prepared) -> &'static str {
    // A flake's inputs are asked for its toolchain.
    let flakes = prepared.arguments.iter().any(|word| word.contains("builtins.getFlake"));
    if flakes { "nix-command flakes" } else { "nix-command" }
}

/// The plan's file as an argument that is no option.
pub fn file(prepared: &Prepared) -> String {
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

/// A directory's package that the plan was not asked for.
#[derive(Debug, Error, Diagnostic)]
#[error("{file} was not asked to build the package in {dir}")]
#[diagnostic(help(
    "name it in `build.packages` of config.toml, or set `build.workspace = true` there; `rbn-plan build -C {root}` builds what the plan was asked for"
))]
struct NotAskedFor {
    file: Utf8PathBuf,
    dir: Utf8PathBuf,
    root: Utf8PathBuf,
}

/// The attribute of the package in a member's directory, for the target that is built by default.
fn of_member(prepared: &Prepared, graph: &StepGraph<'_>, dir: &Utf8Path) -> miette::Result<String> {
    let target = prepared.default_target.as_ref().map(Triple::as_str);
    // Procedural macros are the build machine's.
    let platforms = [target, Some("host")];
    let mut asked_for = platforms.iter().flatten().flat_map(|platform| {
        let here = move |root: &&StepRef| root.platform == **platform;
        graph.document.roots.iter().filter(here)
    });
    let found = asked_for.find_map(|root| {
        let package = graph.graph[graph.id(&root.platform, &root.step)?].package;
        let is_there = matches!(&package.source, Origin::Path { dir: own } if own == dir);
        is_there.then_some((root, package))
    });
    let Some((root, package)) = found else {
        let root = from_here(&prepared.root).unwrap_or_else(|| prepared.root.clone());
        let (file, dir) = (prepared.file.clone(), dir.to_owned());
        return Err(NotAskedFor { file, dir, root }.into());
    };
    Ok(format!("packages.{}.{}", escape::attr(&root.platform), escape::attr(&package.name)))
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
