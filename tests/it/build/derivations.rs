//! Which step a derivation is.

use rbn_plan::build::store::Store;
use rbn_plan::build::{Known, Subject};
use rbn_plan::model::document::StepRef;
use rbn_plan::nix::stored::{self, Stored};
use rbn_plan::review::StepGraph;

use super::{document, file};

const DIGEST: &str = "00000000000000000000000000000000";

/// A derivation's file as Nix writes it, in the store `dir`.
fn derivation(dir: &str, json: &str) -> String {
    let json = json.replace('"', "\\\"");
    format!(
        "Derive([(\"out\",\"{dir}/{DIGEST}-part-1.0.0\",\"\",\"\")],[(\"{dir}/{DIGEST}-other.drv\",[\"out\"])],[],\
         \"x86_64-linux\",\"/bin/sh\",[],[(\"__json\",\"{json}\"),(\"out\",\"{dir}/{DIGEST}-part-1.0.0\")])"
    )
}

fn subject(json: &str) -> Subject {
    let path = format!("/nix/store/{DIGEST}-part-1.0.0.drv");
    let text = derivation("/nix/store", json);
    Known::of(Stored::parse(&path, text.as_bytes()).unwrap()).subject
}

/// Steps of two platforms have one name in the store; their files tell them apart.
#[test]
fn the_file_says_which_step_it_is() {
    for platform in ["host", "aarch64-unknown-linux-gnu"] {
        let json = format!(
            r#"{{"action":"compile","platform":"{platform}","step":"part-1.0.0","argv":[]}}"#
        );
        let step = StepRef { platform: platform.to_owned(), step: "part-1.0.0".to_owned() };
        assert_eq!(subject(&json), Subject::Step(step));
    }
    let gathered = r#"{"action":"collect","platform":"packages","step":"part"}"#;
    assert_eq!(subject(gathered), Subject::Package("part".to_owned()));
    assert_eq!(subject(r#"{"step":"part-1.0.0"}"#), Subject::Other);
    assert_eq!(subject(r#"{"action":"compile","step":7,"platform":"host"}"#), Subject::Other);
}

#[test]
fn what_is_no_derivation_is_none() {
    let path = format!("/nix/store/{DIGEST}-part-1.0.0.drv");
    let whole = derivation("/nix/store", r#"{"action":"compile"}"#);
    assert!(Stored::parse(&path, whole.as_bytes()).is_some());
    for end in 0..whole.len() {
        assert!(Stored::parse(&path, &whole.as_bytes()[..end]).is_none(), "{}", &whole[..end]);
    }
    assert!(Stored::parse("/nix/store/part.drv", whole.as_bytes()).is_none());
    assert!(Stored::parse("", whole.as_bytes()).is_none());
    for path in ["", "/", "x.drv", "/nix/store/é0000000000000000000000000000000-x"] {
        assert_eq!(stored::name(path), None, "{path}");
    }
}

#[test]
fn a_file_that_is_not_there_is_known_by_its_name_or_not_at_all() {
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    let mut store = Store::new(&graph);
    let known = store.known(&format!("/nowhere/{DIGEST}-app-0.1.0-run.drv")).clone();
    let step = StepRef {
        platform: "x86_64-unknown-linux-gnu".to_owned(),
        step: "app-0.1.0:run".to_owned(),
    };
    assert_eq!(known.subject, Subject::Step(step));
    assert_eq!(store.there(&format!("/nowhere/{DIGEST}-app-0.1.0-run.drv")), None);
    assert_eq!(store.known("/nowhere/x").subject, Subject::Other);
}

/// What a failed build leaves under its name is not what Nix took into the store.
#[test]
fn what_nix_did_not_take_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_str().unwrap();
    let drv = file(
        &dir,
        &format!("{DIGEST}-part-1.0.0.drv"),
        &derivation(root, r#"{"action":"compile","platform":"host","step":"part-1.0.0"}"#),
    );
    let drv = drv.to_str().unwrap();
    let document = document();
    let graph = StepGraph::of(&document).unwrap();
    assert_eq!(Store::new(&graph).there(drv), Some(false));
    let made = file(&dir, &format!("{DIGEST}-part-1.0.0"), "half");
    assert_eq!(Store::new(&graph).there(drv), Some(false));
    let taken = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1);
    std::fs::File::options().write(true).open(made).unwrap().set_modified(taken).unwrap();
    assert_eq!(Store::new(&graph).there(drv), Some(true));
}
