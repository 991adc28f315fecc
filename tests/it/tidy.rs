//! The house rules that a compiler does not hold.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from the ground up: a room may import from rooms to its left only.
const ROOMS: [&str; 24] = [
    "process",
    "text",
    "nix",
    "files",
    "watch",
    "template",
    "graph",
    "model",
    "cargo",
    "flake",
    "config",
    "toolchain",
    "plan",
    "review",
    "build",
    "plan_file",
    "picture",
    "cache",
    "checks",
    "audit",
    "verify",
    "bootstrap",
    "doctor",
    "cli",
];

pub fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir)
        .expect("a readable source folder")
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn imports_point_down() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut offences = Vec::new();
    for (height, room) in ROOMS.iter().enumerate() {
        let mut files = Vec::new();
        rust_files(&src.join(room), &mut files);
        assert!(!files.is_empty(), "room {room} is empty");
        for file in files {
            let text = fs::read_to_string(&file).expect("a readable source file");
            for (number, line) in text.lines().enumerate() {
                for above in &ROOMS[height + 1..] {
                    if line.contains(&format!("crate::{above}::"))
                        || line.contains(&format!("crate::{above};"))
                    {
                        offences.push(format!(
                            "{}:{}: {}",
                            file.display(),
                            number + 1,
                            line.trim()
                        ));
                    }
                }
            }
        }
    }
    assert!(offences.is_empty(), "imports that point up:\n{}", offences.join("\n"));
}

/// Whether a line, comments apart, names one of `words`.
fn names(line: &str, words: &[&str]) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    words.iter().any(|word| code.contains(word))
}

/// The lines outside of `allowed` that name one of `words`; tests beside the code may.
fn lines_with(words: &[&str], allowed: &[(&str, &str)]) -> Vec<String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut offences = Vec::new();
    let mut used = std::collections::BTreeSet::new();
    for file in files {
        let name = file.strip_prefix(&src).expect("it is below").display().to_string();
        let text = fs::read_to_string(&file).expect("a readable source file");
        let code = text.split("\n#[cfg(test)]\n").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| names(line, words)) {
            match allowed.iter().find(|(place, _)| name.starts_with(place)) {
                Some((place, _)) => {
                    used.insert(*place);
                }
                None => offences.push(format!("{name}:{}: {}", number + 1, line.trim())),
            }
        }
    }
    for (place, why) in allowed {
        assert!(used.contains(place), "{place} is allowed ({why}), and does not need it any more");
    }
    offences
}

/// Nothing but `files::writer` makes, changes or takes away a file of the user's.
#[test]
fn one_door_for_writing() {
    let words = [
        "fs::write(",
        "fs::rename(",
        "fs::copy(",
        "fs::create_dir",
        "fs::remove_",
        "fs::hard_link(",
        "fs::set_permissions(",
        "::symlink(",
        " symlink(",
        "File::create",
        "OpenOptions::",
        "tempfile::",
        "NamedTempFile",
    ];
    let allowed = [
        ("files/", "the door"),
        (
            "verify/",
            "a directory of its own: a temporary one, or of x.py's below its build directory",
        ),
        ("cache/", "the daemon's own directories"),
    ];
    let found = lines_with(&words, &allowed);
    assert!(found.is_empty(), "write by files::writer:\n{}", found.join("\n"));
}

/// Nothing but `files::reader` reads a file that a tree may have made.
#[test]
fn one_door_for_reading() {
    let words = ["fs::read(", "read_to_string(", "File::open(", "read_to_end("];
    let allowed = [
        ("files/", "the door"),
        ("process/", "what a program prints"),
        ("build/run.rs", "what Nix prints"),
        ("verify/", "a directory of its own, and what Cargo prints"),
        ("cache/", "the daemon's own files"),
        ("cargo/file_lock.rs", "the lock in Cargo's home, which is not read"),
    ];
    let found = lines_with(&words, &allowed);
    assert!(found.is_empty(), "read by files::reader:\n{}", found.join("\n"));
}

/// Nothing but `cli::out` speaks to who reads stdout and stderr.
#[test]
fn one_door_for_what_goes_out() {
    let words = ["println!(", "print!(", "stdout()", "stderr()", "{report:?}", "{error:?}"];
    let macros = ["eprintln!(", "eprint!("];
    let allowed = [
        ("cli/out.rs", "the door"),
        ("cli/mod.rs", "the macros that lead to it"),
        ("cli/git.rs", "bytes that are no plan, for Git as they are"),
        ("cli/build/view.rs", "bars, of texts made plain"),
        ("cache/", "a daemon: what it says goes to a journal"),
        ("cargo/shim.rs", "speaks to Cargo"),
        ("verify/host_unit.rs", "speaks to Cargo"),
        ("verify/wrapper.rs", "speaks to Cargo"),
        ("verify/xpy/recorder.rs", "speaks to Cargo"),
    ];
    let found = lines_with(&words, &allowed);
    let is_macro = |line: &&String| line.contains("/cli/") || line.starts_with("cli/");
    let found: Vec<_> =
        found.into_iter().filter(|line| !(is_macro(&line) && names(line, &macros))).collect();
    // Who reads is asked for, too, before anything is said.
    let found: Vec<_> = found.into_iter().filter(|line| !line.contains("is_terminal()")).collect();
    assert!(found.is_empty(), "speak by cli::out:\n{}", found.join("\n"));
}

/// A file of tests that no other names is compiled by nobody, and passes whatever it says.
#[test]
fn every_file_of_tests_is_run() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut files = Vec::new();
    rust_files(&tests, &mut files);
    assert!(files.len() > 80, "{}", files.len());
    for file in files {
        let (dir, name) = (file.parent().unwrap(), file.file_stem().unwrap().to_str().unwrap());
        let is_root = dir == tests;
        // `a/mod.rs` is named where `a.rs` would be, and `a/b.rs` in either of these.
        let (name, above) = match (name, is_root) {
            ("main", true) => continue,
            ("mod", _) => (dir.file_name().unwrap().to_str().unwrap(), vec![tests.join("main.rs")]),
            (name, true) => (name, vec![tests.join("main.rs")]),
            (name, false) => (name, vec![dir.join("mod.rs"), dir.with_extension("rs")]),
        };
        let texts = above.iter().filter_map(|file| fs::read_to_string(file).ok());
        let named = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        let is_named =
            named.into_iter().any(|line| line.trim_start_matches("pub ") == format!("mod {name};"));
        assert!(is_named, "no file says `mod {name};`, so {} is not compiled", file.display());
    }
}
