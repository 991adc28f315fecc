//! Prints one line for each kind of step that made it.

include!(concat!(env!("OUT_DIR"), "/squares.rs"));

fn main() {
    println!("rustc-env:      {}", env!("HELLO_FROM_SCRIPT"));
    println!("generated file: {SQUARES:?}");
    println!("proc macro:     {}", macros::backwards!("derivation"));
    println!("C code:         2 + 40 = {}", sums::add(2, 40));
    println!("on the target:  {}", voice::say("the program itself"));
    println!("package:        {} {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
}
