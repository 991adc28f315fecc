//! The planner against Cargo, from end to end.

use std::path::{Path, PathBuf};

use camino::Utf8Path;
use rbn_plan::input::cargo::load::{Options, load};
use rbn_plan::input::cargo::selection::{Command, Selection};
use rbn_plan::plan::lower;
use rbn_plan::verify::compare::compare;
use rbn_plan::verify::lowered::planned;
use rbn_plan::verify::record;
use rbn_plan::verify::report::Report;

use crate::record::{everything, ripgrep};

/// Plans and records the same selection.
fn verify(dir: &Path, selection: Selection) -> Report {
    let dir = Utf8Path::from_path(dir).expect("a UTF-8 path");
    let options = Options {
        dir: dir.to_owned(),
        manifest_path: None,
        cargo: "cargo".to_owned(),
        rustc: "rustc".to_owned(),
    };
    let workspace = load(&options, selection).unwrap_or_else(|error| panic!("{error:?}"));
    let plan = lower(&workspace).unwrap_or_else(|error| panic!("{error:?}"));
    let selection = &workspace.selection;
    let recorded = record::Selection {
        command: match selection.command {
            Command::Build => record::CargoCommand::Build,
            Command::Check => record::CargoCommand::Check,
        },
        targets: selection.targets.iter().map(ToString::to_string).collect(),
        flags: selection.build_args().into_iter().map(Into::into).collect(),
    };
    let recording = record::record(
        dir,
        &recorded,
        &mut record::Options {
            cargo: PathBuf::from("cargo"),
            program: PathBuf::from(env!("CARGO_BIN_EXE_rbn-plan")),
            progress: &mut |_| {},
        },
    )
    .unwrap_or_else(|error| panic!("{error}"));
    compare(&planned(&plan), &recording)
}

fn select(profile: &str, build_targets: &[&str]) -> Selection {
    Selection {
        profile: profile.to_owned(),
        workspace: true,
        build_targets: build_targets.iter().map(|&flag| flag.to_owned()).collect(),
        resolve_flags: vec!["--offline".to_owned()],
        ..Selection::default()
    }
}

fn lock(dir: &Path) {
    let status = std::process::Command::new("cargo")
        .args(["generate-lockfile", "--offline"])
        .current_dir(dir)
        .status()
        .expect("cargo starts");
    assert!(status.success());
}

#[test]
fn everything_is_equal() {
    let dir = everything();
    lock(dir.path());
    for selection in [
        select("dev", &[]),
        select("release", &["--all-targets"]),
        Selection { command: Command::Check, ..select("dev", &[]) },
    ] {
        let report = verify(dir.path(), selection);
        assert!(report.is_equal(), "{report}");
    }
}

#[test]
#[ignore = "needs ripgrep 14.1.1 and its dependencies in cargo's registry cache"]
fn ripgrep_is_equal() {
    let (_dir, path) = ripgrep().expect("ripgrep 14.1.1 is in cargo's registry cache");
    let report = verify(path.as_std_path(), select("release", &[]));
    assert!(report.is_equal(), "{report}");
}
