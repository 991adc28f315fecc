//! What a plan is compared with, or written for: advisories and licences, an editor.

use super::screen::Screen;

#[test]
fn auditing() {
    let screen = Screen::new();
    screen.is("audit-nothing", 2, &["audit"]);
    screen.is("audit-no-database", 2, &["audit", "--database", "bin"]);
    screen.gives("db/crates/parser/placeholder", "");
    screen.is("audit", 0, &["audit", "--database", "bin/db"]);
    screen.workspace.write("--- rbn-plan.toml\n[audit]\nlicenses = [\"MIT\"]\n");
    screen.is("audit-licences", 1, &["audit"]);
}

#[test]
fn an_editor() {
    let screen = Screen::new();
    screen.is("rust-project", 0, &["rust-project", "--no-build"]);
    screen.is("rust-project-refused", 2, &["rust-project", "-o", "made.json", "--discover", "{}"]);
}
