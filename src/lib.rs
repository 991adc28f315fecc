//! `rbn-plan` turns a Cargo workspace into a Nix file with one derivation per compilation step.
//!
//! # How data flows
//!
//! ```text
//! flake.nix tree  flake.lock  config.toml   Cargo workspace + .cargo/config.toml   rustc --print
//!       \              |           |              |  (metadata, unit graph, manifests)   /
//!        +-------------+-----> input/  (read, parse, validate; spans kept) <-----------+
//!                                   |
//!                                plan/    units -> steps: arguments, environment, sources, names, edges
//!                                   |
//!                           model::Plan   a petgraph DAG of steps
//!                  _________________|______________________
//!                 |            |            |              |
//!             emit::nix    emit::json   emit::graph    emit::drv
//! ```
//!
//! # Rooms, from the ground up
//!
//! A room imports from rooms before it only; `tests/it/tidy.rs` holds that.
//!
//! | room | what lives there |
//! |---|---|
//! | [`process`] | signals, while another program runs below this one |
//! | [`nix`] | Nix's nouns: systems, escaping, plain data, values with context, derivations; no Cargo |
//! | [`graph`] | order, one readable cycle, reachability, over petgraph; no Cargo |
//! | [`model`] | package, build target, profile, platform, step, edge, plan, document; no I/O |
//! | [`input`] | what is read: `cargo`, `config`, `flake`, `toolchain`, and plans read back (`steps`) |
//! | [`plan`] | the lowering: LTO, identities, names, sources, arguments, environment, overrides |
//! | [`review`] | two plans compared by meaning; why a feature is on, what a change costs |
//! | [`build`] | a build that Nix does, watched: its stream, its record, its sums |
//! | [`emit`] | Nix, JSON, DOT, SVG, HTML, derivations; the only writer of files |
//! | [`cache`] | the compile cache's daemon |
//! | [`verify`] | what Cargo runs, recorded, against what Nix would run, evaluated |
//! | [`doctor`] | is this machine ready |
//! | [`cli`] | one file per command; nobody imports it |
//!
//! # Two decisions that shape everything
//!
//! **A plan states facts; Nix makes commands of them.** `templates/lib/` stands in every plan and
//! turns facts into rustc's arguments; `templates/builder/`, too, runs them and does what only a build can
//! know: threads, the compile cache, what build scripts say. [`plan::args`] and [`plan::env`] say the same in Rust, for
//! JSON, for `verify`, and as each other's proof: a test evaluates plans and compares every step.
//!
//! **What is the same everywhere has the same name everywhere.** Sources lie at fixed places in the
//! sandbox ([`plan::places`]), identities hold no path ([`plan::identity`]), dependencies are linked
//! into one directory before rustc starts. So rustc's command line is the same bytes on every
//! machine; a cache of compiler calls hits, and outputs are reproducible.

pub mod build;
pub mod cache;
pub mod cli;
pub mod doctor;
pub mod emit;
pub mod graph;
pub mod input;
pub mod model;
pub mod nix;
pub mod plan;
pub mod process;
pub mod review;
pub mod verify;
