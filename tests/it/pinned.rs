//! The toolchain's flake input against flake.nix and flake.lock.

use std::fs;

use camino::Utf8Path;
use rbn_plan::config::{self, Environment, Machine, Overrides};
use rbn_plan::model::Triple;
use rbn_plan::nix::System;
use rbn_plan::toolchain::pinned::{Pinned, load};

const FLAKE: &str = "{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";
  inputs.rust-overlay.url = \"github:oxalica/rust-overlay\";
  outputs = inputs: { };
}
";

const LOCK: &str = r#"{
  "nodes": {
    "nixpkgs": {
      "locked": { "lastModified": 1, "narHash": "sha256-AAAA", "owner": "NixOS", "repo": "nixpkgs", "rev": "1111", "type": "github" },
      "original": { "owner": "NixOS", "repo": "nixpkgs", "type": "github" }
    },
    "rust-overlay": {
      "locked": { "lastModified": 1, "narHash": "sha256-BBBB", "owner": "oxalica", "repo": "rust-overlay", "rev": "2222", "type": "github" },
      "original": { "owner": "oxalica", "repo": "rust-overlay", "type": "github" }
    },
    "root": { "inputs": { "nixpkgs": "nixpkgs", "rust-overlay": "rust-overlay" } }
  },
  "root": "root",
  "version": 7
}
"#;

/// What `toolchain` (the lines of the section) comes to beside these files.
fn check(toolchain: &str, flake: Option<&str>, lock: Option<&str>) -> String {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let dir = Utf8Path::from_path(dir.path()).expect("a path of Unicode").to_owned();
    fs::create_dir_all(&dir).expect("a directory");
    let write = |name: &str, text: &str| fs::write(dir.join(name), text).expect("a file");
    write("config.toml", &format!("[toolchain]\n{toolchain}\n"));
    flake.into_iter().for_each(|text| write("flake.nix", text));
    lock.into_iter().for_each(|text| write("flake.lock", text));
    let host = Triple::new("x86_64-unknown-linux-gnu").expect("a triple");
    let machine = Machine { system: System::X8664Linux, host };
    let environment = Environment::new([]);
    let loaded = config::load(&dir, None, &environment, &Overrides::default(), &machine);
    let toolchain = loaded.expect("a good configuration").config.toolchain;
    let result = load(&toolchain.value, &toolchain.origin, &dir);
    let said = match result {
        Ok(Pinned { pin: Some(pin), warning }) => {
            let rev = pin.rev.unwrap_or_default();
            let warning = warning.map(|warning| format!("; {warning}")).unwrap_or_default();
            format!("{} {rev} {}{warning}", pin.input, pin.nar_hash)
        }
        Ok(Pinned { pin: None, warning }) => warning.unwrap_or_else(|| "nothing".to_owned()),
        Err(error) => {
            let help = miette::Diagnostic::help(&error).map(|help| help.to_string());
            format!("{error}; {}", help.unwrap_or_default())
        }
    };
    fs::remove_dir_all(&dir).expect("our own directory");
    said.replace(dir.as_str(), "DIR")
}

#[test]
fn only_the_input_that_is_named_is_pinned() {
    let both = (Some(FLAKE), Some(LOCK));
    assert_eq!(check("input = \"rust-overlay\"", both.0, both.1), "rust-overlay 2222 sha256-BBBB");
    assert_eq!(check("provider = \"nixpkgs\"", both.0, both.1), "nixpkgs 1111 sha256-AAAA");
    assert_eq!(check("provider = \"host\"", both.0, both.1), "nothing");
    assert_eq!(check("", both.0, both.1), "nothing");
}

#[test]
fn what_does_not_fit_is_said_with_its_cure() {
    insta::assert_snapshot!(check("input = \"fenix\"", Some(FLAKE), Some(LOCK)), @r#"config.toml:2: flake.nix has no input `fenix`, which the toolchain comes from; it has nixpkgs, rust-overlay; name one of them, or add `inputs.fenix.url = "...";`"#);
    insta::assert_snapshot!(check("input = \"rust-overlay\"", None, None), @r"config.toml:2: the toolchain comes from the flake input `rust-overlay`, but DIR has no flake.nix; make one with `rbn-plan init`, or say where it is: [nix] root");
    insta::assert_snapshot!(check("input = \"rust-overlay\"", Some(FLAKE), None), @r"the input `rust-overlay` is not in flake.lock, so the plan does not say which toolchain it is for: nix flake lock");
    let moved = FLAKE.replace("oxalica", "somebody");
    insta::assert_snapshot!(check("input = \"rust-overlay\"", Some(&moved), Some(LOCK)), @r"rust-overlay 2222 sha256-BBBB; rust-overlay: locked from github:oxalica/rust-overlay, declared as github:somebody/rust-overlay: nix flake lock");
    let broken = check("input = \"rust-overlay\"", Some(FLAKE), Some("{}"));
    insta::assert_snapshot!(broken, @r"failed to read flake.lock: 1 problem; `rbn-plan flake` shows the places");
    // Without a flake nixpkgs is whatever is passed.
    assert_eq!(check("provider = \"nixpkgs\"", None, None), "nothing");
}

#[test]
fn the_provider_of_this_project_is_the_one_that_is_rendered() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/generated/nixpkgs.nix");
    let text = fs::read_to_string(file).expect("the provider is committed");
    let rendered =
        rbn_plan::toolchain::provider::render_nixpkgs().expect("a template that renders");
    // The cure: rbn-plan toolchain nixpkgs -o generated/nixpkgs.nix
    assert_eq!(text, rendered);
}
