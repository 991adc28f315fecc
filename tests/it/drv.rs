//! The derivations that a plan implies, computed here and by Nix: the same store paths. Needs
//! `nix-instantiate` beside Cargo. Nothing is built, and nothing but ATerms is put into the store.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use camino::Utf8PathBuf;
use rbn_plan::emit::drv::{self, Toolchain};
use rbn_plan::emit::{nix, toolchain};
use rbn_plan::graph::dependencies_first;
use rbn_plan::input::cargo::answers::Answers;
use rbn_plan::input::cargo::load::{Options, load};
use rbn_plan::input::cargo::selection::{Command as CargoCommand, Selection};
use rbn_plan::input::toolchain::HostToolchain;
use rbn_plan::input::toolchain::registries::Registry;
use rbn_plan::model::step::Additions;
use rbn_plan::model::{PackageKey, Plan, Platform, Source, Triple};
use rbn_plan::nix::derivation::{Derivations, Instance};
use rbn_plan::plan::{identity, lower};
use serde_json::Value;
use similar::TextDiff;

use crate::record::{ripgrep, utf8};
use crate::workspaces::{configured, everything};

const TARGET: &str = "x86_64-unknown-linux-gnu";
const FOREIGN: &str = "aarch64-unknown-linux-gnu";

fn triple(text: &str) -> Triple {
    Triple::new(text).expect("a triple")
}

/// A machine that is nowhere: its words are as good as any.
fn machine() -> HostToolchain {
    let paths = |paths: &[&str]| paths.iter().map(Utf8PathBuf::from).collect::<Vec<_>>();
    let registry = |dl: &str| Registry { dl: Some(dl.to_owned()), cache: None };
    HostToolchain {
        system: "x86_64-linux".to_owned(),
        host: triple(TARGET),
        sysroot: "/opt/rust".into(),
        rustc: "/opt/rust/bin/rustc".into(),
        rustdoc: "/opt/rust/bin/rustdoc".into(),
        cargo: "/opt/rust/bin/cargo".into(),
        shell: "/opt/shell/bin/bash".into(),
        path: paths(&["/opt/core/bin", "/opt/tar/bin"]),
        links: [("cc".to_owned(), "/opt/cc/bin/gcc-12".into())].into(),
        linkers: [(triple(FOREIGN), "/opt/cc/bin/cross-gcc".into())].into(),
        target_env: [(triple(TARGET), [("CC_x".to_owned(), "a \"b\" ${c}".to_owned())].into())]
            .into(),
        runners: BTreeMap::new(),
        targets: [TARGET.to_owned(), FOREIGN.to_owned()].into(),
        fingerprint: vec!["rustc 1.95.0 (ä \"quoted\" \\ ${x})".to_owned(), "ld 2.40".to_owned()],
        script_shell: "/usr/bin/dash".into(),
        sandbox_paths: paths(&["/opt", "/opt/a path that is far too long for the name of a store"]),
        registries: [
            ("crates-io".to_owned(), registry("https://crates.invalid/api")),
            ("other".to_owned(), registry("https://o.invalid/{lowerprefix}/{crate}-{version}.c")),
        ]
        .into(),
    }
}

fn plan(dir: &Path, selection: Selection) -> Plan {
    let options = Options {
        dir: utf8(dir).to_owned(),
        manifest_path: None,
        cargo: "cargo".to_owned(),
        rustc: "rustc".to_owned(),
        answers: Answers::default(),
    };
    let rustc = options.compiler().expect("rustc answers");
    let workspace = load(&options, rustc, selection).unwrap_or_else(|error| panic!("{error:?}"));
    lower(&workspace).unwrap_or_else(|error| panic!("{error:?}"))
}

fn select(profile: &str, build_targets: &[&str]) -> Selection {
    Selection {
        profile: profile.to_owned(),
        workspace: true,
        targets: vec![triple(TARGET)],
        build_targets: build_targets.iter().map(|&flag| flag.to_owned()).collect(),
        resolve_flags: vec!["--offline".to_owned()],
        ..Selection::default()
    }
}

fn lock(dir: &Path) {
    let status = Command::new("cargo")
        .args(["generate-lockfile", "--offline"])
        .current_dir(dir)
        .status()
        .expect("cargo starts");
    assert!(status.success());
}

/// A plan and a toolchain as files, for Nix.
struct Files {
    dir: tempfile::TempDir,
    src: Utf8PathBuf,
}

impl Files {
    fn write(plan: &Plan, machine: &HostToolchain, src: &Path) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let steps = nix::render(std::slice::from_ref(plan)).expect("a plan renders");
        let tools = toolchain::render_host(machine).expect("a toolchain renders");
        fs::write(dir.path().join("steps.nix"), steps).expect("a writable folder");
        fs::write(dir.path().join("toolchain.nix"), tools).expect("a writable folder");
        Self { dir, src: utf8(src).to_owned() }
    }

    fn nix_instantiate(&self, args: &[&str]) -> String {
        let output = Command::new("nix-instantiate")
            .args(args)
            .current_dir(self.dir.path())
            .output()
            .expect("nix-instantiate starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Each step's derivation and output, by group and name.
    fn paths(&self) -> Value {
        let expression = format!(
            "builtins.mapAttrs (_: builtins.mapAttrs (_: step: [ step.drvPath step.outPath ])) \
             (import ./steps.nix {{ src = {}; }}).steps",
            self.src
        );
        let json = self.nix_instantiate(&["--eval", "--strict", "--json", "-E", &expression]);
        serde_json::from_str(&json).expect("JSON")
    }

    /// The content of a step's derivation.
    fn aterm(&self, group: &str, name: &str) -> String {
        let expression =
            format!("(import ./steps.nix {{ src = {}; }}).steps.{group}.\"{name}\"", self.src);
        let drv = self.nix_instantiate(&["-E", &expression]);
        fs::read_to_string(drv.trim()).expect("Nix wrote a derivation")
    }
}

/// An ATerm with a line for each part that may differ.
fn lines(aterm: &str) -> String {
    aterm.replace(",(", ",\n(").replace("\\\",", "\\\",\n").replace("[", "[\n")
}

/// Holds that Nix gives every step of `plan` the store path that is computed here.
#[track_caller]
fn check(plan: &Plan, src: &Path) -> BTreeMap<String, Instance> {
    let machine = machine();
    let mut derivations = Derivations::default();
    let tools = Toolchain::of_host(&machine, &mut derivations).expect("a provider that Nix takes");
    let made = drv::derivations(plan, &tools, utf8(src), &BTreeMap::new(), &mut derivations)
        .unwrap_or_else(|error| panic!("{error:?}"));
    let files = Files::write(plan, &machine, src);
    let expected = files.paths();
    let count: usize = expected
        .as_object()
        .expect("groups")
        .values()
        .map(|group| group.as_object().expect("steps").len())
        .sum();
    assert_eq!((made.len(), plan.graph.node_count()), (count, count), "steps");
    // Dependencies first: the first step that differs is the reason of all others.
    let order = dependencies_first(&plan.graph).expect("a plan has no circle");
    let mut by_name = BTreeMap::new();
    for id in order {
        let step = plan.step(id);
        let (group, name) = (step.platform.group(), step.name.as_str());
        let ours = &made[&id];
        let paths = [ours.drv.to_absolute_path(), ours.out.to_absolute_path()];
        if expected[group][name] != Value::from(paths.to_vec()) {
            let (nix, ours) = (files.aterm(group, name), String::from_utf8_lossy(&ours.aterm));
            let (nix, ours) = (lines(&nix), lines(&ours));
            let diff = TextDiff::from_lines(&nix, &ours);
            let diff = diff.unified_diff().context_radius(1).header("Nix", "ours").to_string();
            panic!("{group}.\"{name}\" is not what Nix makes of it:\n{diff}");
        }
        by_name.insert(format!("{group}/{name}"), ours.clone());
    }
    by_name
}

/// Libraries, programs, proc macros, a cdylib, build scripts and their runs, tests, benchmarks and
/// examples, of path packages.
#[test]
fn every_kind_of_step_has_the_path_that_nix_gives() {
    let dir = everything();
    lock(dir.path());
    for selection in [
        select("release", &[]),
        select("dev", &["--all-targets"]),
        Selection { command: CargoCommand::Check, ..select("dev", &[]) },
        Selection { targets: vec![triple(FOREIGN)], ..select("release", &[]) },
    ] {
        let made = check(&plan(dir.path(), selection), dir.path());
        assert!(made.len() > 10, "{} steps", made.len());
    }
}

/// Lints, profiles, rustflags, linkers, `[env]`, links overrides.
#[test]
fn settings_from_everywhere_reach_the_same_path() {
    let dir = configured();
    lock(dir.path());
    for selection in [
        select("release", &[]),
        Selection { all_features: true, ..select("fast", &["--all-targets"]) },
    ] {
        check(&plan(dir.path(), selection), dir.path());
    }
}

/// A linker that the plan names, beside the toolchain's.
#[test]
fn linkers_reach_the_same_path() {
    let dir = everything();
    lock(dir.path());
    let targets = vec![triple(FOREIGN)];
    let mut plan = plan(dir.path(), Selection { targets, ..select("release", &[]) });
    for linker in ["clang", "cc", "cross-linux-gcc", "cross-gcc-12", "/opt/other/bin/gcc"] {
        let platform = Platform::Target(triple(FOREIGN));
        let facts = plan.platforms.get_mut(&platform).expect("facts of the target");
        facts.linker = Some(linker.to_owned());
        check(&plan, dir.path());
    }
}

/// What config.toml adds, on the build machine and for another target.
#[test]
fn additions_reach_the_same_path() {
    let dir = everything();
    lock(dir.path());
    fs::write(dir.path().join("app/a ö b.txt"), "text\n").expect("a writable folder");
    for target in [TARGET, FOREIGN] {
        let targets = vec![triple(target)];
        let mut plan = plan(dir.path(), Selection { targets, ..select("release", &[]) });
        for step in plan.graph.node_weights_mut() {
            step.additions = Additions {
                native_inputs: vec!["/opt/cmake".to_owned()],
                build_inputs: vec!["/opt/zlib".to_owned(), "/opt/ssl".to_owned()],
                env: [
                    ("OUT_DIR".to_owned(), "elsewhere".to_owned()),
                    ("LIBRARY_PATH".to_owned(), "/own \u{1f} ${x}".to_owned()),
                ]
                .into(),
                files: vec!["app/a ö b.txt".into(), "shared/src".into()],
                rustflags: vec!["-Clink-arg=-s".to_owned()],
            };
        }
        check(&plan, dir.path());
    }
}

/// Makes path packages registry crates, and the identities of all steps what they are then.
fn from_registry(plan: &mut Plan, crates: &[(&str, &str)]) {
    let sha256 = "0123456789abcdef".repeat(4);
    for (key, registry) in crates {
        let package = plan.packages.get_mut(&PackageKey::new(*key)).expect("the fixture has it");
        let registry = (*registry).to_owned();
        package.source = Source::Registry { registry, sha256: sha256.clone() };
        package.in_workspace = false;
        package.files = None;
    }
    identity::assign(plan).expect("a plan has no circle");
}

/// A fixed-output fetch, a library without dependencies made of it, a build script and its run.
#[test]
fn registry_crates_have_the_path_that_nix_gives() {
    let dir = everything();
    lock(dir.path());
    let mut plan = plan(dir.path(), select("release", &[]));
    from_registry(&mut plan, &[("shared-0.1.0", "crates-io"), ("sys-0.1.0", "other")]);
    let made = check(&plan, dir.path());
    let aterm = |name: &str| String::from_utf8_lossy(&made[name].aterm).into_owned();
    let library = aterm("host/shared-0.1.0");
    assert!(library.contains("-shared-0.1.0.crate.drv\""), "{library}");
    let run = aterm(&format!("{TARGET}/sys-0.1.0:run"));
    assert!(run.contains("-sys-0.1.0-build-script.drv\""), "{run}");
}

/// An edit moves the paths of the steps that read the file, and of those above them, alone.
#[test]
fn an_edit_moves_the_paths_of_those_that_read_it() {
    let dir = everything();
    lock(dir.path());
    let plan = plan(dir.path(), select("release", &[]));
    let before = check(&plan, dir.path());
    let moved = |before: &BTreeMap<String, Instance>, after: &BTreeMap<String, Instance>| {
        let moved = before.iter().filter(|(name, old)| after[*name].out != old.out);
        moved.map(|(name, _)| name.replace(TARGET, "target")).collect::<Vec<_>>()
    };
    for quiet in ["app/README.md", "README.md", "app/tests/more.rs", "sys/.hidden"] {
        fs::write(dir.path().join(quiet), "text\n").expect("a writable folder");
    }
    let after = check(&plan, dir.path());
    assert_eq!(moved(&before, &after), Vec::<String>::new());
    fs::write(dir.path().join("mac/src/more.rs"), "// text\n").expect("a writable folder");
    let after = check(&plan, dir.path());
    let expected = [
        "host/mac-0.1.0",
        "host/mac-0.1.0~1c88ae",
        "target/app-1.2.3",
        "target/app-1.2.3:bin:app",
        "target/app-1.2.3:bin:other-name",
    ];
    assert_eq!(moved(&before, &after), expected);
}

#[test]
#[ignore = "needs ripgrep 14.1.1 and its dependencies in cargo's registry cache"]
fn ripgrep_has_the_paths_that_nix_gives() {
    let (_dir, path) = ripgrep().expect("ripgrep 14.1.1 is in cargo's registry cache");
    let made = check(&plan(path.as_std_path(), select("release", &[])), path.as_std_path());
    assert!(made.len() > 30, "{} steps", made.len());
}

/// The fixtures: files from elsewhere, links, hostile names and values. Every fifth, and all of them
/// with RBN_FULL=1 (a minute).
#[test]
fn fixtures_have_the_paths_that_nix_gives() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/workspaces");
    let mut fixtures: Vec<_> = fs::read_dir(&root)
        .expect("the fixtures")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.is_dir())
        .collect();
    fixtures.sort();
    assert!(fixtures.len() > 50, "{} fixtures", fixtures.len());
    let every = if std::env::var_os("RBN_FULL").is_some() { 1 } else { 5 };
    for fixture in fixtures.iter().step_by(every) {
        eprintln!("{}", fixture.display());
        let copy = tempfile::tempdir().expect("a temporary directory");
        let status = Command::new("cp").arg("-R").arg(fixture.join(".")).arg(copy.path()).status();
        assert!(status.expect("cp starts").success());
        let inner = fs::read_to_string(fixture.join("directory")).unwrap_or_default();
        let dir = match inner.trim() {
            "" => copy.path().to_owned(),
            inner => copy.path().join(inner),
        };
        check(&plan(&dir, select("release", &[])), copy.path());
    }
}
