//! Runs on the build machine: one variable for the compiler, one file to be included.

use std::path::Path;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=HELLO_FROM_SCRIPT={}", voice::say("a build script"));

    #[cfg(target_arch = "x86_64")]
    let squares = helper::squares(4);
    #[cfg(not(target_arch = "x86_64"))]
    let squares: Vec<u32> = (0..4).map(|n| n * n).collect();

    let out = std::env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR");
    std::fs::write(
        Path::new(&out).join("squares.rs"),
        format!("const SQUARES: [u32; {}] = {squares:?};\n", squares.len()),
    )
}
