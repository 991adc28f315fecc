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
