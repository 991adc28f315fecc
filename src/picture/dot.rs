//! The graph for Graphviz: one cluster for each platform.

use std::fmt::Write as _;

use crate::model::Document;
use crate::model::document::{Action, Kind, Step};

/// Renders a plan's graph. An edge points from a step to one that it needs.
#[must_use]
pub fn render(document: &Document) -> String {
    let mut text = String::from("digraph plan {\n  rankdir = LR;\n  node [shape = box];\n");
    let mut open = None;
    for (platform, name, step) in document.all() {
        if open != Some(platform) {
            if open.is_some() {
                text.push_str("  }\n");
            }
            let label = quote(platform);
            line(
                &mut text,
                format_args!("  subgraph {} {{", quote(&format!("cluster {platform}"))),
            );
            line(&mut text, format_args!("    label = {label};"));
            open = Some(platform);
        }
        let id = quote(&format!("{platform}/{name}"));
        line(
            &mut text,
            format_args!("    {id} [label = {}, shape = {}];", quote(name), shape(step)),
        );
    }
    if open.is_some() {
        text.push_str("  }\n");
    }
    for (platform, name, step) in document.all() {
        let from = quote(&format!("{platform}/{name}"));
        for dependency in &step.dependencies {
            line(&mut text, format_args!("  {from} -> {};", quote(&dependency.on.to_string())));
        }
    }
    text.push_str("}\n");
    text
}

fn line(text: &mut String, args: std::fmt::Arguments<'_>) {
    writeln!(text, "{args}").expect("a string takes what is written");
}

fn shape(step: &Step) -> &'static str {
    match (step.action, step.kind) {
        (Action::RunScript, _) => "cds",
        (_, Kind::ProcMacro) => "component",
        (_, Kind::CustomBuild) => "note",
        (_, Kind::Lib) => "box",
        _ => "ellipse",
    }
}

/// A text as DOT quotes it.
fn quote(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ");
    format!("\"{text}\"")
}
