//! Warnings: of the workspace's own packages, each once.

use rbn_plan::build::Subject;
use rbn_plan::build::tracker::Running;
use rbn_plan::build::warnings::Warnings;
use rbn_plan::model::document::{Origin, StepRef};
use rbn_plan::review::StepGraph;

use super::document;

/// A step that was built, and its log.
fn built(platform: &str, step: &str, log: &[&str]) -> Running {
    let step = StepRef { platform: platform.to_owned(), step: step.to_owned() };
    Running {
        drv: "/no/store/x.drv".to_owned(),
        subject: Subject::Step(step),
        machine: String::new(),
        start: 0,
        end: Some(1),
        status: None,
        assumed: false,
        log: log.iter().map(|line| (*line).to_owned()).collect(),
        reason: String::new(),
    }
}

const TARGET: &str = "x86_64-unknown-linux-gnu";

#[test]
fn a_member_s_warnings_are_said_once() {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let mut warnings = Warnings::default();
    let text = ["warning: unused variable: `x`", " --> app/src/lib.rs:1:1", ""];
    let library = built(TARGET, "app-0.1.0", &text);
    assert_eq!(
        warnings.of(&library, &graph).as_deref(),
        Some("warning: unused variable: `x`\n --> app/src/lib.rs:1:1")
    );
    let program = built(TARGET, "app-0.1.0:bin:app", &text);
    assert_eq!(warnings.of(&program, &graph), None);
    let script = built(TARGET, "app-0.1.0:run", &["warning: app@0.1.0: careful"]);
    assert_eq!(warnings.of(&script, &graph).as_deref(), Some("warning: app@0.1.0: careful"));
    // The builder's own remarks, nothing at all, and what is no step of the plan.
    let quiet = built("host", "app-0.1.0:build-script", &["rbn-plan: compiled without the cache"]);
    assert_eq!(warnings.of(&quiet, &graph), None);
    assert_eq!(warnings.of(&built("host", "nobody", &["warning: x"]), &graph), None);
}

#[test]
fn crates_of_others_warn_nobody() {
    let origins = [
        Origin::Registry { registry: "crates-io".to_owned(), sha256: "0".repeat(64) },
        Origin::Vendor { dir: "vendor/app".to_owned() },
        Origin::Git {
            url: "https://example.com/app".to_owned(),
            rev: "0".repeat(40),
            reference: None,
            dir: String::new(),
        },
    ];
    for origin in origins {
        let mut document = document();
        document.packages.get_mut("app-0.1.0").unwrap().source = origin;
        let graph = StepGraph::of(&document).unwrap();
        let script = built(TARGET, "app-0.1.0:run", &["warning: app@0.1.0: careful"]);
        assert_eq!(Warnings::default().of(&script, &graph), None);
    }
}
