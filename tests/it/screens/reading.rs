//! A plan that is read: its steps, its reasons, what it is built of.

use super::screen::Screen;

#[test]
fn reading_a_plan() {
    let screen = Screen::new();
    screen.is("explain", 0, &["explain", "parser-0.3.1"]);
    screen.is("explain-feature", 0, &["explain", "parser/json"]);
    screen.is("explain-wrong", 2, &["explain", "parsre"]);
    screen.is("steps", 0, &["steps"]);
    screen.is("steps-text", 0, &["steps", "--format", "text"]);
    screen.is("config", 0, &["config"]);
    screen.is("graph-dot", 0, &["graph", "--format", "dot"]);
    screen.is("graph-simulate-untimed", 2, &["graph", "--simulate", "1,2"]);
    let host = crate::document::workspace::host();
    let steps = format!(
        "{{\"{host}/app-1.2.0:bin:app\":3000,\"{host}/parser-0.3.1\":2000,\"host/macros-0.1.0\":1000}}"
    );
    screen.gives("times.json", &format!("{{\"format_version\":1,\"steps\":{steps}}}"));
    screen.is("graph-simulate", 0, &["graph", "--simulate", "1,2", "--times", "bin/times.json"]);
    screen.is("sbom", 0, &["sbom"]);
}

/// Whether it is what Cargo runs.
#[test]
fn proving_a_plan() {
    let screen = Screen::new().real();
    screen.is("verify", 0, &["verify", "--offline"]);
}
