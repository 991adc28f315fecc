//! What is no plan is said to be none, with exit code 2.

use std::fs;
use std::process::Command;

use insta::assert_snapshot;

use super::workspace::{SMALL, Workspace};

fn refused(text: &str) -> String {
    let workspace = Workspace::new(
        "--- Cargo.toml\n[package]\nname = \"a\"\nversion = \"1.0.0\"\nedition = \"2021\"\n--- src/lib.rs\n",
    );
    fs::write(workspace.file("old"), text).unwrap();
    workspace.says(2, &["diff", "old"])
}

#[test]
fn files_that_are_no_plan() {
    assert_snapshot!(refused("hello"), @r#"
    × old is no plan: neither a steps.nix of rbn-plan nor JSON
    help: `rbn-plan -o FILE` makes a plan, `rbn-plan --format json -o FILE` one
          for programs
    "#);
    assert_snapshot!(refused("{ \"a\": 1 }"), @r#"
    × could not read the plan old
    ╰─▶   × it is JSON, but no plan: it has no `format_version`
          help: a plan as JSON is what `rbn-plan --format json` prints
    "#);
    assert_snapshot!(refused("[1]"), @r#"
    × could not read the plan old
    ╰─▶   × it is JSON, but no plan: it has no `format_version`
          help: a plan as JSON is what `rbn-plan --format json` prints
    "#);
    assert_snapshot!(refused("# a comment\n{ }\n"), @r#"
    × could not read the plan old
    ╰─▶   × it is no plan: it does not begin as one of rbn-plan
          help: a plan's file is what `rbn-plan` prints, such as
                generated/steps.nix
    "#);
    assert_snapshot!(refused("{ \"format_version\": 7, \"anything\": [] }"), @r#"
    × could not read the plan old
    ╰─▶   × it is a plan of format 7; this program knows format 1
          help: print it again with this program, or use the version that
                printed it
    "#);
    assert_snapshot!(refused("{ \"format_version\": 1, \"selec"), @r#"
    × could not read the plan old
    ╰─▶   × it ends in the middle (line 1)
          help: make it again: `rbn-plan --format json`
    "#);
    assert_snapshot!(refused("{ \"format_version\": 1 }"), @r#"
    × could not read the plan old
    ╰─▶   × it is no whole plan of format 1: missing field `selection` at line 1
          │ column 23
    "#);
}

#[test]
fn plans_that_were_cut_edited_or_made_by_another_version() {
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    let text = workspace.read("generated/steps.nix");
    let with = |text: String| {
        fs::write(workspace.file("old"), text).unwrap();
        workspace.says(2, &["diff", "old"])
    };
    assert_snapshot!(with(text.replace("formatVersion = 1;", "formatVersion = 9;")), @r#"
    × could not read the plan old
    ╰─▶   × it is a plan of format 9; this program knows format 1
          help: make it again with this program, or use the version that made it
    "#);
    assert_snapshot!(with(text.replace("rootDepth = 0;", "rootDepth = ;")), @r#"
    × could not read the plan old
    ╰─▶   × its facts cannot be read: expected a value
            ╭─[old:31:15]
         30 │   hostTriple = tools.host or "TARGET";
         31 │   rootDepth = ;
            ·               ┬
            ·               ╰── here
         32 │
            ╰────
          help: was it edited by hand, or merged? make it again: `rbn-plan -o
                FILE`
    "#);
    let winged = "version = \"0.1.0\";\n wings = true;";
    assert_snapshot!(with(text.replace("version = \"0.1.0\";", winged)), @r#"
    × could not read the plan old
    ╰─▶   × crates."macros-0.1.0".wings: a fact that this version does not know
          help: was it edited by hand, or merged? make it again: `rbn-plan -o
                FILE`
    "#);
    assert_snapshot!(with(text.replace("script = \"parser-0.3.1:run\";", "script = \"parser-0.3.2:run\";")), @r#"
    × could not read the plan old
    ╰─▶   × facts.TARGET."parser-0.3.1": names the step
          │ TARGET/parser-0.3.2:run, which the plan does not
          │ have
          help: was it edited by hand, or merged? make it again: `rbn-plan -o
                FILE`
    "#);
    // Cut anywhere: refused, never misread and never a panic.
    for part in 1..24 {
        let mut end = text.len() * part / 24;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        fs::write(workspace.file("old"), &text[..end]).unwrap();
        let done = workspace.run(&["diff", "old", "generated"]);
        assert_eq!(done.status.code(), Some(2), "cut at {end}");
    }
}

#[test]
fn a_revision_without_a_plan_and_a_name_that_is_nothing() {
    let workspace = Workspace::new(SMALL);
    workspace.git(&["init", "-q"]);
    assert_snapshot!(workspace.says(2, &["diff"]), @r#"
    × there is no commit here, so there is no plan to compare with
    help: commit the plan, or name a plan's file: `rbn-plan diff OLD`; `rbn-plan
          check` says whether the one that is here is up to date
    "#);
    workspace.git(&["add", "-A"]);
    workspace.git(&["commit", "-q", "-m", "x"]);
    assert_snapshot!(workspace.says(2, &["diff", "HEAD"]), @r#"
    × the git revision HEAD has no generated/steps.nix
    help: make a plan with `rbn-plan -o generated/steps.nix` and commit it; or
          name a revision that has one (`git log -- generated/steps.nix`)
    "#);
    assert_snapshot!(workspace.says(2, &["diff", "no-such-thing"]), @r#"
    × `no-such-thing` is neither a file, a directory nor a git revision
    help: a plan is a steps.nix, what `rbn-plan --format json` prints, or a
          revision of a repository that has it committed
    "#);
}

#[test]
fn directories_without_a_plan_and_files_without_an_end() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(2, &["diff", "app"]), @r#"
    × the directory app has no generated/steps.nix
    help: `rbn-plan -C app -o generated/steps.nix` makes the plan of a workspace
    "#);
    assert_snapshot!(workspace.says(2, &["diff", "/dev/zero"]), @r#"
    × /dev/zero is a device, not a file
    help: put a regular file in its place, or take it away
    "#);
    assert_snapshot!(workspace.says(2, &["check", "app"]), @r#"
    × could not read app
    ╰─▶ Is a directory (os error 21)
    "#);
    fs::write(workspace.file("bytes"), [0xff; 64]).unwrap();
    assert_snapshot!(workspace.says(2, &["diff", "bytes"]), @r#"
    × bytes is no plan: neither a steps.nix of rbn-plan nor JSON
    help: `rbn-plan -o FILE` makes a plan, `rbn-plan --format json -o FILE` one
          for programs
    "#);
    // What looks like an option of Git's is none.
    assert_snapshot!(workspace.says(2, &["diff", "--", "--output=there"]), @r#"
    × `--output=there` is neither a file, a directory nor a git revision
    help: a plan is a steps.nix, what `rbn-plan --format json` prints, or a
          revision of a repository that has it committed
    "#);
    assert!(!workspace.file("there").exists());
}

/// `rbn-plan check 2>&1 | head -1` is no reason to fall over.
#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let workspace = Workspace::new(SMALL);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let done = Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .arg("check")
        .current_dir(workspace.path())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .status()
        .unwrap();
    assert_eq!(done.code(), Some(1));
}

#[test]
fn check_looks_at_plans_only() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(2, &["check", "Cargo.toml"]), @r#"
    × Cargo.toml is no plan: neither a steps.nix of rbn-plan nor JSON
    help: `rbn-plan -o FILE` makes a plan, `rbn-plan --format json -o FILE` one
          for programs
    "#);
}

#[test]
fn places_and_triples_that_do_not_exist() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(2, &["-C", "nowhere"]), @r#"  × there is no directory WORKSPACE/nowhere, which -C names"#);
    let said = workspace.says(2, &["--target", "x86_64-unknown-linux"]);
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("help: did you mean `"), "{said}");
    assert!(words.ends_with("`rustc --print target-list` has all of them"), "{said}");
}

/// A file in their place would take a device away from everybody, and a link from its owner.
#[test]
fn devices_and_links_stay_what_they_are() {
    use std::os::unix::fs::{FileTypeExt as _, symlink};

    let workspace = Workspace::new(SMALL);
    let pipe = workspace.file("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    workspace.says(0, &["-o", "pipe"]);
    let plan = reader.join().unwrap();
    assert!(plan.starts_with("# @generated"), "{plan}");
    assert!(fs::symlink_metadata(pipe).unwrap().file_type().is_fifo());

    fs::create_dir(workspace.file("elsewhere")).unwrap();
    fs::write(workspace.file("elsewhere/steps.nix"), "").unwrap();
    symlink("elsewhere/steps.nix", workspace.file("link.nix")).unwrap();
    workspace.says(0, &["-o", "link.nix"]);
    assert!(fs::symlink_metadata(workspace.file("link.nix")).unwrap().is_symlink());
    assert!(workspace.read("elsewhere/steps.nix").starts_with("# @generated"));
}

/// An override for a package that is not there is for one with a name much like it, or for none.
#[test]
fn an_override_of_no_package() {
    let workspace = Workspace::new(SMALL);
    let said = |text: &str| {
        workspace.write(&format!("--- config.toml\n{text}"));
        workspace.says(0, &["-o", "plan.nix"])
    };
    assert_snapshot!(said("[override.parsr]\nenv.A = \"1\"\n"), @r#"
    warning: config.toml:1 matches no step: [override.parsr]; did you mean
      [override.parser]?
    "#);
    assert_snapshot!(said("[override.openssl-sys]\nenv.A = \"1\"\n"), @r#"
    warning: config.toml:1 matches no step: [override.openssl-sys]: the plan has no
      such package
    "#);
    assert_snapshot!(said("[override.parser]\nversion = \"9\"\nenv.A = \"1\"\n"), @r#"
    warning: config.toml:1 matches no step: [override.parser]
    "#);
    // The table is named by its head, each of several by its own; one that is written in dots, by its key.
    let lines = |text: &str| -> Vec<String> {
        let said = said(text).replace("\n  ", " ");
        let one = |line: &str| line.split_once(" matches").map(|(place, _)| place.to_owned());
        said.lines().filter_map(one).collect()
    };
    let two = "# Two.\n\n[[override.gone]]\n# One.\nenv.A = \"1\"\n\n[[override.gone]]\n\nenv.A = \"2\"\n";
    assert_eq!(lines(two), ["warning: config.toml:3", "warning: config.toml:7"]);
    let inside = "[override.gone]\n\n[override.gone.env]\nA = \"1\"\n";
    assert_eq!(lines(inside), ["warning: config.toml:1"]);
    let dotted = "[override]\nother.env.A = \"1\"\ngone.env.A = \"1\"\n";
    assert_eq!(lines(dotted), ["warning: config.toml:2", "warning: config.toml:3"]);

    workspace.write("--- config.toml\n[override.parser]\nkind = [\"bin\"]\nenv.A = \"1\"\n");
    let released = workspace.says(0, &["--release", "-o", "plan.nix"]);
    assert!(released.contains("matches no step"), "{released}");
    // Of another selection.
    assert_eq!(said("[override.parser]\nkind = [\"test\"]\nenv.A = \"1\"\n"), "");
    workspace.write("--- config.toml\n[override.app]\nenv.A = \"1\"\n");
    assert_eq!(workspace.says(0, &["-p", "parser", "-o", "plan.nix"]), "");
}

/// What is git's own is no file that git ignores, and config.toml cannot give it to a step.
#[test]
fn code_that_reads_the_repository() {
    let workspace = Workspace::new(
        "--- Cargo.toml\n[package]\nname = \"app\"\nversion = \"1.2.0\"\nedition = \"2021\"\n\
         [build-dependencies]\ninfo = { path = \"info\" }\n--- src/main.rs\nfn main() {}\n\
         --- build.rs\nfn main() { info::commit(); }\n\
         --- info/Cargo.toml\n[package]\nname = \"info\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
         --- info/src/lib.rs\nuse std::{env, fs, path::PathBuf};\n\
         pub fn commit() -> Option<String> {\n    let mut dir = PathBuf::from(env::var(\"CARGO_MANIFEST_DIR\").ok()?);\n\
         \x20   while !dir.join(\".git\").exists() { dir = dir.parent()?.to_owned(); }\n\
         \x20   fs::read_to_string(dir.join(\".git\").join(\"HEAD\")).ok()\n}\n",
    );
    workspace.commit();
    assert_snapshot!(workspace.says(0, &["-o", "plan.nix"]), @r"
    note: code that builds app reads .git/HEAD, which no step sees: it finds no
      repository, as in a source archive
    ");
}

/// A plan that is there knows its own workspace, so Cargo would not say that a manifest is none.
#[test]
fn a_manifest_that_is_none() {
    let workspace = Workspace::new(SMALL);
    workspace.says(0, &["-o", "generated/steps.nix"]);
    assert_snapshot!(workspace.says(2, &["check", "--manifest-path", "app"]), @r"
      × --manifest-path names no file: app
      help: name the file: --manifest-path app/Cargo.toml
    ");
    assert_snapshot!(workspace.says(2, &["check", "--manifest-path", "nosuch/Cargo.toml"]), @r"
      × --manifest-path names no file: nosuch/Cargo.toml
      help: name the Cargo.toml of a package or a workspace
    ");
    workspace.says(0, &["check", "--manifest-path", "app/Cargo.toml"]);
}
