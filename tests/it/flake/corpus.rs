//! Every shape of flake.nix has its reading as a snapshot.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rbn_plan::cli::flake_text;
use rbn_plan::flake::{FlakeInput, FlakeTree, InputOrigin, LockState, Reached, TreeFlake, read};

/// The corpus: names and texts, in order.
pub fn shapes() -> Vec<(String, String)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/flake/shapes");
    let mut paths: Vec<PathBuf> = fs::read_dir(&dir)
        .expect("the corpus is there")
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a readable shape"))
        })
        .collect()
}

/// The reading of one text as people see it, and the source of each input's origin.
fn reading(text: &str) -> String {
    let flake = read(text, "flake.nix");
    let mut spans = String::new();
    if let Ok(flake) = &flake {
        for (name, input) in &flake.inputs.inputs {
            origins(name, input, text, &mut spans);
        }
    }
    let flake = TreeFlake {
        dir: "".into(),
        reached: vec![Reached::Root],
        flake,
        lock: LockState::NotNeeded,
    };
    flake_text::render(&FlakeTree { flakes: vec![flake] }) + &spans
}

fn origins(path: &str, input: &FlakeInput, text: &str, out: &mut String) {
    let span = match &input.origin {
        InputOrigin::Url { url, .. } => url.span,
        InputOrigin::Attributes(reference) => reference.span,
        InputOrigin::Follows(target) => target.span,
        InputOrigin::Unknown(unknown) => unknown.span,
        _ => input.span,
    };
    let (line, column) = span.line_column(text);
    let source = span.slice(text).split_whitespace().collect::<Vec<_>>().join(" ");
    writeln!(out, "@ {line}:{column} {path}: {source}").expect("writing to a string");
    for (name, inner) in &input.inputs {
        origins(&format!("{path}.{name}"), inner, text, out);
    }
}

#[test]
fn every_shape_has_its_reading() {
    let shapes = shapes();
    assert!(shapes.len() >= 20, "a corpus of {} shapes", shapes.len());
    for (name, text) in shapes {
        let reading = reading(&text);
        for line in reading.lines().filter(|line| !line.starts_with('@')) {
            assert!(line.chars().count() <= 80, "{name}: longer than 80 columns: {line}");
        }
        insta::assert_snapshot!(name, reading);
    }
}

#[test]
fn shapes_called_errors_and_only_those_are_refused() {
    for (name, text) in shapes() {
        let refused = read(&text, "flake.nix").is_err();
        // `rec` and `unicode` are refused for an attribute and a name that Nix has not.
        let meant = name.starts_with("errors-") || name == "rec" || name == "unicode";
        assert_eq!(refused, meant, "{name}");
    }
}

#[test]
fn a_failure_shows_every_place() {
    let text = "{\n  nonsense = 1;\n  inputs.a.url = true;\n  outputs = 3;\n}\n";
    let failure = read(text, "sub/flake.nix").expect_err("three problems");
    let mut shown = String::new();
    miette::NarratableReportHandler::new()
        .render_report(&mut shown, &failure)
        .expect("rendering to a string");
    insta::assert_snapshot!("failure_with_places", shown);
}
