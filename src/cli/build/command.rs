//! The command that Nix is called with.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use petgraph::graph::NodeIndex;
use thiserror::Error;

use super::Args;
use super::prepare::Prepared;
use crate::cli::select::from_here;
use crate::cli::step;
use crate::graph::dependencies;
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
    let features = features(&prepared.arguments);
    let mut words: Vec<String> =
        ["nix", "build", "--extra-experimental-features", features, "--log-format"]
            .map(str::to_owned)
            .to_vec();
    let mut add = |more: &[&str]| words.extend(more.iter().map(|word| (*word).to_owned()));
    add(&["internal-json", "--json", "-f", &file(&prepared.file)]);
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

/// All steps that the words are for; nothing where an attribute of the file is named, which may be any.
///
/// # Errors
/// A name that the plan does not have.
pub fn scope(
    args: &Args,
    prepared: &Prepared,
    graph: &StepGraph<'_>,
) -> miette::Result<Option<BTreeSet<NodeIndex>>> {
    if !args.attr.is_empty() {
        return Ok(None);
    }
    let mut tops = Vec::new();
    for what in &args.what {
        let roots = roots_of(graph, what);
        tops.extend(if roots.is_empty() { step::named(graph, what)? } else { roots });
    }
    if args.what.is_empty() {
        tops = match &prepared.member {
            None => prepared.tops(graph),
            Some(dir) => {
                let wanted = in_directory(prepared, graph, dir)?;
                let root = &graph.graph[wanted];
                let of_package = roots_of(graph, &root.package.name).into_iter();
                of_package.filter(|id| graph.graph[*id].platform == root.platform).collect()
            }
        };
    }
    Ok(Some(dependencies(&graph.graph, tops)))
}

/// The features of Nix's that a file needs, which is called with these arguments.
pub fn features(arguments: &[String]) -> &'static str {
    // A flake's inputs are asked for its toolchain.
    let flakes = arguments.iter().any(|word| word.contains("builtins.getFlake"));
    if flakes { "nix-command flakes" } else { "nix-command" }
}

/// A file as an argument that is no option.
pub fn file(file: &Utf8Path) -> String {
    if file.is_absolute() || !file.as_str().starts_with('-') {
        return file.to_string();
    }
    format!("./{file}")
}

/// What was asked for of a package.
fn roots_of(graph: &StepGraph<'_>, package: &str) -> Vec<NodeIndex> {
    let roots = graph.document.roots.iter();
    let ids = roots.filter_map(|root| graph.id(&root.platform, &root.step));
    ids.filter(|id| graph.graph[*id].package.name == package).collect()
}

/// The attributes that `what` names: a package that was asked for, else steps.
fn attributes(graph: &StepGraph<'_>, what: &str) -> miette::Result<Vec<String>> {
    let platforms: BTreeSet<&str> =
        roots_of(graph, what).into_iter().map(|id| graph.graph[id].platform).collect();
    if !platforms.is_empty() {
        let attribute =
            |triple| format!("packages.{}.{}", escape::attr(triple), escape::attr(what));
        return Ok(platforms.into_iter().map(attribute).collect());
    }
    let attribute = |id: NodeIndex| {
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
    let root = &graph.graph[in_directory(prepared, graph, dir)?];
    Ok(format!("packages.{}.{}", escape::attr(root.platform), escape::attr(&root.package.name)))
}

/// What was asked for of the package in a member's directory.
fn in_directory(
    prepared: &Prepared,
    graph: &StepGraph<'_>,
    dir: &Utf8Path,
) -> miette::Result<NodeIndex> {
    let target = prepared.default_target.as_ref().map(Triple::as_str);
    // Procedural macros are the build machine's.
    let platforms = [target, Some("host")];
    let mut asked_for = platforms.iter().flatten().flat_map(|platform| {
        let here = move |root: &&StepRef| root.platform == **platform;
        let ids = |root: &StepRef| graph.id(&root.platform, &root.step);
        graph.document.roots.iter().filter(here).filter_map(ids)
    });
    let is_there = |id: &NodeIndex| {
        let source = &graph.graph[*id].package.source;
        matches!(source, Origin::Path { dir: own } if own == dir)
    };
    asked_for.find(is_there).ok_or_else(|| {
        let root = from_here(&prepared.root).unwrap_or_else(|| prepared.root.clone());
        let (file, dir) = (prepared.file.clone(), dir.to_owned());
        NotAskedFor { file, dir, root }.into()
    })
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
