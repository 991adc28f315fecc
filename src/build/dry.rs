//! What Nix would do, in its own words and in those of a plan.

use std::collections::BTreeSet;

use petgraph::graph::NodeIndex;

use crate::graph;
use crate::review::{StepGraph, Times};
use crate::text::words::{count, duration, plain, platform_names, wrap};

/// The most steps that are named one by one.
const SHOWN: usize = 20;

/// What `nix build --dry-run` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The derivations that would be built.
    pub built: Vec<String>,
    /// The paths that would be fetched.
    pub fetched: Vec<String>,
    /// How much that is, in Nix's words: `1.2 MiB download, 5.0 MiB unpacked`.
    pub size: Option<String>,
}

/// Reads Nix's words: headings, and below each the paths.
#[must_use]
pub fn read(said: &str) -> Answer {
    let mut answer = Answer::default();
    let mut list = None;
    for line in said.lines() {
        let path = line.trim();
        if line.contains("will be built") {
            list = Some(false);
        } else if line.contains("will be fetched") {
            list = Some(true);
            let size = line.split_once('(').and_then(|(_, rest)| rest.split_once(')'));
            answer.size = size.map(|(size, _)| size.to_owned());
        } else if !line.starts_with(' ') {
            // Another heading, such as that of paths that nobody has.
            list = None;
        } else if path.starts_with('/') {
            match list {
                Some(true) => answer.fetched.push(path.to_owned()),
                Some(false) => answer.built.push(path.to_owned()),
                None => {}
            }
        }
    }
    answer
}

/// The answer for people: the sums, then the steps, with the times that they took before; `of` is how many
/// steps there are of what was asked for.
#[must_use]
pub fn text(
    graph: &StepGraph<'_>,
    times: &Times,
    steps: &BTreeSet<NodeIndex>,
    of: usize,
    others: usize,
    answer: &Answer,
) -> String {
    if answer.built.is_empty() && answer.fetched.is_empty() {
        return "Nothing to build, and nothing to fetch.\n".to_owned();
    }
    let mut text = String::new();
    let platforms = graph.by_platform(steps);
    let names = platform_names(platforms.iter().map(|(name, _)| name.as_str()));
    let each = platforms.iter().map(|(name, count)| format!("{} {count}", names[name.as_str()]));
    let each = each.collect::<Vec<_>>().join(", ");
    let all = count(of, "step");
    let mut sentence = match steps.len() {
        0 => format!("Would build no step of {all}"),
        built => format!("Would build {built} of {all} ({each})"),
    };
    if others > 0 {
        sentence.push_str(&format!(" and {others} other {}", plural(others)));
    }
    let cost = cost(graph, times, steps);
    let untold = match cost.is_empty() && !steps.is_empty() {
        true => " No earlier build says how long that takes.",
        false => "",
    };
    text.push_str(&wrap("", &format!("{sentence}{cost}.{untold}"), 2));
    text.push('\n');
    if !answer.fetched.is_empty() {
        let size = answer.size.as_ref().map(|size| format!(" ({})", plain(size)));
        let size = size.unwrap_or_default();
        text.push_str(&format!("Would fetch {}{size}.\n", count(answer.fetched.len(), "path")));
    }
    text.push_str(&rows(graph, times, steps));
    text
}

/// What steps take to build, as far as that is known, to be read behind their number.
#[must_use]
pub fn cost(graph: &StepGraph<'_>, times: &Times, steps: &BTreeSet<NodeIndex>) -> String {
    let Some(cost) = times.cost(graph, steps.iter().copied()) else { return String::new() };
    let known = match cost.timed < cost.steps {
        true => format!(", as far as the times of {} are known", count(cost.timed, "step")),
        false => String::new(),
    };
    let time = |id| if steps.contains(&id) { times.of(graph, id).unwrap_or(0) } else { 0 };
    let (_, longest) = graph::longest_path(&graph.graph, time);
    format!(
        ": {} of compile time, and no less than {} however many are built at once{known}",
        duration(cost.milliseconds),
        duration(longest)
    )
}

/// The steps that take longest, a line each.
#[must_use]
pub fn rows(graph: &StepGraph<'_>, times: &Times, steps: &BTreeSet<NodeIndex>) -> String {
    let mut text = String::new();
    let platforms = graph.by_platform(steps);
    let names = platform_names(platforms.iter().map(|(name, _)| name.as_str()));
    // What takes longest comes first; of equals, the order of the plan.
    let mut rows: Vec<NodeIndex> = steps.iter().copied().collect();
    rows.sort_by_key(|id| std::cmp::Reverse(times.of(graph, *id)));
    // Where no time is known, there is no column for it.
    let timed = rows.iter().any(|id| times.of(graph, *id).is_some());
    let column = |took: String| if timed { format!("{took:>7}  ") } else { String::new() };
    for id in rows.iter().take(SHOWN) {
        let node = &graph.graph[*id];
        let took = column(times.of(graph, *id).map(duration).unwrap_or_default());
        let name = plain(node.name);
        text.push_str(&format!("  {took}{name} ({})\n", names[node.platform]));
    }
    if rows.len() > SHOWN {
        text.push_str(&format!("  {}and {} more\n", column(String::new()), rows.len() - SHOWN));
    }
    text
}

fn plural(number: usize) -> &'static str {
    if number == 1 { "derivation" } else { "derivations" }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_nobody_has_is_not_fetched() {
        let said = "this derivation will be built:\n  /nix/store/a.drv\n\
                    these 2 paths will be fetched (1.0 MiB download, 2.0 MiB unpacked):\n  /nix/store/b\n  /nix/store/c\n\
                    don't know how to build these paths (may be caused by read-only store access):\n  /nix/store/d\n";
        let answer = read(said);
        assert_eq!(answer.built, ["/nix/store/a.drv"]);
        assert_eq!(answer.fetched, ["/nix/store/b", "/nix/store/c"]);
        assert_eq!(answer.size.as_deref(), Some("1.0 MiB download, 2.0 MiB unpacked"));
    }
}
