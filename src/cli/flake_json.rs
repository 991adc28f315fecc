//! The tree of flakes for programs.

use serde_json::{Value, json};

use crate::flake::{Failure, FlakeTree, InputTarget, Lock, LockState, Reached, TreeFlake};

/// Version of this document's shape; raised when a reader would have to change.
const FORMAT_VERSION: u32 = 1;

/// Renders the tree as one JSON document, with a newline at its end.
///
/// # Errors
///
/// None in practice: every part is representable in JSON.
pub fn render(tree: &FlakeTree) -> Result<String, serde_json::Error> {
    let flakes = tree.flakes.iter().map(flake).collect::<Result<Vec<_>, _>>()?;
    let document = json!({ "format_version": FORMAT_VERSION, "flakes": flakes });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn flake(flake: &TreeFlake) -> Result<Value, serde_json::Error> {
    let reached: Vec<_> = flake
        .reached
        .iter()
        .map(|reached| match reached {
            Reached::Root => json!("root"),
            Reached::Nested => json!("nested"),
            Reached::Input { from, name } => json!({ "from": from, "input": name }),
        })
        .collect();
    let mut document = json!({ "dir": flake.dir, "reached": reached });
    match &flake.flake {
        Ok(read) => {
            document["flake"] = serde_json::to_value(read)?;
            document["systems"] = serde_json::to_value(read.outputs.systems())?;
            document["notes"] = read
                .notes
                .iter()
                .map(|note| json!({ "message": note.to_string(), "span": note.span }))
                .collect();
        }
        Err(failure) => document["problems"] = problems(failure),
    }
    document["lock"] = match &flake.lock {
        LockState::NotNeeded => json!({ "state": "not-needed" }),
        LockState::Covered => json!({ "state": "covered" }),
        LockState::Absent { drift } => json!({ "state": "absent", "drift": drift }),
        LockState::Present { lock, drift } => {
            let state = if drift.is_empty() { "in-step" } else { "drifted" };
            json!({ "state": state, "drift": drift, "nodes": nodes(lock)? })
        }
        LockState::Broken(failure) => json!({ "state": "broken", "problems": problems(failure) }),
    };
    Ok(document)
}

/// The nodes of a lock, each input with the node that it means.
fn nodes(lock: &Lock) -> Result<Value, serde_json::Error> {
    let mut nodes = serde_json::Map::new();
    for (id, node) in lock.nodes() {
        let mut inputs = serde_json::Map::new();
        for (name, target) in &node.inputs {
            let resolved = lock.input_of(id, name).map(|node| node.as_str());
            let follows = match target {
                InputTarget::Follows(path) => Some(path),
                InputTarget::Node(_) => None,
            };
            inputs.insert(name.clone(), json!({ "node": resolved, "follows": follows }));
        }
        let mut shown = serde_json::to_value(node)?;
        shown["inputs"] = inputs.into();
        nodes.insert(id.to_owned(), shown);
    }
    Ok(nodes.into())
}

fn problems(failure: &Failure) -> Value {
    failure
        .problems()
        .iter()
        .map(|problem| {
            let (line, column) = problem.span.line_column(failure.text());
            json!({
                "file": failure.file(),
                "line": line,
                "column": column,
                "span": problem.span,
                "message": problem.to_string(),
            })
        })
        .collect()
}
