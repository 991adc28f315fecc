//! `verify --files`: the files that Cargo's processes read, against those that the plan gives.
//!
//! * **Seeing.** Wrapper and stub start every process below `strace` ([`tracer`]); what it writes down is read by
//!   [`trace`], and what of it lies in the source tree is [`seen`]. A target unit, which is otherwise never
//!   compiled, is checked, so that macros run and later crates find its metadata ([`checked`]).
//! * **Given.** Nix itself lists the files of each step ([`listed`]): the plan's own filters say it, and
//!   nothing is copied. They are a tree with the places of the real one ([`given`]).
//! * **Comparing.** [`compare`] tells what a process found and its step would not; [`cure`] has the lines of
//!   config.toml for it, and [`narrow`] those for a script that sees far more than it reads. [`scripts`] holds
//!   what build scripts said and left ([`outputs`]) against what Nix made of them ([`nix_runs`]); files whose
//!   names differ by place are paired by [`named_by_place`].

pub mod checked;
pub mod compare;
pub mod cure;
pub mod dep_info;
pub mod examine;
pub mod git_runs;
pub mod given;
pub mod hidden;
mod ignored;
pub mod listed;
pub mod missing;
pub mod named_by_place;
pub mod narrow;
pub mod nix_runs;
pub mod outputs;
pub mod report;
pub mod scripts;
pub mod scripts_report;
pub mod seen;
mod strace_text;
pub mod trace;
pub mod tracer;
