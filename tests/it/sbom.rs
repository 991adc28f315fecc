//! The bill of materials: what refers to what, the same bytes each time, a time only where one is given.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use rbn_plan::plan::sbom;
use serde_json::Value;

use crate::agree::{everything, plan};

#[test]
fn what_is_referred_to_is_there_once() {
    for fixture in ["macro-with-unit-tests", "root-package-with-members", "cargo-bin-exe"] {
        let plan = plan(fixture, everything("release"));
        let text = sbom::render(&plan, None);
        assert_eq!(text, sbom::render(&plan, None));
        let document: Value = serde_json::from_str(&text).unwrap();
        let list = |key: &str| document[key].as_array().unwrap();
        let subject = document["metadata"]["component"]["bom-ref"].as_str().unwrap();
        let refs = list("components").iter().map(|one| one["bom-ref"].as_str().unwrap());
        let all: Vec<&str> = refs.chain([subject]).collect();
        let distinct: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), distinct.len(), "{fixture}: {text}");
        let mut told = BTreeSet::new();
        for dependency in list("dependencies") {
            assert!(told.insert(dependency["ref"].as_str().unwrap()), "{fixture}: {text}");
            for on in dependency["dependsOn"].as_array().unwrap() {
                assert!(distinct.contains(on.as_str().unwrap()), "{fixture}: {on}");
            }
        }
        assert_eq!(told, distinct, "{fixture}");
        assert!(document["metadata"].get("timestamp").is_none());
    }
}

#[test]
fn macros_and_what_they_are_made_of_are_no_part_of_what_runs() {
    let plan = plan("macro-with-unit-tests", everything("release"));
    let document: Value = serde_json::from_str(&sbom::render(&plan, None)).unwrap();
    let scope = |name: &str| {
        let components = document["components"].as_array().unwrap().iter();
        let one = components.clone().find(|one| one["name"] == name);
        one.map(|one| one["scope"].as_str().unwrap().to_owned())
    };
    let scopes: BTreeSet<Option<String>> =
        plan.packages.values().map(|package| scope(&package.name)).collect();
    assert!(scopes.contains(&Some("required".to_owned())), "{scopes:?}");
}

#[test]
fn a_time_is_the_users() {
    let run = |epoch: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.args(["sbom", "--offline", "-C"]);
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checks/mix"));
        command.env_remove("SOURCE_DATE_EPOCH");
        command.envs(epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)));
        let output = command.output().expect("the program starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, with, _) = run(Some("951782400"));
    assert_eq!(code, Some(0));
    assert!(with.contains("\"timestamp\": \"2000-02-29T00:00:00Z\""), "{with}");
    let (code, without, _) = run(None);
    assert_eq!(code, Some(0));
    assert!(!without.contains("timestamp"), "{without}");
    let (code, nothing, words) = run(Some("yesterday"));
    assert_eq!((code, nothing.as_str()), (Some(2), ""));
    assert!(words.contains("SOURCE_DATE_EPOCH") && words.contains("yesterday"), "{words}");
}
