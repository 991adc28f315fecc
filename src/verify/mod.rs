//! The differential test: what Cargo runs, recorded, against what the plan says.
//!
//! Parts that meet in [`recording::Recording`]:
//!
//! * **Recording.** [`record::record`] starts a real `cargo build` with this program as
//!   `RUSTC_WRAPPER` and a private target directory. [`wrapper`] is what Cargo then calls in the
//!   place of rustc: it writes down the call, really compiles *host* units (build scripts, proc
//!   macros and what they need: Cargo gives them no `--target`), and for *target* units only
//!   creates the files that Cargo expects ([`outputs`]): nothing of Cargo reads what is in them.
//!   A compiled build script is moved aside for a link to this program ([`stub`]), which writes
//!   down the environment of the run and then becomes the real script.
//! * **Asking Nix.** [`evaluation`] renders the plan, lets Nix evaluate it, and reads the facts that each
//!   step's builder would get. Without Nix it is what the planner has in memory. Of these facts the
//!   builder's own code makes what is compared ([`steps`]).
//! * **Comparing.** [`compare::compare`] takes steps ([`planned`]) and a recording, finds which
//!   call is which step ([`matching`]), brings both into one spelling ([`args`], [`normalise`]: the
//!   list of what may differ), and tells for each step what differs ([`report`]).
//!
//! Of Cargo's checks also what they call ([`checks`]).
//!
//! With `--files` also which files each process reads, against those that its step is given ([`files`]).
//!
//! rustc's own build is not Cargo's alone: [`xpy`] records it.
//!
//! A build script sees the environment of a plain build: the stub takes this program's own
//! variables (`RUSTC_WRAPPER` among them) out again, so that probes which the script runs reach
//! the real compiler, and so that no difference has to be excused.

mod added;
pub mod args;
pub mod call;
pub mod checks;
pub mod compare;
mod dialect;
pub mod environment;
pub mod error;
pub mod evaluation;
pub mod files;
mod host_unit;
mod links;
pub mod matching;
pub mod needed;
mod nodes;
pub mod normalise;
pub mod outputs;
pub mod package_name;
mod places;
pub mod planned;
pub mod planned_compile;
mod raw_call;
pub mod record;
pub mod recording;
pub mod relation;
pub mod report;
pub mod selection;
pub mod session;
mod shared_files;
pub mod steps;
mod stub;
pub mod wrapper;
pub mod xpy;
