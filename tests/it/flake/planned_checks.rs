//! The plans of checks in a flake: where they are put, that nothing else changes, and that twice is once.

use std::fmt::Write as _;

use rbn_plan::flake::{Wired, WiredChecks, Wiring, new_flake, wire, wire_checks};

use super::corpus::shapes;
use super::edits::wirings;

/// Every kind of toolchain, with checks.
fn checked() -> Vec<Wiring> {
    let checks = || Some("./generated/checks.nix".to_owned());
    wirings().into_iter().map(|wiring| Wiring { checks: checks(), ..wiring }).collect()
}

/// What is inserted into a text, where that is all that is new.
fn inserted<'t>(before: &str, after: &'t str) -> &'t str {
    let same = before.bytes().zip(after.bytes()).take_while(|(old, new)| old == new).count();
    let new = after.len() - before.len();
    // What is inserted may begin as what follows it does.
    let at = (0..=same).rev().find(|at| after[at + new..] == before[*at..]);
    let at = at.unwrap_or_else(|| panic!("more than an insertion:\n{before}\n{after}"));
    &after[at..at + new]
}

/// The checks of `flake` by a wiring: what is inserted, or why nothing is.
fn wired(flake: &str, wiring: &Wiring) -> Result<String, String> {
    match wire_checks(flake, wiring) {
        WiredChecks::Edited(after) => {
            assert_eq!(rnix::Root::parse(&after).errors(), [], "{after}");
            assert_eq!(wire_checks(&after, wiring), WiredChecks::Unchanged, "wired twice: {after}");
            Ok(inserted(flake, &after).to_owned())
        }
        WiredChecks::Unchanged => Err("unchanged".to_owned()),
        WiredChecks::Snippet { reason, text } => {
            let expression = text.split_once("\n//").map(|(_, call)| format!("a: {{ }} //{call}"));
            if let Some(expression) = expression {
                assert_eq!(rnix::Root::parse(&expression).errors(), [], "{text}");
            }
            Err(reason)
        }
    }
}

#[test]
fn every_shape_gets_checks_or_is_told_why_not() {
    let mut report = String::new();
    for (name, text) in shapes() {
        for wiring in checked() {
            let flake = match wire(&text, &wiring) {
                Wired::Edited { text, .. } => text,
                _ => text.clone(),
            };
            let _ = wired(&flake, &wiring);
        }
        let said = match wired(&text, &checked()[1]) {
            Ok(new) => new.replace('\r', "<CR>"),
            Err(reason) => format!(": {reason}"),
        };
        writeln!(report, "{name}{said}").expect("a string");
    }
    insta::assert_snapshot!("checked_shapes", report);
}

#[test]
fn a_new_flake_has_them_already() {
    for (index, wiring) in checked().iter().enumerate() {
        let flake = new_flake("with checks", wiring, &[]).expect("a toolchain that can be named");
        assert_eq!(wire(&flake, wiring), Wired::Unchanged);
        assert_eq!(wire_checks(&flake, wiring), WiredChecks::Unchanged);
        if index == 1 {
            insta::assert_snapshot!("new_flake_with_checks", flake);
        }
        // One that was made before there were any gets them.
        let without = Wiring { checks: None, ..wiring.clone() };
        let flake = new_flake("without", &without, &[]).expect("a toolchain that can be named");
        assert_eq!(wire_checks(&flake, &without), WiredChecks::Unchanged);
        let new = wired(&flake, wiring).expect("a place");
        assert!(new.contains("checks.x86_64-linux ="), "{new}");
    }
}

#[test]
fn a_module_finds_them_by_itself() {
    let flake = "{ outputs = i: i.parts.lib.mkFlake { } {
        imports = [ i.plans.flakeModules.default ];
        perSystem = { ... }: { rbn-plan.steps = ./generated/steps.nix; };
    }; }\n";
    assert_eq!(wired(flake, &checked()[1]), Err("unchanged".to_owned()));
    // Whoever imports the plan has none.
    let own = flake
        .replace("rbn-plan.steps = ./generated/steps.nix", "x = import ./generated/steps.nix { }");
    let own = own.replace("{ ... }", "{ pkgs, ... }").replace("i:", "{ nixpkgs, ... }@i:");
    assert!(wired(&own, &checked()[1]).is_ok());
}

#[test]
fn checks_that_may_be_there_stay() {
    let taken = "it has, or may have, checks of its own";
    let of = |outputs: &str| wired(&format!("{{ outputs = {outputs}; }}\n"), &checked()[1]);
    for outputs in [
        "{ nixpkgs, ... }: { checks.x86_64-linux.mine = 1; }",
        "{ nixpkgs, ... }: { inherit (nixpkgs) checks; }",
        "{ nixpkgs, u }: u.lib.eachDefaultSystem (system: { checks = { }; })",
        "{ nixpkgs, u }: u.lib.eachDefaultSystem (system: { }) // { checks = { }; }",
        "{ nixpkgs, u }: { checks = { }; } // u.lib.eachDefaultSystem (system: { })",
    ] {
        assert_eq!(of(outputs), Err(taken.to_owned()), "{outputs}");
    }
    for outputs in [
        "{ nixpkgs, ... }: { }",
        "{ nixpkgs, u }: u.lib.eachDefaultSystem (system: { }) // { overlays = { }; }",
        "{ nixpkgs, u }: { overlays = { }; } // u.lib.eachDefaultSystem (system: { })",
    ] {
        assert!(of(outputs).is_ok(), "{outputs}");
    }
    assert!(of("{ nixpkgs, ... }: (import ./a.nix) // (import ./b.nix)").is_err());
}
