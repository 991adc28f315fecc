//! rustc's own build, recorded: what x.py runs, against the plans of its modes.
//!
//! * **Recording.** [`record::record`] starts the tree's own x.py with this program as `build.rustc`
//!   ([`recorder`]). What x.py's shim adds is thus in what is written down, and nothing of the shim needs
//!   to be believed. Of target units only files are made; a program is a copy of this one, so that the
//!   compiler which x.py then takes for its next stage is the recorder again, and one run records all stages.
//! * **Comparing.** [`modes::by_directory`] sorts the calls by x.py's target directories, one for each stage
//!   and mode. Each is a [`Recording`](super::recording::Recording), compared like any other
//!   ([`super::compare`]).
//!
//! What may differ beside the list of [`super::normalise`], and why:
//!
//! | what | why |
//! |---|---|
//! | `--sysroot` | names the stage of the compiler; a step's toolchain is at its own sysroot |
//! | variables that x.py itself sets | all calls have them, and a step has those that its code reads: where a step has one, its value is compared |

pub mod kinds;
pub mod modes;
pub mod record;
pub mod recorder;
