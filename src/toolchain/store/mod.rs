//! This machine's toolchain as one closed tree in Nix's store, so that no build needs anything of the host.
//!
//! # What is in it
//!
//! Two paths. `lib` has what programs need when they run: the C library with its loader, the compilers' own
//! libraries, and the C libraries that a user names. The other has rustc, cargo, GCC, binutils, a shell and
//! small programs, with headers and what is linked. A program that is linked by it refers to `lib` alone, so
//! a cache of programs holds some megabytes of it and not the compilers.
//!
//! # How it runs from there
//!
//! Programs name the loader and a search path (`DT_RPATH`, which holds for the libraries' own libraries,
//! too); both are written anew ([`elf`]). GCC finds its parts from where it lies; the rest is told by its
//! `specs` file: where headers are (`--sysroot`), and which loader and search path it gives to what it links.
//!
//! # Why it is made in two steps
//!
//! The tree names its own place, and Nix knows that only of what a derivation makes. So the tree is first
//! put together with stand-ins of the same length, added to the store, and then a derivation, run by the
//! tree's own loader and shell, puts the places in ([`recipe`]). The same files of the same machine's
//! packages give the same paths.

mod c;
mod elf;
mod error;
mod gather;
mod gathering;
mod moved;
mod owner;
mod paths;
mod place;
mod programs;
mod recipe;
mod rust;
mod tree;

pub use error::StoreError;
pub use gather::{Asked, gather};
pub use moved::moved;
pub use place::{Name, Place};
pub use recipe::expression;
pub use tree::{Entry, Part, Tree};
