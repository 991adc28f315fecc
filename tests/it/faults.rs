//! Faults that are put into plans on purpose: `verify --files` must see each of them.
//!
//! Who says that a fault is one is Cargo: what nothing is said about can be taken away, all of it at once, and
//! Cargo builds the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use rbn_plan::cargo::load;
use rbn_plan::cargo::selection::Selection;
use rbn_plan::model::{Plan, Split};
use rbn_plan::plan::lower;
use rbn_plan::verify::compare::compare;
use rbn_plan::verify::files::compare::Sides;
use rbn_plan::verify::files::examine::{Paired, paired};
use rbn_plan::verify::files::given::normal;
use rbn_plan::verify::files::hidden::Hidden;
use rbn_plan::verify::files::listed::{self, Listed, Tree};
use rbn_plan::verify::files::missing::Missing;
use rbn_plan::verify::files::nix_runs::{NixRuns, Toolchain};
use rbn_plan::verify::files::scripts;
use rbn_plan::verify::files::tracer::Tracer;
use rbn_plan::verify::normalise::PLACES;
use rbn_plan::verify::recording::Recording;
use rbn_plan::verify::session;

use crate::agree::options;

/// Macros that read, scripts that list and find, modules and files outside, links, odd places.
const READERS: &[&str] = &[
    "build-script-outside-and-symlink",
    "derive-reads-hidden-folder",
    "directory-and-file-in-it",
    "include-in-concat",
    "include-outside",
    "include-through-macro",
    "links-out-of-package",
    "macro-reads-own-data",
    "path-attribute-inline-modules",
    "path-attribute-outside",
    "script-helper-reads",
    "script-in-a-directory",
    "script-lists-own-package",
    "script-lists-workspace",
    "symlinked-source",
    "template-with-manifest",
];

/// Scripts that say and leave much.
const SPEAKERS: &[&str] = &[
    "absolute-symlink-in-out-dir",
    "build-script-protocol",
    "build-script-protocol-old",
    "out-dir-links-and-tools",
    "script-writes-outside",
    "tool-from-out-dir-of-build-dependency",
];

struct Watched {
    _dir: tempfile::TempDir,
    root: Utf8PathBuf,
    plan: Plan,
    paired: Paired,
    recording: Recording,
}

fn selection() -> Selection {
    Selection {
        profile: "release".to_owned(),
        workspace: true,
        resolve_flags: vec!["--offline".to_owned()],
        ..Selection::default()
    }
}

fn watched(fixture: &str) -> Watched {
    let dir = tempfile::tempdir().expect("a directory");
    let root = Utf8Path::from_path(dir.path()).expect("UTF-8").join("ws");
    let from =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workspaces").join(fixture);
    copy(&from, root.as_std_path());
    let options = options(root.as_std_path());
    let compiler = options.compiler().expect("rustc answers");
    let workspace = load(&options, compiler, selection()).expect("a workspace");
    let plan = lower(&workspace).expect("a plan");
    let tree = root.ancestors().nth(plan.root_depth).unwrap_or(&root).to_owned();
    let tracer = Some((Tracer::find().expect("strace is here"), tree));
    let program = PathBuf::from(env!("CARGO_BIN_EXE_rbn-plan"));
    let needed = session::needed(&plan);
    let recording = session::recorded(&options, &workspace, program, &needed, tracer, &mut |_| {})
        .expect("a record");
    let paired = paired(&plan, &recording);
    Watched { _dir: dir, root: recording.workspace_root.clone(), plan, paired, recording }
}

fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("cp starts");
    assert!(done.success(), "{}", from.display());
}

impl Watched {
    fn missing(&self, listed: &BTreeMap<String, Vec<Listed>>, hidden: &Hidden) -> Vec<Missing> {
        Sides {
            steps: &self.paired.steps,
            listed,
            recording: &self.recording,
            pairs: &self.paired.pairs,
            hidden,
        }
        .compare()
        .missing
    }

    /// Every file of the tree, but for what Cargo itself needs to know the packages.
    fn files(&self) -> BTreeSet<Utf8PathBuf> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![self.root.clone()];
        while let Some(dir) = waiting.pop() {
            for entry in dir.read_dir_utf8().expect("a directory").flatten() {
                let path = entry.path().to_owned();
                let kind = entry.file_type().expect("a kind");
                let is_cargos = matches!(entry.file_name(), "Cargo.toml" | "Cargo.lock" | ".cargo");
                match kind.is_dir() {
                    _ if is_cargos => {}
                    true => waiting.push(path),
                    false => drop(found.insert(path)),
                }
            }
        }
        found
    }

    /// What Cargo makes of the tree now: what the program prints, where there is one.
    fn built(&self) -> Option<Vec<u8>> {
        let target = tempfile::tempdir().expect("a directory");
        let done = Command::new("cargo")
            .args(["build", "--workspace", "--offline", "--quiet", "--target-dir"])
            .arg(target.path())
            .current_dir(&self.root)
            .output()
            .expect("cargo starts");
        let program = target.path().join("debug/app");
        let prints = || match program.exists() {
            true => Command::new(&program).output().expect("it starts").stdout,
            false => Vec::new(),
        };
        done.status.success().then(prints)
    }
}

/// The place of a name, behind the links that lead to its directory.
fn place(path: &Utf8Path) -> Option<Utf8PathBuf> {
    Some(path.parent()?.canonicalize_utf8().ok()?.join(path.file_name()?))
}

/// The lists without one file: where it lies, and where it is seen.
fn without(
    all: &BTreeMap<String, Vec<Listed>>,
    file: &Utf8Path,
    root: &Utf8Path,
) -> BTreeMap<String, Vec<Listed>> {
    fn take(tree: &Tree, (at, from): (&Utf8Path, &Utf8Path), file: &Utf8Path) -> Option<Tree> {
        if [at, from].into_iter().any(|path| path == file || place(path).as_deref() == Some(file)) {
            return None;
        }
        Some(match tree {
            Tree::Leaf(kind) => Tree::Leaf(*kind),
            Tree::Directory(entries) => {
                let inside = |(name, tree): &(String, Tree)| {
                    let places = (at.join(name), from.join(name));
                    Some((name.clone(), take(tree, (&places.0, &places.1), file)?))
                };
                Tree::Directory(entries.iter().filter_map(inside).collect())
            }
        })
    }
    let of_step = |(output, sources): (&String, &Vec<Listed>)| {
        let source = |source: &Listed| match &source.tree {
            None => Some(source.clone()),
            Some(tree) => {
                let at = normal(&root.join(&source.at));
                let tree = take(tree, (&at, &source.from), file)?;
                Some(Listed { tree: Some(tree), ..source.clone() })
            }
        };
        (output.clone(), sources.iter().filter_map(source).collect())
    };
    all.iter().map(of_step).collect()
}

#[test]
fn a_file_that_a_step_does_not_get_is_missed() {
    let (mut faults, mut free) = (0, 0);
    for fixture in READERS {
        let one = watched(fixture);
        let listed = listed::list(&one.plan, &one.root).expect("Nix takes the plan");
        let hidden = Hidden::new(&one.root, "generated/steps.nix".into());
        let said = one.missing(&listed, &hidden);
        assert!(said.is_empty(), "{fixture}: {said:?}");
        let mut spare = Vec::new();
        for file in one.files() {
            let said = one.missing(&without(&listed, &file, &one.root), &hidden);
            if said.is_empty() {
                spare.push(file);
            } else {
                faults += said.len();
            }
        }
        // Cargo's word: what nothing is said about makes no difference.
        let whole = one.built();
        assert!(whole.is_some(), "{fixture}");
        for file in &spare {
            fs::remove_file(file).expect("our own file");
        }
        assert_eq!(one.built(), whole, "{fixture} without {spare:?}");
        free += spare.len();
    }
    println!("{faults} faults seen; {free} files that nobody needs");
    assert!(faults > 60, "{faults}");
}

#[test]
fn a_variable_that_is_another_is_seen() {
    let mut faults = 0;
    let mut unseen = Vec::new();
    for fixture in SPEAKERS {
        let one = watched(fixture);
        let compared = session::planned(&one.plan, &one.plan, Split::Off, false);
        let planned = compared.expect("in memory").planned;
        assert!(compare(&planned, &one.recording).is_equal(), "{fixture}");
        for (at, step) in planned.steps.iter().enumerate() {
            for name in step.env.keys() {
                for value in [None, Some("another".to_owned())] {
                    let mut faulty = planned.clone();
                    match value {
                        None => drop(faulty.steps[at].env.remove(name)),
                        Some(value) => drop(faulty.steps[at].env.insert(name.clone(), value)),
                    }
                    // Their values are the machine's or the sandbox's own; whether they are there is compared.
                    if PLACES.contains(&name.as_str()) && faulty.steps[at].env.contains_key(name) {
                        continue;
                    }
                    faults += 1;
                    if compare(&faulty, &one.recording).is_equal() {
                        unseen.push(format!("{fixture}: {} {name}", step.name));
                    }
                }
            }
        }
    }
    println!("{faults} faults of variables");
    assert!(unseen.is_empty() && faults > 100, "{faults}: {unseen:#?}");
}

/// Everything that lies in a directory, itself first.
fn all_in(dir: &Path) -> Vec<PathBuf> {
    let mut found = vec![dir.to_owned()];
    let mut at = 0;
    while let Some(path) = found.get(at).cloned() {
        if path.is_dir() && !path.is_symlink() {
            found.extend(
                fs::read_dir(&path).expect("a directory").flatten().map(|entry| entry.path()),
            );
        }
        at += 1;
    }
    found
}

/// A way to spoil what lies at a path, and its name.
type Way = (&'static str, fn(&Path));

/// Ways to spoil what lies at a path of an `OUT_DIR`.
fn ways(path: &Path) -> Vec<Way> {
    fn gone(path: &Path) {
        let _ = if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(path)
        } else {
            fs::remove_file(path)
        };
    }
    let mut all: Vec<Way> = Vec::new();
    if path.is_symlink() {
        all.push(("a link that is gone", gone));
        all.push(("a link that leads to nothing", |path| {
            gone(path);
            std::os::unix::fs::symlink("nowhere", path).expect("a link");
        }));
    } else if path.is_dir() {
        all.push(("a file more", |path| fs::write(path.join("more"), "").expect("a file")));
        all.push(("a directory more", |path| {
            fs::create_dir(path.join("another-directory")).expect("a directory")
        }));
    } else {
        all.push(("a file that is gone", gone));
        all.push(("a right that is another", |path| {
            let mode = fs::metadata(path).expect("a file").permissions().mode();
            fs::set_permissions(path, fs::Permissions::from_mode(mode ^ 0o100))
                .expect("our own file");
        }));
        let begin = fs::read(path).expect("a file");
        let is_object = [&b"\x7fELF"[..], b"!<arch>"].iter().any(|magic| begin.starts_with(magic));
        if !is_object {
            all.push(("a byte more", |path| {
                let mut bytes = fs::read(path).expect("a file");
                bytes.push(b'x');
                gone(path);
                fs::write(path, bytes).expect("a file");
            }));
        }
    }
    all
}

#[test]
#[ignore = "needs Nix's sandbox; tests/verify-files.sh runs it"]
fn what_a_script_says_or_leaves_otherwise_is_seen() {
    let mut faults = 0;
    let mut unseen = Vec::new();
    for fixture in SPEAKERS {
        let one = watched(fixture);
        let toolchain = Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
            .args(["toolchain", "host"])
            .current_dir(&one.root)
            .output()
            .expect("the program starts");
        let toolchain = Toolchain::Text(String::from_utf8(toolchain.stdout).expect("UTF-8"));
        let committed = one.root.join("generated/steps.nix");
        let nix = NixRuns::prepare(&one.plan, &one.root, &committed, &toolchain).expect("a plan");
        let names: Vec<String> = scripts::runs(&one.paired, &one.recording)
            .iter()
            .map(|run| run.run.to_owned())
            .collect();
        let paths =
            nix.build(&names.iter().map(String::as_str).collect::<Vec<_>>()).expect("no signal");
        let paths = paths.unwrap_or_else(|said| panic!("{fixture}: {said}"));
        let built: BTreeMap<String, PathBuf> = names.into_iter().zip(paths).collect();
        let difference = |recording: &Recording, built: &BTreeMap<String, PathBuf>| {
            !scripts::compare(&one.paired, recording, built).is_empty()
        };
        let whole = scripts::compare(&one.paired, &one.recording, &built);
        assert!(whole.is_empty(), "{fixture}: {whole:?}");

        for (at, run) in one.recording.runs.iter().enumerate() {
            // Cargo passes over a line that is no text.
            let lines: Vec<&[u8]> = run.stdout.split(|byte| *byte == b'\n').collect();
            let texts = lines.iter().filter_map(|line| std::str::from_utf8(line).ok());
            for line in texts.filter(|line| line.starts_with("cargo:") && line.contains('=')) {
                let others = lines.iter().copied().filter(|other| *other != line.as_bytes());
                let others = others.collect::<Vec<_>>().join(&b'\n');
                for more in [String::new(), format!("{line}x\n")] {
                    let mut faulty = one.recording.clone();
                    faulty.runs[at].stdout = [more.as_bytes(), &others].concat();
                    faults += 1;
                    if !difference(&faulty, &built) {
                        unseen.push(format!("{fixture}: {line:?} became {more:?}"));
                    }
                }
            }
        }
        for (run, path) in &built {
            let scratch = tempfile::tempdir().expect("a directory");
            let place = scratch.path().join("run");
            let fresh = || {
                if place.exists() {
                    fs::remove_dir_all(&place).expect("our own directory");
                }
                copy(path, &place);
                let done = Command::new("chmod").args(["-R", "u+w"]).arg(&place).status();
                assert!(done.expect("chmod starts").success());
            };
            fresh();
            for file in all_in(&place.join("out")) {
                for (what, spoil) in ways(&file) {
                    fresh();
                    spoil(&file);
                    let mut faulty = built.clone();
                    faulty.insert(run.clone(), place.clone());
                    faults += 1;
                    if !difference(&one.recording, &faulty) {
                        unseen.push(format!("{fixture}: {what}: {}", file.display()));
                    }
                }
            }
        }
    }
    println!("{faults} faults of scripts");
    assert!(unseen.is_empty() && faults > 40, "{faults}: {unseen:#?}");
}
