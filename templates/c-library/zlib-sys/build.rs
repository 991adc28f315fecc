//! Asks pkg-config where zlib is, and tells rustc.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=PKG_CONFIG_PATH");
    let program = std::env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".to_owned());
    let asked = Command::new(&program).args(["--libs", "zlib"]).output();
    let asked = asked.unwrap_or_else(|error| panic!("could not start {program}: {error}"));
    assert!(
        asked.status.success(),
        "pkg-config does not find zlib: {}",
        String::from_utf8_lossy(&asked.stderr)
    );
    for word in String::from_utf8_lossy(&asked.stdout).split_whitespace() {
        if let Some(dir) = word.strip_prefix("-L") {
            println!("cargo::rustc-link-search=native={dir}");
        } else if let Some(name) = word.strip_prefix("-l") {
            println!("cargo::rustc-link-lib={name}");
        }
    }
}
