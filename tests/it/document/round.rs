//! A plan's file read back is the plan that was printed.

use std::path::{Path, PathBuf};
use std::process::Command;

use rbn_plan::model::Document;
use rbn_plan::plan;
use rbn_plan::plan_file::read;

use super::workspace::{SMALL, Workspace};

/// The document of a plan's file.
pub fn of_file(text: &str) -> Document {
    let (mut plan, recipe) = read::read(text).unwrap();
    plan::identity::assign(&mut plan).unwrap();
    plan::document(&plan, recipe)
}

/// Compares the two documents step by step, so that a failure shows what differs.
fn same(from_plan: &Document, from_file: &Document) {
    for (platform, name, step) in from_plan.all() {
        assert_eq!(Some(step), from_file.steps[platform].get(name), "{platform}/{name}");
    }
    for (key, package) in &from_plan.packages {
        assert_eq!(Some(package), from_file.packages.get(key));
    }
    assert_eq!(from_plan, from_file);
}

fn both(dir: &Path) -> (Document, Document) {
    let run = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.args(["--offline", "--format", format, "-C"]).arg(dir);
        let done = command.env_remove("RUSTFLAGS").output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    let json = Document::read(&run("json")).unwrap();
    let nix = of_file(&String::from_utf8(run("nix")).unwrap());
    (json, nix)
}

#[test]
fn a_plan_s_file_holds_the_whole_plan() {
    let workspace = Workspace::new(SMALL);
    let (json, nix) = both(workspace.path());
    same(&json, &nix);
}

/// Further workspaces, of real projects: `PLAN_TEST_PROJECTS=DIR:DIR`.
#[test]
fn so_do_those_of_real_projects() {
    let Some(list) = std::env::var_os("PLAN_TEST_PROJECTS") else { return };
    for dir in std::env::split_paths(&list).collect::<Vec<PathBuf>>() {
        eprintln!("{}", dir.display());
        let (json, nix) = both(&dir);
        same(&json, &nix);
    }
}

#[test]
fn json_reads_back() {
    let workspace = Workspace::new(SMALL);
    let (json, _) = both(workspace.path());
    assert_eq!(Document::read(json.write().as_bytes()).unwrap(), json);
}

#[test]
fn a_document_holds_no_path_of_the_machine() {
    let workspace = Workspace::new(SMALL);
    let text = workspace.says(0, &["--format", "json"]);
    let home = std::env::var("HOME").unwrap();
    assert!(!text.contains("WORKSPACE"), "{text}");
    assert!(!text.contains(&format!("{home}/")), "{text}");
}
