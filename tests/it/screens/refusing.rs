//! What cannot be.

use std::fs;

use super::screen::Screen;

#[test]
fn what_is_refused() {
    let screen = Screen::new();
    screen.workspace.write("--- config.toml\n[build]\nprofil = \"dev\"\nworkspace = 3\n");
    screen.is("config-wrong", 2, &["check"]);
    // What Cargo itself refuses: its own words come first.
    screen.workspace.write("--- config.toml\n[build]\nprofile = \"relase\"\n");
    screen.is("profile-wrong", 2, &["plan", "--offline", "-o", "generated/steps.nix"]);
    screen.workspace.write("--- config.toml\n");
    screen.is(
        "feature-wrong",
        2,
        &["plan", "--offline", "-p", "app", "-F", "nosuch", "-o", "x.nix"],
    );
    fs::remove_file(screen.workspace.file("Cargo.lock")).unwrap();
    screen.is("no-lock", 2, &["check"]);
    screen.is("usage", 2, &["chekc"]);
}

/// What somebody types who knows Cargo is answered by what does the same here.
#[test]
fn words_of_cargo() {
    let screen = Screen::new();
    screen.is("cargo-run", 2, &["run"]);
    screen.is("cargo-no-run", 2, &["test", "--no-run"]);
    screen.is("cargo-update", 2, &["update"]);
    screen.is("doc-arguments", 2, &["doc", "--", "--document-private-items"]);
}
