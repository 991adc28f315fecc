//! Lossless edits: what is inserted, that nothing else changes, and that Nix agrees.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use rbn_plan::flake::{
    FlakeCompiler, FlakeToolchain, ToolchainLibrary, Wired, Wiring, new_flake, read, wire,
};

use rnix::ast::HasEntry as _;
use rowan::ast::AstNode as _;

use super::corpus::shapes;
use super::mutations::{Dice, MUTATIONS, mutate};

fn wiring() -> Wiring {
    Wiring {
        steps: "./generated/steps.nix".to_owned(),
        checks: None,
        arguments: Vec::new(),
        toolchain: None,
        systems: vec!["x86_64-linux".to_owned(), "aarch64-linux".to_owned()],
    }
}

/// Every kind of toolchain that a flake can name.
pub(super) fn wirings() -> Vec<Wiring> {
    let compiler = |library, input: &str| FlakeCompiler {
        library,
        input: input.to_owned(),
        channel: "stable".to_owned(),
        version: None,
        components: vec!["clippy".to_owned()],
        targets: vec!["aarch64-unknown-linux-gnu".to_owned()],
    };
    let compilers = [
        None,
        Some(compiler(ToolchainLibrary::RustOverlay, "rust-overlay")),
        Some(compiler(ToolchainLibrary::Fenix, "fenix")),
    ];
    let with_inputs = compilers.into_iter().map(|compiler| {
        let (file, nixpkgs) = ("./generated/nixpkgs.nix".to_owned(), "nixpkgs".to_owned());
        Wiring { toolchain: Some(FlakeToolchain { file, nixpkgs, compiler }), ..wiring() }
    });
    std::iter::once(wiring()).chain(with_inputs).collect()
}

/// Holds for every text: an edit is one insertion that reads well, and the last one.
fn check_edit(before: &str, wiring: &Wiring) -> Wired {
    let wired = wire(before, wiring);
    match &wired {
        Wired::Edited { text, inserted, .. } => {
            assert_eq!(&text[..inserted.start], &before[..inserted.start]);
            assert_eq!(&text[inserted.end..], &before[inserted.start..]);
            assert!(read(text, "flake.nix").is_ok(), "no longer readable: {text}");
            assert_eq!(wire(text, wiring), Wired::Unchanged, "wired twice: {text}");
        }
        Wired::Unchanged => {}
        Wired::Snippet { text, .. } => {
            if let Some(pasted) = paste(before, text) {
                let root = rnix::Root::parse(&pasted);
                assert_eq!(root.errors(), [], "a snippet that is no Nix: {pasted}");
                if read(before, "flake.nix").is_ok() {
                    assert_eq!(wire(&pasted, wiring), Wired::Unchanged, "wired twice: {pasted}");
                }
            }
        }
    }
    wired
}

/// The flake with the snippet where it says that it belongs; `None` where the outputs are no
/// function that can be seen, or the text is no Nix.
fn paste(flake: &str, snippet: &str) -> Option<String> {
    let root = rnix::Root::parse(flake).ok().ok()?;
    let Some(rnix::ast::Expr::AttrSet(top)) = root.expr() else { return None };
    let outputs = top
        .attrpath_values()
        .find(|binding| binding.attrpath().is_some_and(|path| path.syntax().text() == "outputs"));
    let range = match outputs?.value()? {
        rnix::ast::Expr::Lambda(lambda) => lambda.body()?.syntax().text_range(),
        other => other.syntax().text_range(),
    };
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    // A mutation that is no expression by itself is none in another place.
    let body = format!("{{ a = ({}\n) b; }}", &flake[start..end]);
    if !rnix::Root::parse(&body).errors().is_empty() {
        return None;
    }
    // The first time it stands in the comment that says so.
    let place = snippet.find(".\n").unwrap_or_default();
    let around = snippet[place..].replacen(OUTPUTS, &format!("{}\n", &flake[start..end]), 1);
    let around = format!("{}{around}", &snippet[..place]);
    assert_ne!(around, snippet, "no place for the outputs: {snippet}");
    Some(format!("{}\n{around}{}", &flake[..start], &flake[end..]))
}

/// What a snippet calls the outputs as they are.
const OUTPUTS: &str = "OUTPUTS";

#[test]
fn every_shape_is_wired_or_gets_a_snippet() {
    let mut report = String::new();
    for (name, text) in shapes() {
        for other in wirings() {
            check_edit(&text, &other);
        }
        match check_edit(&text, &wiring()) {
            Wired::Edited { text, inserted, .. } => {
                let (line, column) = inserted.line_column(&text);
                let new = inserted.slice(&text).replace('\r', "<CR>");
                writeln!(report, "{name} {line}:{column}{new}").expect("a string");
            }
            Wired::Unchanged => writeln!(report, "{name} unchanged").expect("a string"),
            Wired::Snippet { reason, .. } => {
                writeln!(report, "{name}: {reason}").expect("a string")
            }
        }
    }
    insta::assert_snapshot!("wired_shapes", report);
}

#[test]
fn a_new_flake_is_wired_already() {
    let flake = new_flake("says \"hi\" for ${price}\\n", &wiring(), &[]).expect("no toolchain");
    insta::assert_snapshot!("new_flake", flake);
    assert_eq!(check_edit(&flake, &wiring()), Wired::Unchanged);
}

#[test]
fn arguments_of_the_plan_are_written() {
    let mut wiring = wiring();
    wiring.arguments.push(("toolchain".to_owned(), "import ./generated/toolchain.nix".to_owned()));
    wiring.systems.truncate(1);
    let Wired::Edited { text, .. } = wire("{ outputs = _: { }; }\n", &wiring) else {
        panic!("an empty set of outputs is a place");
    };
    insta::assert_snapshot!(text, @r#"
{ outputs = _: {
  packages.x86_64-linux.default =
    (import ./generated/steps.nix {
      system = "x86_64-linux";
      toolchain = import ./generated/toolchain.nix;
    }).default;
 }; }
"#);
}

/// The name of the package in a flake with these outputs, and what is inserted; or why nothing is.
fn placed(outputs: &str) -> (String, String) {
    let text = format!(
        "{{\n  inputs.nixpkgs.url = \"nixpkgs\";\n  inputs.utils.url = \"u\";\n  outputs = {outputs};\n}}\n"
    );
    match check_edit(&text, &wirings()[1]) {
        Wired::Edited { text, inserted, package } => (package, inserted.slice(&text).to_owned()),
        Wired::Unchanged => panic!("nothing is wired: {text}"),
        Wired::Snippet { reason, .. } => (String::new(), reason),
    }
}

#[test]
fn a_default_that_may_be_there_stays() {
    let package = |outputs: &str| placed(outputs).0;
    assert_eq!(package("{ nixpkgs, ... }: { }"), "default");
    assert_eq!(package("{ nixpkgs, ... }: { defaultPackage.x86_64-linux = 1; }"), "rbn-plan");
    let module = "i: i.parts.lib.mkFlake { } { IMPORTS perSystem = { pkgs, ... }: { }; }";
    for (imports, name) in [
        ("", "default"),
        ("imports = [ ];", "default"),
        ("imports = [ ./packages.nix ];", "rbn-plan"),
        ("imports = i.modules;", "rbn-plan"),
    ] {
        assert_eq!(package(&module.replace("IMPORTS", imports)), name, "{imports}");
    }
}

#[test]
fn a_shell_that_may_be_there_stays() {
    let shell = |outputs: &str| {
        let (package, inserted) = placed(outputs);
        assert!(!package.is_empty(), "{inserted}");
        inserted.contains("devShells.")
    };
    assert!(shell("{ nixpkgs, ... }: { }"));
    assert!(shell("{ nixpkgs, utils }: utils.lib.eachDefaultSystem (system: { }) // { a = 1; }"));
    for outputs in [
        "{ nixpkgs, ... }: { devShells.x86_64-linux.default = 1; }",
        "{ nixpkgs, ... }: { devShell.x86_64-linux = 1; }",
        "{ nixpkgs, ... }: { inherit (nixpkgs) devShells; }",
        // The right side would hide what the left side has.
        "{ nixpkgs, ... }: (import ./shells.nix) // { packages.x86_64-linux.a = 1; }",
        "i: i.parts.lib.mkFlake { } { imports = [ ./x.nix ]; perSystem = { pkgs, ... }: { }; }",
    ] {
        assert!(!shell(outputs), "{outputs}");
    }
}

#[test]
fn other_systems_get_no_package() {
    let guarded = |outputs: &str| placed(outputs).1.contains("if builtins.elem system [");
    let each = "{ nixpkgs, utils }: utils.lib.eachSystem LIST (system: { packages.a = 1; })";
    assert!(!guarded(&each.replace("LIST", "[ \"x86_64-linux\" ]")));
    assert!(guarded(&each.replace("LIST", "[ \"x86_64-linux\" \"x86_64-darwin\" ]")));
    assert!(guarded(&each.replace("LIST", "nixpkgs.lib.systems.flakeExposed")));
}

#[test]
fn a_name_that_means_something_else_is_not_used() {
    let reason = |outputs: &str| {
        let (package, reason) = placed(outputs);
        assert_eq!(package, "", "{reason}");
        reason
    };
    let meant = "means something else where the package would be";
    for outputs in [
        "{ nixpkgs, ... }: let nixpkgs = 1; in { }",
        "{ nixpkgs, ... }: let inherit (x) nixpkgs; in { }",
        "{ nixpkgs, ... }: rec { nixpkgs = 1; }",
        "{ nixpkgs, utils }: utils.lib.eachDefaultSystem (system: let nixpkgs = 1; in { })",
        "{ nixpkgs, utils }: utils.lib.eachDefaultSystem ({ system, nixpkgs }: { })",
    ] {
        assert_eq!(reason(outputs), format!("`nixpkgs` {meant}"), "{outputs}");
    }
    assert_eq!(reason("inputs: let inputs.x = 1; in { }"), format!("`inputs` {meant}"));
    // A module's `inputs` are the flake's.
    let module =
        "i@{ ... }: i.parts.lib.mkFlake { } ({ inputs, ... }: { perSystem = { pkgs, ... }: { }; })";
    assert_eq!(placed(module).0, "default");
}

#[test]
fn mutated_flakes_are_wired_losslessly() {
    let (shapes, wirings) = (shapes(), wirings());
    let mut dice = Dice::new(0x2545_F491_4F6C_DD1D);
    let mut edited = 0;
    for round in 0..MUTATIONS {
        let (_, text) = &shapes[round % shapes.len()];
        let wiring = &wirings[dice.roll(wirings.len())];
        // Most mutations are no Nix any more; what can be read is worth more here.
        let mut mutated = mutate(text, &mut dice);
        for _ in 0..2 {
            if read(&mutated, "flake.nix").is_ok() {
                break;
            }
            mutated = mutate(text, &mut dice);
        }
        let wired = check_edit(&mutated, wiring);
        edited += usize::from(matches!(wired, Wired::Edited { .. }));
    }
    // The test would mean little if nearly none had a place.
    assert!(edited > MUTATIONS / 50, "{edited} edited");
}

/// Inputs with the functions that the corpus calls, over no packages at all.
const INPUTS: &str = include_str!("../../fixtures/flake/inputs.nix");
const SYSTEMS: &str = include_str!("../../fixtures/flake/systems.nix");

#[test]
fn nix_evaluates_what_it_did_before_and_ours() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let root = dir.path();
    fs::create_dir(root.join("generated")).expect("a directory");
    let plan = "{ system, ... }: { default = \"plan for ${system}\"; }";
    fs::write(root.join("generated/steps.nix"), plan).expect("a file");
    fs::write(root.join("inputs.nix"), INPUTS).expect("a file");
    fs::write(root.join("systems.nix"), SYSTEMS).expect("a file");
    let mut members = String::new();
    let mut expected = Vec::new();
    for (name, text) in shapes() {
        let Wired::Edited { text: edited, package, .. } = wire(&text, &wiring()) else { continue };
        fs::write(root.join(format!("{name}-before.nix")), text).expect("a file");
        fs::write(root.join(format!("{name}-after.nix")), edited).expect("a file");
        writeln!(
            members,
            "\"{name}\" = {{ before = names ./{name}-before.nix; after = names ./{name}-after.nix; \
             ours = (outputs ./{name}-after.nix).packages.x86_64-linux.\"{package}\"; }};"
        )
        .expect("a string");
        expected.push((name, package));
    }
    let expression = format!(
        "let
           inputs = import ./inputs.nix {{ }};
           outputs = file: let f = (import file).outputs; in
             if builtins.functionArgs f == {{ }} then f inputs else f
               (builtins.mapAttrs (name: _: inputs.${{name}} or {{ }}) (builtins.functionArgs f));
           names = file: builtins.mapAttrs (output: value:
             if output == \"packages\" then builtins.mapAttrs (_: builtins.attrNames) value
             else builtins.typeOf value) (outputs file);
         in {{ {members} }}"
    );
    fs::write(root.join("all.nix"), expression).expect("a file");
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json", "all.nix"])
        .current_dir(root)
        .env("NIX_REMOTE", "")
        .output();
    let Ok(output) = output else {
        eprintln!("nix-instantiate is not installed: nothing compared; see tests/run.sh");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(expected.len() >= 12, "only {} shapes are wired", expected.len());
    for (name, package) in expected {
        let (mut before, mut after) = (json[&name]["before"].clone(), json[&name]["after"].clone());
        assert_eq!(json[&name]["ours"], "plan for x86_64-linux", "{name}");
        let packages = |value: &mut serde_json::Value| value["packages"].take();
        let (old, new) = (packages(&mut before), packages(&mut after));
        for (system, names) in new.as_object().expect("systems") {
            let names = names.as_array().expect("names").iter().filter(|name| **name != *package);
            let names: Vec<_> = names.cloned().collect();
            assert_eq!(old[system].as_array().cloned().unwrap_or_default(), names, "{name}");
        }
        for other in [&mut before, &mut after] {
            other.as_object_mut().expect("outputs").shift_remove("packages");
        }
        assert_eq!(before, after, "{name}");
    }
}
