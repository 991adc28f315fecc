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
//! | [`watch`] | waiting until a file of a tree changes |
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
//! | [`checks`] | what tests, clippy and rustdoc found, read from the reports of a plan's checks |
//! | [`audit`] | what is known against a plan's packages: advisories, licences |
//! | [`verify`] | what Cargo runs, recorded, against what Nix would run, evaluated |
//! | [`bootstrap`] | rustc's own build: the tree, `bootstrap.toml`, modes and stages, x.py recorded |
//! | [`doctor`] | is this machine ready |
//! | [`cli`] | one file per command; nobody imports it |
//!
//! # Where each rule stands
//!
//! Once: what follows from a step's facts is said by `builder/`, a crate without dependencies. The planner
//! uses it as a library; and its text stands in every plan, where the first derivation of a build compiles it
//! with the toolchain's own rustc to the program that builds all others. So what `verify` proves is what runs.
//!
//! | rule | where |
//! |---|---|
//! | which units there are, with which features and profiles | Cargo, read by [`cargo::unit_graph`] |
//! | what a unit's facts are | [`plan::lower()`]; in the builder's words: [`plan::facts`] |
//! | how a plan's file states them | written by [`plan_file::write`], read back by [`plan_file::read`] |
//! | how Nix hands them to a step, and wires steps | `templates/lib/`; a test holds that nothing changes on the way |
//! | which facts a step may have, and their defaults | `rbn_builder::step`, `package`, `profile`, `target` |
//! | rustc's arguments, and its part in LTO | `rbn_builder::argv`, `target` |
//! | the environment | `rbn_builder::environment` |
//! | identities | `rbn_builder::identity` |
//! | what build scripts say, what it does, and whom it reaches | `rbn_builder::protocol`, `effects`, `crates` |
//! | where files lie in the sandbox | `rbn_builder::package` and `sources` |
//! | which files a package's steps see | `templates/lib/sources.nix` and [`cargo::files`] |
//! | the address of a crate (`dl` and its markers) | the toolchain's providers, `templates/toolchain-*` |
//! | which libraries have a step of their own for their metadata | `templates/lib/split.nix` |
//! | threads, the compile cache, metadata before the library, outputs | `rbn_builder`, private |
//! | which compiler and linker a step must have | `rbn_builder::tools`; sealed by [`toolchain`] |
//!
//! # A new fact, from config.toml to the builder
//!
//! Of an override, which adds something to single steps:
//!
//! 1. `config/keys/ours.rs`: the key, what it takes, what it does. `config/overrides.rs`: a field, and a line
//!    each in `read`, `entries` (what `rbn-plan config` shows) and `add_to`. Who reads a value refuses it
//!    there; the span comes by itself.
//! 2. `model/additions.rs`: a field, and a line of `parts!`. If its value is a list, a table or a flag, a plan's
//!    file states it, is read back, and reviews compare it without more. A new form, such as a number, is a
//!    variant of `Value` there, and one arm in each of `extend`, `plan_file/write/steps.rs`,
//!    `plan_file/read/step.rs` and `review/step_change.rs`: the compiler asks for them.
//! 3. `plan/facts.rs` gives it to the builder.
//! 4. `builder/src/step.rs` takes it, by the name that it has in the plan's file; what it does stands where the
//!    rule is (the table above).
//! 5. What is generated: `rbn-plan config --reference > docs/config.md`, and
//!    `UPDATE_SCHEMA=1 cargo test --test it the_schema` for the schema of the plan as JSON.
//!
//! Only a fact that Nix itself must work on (a package, a file, what the argument `overrides` may add to)
//! is a part of `Added` in the builder, and stands in `templates/lib/overrides.nix` (`additions`, `isAddedTo`)
//! and in `ownFacts` of `templates/lib/steps.nix`.
//!
//! A fact that Cargo says, of a unit or a package: `plan/lower/` or `plan/packages.rs` sets it,
//! `plan_file/write/` states it and `plan_file/read/` reads it back; then as above.
//!
//! Nix hands each fact on to the builder, by its name, but for those of `ownFacts`. The builder refuses a fact
//! that it does not know, and says its name.
//!
//! # Two decisions that shape everything
//!
//! **A plan states facts; the builder makes commands of them.** A reviewer reads "feature added", not a
//! command line; Nix does what only Nix can do: it wires derivations, fetches sources, applies overrides.
//!
//! **What is the same everywhere has the same name everywhere.** Sources lie at fixed places in the
//! sandbox, identities hold no path, dependencies are linked into one directory before rustc starts. So
//! rustc's command line is the same bytes on every machine; a cache of compiler calls hits, and outputs are
//! reproducible.

pub mod audit;
pub mod bootstrap;
pub mod build;
pub mod cache;
pub mod cargo;
pub mod checks;
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
pub mod watch;
