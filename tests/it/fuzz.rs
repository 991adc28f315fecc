//! Inputs that nobody wrote: every reader takes them or refuses them, in time and without a panic.
//!
//! Seeds are real inputs and the known bad ones; what is tried is cut, doubled, and spliced out of
//! them. The dice are the same in every run. `RBN_FULL=1` tries 100,000 inputs.

use std::fmt::Write as _;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use camino::Utf8Path;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use rbn_plan::build::saved;
use rbn_plan::build::store::Store;
use rbn_plan::cargo::lock::Lock as CargoLock;
use rbn_plan::cargo::manifest::Manifest;
use rbn_plan::cli::document::{PlanText, parse};
use rbn_plan::config::{Config, Environment, Layers, Machine, Overrides};
use rbn_plan::flake::{self, Lock};
use rbn_plan::model::{Document, Triple};
use rbn_plan::nix::System;
use rbn_plan::review::{self, StepGraph};
use rbn_plan::text::visible;

use super::flake::mutations::Dice;

/// No input of these sizes may take longer, on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where a mutation takes place, at most: what follows in a plan is the same library in each.
const HEAD: usize = 24_000;

/// What changes the meaning of what stands around it, or has been trouble before.
const PIECES: [&str; 28] = [
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "''",
    "${",
    "=",
    ";",
    ":",
    ",",
    ".",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[2J",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2066}",
    "99999999999999999999999",
    "-1",
    "1e999",
    "null",
    "\u{1F980}",
    "\\u0000",
];

fn inputs() -> usize {
    if std::env::var_os("RBN_FULL").is_some_and(|full| full == "1") { 100_000 } else { 1_600 }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// All files of a folder below the fixtures, by their ends.
fn files(folder: &str, end: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut queue = vec![root().join("tests/fixtures").join(folder)];
    while let Some(dir) = queue.pop() {
        let mut entries: Vec<_> =
            fs::read_dir(dir).unwrap().map(|one| one.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            // A link may lead in circles.
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                queue.push(path);
            } else if path.to_str().is_some_and(|name| name.ends_with(end)) {
                found.extend(fs::read_to_string(path).ok());
            }
        }
    }
    assert!(!found.is_empty(), "no seeds {end} in {folder}");
    found
}

/// A plan of a small workspace, in both forms.
fn plans() -> (String, String) {
    let copy = tempfile::tempdir().unwrap();
    let fixture = root().join("tests/fixtures/workspaces/root-package-with-members/.");
    assert!(Command::new("cp").arg("-a").arg(fixture).arg(copy.path()).status().unwrap().success());
    let plan = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.current_dir(copy.path()).args(["plan", "--offline", "--format", format]);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    (plan("nix"), plan("json"))
}

/// Shows a refusal as the program does: what quotes an input must get along with it.
fn refused(error: &dyn Diagnostic) {
    let mut page = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    handler.render_report(&mut page, error).unwrap();
    assert!(!visible::lines(&page).contains(|c| visible::steers(c) && c != '\n' && c != '\t'));
}

fn config(text: &str) {
    let machine = Machine {
        system: System::X8664Linux,
        host: Triple::new("x86_64-unknown-linux-gnu").unwrap(),
    };
    let layers = Layers {
        file: Some((Utf8Path::new("config.toml"), text)),
        environment: &Environment::default(),
        flags: &Overrides::default(),
        machine: &machine,
    };
    match Config::resolve(&layers) {
        Ok(loaded) => drop(rbn_plan::cli::config::text(&loaded)),
        Err(error) => refused(&error),
    }
}

fn flake_nix(text: &str) {
    if let Err(failure) = flake::read(text, "flake.nix") {
        refused(&failure);
    }
}

fn flake_lock(text: &str) {
    if let Err(failure) = Lock::read(text, "flake.lock") {
        refused(&failure);
    }
}

fn plan(text: &str) {
    match parse(&PlanText { name: "plan".to_owned(), text: text.to_owned() }) {
        Ok(document) => document_of(&document),
        Err(error) => refused(&error),
    }
}

/// Whatever was read can be compared and asked.
fn document_of(document: &Document) {
    let _ = review::diff(document, &Document::read(document.write().as_bytes()).unwrap());
    if let Ok(graph) = StepGraph::of(document) {
        for id in graph.graph.node_indices().take(2) {
            let _ = review::explain(&graph, &Default::default(), &Default::default(), id);
        }
    }
}

fn cargo_lock(text: &str) {
    if let Err(error) = CargoLock::parse("Cargo.lock".into(), text) {
        refused(&error);
    }
}

fn manifest(text: &str) {
    match Manifest::parse("Cargo.toml".into(), text) {
        Ok(manifest) => drop(manifest.lint_flags()),
        Err(error) => refused(&error),
    }
}

fn times(text: &str) {
    let document = rbn_plan::plan_file::json::document(&rbn_plan::model::Plan::default());
    let graph = StepGraph::of(&document).unwrap();
    if let Err(error) = saved::times("times.json".into(), text, &mut Store::new(&graph)) {
        refused(&error);
    }
}

/// Every kind of input: its name, its seeds, its reader.
type Kind = (&'static str, Vec<String>, fn(&str));

fn kinds() -> Vec<Kind> {
    let (nix, json) = plans();
    let many = |one: fn(usize) -> String| (0..300).map(one).collect::<String>();
    let mut configs = files("config", ".toml");
    configs.push(many(|n| format!("unknown-key-{n} = 1\n")));
    configs.push(format!("build = {{ {} }}", many(|n| format!("k{n} = 1, "))));
    let mut flakes = files("flake", "flake.nix");
    flakes.push(format!("{{ {} outputs = _: {{ }}; }}", many(|n| format!("bad{n} = 1; "))));
    let mut locks = files("flake", "flake.lock");
    locks.push(format!("{{\"nodes\": {}{} }}", "[".repeat(300), "]".repeat(300)));
    let mut manifests = files("workspaces", "Cargo.toml");
    manifests.push(format!("[features]\n{}", many(|n| format!("f{n} = [\"f{}\"]\n", n + 1))));
    let mut logs = files("nix-logs", ".log");
    logs.push("{\"format_version\": 1, \"steps\": {\"host/a\": 1}}".to_owned());
    logs.push(
        "1.5 @nix {\"action\":\"start\",\"id\":1,\"type\":105,\"fields\":[\"/nix/store/a.drv\"]}\n"
            .to_owned(),
    );
    vec![
        ("config.toml", configs, config),
        ("flake.nix", flakes, flake_nix),
        ("flake.lock", locks, flake_lock),
        ("steps.nix", vec![nix], plan),
        ("a plan as JSON", vec![json], plan),
        ("Cargo.lock", files("workspaces", "Cargo.lock"), cargo_lock),
        ("Cargo.toml", manifests, manifest),
        ("times and logs", logs, times),
    ]
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap()
}

fn place(text: &str, dice: &mut Dice) -> usize {
    floor(text, dice.roll(text.len().min(HEAD) + 1))
}

fn mutated(seeds: &[String], dice: &mut Dice) -> String {
    let mut text = seeds[dice.roll(seeds.len())].clone();
    for _ in 0..=dice.roll(4) {
        let (a, b) = (place(&text, dice), place(&text, dice));
        let (from, to) = (a.min(b), a.max(b).min(floor(&text, a.min(b) + 400)));
        match dice.roll(7) {
            0 => text.truncate(a),
            1 => text.replace_range(from..to, ""),
            2 => {
                let again = text[from..to].to_owned();
                text.insert_str(a, &again);
            }
            3 => text.insert_str(a, &PIECES[dice.roll(PIECES.len())].repeat(1 + dice.roll(40))),
            4 => {
                let other = &seeds[dice.roll(seeds.len())];
                let (c, d) = (place(other, dice), place(other, dice));
                text.replace_range(from..to, &other[c.min(d)..c.max(d)]);
            }
            5 => text = text.replacen('\n', " ", 1 + dice.roll(200)),
            _ => text.insert_str(a, PIECES[dice.roll(PIECES.len())]),
        }
    }
    text
}

#[test]
fn every_reader_survives() {
    let kinds = kinds();
    let each = inputs() / kinds.len();
    for (name, seeds, read) in kinds {
        let (told, progress) = mpsc::channel();
        // As much stack as the program itself has.
        let worker = thread::Builder::new().stack_size(8 << 20).spawn(move || {
            let mut dice = Dice::new(0x5eed);
            let mut bad = String::new();
            let mutations = (0..each).map(|_| mutated(&seeds, &mut dice)).collect::<Vec<_>>();
            for input in seeds.iter().chain(&mutations) {
                let began = Instant::now();
                let survived = catch_unwind(AssertUnwindSafe(|| read(input)));
                let took = began.elapsed();
                if survived.is_err() || took > PATIENCE {
                    writeln!(bad, "{name}: {took:?}, panic: {}: {input:?}", survived.is_err())
                        .unwrap();
                }
                told.send(()).unwrap();
            }
            bad
        });
        // One that hangs is told of as such, and not by a test that never ends.
        while let Some(()) = match progress.recv_timeout(PATIENCE * 3) {
            Ok(()) => Some(()),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("{name}: an input hangs"),
        } {}
        let bad = worker.unwrap().join().unwrap();
        assert!(bad.is_empty(), "{bad}");
    }
}
