//! `rbn-plan` turns a Cargo workspace into a Nix file with one derivation per compilation step.
//!
//! # How data flows
//!
//! ```text
//! Cargo workspace   flake.nix tree, flake.lock   config.toml   this machine's rustc, cc
//!       \                    |                      |               /
//!      cargo               flake                  config       toolchain      (read, validate; spans kept)
//!         +-------------------+----------+-----------+--------------+
//!                                        |
//!                                      plan     units -> steps: sources, names, identities, edges
//!                                        |
//!                                  model::Plan  a petgraph DAG of steps
//!                     ___________________|____________________
//!                    |            |           |               |
//!                plan_file     review      picture         verify
//! ```
//!
//! # Rooms, from the ground up
//!
//! A room imports from rooms before it only; `tests/it/tidy.rs` holds that.
//!
//! | room | what lives there |
//! |---|---|
//! | [`process`] | programs that run below this one, and signals meanwhile |
//! | [`text`] | words for people: counts, times, lines that fit, what may have been meant; what a terminal may see |
//! | [`nix`] | Nix's nouns: systems, escaping, plain data, attributes, `.drv` files; no Cargo |
//! | [`files`] | the one place that writes files, and the one that reads what a tree holds |
//! | [`template`] | the tera templates, each with a context type of its own |
//! | [`graph`] | order, one readable cycle, reachability, over petgraph; no Cargo |
//! | [`model`] | package, build target, profile, platform, step, edge, plan, document; no I/O |
//! | [`cargo`] | what Cargo says: metadata, unit graph, manifests, lock, configuration, rustc's answers |
//! | [`flake`] | the flake tree and its lock: reader and lossless editor |
//! | [`config`] | config.toml: schema, spans, cures |
//! | [`toolchain`] | what there is to build with, and the providers that say so to Nix |
//! | [`plan`] | the lowering: LTO, identities, names, sources, overrides |
//! | [`review`] | two plans compared by meaning; why a feature is on, what a change costs |
//! | [`build`] | a build that Nix does, watched: its stream, its record, its sums |
//! | [`plan_file`] | `generated/steps.nix` and the plan as JSON: writers beside readers |
//! | [`picture`] | a plan as DOT, SVG and HTML |
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
//! sandbox ([`plan::sandbox_paths`]), identities hold no path ([`plan::identity`]), dependencies are linked
//! into one directory before rustc starts. So rustc's command line is the same bytes on every
//! machine; a cache of compiler calls hits, and outputs are reproducible.

pub mod build;
pub mod cache;
pub mod cargo;
pub mod cli;
pub mod config;
pub mod doctor;
pub mod files;
pub mod flake;
pub mod graph;
pub mod model;
pub mod nix;
pub mod picture;
pub mod plan;
pub mod plan_file;
pub mod process;
pub mod review;
pub mod template;
pub mod text;
pub mod toolchain;
pub mod verify;
