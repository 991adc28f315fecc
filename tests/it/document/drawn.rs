//! Files for pictures and plans: which kind is written.

use insta::assert_snapshot;

use super::workspace::{SMALL, Workspace};

#[test]
fn a_plan_has_the_form_of_its_file() {
    let workspace = Workspace::new(SMALL);
    let writes = |args: &[&str], file: &str, begins: &str| {
        workspace.says(0, &[&["-o", file], args].concat());
        let text = workspace.read(file);
        assert!(text.starts_with(begins), "{file}: {}", &text[..40]);
    };
    writes(&[], "x.nix", "# @generated ");
    writes(&[], "x", "# @generated ");
    writes(&[], "x.json", "{");
    writes(&[], "x.gv", "digraph ");
    writes(&["--format", "dot"], "y.json", "digraph ");
    // What holds something else is not overwritten by a plan.
    workspace.says(2, &["-o", "x.json", "--format", "nix"]);
    assert!(workspace.read("x.json").starts_with('{'));
}

#[test]
fn the_file_s_name_says_the_kind() {
    let workspace = Workspace::new(SMALL);
    let draws = |args: &[&str], file: &str, begins: &str| {
        workspace.says(0, &[&["graph", "-o", file], args].concat());
        let text = workspace.read(file);
        assert!(text.starts_with(begins), "{file}: {}", &text[..40]);
    };
    draws(&[], "x.html", "<!doctype html>");
    draws(&[], "x.HTM", "<!doctype html>");
    draws(&[], "x.svg", "<?xml ");
    draws(&[], "x.dot", "digraph ");
    draws(&[], "x.gv", "digraph ");
    draws(&[], "x", "digraph ");
    // Who names the kind has it, whatever the file is called.
    draws(&["--format", "svg"], "y.html", "<?xml ");
    draws(&["--format", "dot"], "y.txt", "digraph ");
    assert!(workspace.says(0, &["graph"]).starts_with("digraph "));
    assert_snapshot!(workspace.says(2, &["graph", "-o", "x.png"]), @r#"
    × `x.png` is no name for a picture of this command: its kinds are .dot, .svg
    │ and .html
    help: name the kind with --format; Graphviz draws others: `rbn-plan graph |
          dot -Tpng -o x.png`
    "#);
    assert!(!workspace.file("x.png").exists());
}
