//! What every command says on a terminal of 80 columns, without colour and with it.
//!
//! Each is a snapshot; `listed` holds that no command is without one. Nix is one that plays where its
//! answers or the machine would differ.

mod adopting;
mod building;
mod caching;
mod checking;
mod compiler;
mod known;
mod listed;
mod machine;
mod planning;
mod reading;
mod refusing;
mod screen;
