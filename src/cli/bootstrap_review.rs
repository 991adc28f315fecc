//! `rbn-plan bootstrap diff | explain | graph`: as for any plan, mode by mode, and counted by stage.

use std::collections::BTreeMap;

use camino::Utf8Path;
use clap::ValueEnum;
use miette::IntoDiagnostic as _;
use serde_json::{Value, json};

use super::document;
use super::step;
use super::{CommandResult, Outcome, print, print_exact, print_json};
use crate::bootstrap::mode::{Kind, Mode};
use crate::model::{Plan, Platform};
use crate::picture::{dot, html, svg};
use crate::plan_file::json as document_json;
use crate::review::declared::Declared;
use crate::review::explain::find;
use crate::review::report as emit;
use crate::review::{self, Diff, StepGraph, Times};

/// The kinds of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Picture {
    /// For Graphviz
    #[default]
    Dot,
    /// A drawing
    Svg,
    /// One page for a browser: search, filter, follow
    Html,
}

/// What changed since the plan that `old` names, mode by mode, and how many steps that is in each stage.
pub(super) fn diff(
    old: &str,
    root: &Utf8Path,
    output: &Utf8Path,
    plans: &[(Mode, Plan)],
    as_json: bool,
) -> CommandResult {
    let mut diffs = Vec::new();
    for (mode, plan) in plans {
        let file = output.join(format!("{}.nix", mode.plan));
        let old = document::parse_all(&document::find(old, root, &file)?)?;
        let new = document::fresh(std::slice::from_ref(plan));
        diffs.push((mode, plan, document::compare(&old, &new, &Times::default())?));
    }
    let is_same = diffs.iter().all(|(_, _, diff)| diff.is_empty());
    if as_json {
        let all: BTreeMap<&str, &Diff> =
            diffs.iter().map(|(mode, _, diff)| (mode.plan.as_str(), diff)).collect();
        let all = serde_json::to_value(all).into_diagnostic()?;
        print_json(&format!("{all:#}\n"))?;
    } else {
        for (mode, _, diff) in diffs.iter().filter(|(_, _, diff)| !diff.is_empty()) {
            print(&format!("{}\n{}\n", mode.plan, emit::text::diff(diff)))?;
        }
        let counts: Vec<(Kind, Counts)> =
            diffs.iter().map(|(mode, plan, diff)| (mode.kind, Counts::of(plan, diff))).collect();
        print(&by_stage(&counts))?;
    }
    Ok(if is_same { Outcome::Done } else { Outcome::Different })
}

/// Steps of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    /// All.
    steps: usize,
    /// All on the build machine.
    host: usize,
    /// Those that are built again, on the build machine.
    host_again: usize,
    /// Those that are built again, for targets.
    target_again: usize,
}

impl Counts {
    fn of(plan: &Plan, diff: &Diff) -> Self {
        let group = Platform::Host.group().to_string();
        let own = diff.totals.by_platform.iter().filter(|(name, _)| *name == group);
        let host_again = own.map(|(_, count)| count).sum();
        Self {
            steps: plan.graph.node_count(),
            host: plan.groups().get(&Platform::Host).map_or(0, Vec::len),
            host_again,
            target_again: diff.totals.rebuilds.saturating_sub(host_again),
        }
    }
}

/// What is built again in which stage: a library is made by the compiler of its stage, and a stage by the
/// one before.
fn by_stage(counts: &[(Kind, Counts)]) -> String {
    let of = |kind: Kind| {
        counts.iter().find(|(other, _)| *other == kind).map_or_else(Counts::default, |(_, c)| *c)
    };
    let (compiler, library) = (of(Kind::Rustc), of(Kind::Std));
    let again = compiler.host_again + compiler.target_again;
    let of_library = match again {
        0 => library.host_again + library.target_again,
        _ => library.host_again + library.steps.saturating_sub(library.host),
    };
    if again + of_library == 0 {
        return "nothing of the compiler or of the library is built again\n".to_owned();
    }
    format!(
        "stage 1: {again} of {} steps of the compiler, {of_library} of {} of the library\n\
         stages after it, and tools: all, for the stage before is another\n",
        compiler.steps, library.steps
    )
}

/// What a step is, who needs it, and what it costs, in each mode that has it.
pub(super) fn explain(asked: &str, plans: &[(Mode, Plan)], as_json: bool) -> CommandResult {
    let (wanted, name) = match asked.split_once(':') {
        Some((mode, name)) if plans.iter().any(|(own, _)| own.plan == mode) => (Some(mode), name),
        _ => (None, asked),
    };
    let mut answers = serde_json::Map::new();
    let mut texts = Vec::new();
    let mut refusal = None;
    for (mode, plan) in plans.iter().filter(|(own, _)| wanted.is_none_or(|mode| own.plan == mode)) {
        let document = document_json::document(plan);
        let graph = StepGraph::of(&document)?;
        let found = find(&graph, name);
        if found.is_empty() {
            refusal = refusal.or_else(|| step::named(&graph, name).err());
            continue;
        }
        let explanations: Vec<_> = found
            .iter()
            .map(|id| review::explain(&graph, &Declared::default(), &Times::default(), *id))
            .collect();
        let text = emit::explain::steps(&explanations, document.count());
        texts.push(format!("{}\n{text}", mode.plan));
        let value: Value = json!(explanations);
        answers.insert(mode.plan.clone(), value);
    }
    if let (true, Some(refusal)) = (answers.is_empty(), refusal) {
        return Err(refusal);
    }
    if as_json {
        return print_json(&format!("{:#}\n", Value::Object(answers)));
    }
    print(&texts.join("\n"))
}

/// A mode as a picture.
pub(super) fn graph(picture: Picture, plan: &Plan) -> CommandResult {
    let document = document_json::document(plan);
    let steps = StepGraph::of(&document)?;
    print_exact(&match picture {
        Picture::Dot => dot::render(&document),
        Picture::Svg => svg::render(&steps),
        Picture::Html => html::render(&steps, &Times::default()).into_diagnostic()?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Counts, by_stage};
    use crate::bootstrap::mode::Kind;

    fn said(compiler: (usize, usize), library: (usize, usize)) -> String {
        let counts = |steps, host, (host_again, target_again)| Counts {
            steps,
            host,
            host_again,
            target_again,
        };
        by_stage(&[(Kind::Rustc, counts(355, 86, compiler)), (Kind::Std, counts(36, 5, library))])
    }

    #[test]
    fn what_is_built_again_is_counted_by_stage() {
        let line = |text: String| text.lines().next().unwrap_or_default().to_owned();
        assert_eq!(
            line(said((0, 5), (0, 0))),
            "stage 1: 5 of 355 steps of the compiler, 31 of 36 of the library"
        );
        assert_eq!(
            line(said((0, 0), (0, 26))),
            "stage 1: 0 of 355 steps of the compiler, 26 of 36 of the library"
        );
        assert_eq!(
            line(said((1, 5), (2, 0))),
            "stage 1: 6 of 355 steps of the compiler, 33 of 36 of the library"
        );
        assert!(said((0, 0), (0, 0)).starts_with("nothing"));
    }
}
