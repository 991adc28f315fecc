//! Where the steps of a plan are.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;
use rbn_plan::build::outputs::{self, Places};
use rbn_plan::review::{StepGraph, Times};

use super::document;

fn roots(graph: &StepGraph<'_>) -> Vec<NodeIndex> {
    let roots = graph.document.roots.iter();
    roots.filter_map(|root| graph.id(&root.platform, &root.step)).collect()
}

#[test]
fn what_is_there_needs_nothing() {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let all: BTreeSet<NodeIndex> = graph.graph.node_indices().collect();
    let tops = roots(&graph);
    let none = || BTreeMap::new();
    let said = |places: &Places| {
        let text = places.text(&graph, &Times::default());
        text.lines().next().unwrap().to_owned()
    };
    let places = Places::of(&graph, BTreeSet::new(), none(), tops.clone());
    assert_eq!(said(&places), "5 steps: 0 here, 5 to build.");
    let places = Places::of(&graph, all.clone(), none(), tops.clone());
    assert_eq!(said(&places), "5 steps: 5 here, 0 to build.");
    // The programs are in a cache: what they are made of is nowhere, and nobody minds.
    let cached: BTreeMap<NodeIndex, String> =
        tops.iter().map(|top| (*top, "https://cache.example".to_owned())).collect();
    let rest = all.len() - cached.len();
    let places = Places::of(&graph, BTreeSet::new(), cached.clone(), tops.clone());
    let wanted = format!(
        "5 steps: 0 here, {} in https://cache.example, {rest} that nothing needs now, 0 to",
        cached.len()
    );
    assert!(said(&places).starts_with(&wanted), "{}", said(&places));
    // One of them is lost: it is built, with what it needs.
    let mut lost = cached;
    lost.pop_first();
    let places = Places::of(&graph, BTreeSet::new(), lost, tops);
    assert!(places.build.len() > 1, "{places:?}");
    let json = places.json(&graph, &Times::default(), &BTreeMap::new());
    assert_eq!(json["build"], places.build.len());
    assert_eq!(json["steps"].as_object().unwrap().len(), 5);
}

#[test]
fn what_nix_says_is_read_by_step() {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let id = graph.graph.node_indices().next().unwrap();
    let node = &graph.graph[id];
    let said = serde_json::json!({
        node.platform: { node.name: { "drv": "/no/a.drv", "out": "/no/a" }, "else": null },
        "elsewhere": { "x": { "drv": "/no/b.drv", "out": "/no/b" } },
    });
    let read = outputs::read(&graph, said.to_string().as_bytes());
    assert_eq!(read.len(), 1);
    assert_eq!(read[&id].out, "/no/a");
    for garbage in ["", "[]", "null", "{\"host\": 1}"] {
        assert!(outputs::read(&graph, garbage.as_bytes()).is_empty(), "{garbage}");
    }
}
