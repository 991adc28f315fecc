//! The nixpkgs provider, evaluated over a handful of attributes in nixpkgs' place. Needs
//! `nix-instantiate`.

use std::fs;
use std::process::Command;

use rbn_plan::toolchain::provider::render_nixpkgs;

/// What the provider asks of nixpkgs.
const PKGS: &str = r#"
  set = config: { stdenv = { hostPlatform = { inherit config; system = "x86_64-linux"; isMinGW = builtins.match ".*mingw.*" config != null; emulator = _: "run"; }; cc = { outPath = "/cc"; targetPrefix = ""; }; }; };
  pkgs = set "x86_64-unknown-linux-gnu" // {
    bash = "/bash"; coreutils = "/c"; findutils = "/f"; gnugrep = "/g"; gnused = "/s"; gawk = "/a"; gnutar = "/t"; gzip = "/z";
    rustc = { outPath = "/rustc"; }; cargo = "/cargo";
    pkgsCross = { mingwW64 = set "x86_64-w64-mingw32" // { windows.pthreads = "/threads"; }; musl32 = set "i686-unknown-linux-musl"; };
    fetchurl = given: given.url; fetchCrate = given: "${given.pname} of nixpkgs";
  };
"#;

/// What `expression` comes to, as JSON, beside `pkgs` and `provider`.
fn evaluated(expression: &str) -> Option<String> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let provider = render_nixpkgs().expect("a template that renders");
    fs::write(dir.path().join("provider.nix"), provider).expect("a file");
    let text = format!(
        "let {PKGS} provider = import {}/provider.nix; in {expression}",
        dir.path().display()
    );
    let output = Command::new("nix-instantiate")
        .args(["--eval", "--strict", "--json", "--store", "dummy://", "--expr", &text])
        .env("HOME", dir.path())
        .output();
    let Ok(output) = output else {
        eprintln!("nix-instantiate is not installed: nothing evaluated; see tests/run.sh");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text").trim().to_owned())
}

#[test]
fn crates_come_from_the_address_that_is_given() {
    let crate_of = |registry: &str, argument: &str| {
        evaluated(&format!(
            "(provider {{ inherit pkgs; {argument} }}).fetchCrate {{ registry = \"{registry}\"; name = \"Shouty\"; version = \"1.2.0\"; sha256 = \"abc\"; }}"
        ))
    };
    let Some(by_nixpkgs) = crate_of("crates-io", "") else { return };
    assert_eq!(by_nixpkgs, "\"Shouty of nixpkgs\"");
    let given = |registry: &str, argument: &str| crate_of(registry, argument).unwrap_or_default();
    assert_eq!(
        given("crates-io", "registries.crates-io = \"https://given\";"),
        "\"https://given/Shouty/1.2.0/download\""
    );
    assert_eq!(
        given(
            "corp",
            "registries.corp.dl = \"https://h/{prefix}/{lowerprefix}/{crate}-{version}/{sha256-checksum}\";"
        ),
        "\"https://h/Sh/ou/sh/ou/Shouty-1.2.0/abc\""
    );
}

#[test]
fn machines_that_nixpkgs_has() {
    let Some(linkers) = evaluated("builtins.attrNames (provider { inherit pkgs; }).linkers") else {
        return;
    };
    assert_eq!(linkers, r#"["i686-unknown-linux-musl","x86_64-pc-windows-gnu"]"#);
    let threads = evaluated(
        "(provider { inherit pkgs; }).targetEnv.x86_64-pc-windows-gnu.NIX_LDFLAGS_x86_64_w64_mingw32",
    );
    assert_eq!(threads.as_deref(), Some("\"-L/threads/lib\""));
}
