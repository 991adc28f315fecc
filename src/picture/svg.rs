//! The graph as SVG, drawn without any outside tool.

use std::fmt::Write as _;

use super::layout::{Layout, layout};
use crate::model::document::{Action, Kind};
use crate::review::StepGraph;
use crate::review::graph::Node;
use crate::text::words::plain;

const WIDTH: usize = 220;
const HEIGHT: usize = 16;
const COLUMN: usize = 290;
const ROW: usize = 22;
const MARGIN: usize = 20;

/// The most characters of a label that fit its box.
const LABEL: usize = 35;

/// A whole file.
#[must_use]
pub fn render(steps: &StepGraph<'_>) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", picture(steps))
}

/// The `svg` element, for a page.
#[must_use]
pub fn picture(steps: &StepGraph<'_>) -> String {
    let Layout { places, columns, rows, edges } = layout(steps);
    let width = MARGIN * 2 + columns.saturating_sub(1) * COLUMN + WIDTH;
    let height = MARGIN * 2 + rows * ROW;
    let corner = |id| {
        let (x, y) = places[&id];
        (MARGIN + x * COLUMN, MARGIN + y * ROW)
    };
    let mut svg = String::new();
    let mut line = |text: String| {
        svg.push_str(&text);
        svg.push('\n');
    };
    line(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"The steps of the plan, each \
         right of what it needs\">"
    ));
    line(STYLE.to_owned());
    line("<g class=\"edges\">".to_owned());
    for (from, to) in &edges {
        let ((x1, y1), (x2, y2)) = (corner(*to), corner(*from));
        let (x1, y1, y2) = (x1 + WIDTH, y1 + HEIGHT / 2, y2 + HEIGHT / 2);
        let bend = (x2 - x1) / 2;
        line(format!(
            "<path data-from=\"{}\" data-to=\"{}\" d=\"M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}\"/>",
            from.index(),
            to.index(),
            x1 + bend,
            x2 - bend
        ));
    }
    line("</g>".to_owned());
    for id in steps.graph.node_indices() {
        let node = &steps.graph[id];
        let (x, y) = corner(id);
        let mut label: String = node.name.chars().take(LABEL).collect();
        if node.name.chars().count() > LABEL {
            label.pop();
            label.push('…');
        }
        line(format!(
            "<g class=\"step {} {}\" data-step=\"{}\"><title>{}</title>\
             <rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"2\"/>\
             <text x=\"{}\" y=\"{}\">{}</text></g>",
            kind(node),
            if node.platform == "host" { "host" } else { "target" },
            id.index(),
            escape(&format!("{} ({})", node.name, node.platform)),
            x + 4,
            y + 12,
            escape(&label),
        ));
    }
    line("</svg>".to_owned());
    svg
}

/// Kinds differ by shape of the border as well as by shade, so that colour is not needed.
const STYLE: &str = "<style>\
    svg{background:#fff}\
    .edges path{fill:none;stroke:#888;stroke-opacity:.45}\
    .step rect{fill:#eef3fa;stroke:#456}\
    .step text{font:10px ui-monospace,monospace;fill:#111}\
    .step.host rect{fill:#f6f1e6}\
    .step.run rect,.step.script rect{stroke-dasharray:3 2}\
    .step.program rect{stroke-width:2}\
    .step.macro rect{stroke-dasharray:6 2}\
    </style>";

fn kind(node: &Node<'_>) -> &'static str {
    match (node.step.action, node.step.kind) {
        (Action::RunScript, _) => "run",
        (_, Kind::CustomBuild) => "script",
        (_, Kind::ProcMacro) => "macro",
        (_, Kind::Lib) => "lib",
        _ => "program",
    }
}

/// A text between tags.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in plain(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => write!(escaped, "{other}").expect("a string takes every character"),
        }
    }
    escaped
}
