//! Configurations of all kinds, made at random: what is planned is what Cargo passes.
//!
//! A few on every day, with `RBN_FULL` sixty. Each is a workspace, a home of Cargo's, variables and
//! flags; `verify` records what Cargo runs with it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::{Config, TestRunner};

/// cfgs that hold always, never, by a flag, by what a flag brings, and as rustc says it by itself.
const CFGS: [&str; 8] = [
    "unix",
    "windows",
    "first",
    "second",
    "not(first)",
    "target_feature = \"sse4.2\"",
    "debug_assertions",
    "any(third, panic = \"unwind\")",
];

/// Flags that set these, and some that set nothing.
const FLAGS: [&str; 6] = [
    "--cfg=first",
    "--cfg=second",
    "--cfg=third",
    "-Ctarget-feature=+sse4.2",
    "-Cforce-frame-pointers=yes",
    "--cfg=deep=\"a.b\"",
];

/// Where a value of the configuration can stand.
const PLACES: [&str; 7] = [
    "home/config.toml",
    ".cargo/config.toml",
    ".cargo/listed.toml",
    ".cargo/optional.toml",
    "below/.cargo/config.toml",
    "flags.toml",
    "flags-more.toml",
];

/// One configuration: files by place, variables, flags.
#[derive(Clone, Debug, Default)]
struct Made {
    files: BTreeMap<&'static str, String>,
    variables: Vec<(&'static str, String)>,
    flags: Vec<String>,
}

fn flags() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(FLAGS.to_vec(), 0..3)
}

/// The text of one file. Lists are lists in all of them: Cargo merges no text with a list.
fn file() -> impl Strategy<Value = String> {
    let tables = subsequence(CFGS.to_vec(), 0..3);
    let of_tables = prop::collection::vec(flags(), 3);
    let parts = (flags(), any::<[bool; 5]>(), flags(), tables, of_tables, 0..4_u8);
    parts.prop_map(|(build, has, target, tables, of_tables, level)| {
        let list = |flags: &[&str]| {
            let quoted: Vec<String> = flags.iter().map(|flag| format!("'{flag}'")).collect();
            format!("[{}]", quoted.join(", "))
        };
        let mut text = String::new();
        let mut add = |line: String| writeln!(text, "{line}").unwrap();
        if has[0] {
            add(format!("build.rustflags = {}", list(&build)));
        }
        if has[1] {
            add(format!("target.x86_64-unknown-linux-gnu.rustflags = {}", list(&target)));
        }
        for (cfg, flags) in tables.iter().zip(&of_tables) {
            add(format!("target.'cfg({cfg})'.rustflags = {}", list(flags)));
        }
        if has[2] {
            add(format!("env.PLAIN = 'level {level}'"));
        }
        if has[3] {
            add(format!("env.WITH = {{ value = 'level {level}', force = {} }}", has[0]));
        }
        if has[4] {
            add(format!("profile.release.opt-level = {level}"));
            add(format!("profile.release.debug-assertions = {}", has[1]));
            add(format!(
                "target.x86_64-unknown-linux-gnu.linker = '{}'",
                ["gcc", "cc"][usize::from(has[2])]
            ));
        }
        text
    })
}

fn made() -> impl Strategy<Value = Made> {
    let files = subsequence(PLACES.to_vec(), 0..=PLACES.len());
    let variables = subsequence(
        vec![
            "CARGO_BUILD_RUSTFLAGS",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_PROFILE_RELEASE_OPT_LEVEL",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER",
        ],
        0..3,
    );
    let texts = prop::collection::vec(file(), PLACES.len());
    let parts = (files, texts, variables, prop::collection::vec(flags(), 6), flags());
    parts.prop_map(|(places, texts, variables, words, given)| {
        let mut made = Made { files: places.into_iter().zip(texts).collect(), ..Made::default() };
        let included: Vec<&str> = [
            (".cargo/listed.toml", "'listed.toml'"),
            (".cargo/optional.toml", "{ path = 'optional.toml', optional = true }"),
        ]
        .into_iter()
        .filter(|(place, _)| made.files.contains_key(place) || place.ends_with("optional.toml"))
        .map(|(_, entry)| entry)
        .collect();
        let include = format!("include = [{}]\n", included.join(", "));
        let main = made.files.entry(".cargo/config.toml").or_default();
        *main = format!("{include}{main}");
        for (name, words) in variables.into_iter().zip(words) {
            let value = match name {
                "CARGO_ENCODED_RUSTFLAGS" => words.join("\u{1f}"),
                "CARGO_PROFILE_RELEASE_OPT_LEVEL" => words.len().to_string(),
                name if name.ends_with("LINKER") => "cc".to_owned(),
                _ => words.join(" "),
            };
            made.variables.push((name, value));
        }
        let is_more = made.files.contains_key("flags-more.toml");
        if let Some(text) = made.files.get_mut("flags.toml") {
            if is_more {
                *text = format!("include = ['flags-more.toml']\n{text}");
            }
            made.flags.push("--config=flags.toml".to_owned());
        }
        for flag in given {
            made.flags.push(format!("--config=build.rustflags=['{flag}']"));
        }
        made
    })
}

/// Writes the workspace and the home.
fn write(made: &Made, root: &Path) {
    let put = |name: &str, text: &str| {
        let file = root.join(name);
        fs::create_dir_all(file.parent().expect("a file in a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
    };
    put(
        "Cargo.toml",
        "[workspace]\n[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    put("Cargo.lock", "version = 4\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\n");
    put("src/main.rs", "fn main() {}\n");
    put("build.rs", "fn main() { println!(\"cargo::rerun-if-changed=build.rs\"); }\n");
    put("below/keep", "");
    put("home/keep", "");
    for (place, text) in &made.files {
        // A file that `--config` names is named from where the command is given.
        let place = match place.starts_with("flags") {
            true => format!("below/{place}"),
            false => (*place).to_owned(),
        };
        put(&place, text);
    }
}

fn is_equal(made: &Made) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().expect("a temporary directory");
    write(made, dir.path());
    let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.ends_with("RUSTFLAGS") || name.starts_with("CARGO_PROFILE_") {
            command.env_remove(name);
        }
    }
    let done = command
        .current_dir(dir.path().join("below"))
        .env("CARGO_HOME", dir.path().join("home"))
        .envs(made.variables.iter().map(|(name, value)| (name, value)))
        .args(["verify", "--no-nix", "--locked", "--offline"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .args(&made.flags)
        .output()
        .expect("the program starts");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    prop_assert!(done.status.success(), "{}", said);
    Ok(())
}

#[test]
fn random_configurations_are_what_cargo_passes() {
    let cases = if std::env::var_os("RBN_FULL").is_some() { 60 } else { 5 };
    let config =
        Config { cases, max_shrink_iters: 20, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&made(), |made| is_equal(&made));
    if let Err(error) = result {
        panic!("{error}");
    }
}
