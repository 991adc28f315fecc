//! A simulation for people.

use petgraph::graph::NodeIndex;
use serde_json::json;

use crate::review::StepGraph;
use crate::review::simulate::{Case, FRONT, Simulation, Way};
use crate::text::words::{count, duration, plain, wrap};

/// The width of a column.
const COLUMN: usize = 16;
/// The most steps of a chain that are named.
const CHAIN: usize = 8;

/// A table for each case, and what to know of the figures.
#[must_use]
pub fn text(graph: &StepGraph<'_>, simulation: &Simulation) -> String {
    let mut text = String::new();
    for case in &simulation.cases {
        let steps = count(case.steps.len(), "step");
        let head = match &case.edit {
            None => format!("A cold build, {steps}"),
            Some(package) => format!("After an edit of {}, {steps}", plain(package)),
        };
        text.push_str(&head);
        text.push('\n');
        table(simulation, case, &mut text);
        chain(graph, case, &mut text);
        text.push('\n');
    }
    text.push_str(&notes(simulation));
    text
}

fn table(simulation: &Simulation, case: &Case, text: &mut String) {
    let mut line = format!("  {:>5}  ", "cores");
    for way in &simulation.ways {
        line.push_str(&format!("{:<COLUMN$}", way.as_str()));
    }
    text.push_str(line.trim_end());
    text.push('\n');
    let cargo = simulation.ways.iter().position(|way| *way == Way::Cargo);
    for (machine, milliseconds) in &case.milliseconds {
        let mut line = format!("  {:>5}  ", machine.cores);
        let beside = cargo.and_then(|at| milliseconds.get(at)).copied().unwrap_or(0);
        for (way, time) in simulation.ways.iter().zip(milliseconds) {
            let ratio = match *way == Way::Cargo {
                true => String::new(),
                false => format!(" ({})", ratio(*time, beside)),
            };
            line.push_str(&format!("{:<COLUMN$}", format!("{}{ratio}", duration(*time))));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// `1.07`: how many times as long.
fn ratio(time: u64, beside: u64) -> String {
    if beside == 0 {
        return "-".to_owned();
    }
    let hundredths = (time.saturating_mul(100) + beside / 2) / beside;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Where the longest chain is, and what would shorten it.
fn chain(graph: &StepGraph<'_>, case: &Case, text: &mut String) {
    let named = |(id, time): &(NodeIndex, u64)| {
        format!("{} {}", plain(graph.graph[*id].name), duration(*time))
    };
    let mut longest = case.path.clone();
    longest.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
    let shown: Vec<NodeIndex> = longest.iter().take(CHAIN).map(|(id, _)| *id).collect();
    let chain: Vec<String> =
        case.path.iter().filter(|(id, _)| shown.contains(id)).map(named).collect();
    if chain.is_empty() {
        return;
    }
    let all = duration(case.path.iter().map(|(_, time)| time).sum());
    let more = case.path.len() - chain.len();
    let more =
        if more > 0 { format!(", and {}", count(more, "shorter step")) } else { String::new() };
    let line =
        format!("The longest chain of whole steps takes {all}: {}{more}.", chain.join(" -> "));
    text.push_str(&wrap("  ", &line, 4));
    text.push('\n');
    let gain = |(id, time): &(NodeIndex, u64)| {
        format!("by {} without {}", duration(*time), plain(graph.graph[*id].name))
    };
    let gains: Vec<String> = case.gains.iter().map(gain).collect();
    if !gains.is_empty() {
        let line = format!("It would be shorter {}.", gains.join(", "));
        text.push_str(&wrap("  ", &line, 4));
        text.push('\n');
    }
}

fn notes(simulation: &Simulation) -> String {
    let (libraries, measured) = simulation.fronts;
    let mut text = String::from("In brackets: how many times Cargo's time with its pipelining.\n");
    if measured < libraries {
        let part = format!("{:.0}", FRONT * 100.0);
        text.push_str(&wrap(
            "",
            &format!(
                "Of {} the time to their metadata is known of {measured}; of the others it is taken for {part} per cent of the whole. A build with `split = \"all\"` measures it.",
                count(libraries, "library").replace("librarys", "libraries"),
            ),
            2,
        ));
        text.push('\n');
    }
    if simulation.untimed > 0 {
        text.push_str(&format!(
            "{} {} no recorded time and {} for nothing.\n",
            count(simulation.untimed, "step"),
            if simulation.untimed == 1 { "has" } else { "have" },
            if simulation.untimed == 1 { "counts" } else { "count" },
        ));
    }
    text
}

/// The version of a simulation as JSON.
const FORMAT_VERSION: u32 = 1;

/// The same for programs: milliseconds by way for each case and machine.
#[must_use]
pub fn json(graph: &StepGraph<'_>, simulation: &Simulation) -> serde_json::Value {
    let chain = |steps: &[(NodeIndex, u64)]| -> Vec<serde_json::Value> {
        let one = |(id, time): &(NodeIndex, u64)| {
            let node = &graph.graph[*id];
            json!({ "platform": node.platform, "step": node.name, "milliseconds": time })
        };
        steps.iter().map(one).collect()
    };
    let cases: Vec<serde_json::Value> = simulation
        .cases
        .iter()
        .map(|case| {
            let machines = case.milliseconds.iter().map(|(machine, times)| {
                let ways = simulation.ways.iter().zip(times);
                let ways: serde_json::Map<String, serde_json::Value> =
                    ways.map(|(way, time)| (way.as_str().to_owned(), json!(time))).collect();
                json!({ "cores": machine.cores, "threads": machine.threads, "milliseconds": ways })
            });
            json!({
                "edit": case.edit,
                "steps": case.steps.len(),
                "machines": machines.collect::<Vec<_>>(),
                "path": chain(&case.path),
                "gains": chain(&case.gains),
            })
        })
        .collect();
    json!({
        "format_version": FORMAT_VERSION,
        "libraries": simulation.fronts.0,
        "measured": simulation.fronts.1,
        "untimed": simulation.untimed,
        "cases": cases,
    })
}
