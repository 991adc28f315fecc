//! What a plan is compared with, or written for: advisories and licences, an editor.

use super::screen::Screen;

#[test]
fn auditing() {
    let screen = Screen::new();
    screen.is("audit-nothing", 2, &["audit"]);
    screen.is("audit-no-database", 2, &["audit", "--database", "bin"]);
    screen.gives("db/crates/parser/placeholder", "");
    screen.is("audit", 0, &["audit", "--database", "bin/db"]);
}

#[test]
fn an_editor() {
    let screen = Screen::new();
    screen.has(0);
    // The workspace has no sources from elsewhere.
    let answer = r#"{"rustc":"/nowhere/rustc","sources":[]}"#;
    screen.program("nix-instantiate", &format!("#!/bin/sh\necho '{answer}'\n"));
    screen.is("rust-project", 0, &["rust-project", "--no-build", "-q"]);
}
