//! The house rules that a compiler does not hold.

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms from the ground up: a room may import from rooms to its left only.
const ROOMS: [&str; 20] = [
    "process",
    "text",
    "nix",
    "files",
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
    "verify",
    "doctor",
    "cli",
];

fn rust_files(dir: &Path, found: &mut Vec<PathBuf>) {
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
