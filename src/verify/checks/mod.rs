//! Cargo's checks: what `cargo test`, `bench`, `clippy` and `doc` call beside rustc, recorded, against
//! what the steps of a plan of checks would call.
//!
//! * **Recording.** Cargo is started with this program as rustdoc and as the runner of test programs
//!   ([`stand_ins`]), which writes the call down and does nothing: the programs are empty files. clippy-driver
//!   comes by the wrapper of rustc as everything else does.
//! * **The plan.** The builder's own code says what each check calls ([`planned`]), with the facts that
//!   Nix hands to it, and what scripts said while Cargo was recorded.
//! * **Comparing.** A check is a node of both graphs, as steps are; [`compare`] says what of its call
//!   differs.

pub mod compare;
pub mod planned;
pub mod planned_check;
pub mod recorded;
pub mod stand_ins;
