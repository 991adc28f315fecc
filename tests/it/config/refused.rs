//! Bad files: every problem, at the right text, with its cure.

use insta::assert_snapshot;
use rbn_plan::cli::config::text;
use rbn_plan::config::{ConfigError, Overrides};

use crate::document::workspace::{SMALL, Workspace};

use super::{fixture, problems, resolve, shown};

#[test]
fn every_problem_at_once_with_its_place() {
    insta::assert_snapshot!(problems(&fixture("bad.toml")), @r#"
    "targets": unknown key `targets` [did you mean `build.targets`?]
    "\"x86_64-linux\"": `build.targets`: `x86_64-linux` is Nix's name of a system, not a target triple [write `x86_64-unknown-linux-gnu`]
    "\"cfg(unix)\"": `build.targets`: `cfg(unix)` is an expression, not a target triple [name a triple here; `cfg()` tables belong into .cargo/config.toml, which is read too]
    "\"riscv\"": `build.targets`: `riscv` is not a target triple [triples look like `aarch64-unknown-linux-gnu`; `rustc --print target-list` lists them]
    "\"armv7l-linux\"": `build.systems`: `armv7l-linux` is not a system that plans are made for [systems are `x86_64-linux` and `aarch64-linux`]
    "\"x86_64-linux\"": `build.systems`: `x86_64-linux` is listed twice [take one of them away]
    "packages": `build.packages` and `build.workspace` cannot both be set [take `build.packages` or the other away]
    "proflie": unknown key `build.proflie` [did you mean `build.profile`?]
    "all_features": unknown key `build.all_features` [did you mean `build.all-features`?]
    "\"simd\"": `build.features` is a string, expected a list of strings
    "channel": `toolchain.channel` has no meaning without `toolchain.input` [set `toolchain.input` as well]
    "\"nigthly\"": `toolchain.channel`: `nigthly` is none of `stable`, `beta`, `nightly` [did you mean `nightly`?]
    "\"/usr/bin/rustc\"": `toolchain.rustc`: `/usr/bin/rustc` is not a path in the Nix store [write /nix/store/<hash>-<name>, or leave it out for the machine's own]
    "\"many\"": `sccache.size`: `many` is not a size [write a number of bytes, or a number with K, M, G or T, such as `10G`]
    "\"sccache.sock\"": `sccache.socket`: `sccache.sock` is not an absolute path [begin with `/`]
    "\"NOT A NAME\"": `env."NOT A NAME"`: `NOT A NAME` is not the name of an environment variable
    "froce": unknown key `env.PATH.froce` [did you mean `env.PATH.force`?]
    "\"^^1\"": `override.openssl-sys.version`: `^^1` is not a version requirement: unexpected character '^' while parsing major version number [write it as in Cargo.toml: `1.2`, `=1.2.3`, `>=1, <3`]
    "\"runn\"": `override.openssl-sys.kind`: `runn` is none of `lib`, `proc-macro`, `bin`, `example`, `test`, `bench`, `build-script`, `run` [did you mean `run`?]
    "\"openssl dev\"": `override.openssl-sys.build-inputs`: `openssl dev` is not an attribute path such as `openssl.dev`
    "\"x86_64\"": `target.x86_64`: `x86_64` is not a target triple [triples look like `aarch64-unknown-linux-gnu`; `rustc --print target-list` lists them]
    "#);
    assert_snapshot!(problems("nix.output = 'generated/'\n"), @r#""'generated/'": `nix.output`: `generated/` is a directory, and a file belongs here [name a file in it, such as `generated/steps.nix`]"#);
    assert_snapshot!(problems("nix.root = '../elsewhere'\n"), @r#""'../elsewhere'": `nix.root`: `../elsewhere` is not a relative path that stays inside the workspace [write it relative to the workspace root, without `..`]"#);
}

#[test]
fn one_problem_as_the_user_sees_it() {
    insta::assert_snapshot!(shown("[build]\nproflie = \"dev\"\n"), @r#"
    config::invalid

      × failed to read the configuration: 1 problem

    Error: config::unknown_key

      × unknown key `build.proflie`
       ╭─[config.toml:2:1]
     1 │ [build]
     2 │ proflie = "dev"
       · ───┬───
       ·    ╰── no such key
       ╰────
      help: did you mean `build.profile`?
    "#);
}

#[test]
fn set_twice() {
    insta::assert_snapshot!(problems(&fixture("duplicate.toml")), @r#"
    "profile": this key is set before [take one of the two away]
    "HOME": `env.HOME` and `HOME` cannot both be set [take `env.HOME` or the other away]
    "#);
    insta::assert_snapshot!(problems("HOME = '/a'\nenv.HOME = '/b'\n"), @r#""HOME": `env.HOME` and `HOME` cannot both be set [take `env.HOME` or the other away]"#);
    // What only counts where it fits yields, wherever it stands.
    let good = "/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-rustc-1.95.0";
    for order in [
        format!("rustc = '/x'\n[toolchain]\nrustc = '{good}'\n"),
        format!("toolchain.rustc = '{good}'\n[build]\nrustc = '/x'\n"),
    ] {
        let loaded = resolve(&order, &[], &Overrides::default()).unwrap();
        assert!(text(&loaded).contains(&format!("rustc = \"{good}\"")), "{order}");
        assert_eq!(loaded.notices.len(), 1, "{order}");
        assert_eq!(loaded.notices[0].message, "no effect: `toolchain.rustc` is set");
    }
}

#[test]
fn wrong_types() {
    insta::assert_snapshot!(
        problems(
            "build = 1\ntarget = []\n[[nix]]\n[override]\nx = 'y'\nz = [1]\n[env]\nA = 1\nB = {}\n\
             C = { value = 1 }\n[toolchain]\ncomponents = ['a', 2]\n[sccache]\nenable = 'yes'\nsize = 1.5\n"
        ),
        @r#"
    "1": `build` is an integer, expected a table
    "[]": `target` is an array, expected a table
    "[[nix]]": `nix` is an array, expected a table
    "'y'": `override.x` is a string, expected a table or an array of tables
    "1": `override.z` is an integer, expected a table
    "1": `env.A` is an integer, expected a string or { value, force, relative }
    "{}": `env.B` is a table without `value`, expected a string or { value, force, relative }
    "1": `env.C.value` is an integer, expected a string
    "2": `toolchain.components[1]` is an integer, expected a string
    "'yes'": `sccache.enable` is a string, expected a boolean
    "1.5": `sccache.size` is a float, expected a number of bytes or a string such as "10G"
    "#
    );
}

#[test]
fn toolchains() {
    insta::assert_snapshot!(problems("[toolchain]\nchannel = 'nightly'\ncomponents = ['clippy']\n"), @r#"
    "channel": `toolchain.channel` has no meaning without `toolchain.input` [set `toolchain.input` as well]
    "components": `toolchain.components` has no meaning without `toolchain.input` [set `toolchain.input` as well]
    "#);
    insta::assert_snapshot!(problems("[toolchain]\ninput = 'rust-overlay'\nchannel = 'nightly'\nversion = '1.95.0'\n"), @r#""'1.95.0'": `toolchain.version`: `1.95.0` is not a version of the channel `nightly` [releases are of `stable`; `beta` and `nightly` have days such as `2026-01-31`]"#);
    insta::assert_snapshot!(problems("[toolchain]\ninput = 'rust-overlay'\nversion = '2026-01-31'\n"), @r#""'2026-01-31'": `toolchain.version`: `2026-01-31` is not a version of the channel `stable` [releases are of `stable`; `beta` and `nightly` have days such as `2026-01-31`]"#);
    insta::assert_snapshot!(problems("[toolchain]\nprovider = 'store'\n"), @r#""provider": `toolchain.provider` has no meaning without `toolchain.rustc` [set `toolchain.rustc` as well]"#);
    insta::assert_snapshot!(problems("[toolchain]\nprovider = 'hots'\nversion = '1.x'\n"), @r#"
    "'hots'": `toolchain.provider`: `hots` is none of `host`, `nixpkgs`, `input`, `store` [did you mean `host`?]
    "version": `toolchain.version` has no meaning without `toolchain.input` [set `toolchain.input` as well]
    "'1.x'": `toolchain.version`: `1.x` is neither a release, nor a date, nor `latest` [write `1.95.0`, `2026-01-31` or `latest`]
    "#);
    insta::assert_snapshot!(
        problems("toolchain.cargo = '/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-cargo'\n"),
        @r#""cargo": `toolchain.cargo` has no meaning without `toolchain.rustc` [set `toolchain.rustc` as well]"#
    );
    insta::assert_snapshot!(shown_section("[toolchain]\ninput = 'nixpkgs'\n", "toolchain"), @r#"
    [toolchain]
    provider = "nixpkgs"  # config.toml:2
    input = "nixpkgs"  # config.toml:2
    "#);
    insta::assert_snapshot!(shown_section("[toolchain]\nprovider = 'input'\n", "toolchain"), @r#"
    [toolchain]
    provider = "input"  # config.toml:2
    input = "rust-overlay"  # default
    channel = "stable"  # default
    version = "latest"  # default
    components = []  # default
    "#);
    insta::assert_snapshot!(
        shown_section("[nix]\nrust_overlay_path = '../overlay'\n[rust]\nchannel = 'beta'\n", "toolchain"),
        @r#"
    [toolchain]
    provider = "input"  # config.toml:2
    input = "rust-overlay"  # default
    channel = "beta"  # config.toml:4
    version = "latest"  # default
    components = []  # default
    "#
    );
}

/// One table of what `rbn-plan config` shows.
fn shown_section(input: &str, section: &str) -> String {
    let page = shown(input);
    let from =
        page.find(&format!("[{section}]")).unwrap_or_else(|| panic!("no [{section}] in:\n{page}"));
    page[from..].split("\n\n").next().unwrap_or_default().to_owned()
}

#[test]
fn suggestions_reach_into_other_sections() {
    insta::assert_snapshot!(
        problems(
            "toolchian.input = 'x'\nlinker = 'cc'\n[rust]\nlldd = true\n[override.a]\nbuild_inputs = []\n\
             [target.x86_64-unknown-linux-gnu]\ncxxx = 1\n[nothing]\nlike = 'it'\n"
        ),
        @r#"
    "toolchian": unknown key `toolchian` [did you mean `toolchain`?]
    "linker": unknown key `linker` [did you mean `target.<triple>.linker`?]
    "lldd": unknown key `rust.lldd` [did you mean `rust.lld`?]
    "build_inputs": unknown key `override.a.build_inputs` [did you mean `override.a.build-inputs`?]
    "cxxx": unknown key `target.x86_64-unknown-linux-gnu.cxxx` [did you mean `target.x86_64-unknown-linux-gnu.cxx`?]
    "nothing": unknown key `nothing` [docs/config.md lists every key]
    "#
    );
}

#[test]
fn not_toml() {
    insta::assert_snapshot!(problems("[build\nprofile = dev\nunknown = 1\n"), @r#""": this is not TOML: unclosed table, expected `]`"#);
    let many = "x = <\n".repeat(500);
    insta::assert_snapshot!(shown(&many).lines().nth(2).unwrap_or_default(), @"  × failed to read the configuration: 500 problems, of which these are the");
}

#[test]
fn huge_nesting() {
    for deep in [
        format!("build = {}1{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("a{} = 1", ".a".repeat(100_000)),
        format!("env.A = {}", "{ value = ".repeat(50_000)),
        format!("[{}]", vec!["override"; 50_000].join(".")),
    ] {
        let refused = resolve(&deep, &[], &Overrides::default());
        assert!(matches!(refused, Err(ConfigError::Invalid { .. })));
    }
}

#[test]
fn a_value_does_not_steer_the_terminal() {
    let page = problems("build.profile = \"a\\u001b[2J\\u0007\\n\"\n[env]\nA = \"\\u0000\"\n");
    insta::assert_snapshot!(page, @r#"
    "\"a\\u001b[2J\\u0007\\n\"": `build.profile`: `a\u{1b}[2J\u{7}\n` is not a profile's name
    "\"\\u0000\"": `env.A`: the value has a NUL in it [take it out]
    "#);
}

/// Nix would say it while it evaluates, of a path in its store.
#[test]
fn files_that_are_not_there_are_refused_when_planning() {
    let workspace = Workspace::new(SMALL);
    workspace.write(
        "--- config.toml\n[override.app]\nfiles = [\"LICENSE\", \"app/src\"]\n\n[[override.parser]]\nkind = [\"run\"]\nfiles = [\"parser/grammar.txt\"]\n",
    );
    assert_snapshot!(workspace.says(2, &[]), @r#"
    config::invalid

      × failed to read the configuration: 2 problems

    Error: config::bad_value

      × `override.app.files`: there is no `LICENSE` in the workspace
       ╭─[config.toml:2:10]
     1 │ [override.app]
     2 │ files = ["LICENSE", "app/src"]
       ·          ────┬────
       ·              ╰── this value
     3 │ 
       ╰────
      help: write it relative to the workspace root, or take it away

    Error: config::bad_value

      × `override.parser.files`: there is no `parser/grammar.txt` in the workspace
       ╭─[config.toml:6:10]
     5 │ kind = ["run"]
     6 │ files = ["parser/grammar.txt"]
       ·          ──────────┬─────────
       ·                    ╰── this value
       ╰────
      help: write it relative to the workspace root, or take it away
    "#);
    workspace.says(0, &["config"]);
    workspace.write("--- LICENSE\n--- parser/grammar.txt\n");
    workspace.says(0, &[]);
}

#[test]
fn a_misspelt_target_is_said_with_the_one_that_is_meant() {
    let workspace = Workspace::new(SMALL);
    let target = |triple| workspace.says(2, &["--target", triple]);
    assert_snapshot!(target("aarch64-unknown-linux-gn"), @r#"
    × rustc knows no target `aarch64-unknown-linux-gn`
    help: did you mean `aarch64-unknown-linux-gnu`? `rustc --print target-list`
          has all of them
    "#);
    assert_snapshot!(target("no-such-triple"), @r#"
    × rustc knows no target `no-such-triple`
    help: check its spelling: `rustc --print target-list` has all of them
    "#);
    workspace
        .write("--- .cargo/config.toml\n[build]\ntarget = \"armv7-unknown-linux-gnueabihv\"\n");
    assert_snapshot!(workspace.says(2, &["--target=aarch64-unknown-linux-gnu", "--target=aarch64-unkown-linux-musl"]), @r#"
    × rustc knows no target `aarch64-unkown-linux-musl`
    help: did you mean `aarch64-unknown-linux-musl`? `rustc --print target-list`
          has all of them
    "#);
    assert_snapshot!(workspace.says(2, &["check"]), @r#"
    × rustc knows no target `armv7-unknown-linux-gnueabihv`
    help: did you mean `armv7-unknown-linux-gnueabihf`? `rustc --print
          target-list` has all of them
    "#);
}
