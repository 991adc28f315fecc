//! What cannot be.

use std::fs;

use super::screen::Screen;

#[test]
fn what_is_refused() {
    let screen = Screen::new();
    screen.workspace.write("--- config.toml\n[build]\nprofil = \"dev\"\nworkspace = 3\n");
    screen.is("config-wrong", 2, &["check"]);
    screen.workspace.write("--- config.toml\n");
    fs::remove_file(screen.workspace.file("Cargo.lock")).unwrap();
    screen.is("no-lock", 2, &["check"]);
    screen.is("usage", 2, &["chekc"]);
}
