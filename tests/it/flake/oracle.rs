//! Nix itself says what the inputs of a static flake are. Needs `nix-instantiate`; without it the
//! test says so and `tests/run.sh` installs it.

use std::process::Command;

use rbn_plan::flake::{FlakeInput, InputOrigin, RefValue, read};
use serde_json::{Map, Value, json};

use super::corpus::shapes;

/// The inputs as flake.nix writes them, or `None` if a part of them is computed.
fn raw(input: &FlakeInput) -> Option<Value> {
    let mut fields = Map::new();
    match &input.origin {
        InputOrigin::Url { url, .. } => {
            fields.insert("url".to_owned(), json!(url.value));
        }
        InputOrigin::Attributes(reference) => {
            fields.insert("type".to_owned(), json!(reference.value.kind().name()));
            for (name, value) in reference.value.attrs() {
                let value = match value {
                    RefValue::Text(text) => json!(text),
                    RefValue::Number(number) => json!(number),
                    RefValue::Flag(flag) => json!(flag),
                };
                fields.insert(name.clone(), value);
            }
        }
        InputOrigin::Follows(path) => {
            fields.insert("follows".to_owned(), json!(path.value.join("/")));
        }
        InputOrigin::SelfAttributes(names) => {
            fields.extend(names.iter().map(|name| (name.clone(), json!(true))));
        }
        InputOrigin::Registry { .. } | InputOrigin::Inherited => {}
        InputOrigin::Unknown(_) => return None,
    }
    if !input.is_flake? {
        fields.insert("flake".to_owned(), json!(false));
    }
    let mut inner = Map::new();
    for (name, input) in &input.inputs {
        inner.insert(name.clone(), raw(input)?);
    }
    if !inner.is_empty() {
        fields.insert("inputs".to_owned(), inner.into());
    }
    Some(fields.into())
}

fn static_inputs(text: &str) -> Option<Value> {
    let flake = read(text, "flake.nix").ok()?;
    if flake.inputs.rest.is_some() {
        return None;
    }
    let declared = flake
        .inputs
        .inputs
        .iter()
        .filter(|(_, input)| !matches!(input.origin, InputOrigin::Registry { implicit: true }));
    let mut all = Map::new();
    for (name, input) in declared {
        all.insert(name.clone(), raw(input)?);
    }
    Some(all.into())
}

fn nix(expression: &str) -> Option<Result<Value, String>> {
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json", "--read-write-mode", "-E", expression])
        .env("NIX_REMOTE", "")
        .output()
        .ok()?;
    if output.status.success() {
        Some(Ok(serde_json::from_slice(&output.stdout).expect("Nix prints JSON")))
    } else {
        Some(Err(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

#[test]
fn nix_reads_the_same_inputs() {
    let known: Vec<_> = shapes()
        .into_iter()
        .filter_map(|(name, text)| static_inputs(&text).map(|inputs| (name, inputs)))
        .collect();
    assert!(known.len() >= 20, "only {} static shapes", known.len());
    // One call for all: each start of Nix costs more than all the work.
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/flake/shapes");
    let imports: Vec<_> = known
        .iter()
        .map(|(name, _)| format!("\"{name}\" = (import {dir}/{name}.nix).inputs or {{ }};"))
        .collect();
    let Some(result) = nix(&format!("{{ {} }}", imports.join(" "))) else {
        eprintln!("nix-instantiate is not installed: nothing compared; see tests/run.sh");
        return;
    };
    let evaluated = result.expect("Nix evaluates the corpus");
    for (name, inputs) in known {
        assert_eq!(evaluated[&name], inputs, "{name}");
    }
}

#[test]
fn nix_refuses_the_syntax_that_is_refused_here() {
    for (name, text) in shapes() {
        let output = Command::new("nix-instantiate")
            .args(["--parse", "-E", &text])
            .env("NIX_REMOTE", "")
            .output();
        let Ok(output) = output else {
            eprintln!("nix-instantiate is not installed: nothing compared; see tests/run.sh");
            return;
        };
        let syntax = read(&text, "flake.nix").err().is_some_and(|failure| {
            use rbn_plan::flake::ProblemKind;
            failure.problems().iter().any(|problem| {
                matches!(problem.kind, ProblemKind::Syntax(_) | ProblemKind::DuplicateAttribute(_))
            })
        });
        assert_eq!(output.status.success(), !syntax, "{name}");
    }
}
