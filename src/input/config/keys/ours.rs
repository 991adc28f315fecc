//! The settings of a plan.

use std::borrow::Cow;

use super::super::schema::{Key, Role, Shape};

const fn key(
    path: &'static str,
    shape: Shape,
    default: &'static str,
    effect: &'static str,
    example: &'static str,
) -> Key {
    Key { path: Cow::Borrowed(path), shape, role: Role::Setting, default, effect, example }
}

/// The table.
pub(in super::super) const KEYS: &[Key] = &[
    key("build.targets", Shape::Texts, "the native triple of each system", "The target triples that the plan holds packages for.", "[\"x86_64-unknown-linux-gnu\", \"aarch64-unknown-linux-gnu\"]"),
    key("build.systems", Shape::Texts, "this machine's", "Nix's names of the build machines that the plan can be built on.", "[\"x86_64-linux\", \"aarch64-linux\"]"),
    key("build.profile", Shape::Text, "\"release\"", "Cargo's profile.", "\"dev\""),
    key("build.packages", Shape::Texts, "Cargo's default members", "The packages to build, as after `-p`. Not together with `build.workspace`.", "[\"app\"]"),
    key("build.workspace", Shape::Bool, "false", "Build every member of the workspace.", "true"),
    key("build.features", Shape::Texts, "[]", "Features to switch on: `name`, or `package/name`.", "[\"pcre2\"]"),
    key("build.all-features", Shape::Bool, "false", "Switch on all features of the selected packages.", "true"),
    key("build.no-default-features", Shape::Bool, "false", "Leave the `default` feature off.", "true"),
    key("build.vendor", Shape::BoolOrText, "false", "Take the sources of dependencies from a directory of the workspace; `true` means `vendor`.", "\"third-party\""),
    key("build.rustflags", Shape::Words, "[]", "Flags for every rustc run that makes something for a target, after those of Cargo's own configuration.", "[\"-Ctarget-cpu=x86-64-v2\"]"),
    key("toolchain.provider", Shape::Text, "\"store\" with `rustc`, \"input\" with `input`, else \"host\"", "Where the compiler comes from: `host` (this machine's), `nixpkgs` (its own rustc), `input` (a flake input) or `store` (paths in the Nix store).", "\"nixpkgs\""),
    key("toolchain.rustc", Shape::Text, "not set", "The compiler: a path in the Nix store.", "\"/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-rustc-1.95.0\""),
    key("toolchain.cargo", Shape::Text, "not set", "Cargo, which build scripts may ask for: a path in the Nix store. Only beside `rustc`.", "\"/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-cargo-1.95.0\""),
    key("toolchain.input", Shape::Text, "not set", "The flake input that the toolchain comes from. `nixpkgs` means its own rustc.", "\"rust-overlay\""),
    key("toolchain.channel", Shape::Text, "\"stable\"", "`stable`, `beta` or `nightly`, of a toolchain from a flake input.", "\"nightly\""),
    key("toolchain.version", Shape::Text, "\"latest\"", "A release (`1.95.0`), a date for beta and nightly (`2026-01-31`), or `latest`: what the locked input calls so.", "\"1.95.0\""),
    key("toolchain.components", Shape::Texts, "[]", "Components beside rustc, cargo and rust-std.", "[\"clippy\", \"rust-src\"]"),
    key("sccache.enable", Shape::Bool, "true", "Whether `rbn-plan cache start` may start the daemon and `doctor` expects it. Steps are the same either way.", "false"),
    key("sccache.socket", Shape::Text, "\"/run/rbn-plan/sccache/server.sock\"", "The daemon's Unix socket, an absolute path.", "\"/run/sccache/server.sock\""),
    key("sccache.directory", Shape::Text, "\"/var/cache/rbn-plan/sccache\"", "Where the daemon keeps its cache, an absolute path.", "\"/srv/sccache\""),
    key("sccache.size", Shape::Size, "\"10G\"", "The most that the cache may take: bytes, or with K, M, G or T (powers of 1024).", "\"40G\""),
    key("sccache.storage.<VARIABLE>", Shape::Text, "not set", "Remote storage: variables of sccache's own (`SCCACHE_...`, `AWS_...`), given to the daemon and kept out of derivations. Secrets are better set for the daemon's service.", "\"my-bucket\""),
    key("env.<VARIABLE>", Shape::EnvValue, "not set", "A variable for every step, as in Cargo's `[env]`: without `force` it yields to one that Cargo's configuration sets; with `relative` it is a path below the directory of this file. `HOME` and `CARGO_HOME` isolate builds that look there.", "{ value = \"/build/home\", force = true }"),
    key("override.<crate>.version", Shape::Text, "any", "The versions that the override is for, as a requirement.", "\"^0.9\""),
    key("override.<crate>.kind", Shape::TextOrTexts, "all", "The kinds of step that it is for: `lib`, `proc-macro`, `bin`, `example`, `test`, `bench`, `build-script` (its compilation) or `run` (its run).", "[\"run\"]"),
    key("override.<crate>.native-inputs", Shape::Texts, "[]", "Tools of the build machine, put on PATH: attributes of the toolchain's package set, or paths in the Nix store.", "[\"pkg-config\", \"cmake\"]"),
    key("override.<crate>.build-inputs", Shape::Texts, "[]", "Libraries of the target, made known to pkg-config and the linker: attributes of the toolchain's package set, or paths in the Nix store.", "[\"openssl.dev\"]"),
    key("override.<crate>.env.<VARIABLE>", Shape::EnvValue, "not set", "A variable for these steps only; it wins over `[env]`.", "\"1\""),
    key("override.<crate>.files", Shape::Texts, "[]", "Files or directories outside the package that its code reads, relative to the workspace root.", "[\"LICENSE-MIT\"]"),
    key("override.<crate>.rustflags", Shape::Words, "[]", "Flags for these rustc runs, after all others.", "[\"--cfg=special\"]"),
    key("nix.output", Shape::Text, "\"generated/steps.nix\"", "The plan's file, relative to the workspace root; `check`, `diff` and `build` look there.", "\"nix/steps.nix\""),
    key("nix.toolchain-file", Shape::Text, "\"generated/toolchain.nix\"", "The rendered toolchain provider, relative to the workspace root.", "\"nix/toolchain.nix\""),
    key("nix.root", Shape::Text, "\".\"", "The directory of flake.nix, relative to the workspace root.", "\"nix\""),
    key("nix.inputs.<name>", Shape::Text, "what flake.nix says", "A flake reference for an input that flake.nix does not have; `init` and the toolchain providers use it.", "\"github:oxalica/rust-overlay\""),
    key("target.<triple>.linker", Shape::Text, "the C compiler", "The linker of this platform: a program's name, an attribute or a path.", "\"aarch64-linux-gnu-gcc\""),
    key("target.<triple>.cc", Shape::Text, "the toolchain's", "The C compiler.", "\"aarch64-linux-gnu-gcc\""),
    key("target.<triple>.ar", Shape::Text, "the toolchain's", "The archiver.", "\"aarch64-linux-gnu-ar\""),
    key("target.<triple>.pkg-config", Shape::Text, "the toolchain's", "The pkg-config program.", "\"aarch64-linux-gnu-pkg-config\""),
    key("target.<triple>.runner", Shape::Words, "none", "The command that runs a program of this platform, with its arguments.", "[\"qemu-aarch64\", \"-L\", \"/usr/aarch64-linux-gnu\"]"),
    key("target.<triple>.rustflags", Shape::Words, "[]", "Flags for rustc runs of this target, after those of Cargo's own configuration and `build.rustflags`.", "[\"-Ctarget-feature=+crt-static\"]"),
];
