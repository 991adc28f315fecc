//! What is planned. Needs no standard library for the other machine, and no Nix.

use std::collections::BTreeSet;

use rbn_plan::cargo::Options;
use rbn_plan::cargo::{Answers, Machines, Selection, Shim, load_on, shim};
use rbn_plan::model::{Plan, Platform, Triple};
use rbn_plan::plan::{document, lower};

use crate::agree::options;

use super::{AARCH64, BOTH_SYSTEMS, BOTH_TARGETS, PROGRAM, X86_64, both, example, plan, rustc_on};

fn triple(text: &str) -> Triple {
    Triple::new(text).expect("a triple")
}

/// The example's plans for both machines, each with `targets`.
fn plans(targets: &[&str]) -> Vec<Plan> {
    let dir = example();
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let options = Options { rustc, ..options(dir.path()) };
    let selection = Selection {
        profile: "release".to_owned(),
        targets: targets.iter().map(|text| triple(text)).collect(),
        resolve_flags: vec!["--offline".to_owned()],
        ..Selection::default()
    };
    let machines = Machines {
        hosts: vec![triple(AARCH64), triple(X86_64)],
        shim: Some(Shim::new(PROGRAM, Answers::default())),
    };
    let rustc = options.compiler().expect("rustc answers");
    let workspaces =
        load_on(&options, &rustc, selection, &machines).unwrap_or_else(|error| panic!("{error:?}"));
    workspaces.iter().map(|w| lower(w).unwrap_or_else(|error| panic!("{error:?}"))).collect()
}

fn names(plan: &Plan, platform: &Platform) -> Vec<String> {
    let steps = plan.graph.node_weights().filter(|step| step.platform == *platform);
    let mut names: Vec<String> = steps.map(|step| step.name.to_string()).collect();
    names.sort();
    names
}

#[test]
fn both_machines_make_the_same_plan() {
    let dir = example();
    let on_x86 = rustc_on(X86_64, dir.path());
    let on_arm = rustc_on(AARCH64, dir.path());
    let own = plan(dir.path(), &both(), None);
    assert!(own.contains("# Built on: aarch64-linux, x86_64-linux\n"));
    assert_eq!(plan(dir.path(), &both(), Some(&on_x86)), own);
    assert_eq!(plan(dir.path(), &both(), Some(&on_arm)), own);
    // Machines in another order are the same machines; targets are as asked.
    let turned = ["--system", "aarch64-linux", "--system", "x86_64-linux"];
    assert_eq!(plan(dir.path(), &[BOTH_TARGETS, turned].concat(), Some(&on_arm)), own);
    // A plan for one machine does not say where it was made, either.
    let one = ["--system", "aarch64-linux", "--target", X86_64];
    assert_eq!(plan(dir.path(), &one, Some(&on_x86)), plan(dir.path(), &one, Some(&on_arm)));
    // Without a word, it is for the machine at hand.
    let native = plan(dir.path(), &[], Some(&on_arm));
    assert!(native.contains("# Built on: aarch64-linux\n"));
    assert!(native.contains(&format!("default = everything (machine.default or \"{AARCH64}\");")));
}

#[test]
fn what_differs_between_machines_is_said_under_their_names() {
    let dir = example();
    let text = plan(dir.path(), &both(), None);
    let section = text.split("  machines = {\n").nth(1).expect("a section on machines");
    let section = section.split("\n  };\n").next().expect("its end");
    // rustc's words on each machine are another test's.
    let brief = section.lines().filter(|line| !line.contains("CARGO_CFG_") && !line.is_empty());
    insta::assert_snapshot!(brief.collect::<Vec<_>>().join("\n"), @r#"
    aarch64-linux = {
      host = "aarch64-unknown-linux-gnu";
      default = "aarch64-unknown-linux-gnu";
      cfgs = {
      };
      steps = {
        host = {
          "app-0.1.0:build-script" = buildScript {
            primary = true;
            deps.helper_arm = "helper-arm-0.1.0";
            deps.shared = "shared-0.1.0";
          };
          "helper-arm-0.1.0" = lib {
          };
        };
      };
    };
    x86_64-linux = {
      host = "x86_64-unknown-linux-gnu";
      cfgs = {
      };
      steps = {
        host = {
          "app-0.1.0:build-script" = buildScript {
            primary = true;
            deps.helper_x86 = "helper-x86-0.1.0";
            deps.shared = "shared-0.1.0";
          };
          "helper-x86-0.1.0" = lib {
          };
        };
      };
    };
    "#);
    // No fact of one machine is left outside.
    assert!(!text.replace(section, "").contains("helper_arm ="));
}

#[test]
fn a_host_step_stands_once_whatever_the_targets() {
    let [_, both] = &plans(&[X86_64, AARCH64])[..] else { panic!("two plans") };
    let [_, native] = &plans(&[X86_64])[..] else { panic!("two plans") };
    let [_, cross] = &plans(&[AARCH64])[..] else { panic!("two plans") };
    let host = names(both, &Platform::Host);
    let distinct: BTreeSet<&String> = host.iter().collect();
    assert_eq!(distinct.len(), host.len());
    assert_eq!(host, names(native, &Platform::Host));
    assert_eq!(host, names(cross, &Platform::Host));
    let steps = ["app-0.1.0:build-script", "helper-x86-0.1.0", "mac-0.1.0", "shared-0.1.0"];
    assert_eq!(host, steps);
    for target in [X86_64, AARCH64] {
        let target = Platform::Target(triple(target));
        assert_eq!(
            names(both, &target),
            ["app-0.1.0:bin:app", "app-0.1.0:run", "shared-0.1.0"],
            "{target}"
        );
    }
}

#[test]
fn flags_and_cfgs_of_a_target_stay_there() {
    for plan in plans(&[X86_64, AARCH64]) {
        let said = document(&plan, String::new());
        for id in plan.graph.node_indices() {
            let step = plan.step(id);
            let group = &said.steps[step.platform.group()];
            let arguments = group[step.name.as_str()].argv.join(" ");
            let of = |text: &str| step.platform == Platform::Target(triple(text));
            if step.compile().is_some() {
                assert_eq!(arguments.contains("only_on_targets"), !step.platform.is_host());
                assert_eq!(arguments.contains("only_on_arm"), of(AARCH64), "{arguments}");
                assert_eq!(arguments.contains("--target"), !step.platform.is_host());
            } else {
                let env = &group[step.name.as_str()].env;
                let target = step.platform.group();
                assert_eq!(env["TARGET"], target);
                assert_eq!(
                    Some(&env["HOST"]),
                    plan.host.as_ref().map(ToString::to_string).as_ref()
                );
                assert!(target.starts_with(&env["CARGO_CFG_TARGET_ARCH"]));
                assert!(env.contains_key("CARGO_CFG_ONLY_ON_TARGETS"));
                assert_eq!(env.contains_key("CARGO_CFG_ONLY_ON_ARM"), of(AARCH64));
            }
        }
    }
}

#[test]
fn dependencies_by_architecture_are_the_build_machines() {
    let [arm, x86] = &plans(&[X86_64, AARCH64])[..] else { panic!("two plans") };
    let has = |plan, name: &str| names(plan, &Platform::Host).contains(&name.to_owned());
    assert!(has(arm, "helper-arm-0.1.0") && !has(arm, "helper-x86-0.1.0"));
    assert!(has(x86, "helper-x86-0.1.0") && !has(x86, "helper-arm-0.1.0"));
}

#[test]
fn the_shim_says_another_host_and_nothing_else() {
    let said = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1.95.0\n";
    let played = shim::version_on(said, AARCH64);
    assert_eq!(played, said.replace(X86_64, AARCH64));
    let dir = tempfile::tempdir().expect("a temporary directory");
    let rustc = rustc_on(AARCH64, dir.path());
    let ask = |args: &[&str]| {
        let mut command = std::process::Command::new(&rustc);
        let output = command.args(args).env("RUSTC_BOOTSTRAP", "1").output();
        String::from_utf8(output.expect("the shim starts").stdout).expect("text")
    };
    assert!(ask(&["-vV"]).contains("\nhost: aarch64-unknown-linux-gnu\n"));
    let own = ask(&["--print=cfg"]);
    assert!(own.contains("target_arch=\"aarch64\"\n"));
    assert!(!own.contains("target_thread_local"), "only what is stable");
    assert!(ask(&["--print=cfg", "--target", X86_64]).contains("target_arch=\"x86_64\"\n"));
    assert!(ask(&["--print=cfg", &format!("--target={X86_64}")]).contains("\"x86_64\"\n"));
}

#[test]
fn a_machine_needs_a_shim() {
    let dir = example();
    let options = options(dir.path());
    let rustc = options.compiler().expect("rustc answers");
    let other = if rustc.host.as_str() == X86_64 { AARCH64 } else { X86_64 };
    let machines = Machines { hosts: vec![triple(other)], shim: None };
    let selection = Selection { profile: "release".to_owned(), ..Selection::default() };
    let error = load_on(&options, &rustc, selection, &machines).expect_err("nothing plays it");
    assert!(error.to_string().contains(other), "{error}");
}

#[test]
fn systems_of_the_configuration_are_planned() {
    let dir = example();
    let config = "[build]\nsystems = [\"x86_64-linux\", \"aarch64-linux\"]\n[target.aarch64-unknown-linux-gnu]\nrunner = [\"qemu-aarch64\", \"-L\", \"/sysroot\"]\n";
    std::fs::write(dir.path().join("config.toml"), config).expect("a writable folder");
    let text = plan(dir.path(), &[], None);
    assert!(text.contains("# Built on: aarch64-linux, x86_64-linux\n"));
    // Each machine's own triple is a target then, and the command that runs it is stated.
    assert!(text.contains("\"/sysroot\""));
    assert!(text.contains("x86_64-unknown-linux-gnu = everyTarget //"));
    assert!(text.contains("aarch64-unknown-linux-gnu = everyTarget //"));
    let flags = plan(dir.path(), &BOTH_SYSTEMS, None);
    assert_eq!(flags, text);
}

/// No Rust has a standard library for it: it is what remains of Linux without a C library.
const WITHOUT_STD: &str = "x86_64-unknown-linux-none";

#[test]
fn a_target_that_cannot_be_built_here_is_planned_with_a_warning() {
    let dir = example();
    let said = |args: &[&str]| {
        let output = super::rbn_plan(dir.path(), &[&["--offline"], args].concat(), None);
        let words = String::from_utf8(output.stderr).expect("text");
        assert!(output.status.success(), "{words}");
        assert!(output.stdout.starts_with(b"# @generated"));
        // Other tests ask Cargo at the same time.
        words.replace("note: another Cargo holds the package cache; waiting for it\n", "")
    };
    let words = said(&["--target", WITHOUT_STD]);
    for part in [
        "warning: the toolchain of this machine, rustc 1.",
        &format!("has no standard library for {WITHOUT_STD} (there is none in /"),
        &format!("`rustup target add {WITHOUT_STD}`"),
        "`rbn-plan toolchain host`",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(said(&[]), "");
    // Of another machine's compiler nothing is known; another toolchain may well have it.
    let other = if cfg!(target_arch = "x86_64") { "aarch64-linux" } else { "x86_64-linux" };
    assert_eq!(said(&["--target", WITHOUT_STD, "--system", other]), "");
    std::fs::write(dir.path().join("config.toml"), "[toolchain]\nprovider = \"nixpkgs\"\n")
        .expect("a writable folder");
    assert_eq!(said(&["--target", WITHOUT_STD]), "");
}

/// The build machine has tools of its own, whatever is a target.
#[test]
fn tools_of_the_configuration_reach_the_build_machine_too() {
    let dir = example();
    let config = "[target.x86_64-unknown-linux-gnu]\nlinker = \"/opt/x86-ld\"\ncc = \"/opt/x86-cc\"\n\
        [target.aarch64-unknown-linux-gnu]\nlinker = \"/opt/arm-ld\"\nar = \"/opt/arm-ar\"\n";
    std::fs::write(dir.path().join("config.toml"), config).expect("a writable folder");
    let systems = ["--system", "x86_64-linux", "--system", "aarch64-linux"];
    let text = plan(dir.path(), &[&systems[..], &["--target", AARCH64]].concat(), None);
    for line in [
        "    CC_x86_64_unknown_linux_gnu = \"/opt/x86-cc\";\n",
        "    AR_aarch64_unknown_linux_gnu = \"/opt/arm-ar\";\n",
    ] {
        assert!(text.contains(line), "{line}");
    }
    let lines = text.lines().map(str::trim);
    let linkers: Vec<&str> = lines.filter(|line| line.starts_with("linker = \"")).collect();
    // The target's; then each build machine's.
    assert_eq!(
        linkers,
        [r#"linker = "/opt/arm-ld";"#, r#"linker = "/opt/arm-ld";"#, r#"linker = "/opt/x86-ld";"#]
    );
}
