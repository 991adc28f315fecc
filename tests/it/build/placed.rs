//! Where the steps of a plan are.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;
use rbn_plan::build::outputs::{self, Places, ReportPlaces};
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

/// What Nix says of planned checks, and where their reports are.
#[test]
fn reports_of_planned_checks() {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let ids: Vec<NodeIndex> = graph.graph.node_indices().collect();
    let output = |name: &str| serde_json::json!({ "drv": format!("/no/{name}.drv"), "out": format!("/no/{name}") });
    let of = |names: &[&str]| {
        let mut groups = serde_json::json!({});
        for (id, name) in ids.iter().zip(names) {
            let node = &graph.graph[*id];
            groups[node.platform][node.name] = output(name);
        }
        groups
    };
    let said = serde_json::json!({
        "steps": { "test": of(&["both", "tested"]), "clippy": of(&["both"]) },
        "reports": [output("a"), output("b"), output("a"), null],
        "gates": [output("gate")],
    });
    let graphs =
        |verbs: [&'static str; 2]| verbs.map(|verb| (verb, StepGraph::of(&document).unwrap()));
    let checked = outputs::read_checks(&graphs(["clippy", "test"]), said.to_string().as_bytes());
    assert_eq!(checked.steps.iter().map(BTreeMap::len).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((checked.reports.len(), checked.gates.len()), (3, 1));
    let mut places = ReportPlaces::of(&checked);
    assert_eq!(places.missing(), ["/no/a", "/no/b"]);
    let cache = || "https://cache.example".to_owned();
    let found = BTreeMap::from([("/no/b".to_owned(), cache()), ("/no/tested".to_owned(), cache())]);
    places.answered(&found);
    assert_eq!(
        places.text(),
        "Planned checks: 2 reports: 0 here, 1 in https://cache.example, 1 to run.\n"
    );
    assert_eq!(places.json(), serde_json::json!({ "here": 0, "cached": 1, "run": 1 }));
    for garbage in ["", "[]", "null", "{\"steps\": 1, \"reports\": {}}"] {
        let checked = outputs::read_checks(&graphs(["test", "doc"]), garbage.as_bytes());
        let places = ReportPlaces::of(&checked);
        assert!(places.is_empty() && places.text().is_empty(), "{garbage}");
    }
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
