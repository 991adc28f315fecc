//! Comparing a plan with a recording. The "plan" is made of a recording of the same workspace,
//! told in a plan's way: other directories, other hashes, another spelling.

use std::collections::BTreeMap;

use rbn_builder::protocol::ScriptPackage;
use rbn_plan::verify::call::RustcCall;
use rbn_plan::verify::compare::compare;
use rbn_plan::verify::matching::{Node, pairs};
use rbn_plan::verify::planned::{
    LinkedKind, Planned, PlannedAction, PlannedCompile, PlannedExtern, PlannedRun, PlannedStep,
};
use rbn_plan::verify::record::CargoCommand;
use rbn_plan::verify::recording::{RecordedRustc, Recording, TARGET_DIR};
use rbn_plan::verify::report::Report;

use crate::record::{recorded, selection};
use crate::workspaces::everything;

/// Names of the fixture's steps: what is compiled, and for whom.
fn step_name(unit: &RecordedRustc, call: &RustcCall) -> String {
    let group = call.target.as_deref().map_or("host", |_| "target");
    let name = call.crate_name.as_deref().unwrap_or_default();
    let kind = call.crate_types.join("+");
    let test = if call.test { ":test" } else { "" };
    let root = call.root.as_deref().unwrap_or_default();
    let file = root.rsplit('/').next().unwrap_or_default();
    format!("{group}/{}:{name}:{kind}{test}:{file}", unit.package)
}

/// The recording as a plan would tell it.
fn planned(recording: &Recording) -> Planned {
    let root = recording.workspace_root.as_str();
    let place = |text: &str| text.replace(root, "/build/ws").replace(TARGET_DIR, "/build/target");
    let env = |env: &BTreeMap<String, String>| {
        env.iter()
            .filter(|(name, _)| !name.starts_with("DEP_") && *name != "MESSAGE")
            .map(|(name, value)| (name.clone(), place(value)))
            .collect()
    };
    let host = |out_dir: &str| !out_dir.contains(&format!("/{}/", recording.targets[0]));
    let run_name = |package: &str, out_dir: &str| {
        format!("{}/{package}:run", if host(out_dir) { "host" } else { "target" })
    };
    let calls: Vec<_> = recording.units.iter().map(|unit| (unit, unit.call())).collect();
    let mut steps = Vec::new();
    for (unit, call) in &calls {
        let mut args = Vec::new();
        let mut externs = Vec::new();
        let mut words = unit.args.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--extern" => {
                    let value = words.next().expect("a value");
                    let Some((name, path)) = value.split_once('=') else {
                        args.push(format!("--extern={value}"));
                        continue;
                    };
                    let maker = calls
                        .iter()
                        .find(|(_, call)| {
                            let stem = call.crate_name.clone().unwrap_or_default();
                            let file = format!("lib{stem}{}.", call.extra_filename);
                            let dir = call.out_dir.as_deref().map_or("", |dir| dir.as_str());
                            path.strip_prefix(dir).is_some_and(|rest| rest[1..].starts_with(&file))
                        })
                        .expect("every crate is made by a unit");
                    let step = step_name(maker.0, &maker.1);
                    externs.push(PlannedExtern { name: name.to_owned(), step });
                }
                // What the scripts of the fixture say.
                "--cfg" if words.as_slice()[0] == "fancy" => drop(words.next()),
                "--check-cfg" if words.as_slice()[0] == "cfg(fancy)" => drop(words.next()),
                "-L" if words.as_slice()[0].starts_with("native=") => drop(words.next()),
                "-C" => {
                    let value = words.next().expect("a value");
                    args.push(match value.split_once('=') {
                        Some(("metadata", _)) => "-Cmetadata=0123456789abcdef".to_owned(),
                        Some(("extra-filename", _)) => "-Cextra-filename=-0123456789".to_owned(),
                        _ => format!("--codegen={value}"),
                    });
                }
                flag @ ("--cfg" | "--check-cfg" | "--crate-type" | "--crate-name") => {
                    args.push(format!("{flag}={}", words.next().expect("a value")));
                }
                flag if flag.starts_with("--json") || flag.starts_with("--error-format") => {}
                other => args.push(place(other)),
            }
        }
        args.push("--codegen=linker=/store/cc".to_owned());
        let name = unit.package.name.as_str();
        let is_script = call.crate_name.as_deref() == Some("build_script_build");
        let has_script = !is_script && matches!(name, "app" | "sys");
        let script = has_script.then(|| run_name(&unit.package.to_string(), &unit.env["OUT_DIR"]));
        let scripts = match name {
            _ if is_script => vec![],
            "app" => script.iter().cloned().chain(["target/sys-0.1.0:run".to_owned()]).collect(),
            _ => script.iter().cloned().collect(),
        };
        let linked_as = match (call.root.as_deref().unwrap_or_default(), is_script) {
            (_, true) => LinkedKind::Other,
            (root, _) if root.ends_with("lib.rs") => LinkedKind::Lib { cdylib: name == "app" },
            (root, _) if root.ends_with("it.rs") => LinkedKind::Test,
            (root, _) if root.ends_with("be.rs") => LinkedKind::Bench,
            (root, _) if root.ends_with("ex.rs") => LinkedKind::Example,
            _ => LinkedKind::Bin(unit.env["CARGO_BIN_NAME"].clone()),
        };
        steps.push(PlannedStep {
            name: step_name(unit, call),
            package: unit.package.clone(),
            platform: call.target.clone(),
            cwd: place(unit.cwd.as_str()),
            env: env(&unit.env),
            action: PlannedAction::Compile(PlannedCompile {
                args,
                externs,
                script,
                scripts,
                linked_as,
                package_has_lib: true,
            }),
        });
    }
    for run in &recording.runs {
        let out_dir = &run.env["OUT_DIR"];
        let package = run.package.to_string();
        let links = match run.package.name.as_str() {
            "app" => vec![("native".to_owned(), "target/sys-0.1.0:run".to_owned())],
            _ => vec![],
        };
        steps.push(PlannedStep {
            name: run_name(&package, out_dir),
            platform: (!host(out_dir)).then(|| recording.targets[0].clone()),
            cwd: place(run.cwd.as_str()),
            env: env(&run.env),
            action: PlannedAction::Run(PlannedRun {
                program: format!("host/{package}:build_script_build:bin:build.rs"),
                links,
                replaced: None,
                package: ScriptPackage { name: package, ..ScriptPackage::default() },
            }),
            package: run.package.clone(),
        });
    }
    // A plan has an order of its own.
    steps.reverse();
    Planned { workspace_root: "/build/ws".to_owned(), steps, metadata: Vec::new() }
}

fn step<'a>(planned: &'a mut Planned, part: &str) -> &'a mut PlannedStep {
    planned.steps.iter_mut().find(|step| step.name.contains(part)).expect("a step of that name")
}

fn compile<'a>(planned: &'a mut Planned, part: &str) -> &'a mut PlannedCompile {
    match &mut step(planned, part).action {
        PlannedAction::Compile(compile) => compile,
        _ => panic!("{part} is no compilation"),
    }
}

/// The report without its last line, with the triple replaced.
fn told(report: &Report, recording: &Recording) -> String {
    report.to_string().replace(&recording.targets[0], "<triple>")
}

#[test]
fn a_plan_that_is_what_cargo_runs_is_equal() {
    let dir = everything();
    for (command, flags) in [
        (CargoCommand::Build, &["--offline", "--workspace"][..]),
        (CargoCommand::Build, &["--offline", "--all-targets", "-p", "app"]),
        (CargoCommand::Check, &["--offline", "-p", "app"]),
    ] {
        let recording = recorded(dir.path(), &selection(command, flags));
        let report = compare(&planned(&recording), &recording);
        assert!(report.is_equal(), "{flags:?}\n{report}");
        assert_eq!(report.equal, recording.len());
    }
}

#[test]
fn every_kind_of_difference_is_told() {
    let dir = everything();
    let recording =
        recorded(dir.path(), &selection(CargoCommand::Build, &["--offline", "--workspace"]));
    let mut plan = planned(&recording);

    // Arguments: a feature less, a flag more, another order of lints, another crate root.
    let lib = compile(&mut plan, "app:lib+cdylib");
    lib.args.retain(|arg| !arg.contains("feature=\"fast\"") || arg.contains("check-cfg"));
    lib.args.push("-Copt-level=2".to_owned());
    let bin = compile(&mut plan, "app:bin:main.rs");
    for arg in &mut bin.args {
        if arg == "app/src/main.rs" {
            *arg = "src/main.rs".to_owned();
        }
    }
    // A crate from the wrong platform; the script's cfg forgotten.
    let other = compile(&mut plan, "other_name:bin");
    let shared = other.externs.iter_mut().find(|dep| dep.name == "shared").expect("a crate");
    shared.step = "host/shared-0.1.0:shared:lib:lib.rs".to_owned();
    other.script = None;
    // Variables: one wrong, one missing, one too many; a metadata edge forgotten.
    let run = step(&mut plan, "app-1.2.3:run");
    run.env.insert("OPT_LEVEL".to_owned(), "3".to_owned());
    run.env.remove("CARGO_FEATURE_FAST");
    run.env.insert("EXTRA".to_owned(), "a\nb".to_owned());
    run.cwd = "/build/ws".to_owned();
    if let PlannedAction::Run(run) = &mut run.action {
        run.links.clear();
    }
    // A step that Cargo does not have, in the place of one that it has.
    let mac = step(&mut plan, "mac-0.1.0");
    mac.package.version = "0.2.0".to_owned();

    let report = compare(&plan, &recording);
    assert!(!report.is_equal());
    insta::assert_snapshot!(told(&report, &recording), @r#"
    target/app-1.2.3:app:bin:main.rs
      crate root
        cargo  app/src/main.rs
        plan   src/main.rs
      crate mac
        cargo  mac-0.1.0 mac proc-macro (host)
        plan   host/mac-0.1.0:mac:proc-macro:lib.rs
    target/app-1.2.3:app:lib+cdylib:lib.rs
      --cfg
        cargo  --cfg=feature="fast"
        plan   (nothing)
      -C opt-level
        cargo  (nothing)
        plan   -C opt-level=2
      crate mac
        cargo  mac-0.1.0 mac proc-macro (host)
        plan   host/mac-0.1.0:mac:proc-macro:lib.rs
    target/app-1.2.3:other_name:bin:other-name.rs
      --cfg
        cargo  --cfg=fancy
        plan   (nothing)
      --check-cfg
        cargo  --check-cfg=cfg(fancy)
        plan   (nothing)
      crate mac
        cargo  mac-0.1.0 mac proc-macro (host)
        plan   host/mac-0.1.0:mac:proc-macro:lib.rs
      crate shared
        cargo  target/shared-0.1.0:shared:lib:lib.rs
        plan   host/shared-0.1.0:shared:lib:lib.rs
      build script
        cargo  target/app-1.2.3:run
        plan   (nothing)
      variable MESSAGE
        cargo  with spaces somewhere
        plan   (nothing)
    target/app-1.2.3:run
      working directory
        cargo  <workspace>/app
        plan   <workspace>
      variable CARGO_FEATURE_FAST
        cargo  1
        plan   (nothing)
      variable DEP_NATIVE_PLACE
        cargo  somewhere
        plan   (nothing)
      variable EXTRA
        cargo  (nothing)
        plan   a\nb
      variable OPT_LEVEL
        cargo  0
        plan   3
    host/mac-0.1.0:mac:proc-macro:lib.rs
      planned, but cargo does not run it
    mac-0.1.0 mac proc-macro (host)
      run by cargo, but not planned
    11 steps planned, 11 recorded from cargo: 6 equal
    "#);
}

#[test]
fn order_counts_where_rustc_looks_at_it() {
    let dir = everything();
    let recording = recorded(dir.path(), &selection(CargoCommand::Build, &["--offline"]));
    let with = |lints: [&str; 2], recording: &mut Recording| {
        let mut plan = planned(recording);
        let unit = recording
            .units
            .iter_mut()
            .find(|unit| unit.call().crate_name.as_deref() == Some("sys"))
            .expect("a unit");
        unit.args.extend(["--warn=unused", "--allow=dead_code"].map(str::to_owned));
        compile(&mut plan, "sys:lib").args.extend(lints.map(str::to_owned));
        compare(&plan, recording)
    };
    let report = with(["-Wunused", "-Adead_code"], &mut recording.clone());
    assert!(report.is_equal(), "{report}");
    let report = with(["-Adead_code", "-Wunused"], &mut recording.clone());
    insta::assert_snapshot!(told(&report, &recording), @r#"
    target/sys-0.1.0:sys:lib:lib.rs
      order of lints
        cargo  --warn=unused
        cargo  --allow=dead_code
        plan   --allow=dead_code
        plan   --warn=unused
    11 steps planned, 11 recorded from cargo: 10 equal
    "#);
}

/// Two variants of `dep` that only differ in what they depend on keep apart.
#[test]
fn variants_are_told_apart_by_what_they_need() {
    let node = |subject: &str, fact: &str, needs: &[(&str, usize)]| Node {
        subject: subject.to_owned(),
        facts: vec![fact.to_owned()],
        needs: needs.iter().map(|(word, to)| ((*word).to_owned(), Some(*to))).collect(),
    };
    let planned = [
        node("base", "a", &[]),
        node("base", "b", &[]),
        node("dep", "", &[("extern base", 0)]),
        node("dep", "", &[("extern base", 1)]),
        node("top", "", &[("extern dep", 3)]),
    ];
    let recorded = [
        node("top", "", &[("extern dep", 1)]),
        node("dep", "", &[("extern base", 4)]),
        node("dep", "", &[("extern base", 3)]),
        node("base", "a", &[]),
        node("base", "b", &[]),
    ];
    assert_eq!(pairs(&planned, &recorded), [(0, 3), (1, 4), (2, 2), (3, 1), (4, 0)]);

    // Where a fact differs, what it needs still decides; what is of another subject stays alone.
    let mut changed = recorded;
    changed[3].facts = vec!["c".to_owned()];
    changed[0].subject = "bottom".to_owned();
    assert_eq!(pairs(&planned, &changed), [(0, 3), (1, 4), (2, 2), (3, 1)]);
}
