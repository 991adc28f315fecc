//! `config.toml`: good files, bad files, layers, the reference page.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use proptest::prelude::*;
use rbn_plan::cli::config::{json, text};
use rbn_plan::input::config::schema::{self, Role};
use rbn_plan::input::config::{
    Config, ConfigError, Environment, Layers, Loaded, Machine, Origin, Overrides, Place, load,
    reference,
};
use rbn_plan::model::Triple;
use rbn_plan::nix::System;

fn machine() -> Machine {
    let host = Triple::new("x86_64-unknown-linux-gnu").unwrap();
    Machine { system: System::X8664Linux, host }
}

fn resolve(
    input: &str,
    environment: &[(&str, &str)],
    flags: &Overrides,
) -> Result<Loaded, ConfigError> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Config::resolve(&Layers {
        file: Some((Utf8Path::new("config.toml"), input)),
        environment: &Environment::new(environment.iter().map(own)),
        flags,
        machine: &machine(),
    })
}

fn fixture(name: &str) -> String {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn rendered(error: &dyn Diagnostic) -> String {
    let mut page = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(80)
        .render_report(&mut page, error)
        .unwrap();
    page.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// What `rbn-plan config` shows of `input`, or how it is refused.
fn shown(input: &str) -> String {
    match resolve(input, &[], &Overrides::default()) {
        Ok(loaded) => text(&loaded),
        Err(error) => rendered(&error),
    }
}

/// The problems of `input`: the text at the span, and the sentence.
fn problems(input: &str) -> String {
    match resolve(input, &[], &Overrides::default()) {
        Ok(loaded) => format!("no problem; notices: {:#?}", loaded.notices),
        Err(ConfigError::Invalid { problems, .. }) => problems
            .iter()
            .map(|problem| {
                let at = match &problem.place {
                    Place::Span(span) => format!("{:?}", &input[span.clone()]),
                    other => format!("{other:?}"),
                };
                let help = problem.help().map(|help| format!(" [{help}]")).unwrap_or_default();
                format!("{at}: {problem}{help}\n")
            })
            .collect(),
        Err(other) => rendered(&other),
    }
}

#[test]
fn a_full_file() {
    insta::assert_snapshot!(shown(&fixture("full.toml")), @r#"
    # The configuration of config.toml, with all defaults.

    [build]
    # config.toml:3
    targets = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]
    systems = ["x86_64-linux", "aarch64-linux"]  # config.toml:4
    profile = "dist"  # config.toml:5
    packages = ["app", "tool@1.2.0"]  # config.toml:6
    features = ["app/pcre2", "simd"]  # config.toml:7
    all-features = false  # default
    no-default-features = true  # config.toml:8
    vendor = "third-party/crates"  # config.toml:9
    rustflags = ["-Cforce-frame-pointers", "-Ctarget-cpu=native"]  # config.toml:10

    [toolchain]
    provider = "input"  # config.toml:13
    input = "rust-overlay"  # config.toml:13
    channel = "nightly"  # config.toml:14
    version = "2026-01-31"  # config.toml:15
    components = ["rust-src", "clippy"]  # config.toml:16

    [sccache]
    enable = true  # default
    socket = "/run/sccache/server.sock"  # config.toml:19
    directory = "/var/cache/rbn-plan/sccache"  # default
    size = "5G"  # config.toml:20
    storage.AWS_SECRET_ACCESS_KEY = "(hidden)"  # config.toml:24
    storage.SCCACHE_BUCKET = "cache"  # config.toml:23

    [env]
    # config.toml:28
    CARGO_HOME = { force = true, relative = true, value = "cargo" }
    GREETING = """
    a "quoted" ${word}
    and a line"""  # config.toml:29
    HOME = "/build/home"  # config.toml:27

    [override.openssl-sys]
    version = ">=0.9, <0.10"  # config.toml:32
    kind = ["run"]  # config.toml:33
    native-inputs = ["pkg-config"]  # config.toml:34
    # config.toml:35
    build-inputs = [
      "openssl.dev",
      "/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-zlib-1.3.1/lib",
    ]
    env.OPENSSL_NO_VENDOR = "1"  # config.toml:36
    files = []  # default
    rustflags = []  # default

    [[override.ring]]
    # version is not set: any
    kind = ["lib"]  # config.toml:39
    native-inputs = []  # default
    build-inputs = []  # default
    files = []  # default
    rustflags = ["--cfg=special"]  # config.toml:40

    [[override.ring]]
    version = "^0.17"  # config.toml:43
    # kind is not set: all
    native-inputs = []  # default
    build-inputs = []  # default
    env.RING = { force = true, value = "x" }  # config.toml:45
    files = ["shared/key.pem", "LICENSE"]  # config.toml:44
    rustflags = []  # default

    [nix]
    output = "nix/steps.nix"  # config.toml:48
    toolchain-file = "generated/toolchain.nix"  # default
    root = "."  # default
    inputs.rust-overlay = "github:oxalica/rust-overlay"  # config.toml:49

    [target.aarch64-unknown-linux-gnu]
    linker = "aarch64-linux-gnu-gcc"  # config.toml:52
    # cc is not set: the toolchain's
    # ar is not set: the toolchain's
    # pkg-config is not set: the toolchain's
    runner = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]  # config.toml:53
    rustflags = ["-Ctarget-feature=+crt-static"]  # config.toml:54
    "#);
}

#[test]
fn an_empty_file_is_all_defaults() {
    insta::assert_snapshot!(shown(""), @r#"
    # The configuration of config.toml, with all defaults.

    [build]
    targets = ["x86_64-unknown-linux-gnu"]  # default
    systems = ["x86_64-linux"]  # default
    profile = "release"  # default
    # packages is not set: Cargo's default members
    features = []  # default
    all-features = false  # default
    no-default-features = false  # default
    vendor = false  # default
    rustflags = []  # default

    [toolchain]
    provider = "host"  # default

    [sccache]
    enable = true  # default
    socket = "/run/rbn-plan/sccache/server.sock"  # default
    directory = "/var/cache/rbn-plan/sccache"  # default
    size = "10G"  # default

    [nix]
    output = "generated/steps.nix"  # default
    toolchain-file = "generated/toolchain.nix"  # default
    root = "."  # default
    "#);
}

#[test]
fn the_older_layout() {
    insta::assert_snapshot!(shown(&fixture("older.toml")), @r#"
    # The configuration of config.toml, with all defaults.

    [build]
    targets = ["aarch64-unknown-linux-gnu"]  # config.toml:19
    systems = ["x86_64-linux"]  # default
    profile = "release"  # default
    # packages is not set: Cargo's default members
    features = []  # default
    all-features = false  # default
    no-default-features = false  # default
    vendor = "vendor"  # config.toml:2
    rustflags = []  # default

    [toolchain]
    provider = "store"  # config.toml:3
    # config.toml:3
    rustc = "/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-rustc-1.95.0/bin/rustc"
    # cargo is not set

    [sccache]
    enable = true  # default
    socket = "/run/rbn-plan/sccache/server.sock"  # default
    directory = "/var/cache/rbn-plan/sccache"  # default
    size = "10G"  # default

    [env]
    CARGO_HOME = "/build/cargo"  # config.toml:6
    HOME = "/build/home"  # config.toml:5
    LANG = "C.UTF-8"  # config.toml:23

    [nix]
    output = "generated/steps.nix"  # default
    toolchain-file = "generated/toolchain.nix"  # default
    root = "."  # default
    inputs.nixpkgs = "/srv/nixpkgs"  # config.toml:10
    inputs.rust-overlay = "github:oxalica/rust-overlay"  # config.toml:11
    inputs.rust-src = "./rust"  # config.toml:12

    [install]
    prefix = "/opt/app"  # config.toml:26
    bindir = "/opt/app/bin"  # default
    libdir = "/opt/app/lib64"  # config.toml:27
    datadir = "/opt/app/share"  # default
    mandir = "/opt/app/share/man"  # default
    docdir = "/opt/app/share/doc/rust"  # default
    sysconfdir = "/etc"  # config.toml:28

    # notice: no effect: `/usr/bin/cargo` is not a path in the Nix store
    #   - cargo (line 4)

    # notice: no effect: a plan runs no downloaded program: its toolchain comes from
    #   Nix or from the machine, so there is nothing to patch
    #   - patch-binaries-for-nix (line 7)

    # notice: kept for rustc's bootstrap; no effect on a plan yet
    #   - nix.rust_src_flake_path (line 12)

    # notice: no effect: the toolchain's provider is `store`
    #   - rust.channel (line 15)

    # notice: recognised, belongs to rustc's bootstrap; no effect on a plan yet
    #   - rust.lld (line 16), build.docs (line 20), dist.src-tarball (line 31),
    #     llvm.ninja (line 34)

    # notice: no effect on a plan: the output of a derivation is its own prefix;
    #   kept for installers
    #   - install.prefix (line 26), install.libdir (line 27),
    #     install.sysconfdir (line 28)
    "#);
}

#[test]
fn a_configuration_of_the_compiler() {
    insta::assert_snapshot!(shown(&fixture("bootstrap.toml")), @r#"
    # The configuration of config.toml, with all defaults.

    [build]
    # config.toml:7
    targets = ["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"]
    systems = ["x86_64-linux"]  # default
    profile = "release"  # default
    # packages is not set: Cargo's default members
    features = []  # default
    all-features = false  # default
    no-default-features = false  # default
    vendor = false  # config.toml:12
    rustflags = []  # default

    [toolchain]
    provider = "host"  # default

    [sccache]
    enable = true  # default
    socket = "/run/rbn-plan/sccache/server.sock"  # default
    directory = "/var/cache/rbn-plan/sccache"  # default
    size = "10G"  # default

    [nix]
    output = "generated/steps.nix"  # default
    toolchain-file = "generated/toolchain.nix"  # default
    root = "."  # default

    [target.x86_64-unknown-linux-gnu]
    linker = "clang"  # config.toml:36
    cc = "clang"  # config.toml:34
    # ar is not set: the toolchain's
    # pkg-config is not set: the toolchain's
    # runner is not set
    rustflags = []  # default

    [install]
    prefix = "/opt/rust"  # config.toml:28
    bindir = "/opt/rust/bin"  # default
    libdir = "/opt/rust/lib"  # default
    datadir = "/opt/rust/share"  # default
    mandir = "/opt/rust/share/man"  # default
    docdir = "/opt/rust/share/doc/rust"  # default
    sysconfdir = "/opt/rust/etc"  # default

    # notice: recognised, belongs to rustc's bootstrap; no effect on a plan yet
    #   - profile (line 2), change-id (line 3), build.host (line 6),
    #     build.extended (line 9), build.tools (line 10), build.tool (line 11),
    #     rust.debug-assertions (line 17), rust.codegen-units (line 18),
    #     llvm.download-ci-llvm (line 21), llvm.build-config (line 22),
    #     gcc.download-ci-gcc (line 25), dist.compression-formats (line 31),
    #     target.x86_64-unknown-linux-gnu.cxx (line 35),
    #     target.x86_64-unknown-linux-gnu.llvm-config (line 37)

    # notice: no effect: `/opt/rust/bin/rustc` is not a path in the Nix store
    #   - build.rustc (line 8)

    # notice: no effect: a plan runs no downloaded program: its toolchain comes from
    #   Nix or from the machine, so there is nothing to patch
    #   - build.patch-binaries-for-nix (line 13)

    # notice: no effect: `dev` is none of `stable`, `beta`, `nightly`
    #   - rust.channel (line 16)

    # notice: no effect on a plan: the output of a derivation is its own prefix;
    #   kept for installers
    #   - install.prefix (line 28)
    "#);
}

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
    "\"../elsewhere\"": `build.vendor`: `../elsewhere` is not a relative path that stays inside the workspace [write it relative to the workspace root, without `..`]
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
    "1": `target.x86_64.linker` is an integer, expected a string
    "#);
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
    "vendor": `build.vendor` and `vendor` cannot both be set [take `build.vendor` or the other away]
    "profile": this key is set before [take one of the two away]
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
fn layers_from_default_to_flag() {
    let file =
        "[build]\nprofile = 'a'\ntargets = ['aarch64-unknown-linux-musl']\nworkspace = true\n";
    let environment = [
        ("RBN_PLAN_PROFILE", "b"),
        ("RBN_PLAN_TARGETS", "x86_64-unknown-linux-musl, i686-unknown-linux-gnu"),
        ("RBN_PLAN_OUTPUT", ""),
        ("RBN_PLAN_SCCACHE", "0"),
        ("RBN_PLAN_TARGTES", "x"),
        ("RBN_PLAN_INTERNAL_X", "x"),
        ("HOME", "/home/someone"),
    ];
    let flags = Overrides {
        release: true,
        packages: vec!["app".into()],
        features: vec!["a b,c".into()],
        ..Overrides::default()
    };
    let loaded = resolve(file, &environment, &flags).unwrap();
    insta::assert_snapshot!(text(&loaded), @r#"
    # The configuration of config.toml, with all defaults.

    [build]
    # $RBN_PLAN_TARGETS
    targets = ["x86_64-unknown-linux-musl", "i686-unknown-linux-gnu"]
    systems = ["x86_64-linux"]  # default
    profile = "release"  # --release
    packages = ["app"]  # --package
    features = ["a", "b", "c"]  # --features
    all-features = false  # default
    no-default-features = false  # default
    vendor = false  # default
    rustflags = []  # default

    [toolchain]
    provider = "host"  # default

    [sccache]
    enable = false  # $RBN_PLAN_SCCACHE
    socket = "/run/rbn-plan/sccache/server.sock"  # default
    directory = "/var/cache/rbn-plan/sccache"  # default
    size = "10G"  # default

    [nix]
    output = "generated/steps.nix"  # default
    toolchain-file = "generated/toolchain.nix"  # default
    root = "."  # default

    # notice: no effect: no such variable; did you mean RBN_PLAN_TARGETS?
    #   - $RBN_PLAN_TARGTES
    "#);
    assert!(loaded.config.build.profile.is_set());
    assert_eq!(loaded.config.build.features.origin, Origin::Flag { flag: "--features" });
}

#[test]
fn problems_of_environment_and_flags_have_no_span() {
    let flags = Overrides { targets: vec!["x86_64-linux".into()], ..Overrides::default() };
    let environment = [("RBN_PLAN_SCCACHE", "maybe"), ("RBN_PLAN_SYSTEMS", "darwin")];
    let error = resolve("[build]\nprofile = ''\n", &environment, &flags).unwrap_err();
    insta::assert_snapshot!(rendered(&error), @"
    config::invalid

      × failed to read the configuration: 4 problems

    Error: config::bad_value

      × `build.profile`: `` is not a profile's name
       ╭─[config.toml:2:11]
     1 │ [build]
     2 │ profile = ''
       ·           ─┬
       ·            ╰── this value
       ╰────

    Error: config::bad_value

      × in the environment variable RBN_PLAN_SCCACHE: `sccache.enable`: `maybe` is
      │ neither `true` nor `false`
      help: write `true` or `false`

    Error: config::bad_value

      × in the environment variable RBN_PLAN_SYSTEMS: `build.systems`: `darwin` is
      │ not a system that plans are made for
      help: systems are `x86_64-linux` and `aarch64-linux`

    Error: config::bad_value

      × in the flag --target: `build.targets`: `x86_64-linux` is Nix's name of a
      │ system, not a target triple
      help: write `x86_64-unknown-linux-gnu`
    ");
}

#[test]
fn a_weaker_layer_is_checked_too() {
    let flags =
        Overrides { targets: vec!["x86_64-unknown-linux-gnu".into()], ..Overrides::default() };
    assert!(resolve("build.targets = ['what']\n", &[], &flags).is_err());
    // As in Cargo, --workspace wins over -p; and a flag's choice over the file's.
    let flags = Overrides { workspace: true, packages: vec!["a".into()], ..Overrides::default() };
    let loaded = resolve("build.packages = ['b']\n", &[], &flags).unwrap();
    assert!(text(&loaded).contains("workspace = true  # --workspace"), "{}", text(&loaded));
}

#[test]
fn the_text_is_itself_a_configuration() {
    for name in ["full.toml", "older.toml", "bootstrap.toml"] {
        let first = resolve(&fixture(name), &[], &Overrides::default()).unwrap();
        let page = text(&first);
        let second = resolve(&page, &[], &Overrides::default())
            .unwrap_or_else(|error| panic!("{name}: {}\n{page}", rendered(&error)));
        let plain = |loaded: &Loaded| -> Vec<_> {
            loaded.config.entries().into_iter().map(|entry| (entry.key(), entry.value)).collect()
        };
        assert_eq!(plain(&first), plain(&second), "{name}");
        let long: Vec<&str> = page.lines().filter(|line| line.chars().count() > 80).collect();
        // A single string cannot be broken.
        assert!(long.iter().all(|line| !line.contains("  #")), "{long:?}");
    }
}

#[test]
fn secrets_are_hidden() {
    let loaded = resolve(&fixture("full.toml"), &[], &Overrides::default()).unwrap();
    assert!(!text(&loaded).contains("not-for-eyes"));
    assert!(!json(&loaded).contains("not-for-eyes"));
}

#[test]
fn json_document() {
    let loaded = resolve("vendor = true\nprofile = 'x'\n", &[], &Overrides::default()).unwrap();
    let document: serde_json::Value = serde_json::from_str(&json(&loaded)).unwrap();
    assert_eq!(document["format_version"], 1);
    assert_eq!(document["file"], "config.toml");
    let settings = document["settings"].as_array().unwrap();
    let vendor = settings.iter().find(|setting| setting["key"] == "build.vendor").unwrap();
    insta::assert_snapshot!(vendor, @r#"{"key":"build.vendor","value":"vendor","origin":{"kind":"file","path":"config.toml","line":1}}"#);
    insta::assert_snapshot!(document["notices"], @r#"[{"key":"profile","message":"recognised, belongs to rustc's bootstrap; no effect on a plan yet","origin":{"kind":"file","path":"config.toml","line":2}}]"#);
}

#[test]
fn overrides_apply_by_name_version_and_kind() {
    use rbn_plan::input::config::OverrideKind::{Lib, Run};
    let loaded = resolve(&fixture("full.toml"), &[], &Overrides::default()).unwrap();
    let numbers = |package: &str, version: &str, kind| -> Vec<usize> {
        let version = version.parse().unwrap();
        loaded.config.overrides_for(package, &version, kind).map(|(number, _)| number).collect()
    };
    assert_eq!(numbers("openssl-sys", "0.9.104", Run), [0]);
    assert_eq!(numbers("openssl-sys", "0.9.104", Lib), [] as [usize; 0]);
    assert_eq!(numbers("openssl-sys", "0.10.0", Run), [] as [usize; 0]);
    assert_eq!(numbers("ring", "0.17.8", Lib), [1, 2]);
    assert_eq!(numbers("ring", "0.16.0", Lib), [1]);
    assert_eq!(numbers("other", "1.0.0", Lib), [] as [usize; 0]);
}

#[test]
fn files_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let from = |named: Option<&Utf8Path>, environment: &[(&str, &str)]| {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = Environment::new(environment.iter().map(own));
        load(root, named, &environment, &Overrides::default(), &machine())
    };
    assert_eq!(from(None, &[]).unwrap().config.file, None);

    fs::write(root.join("config.toml"), "build.profile = 'one'\n").unwrap();
    fs::write(root.join("other.toml"), "\u{feff}build.profile = 'two'\r\n").unwrap();
    let one = from(None, &[]).unwrap().config;
    assert_eq!(one.file, Some(Utf8PathBuf::from("config.toml")));
    assert_eq!(one.build.profile.value.as_str(), "one");
    let other = root.join("other.toml");
    let two = from(None, &[("RBN_PLAN_CONFIG", other.as_str())]).unwrap().config;
    assert_eq!(two.build.profile.value.as_str(), "two");
    assert_eq!(two.build.profile.origin.to_string(), "other.toml:1");

    let missing = root.join("missing.toml");
    assert!(matches!(from(Some(&missing), &[]), Err(ConfigError::Unreadable { .. })));
    assert!(matches!(from(Some(root), &[]), Err(ConfigError::Unreadable { .. })));
    let latin1 =
        Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config/latin1.toml");
    fs::copy(latin1, root.join("latin1.toml")).unwrap();
    let error = from(Some(&root.join("latin1.toml")), &[]).unwrap_err();
    insta::assert_snapshot!(rendered(&error), @"
    config::not_utf8

      × latin1.toml is not UTF-8: byte 20 (line 2) belongs to no character
      help: save the file as UTF-8; TOML knows no other encoding
    ");
}

#[test]
fn the_reference_page_is_up_to_date() {
    let path = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md");
    let page = fs::read_to_string(path).unwrap_or_default();
    assert_eq!(page, reference(), "run: rbn-plan config --reference > docs/config.md");
}

#[test]
fn the_reference_page_has_every_key_and_no_other() {
    let page = reference();
    let mut named: Vec<&str> = page
        .lines()
        .filter_map(|line| {
            ["### `", "| `", "- `"]
                .iter()
                .find_map(|start| line.strip_prefix(start))?
                .split('`')
                .next()
        })
        .filter(|name| !name.starts_with("RBN_PLAN_"))
        .collect();
    let mut keys: Vec<&str> = schema::keys().iter().map(|key| &*key.path).collect();
    named.sort_unstable();
    keys.sort_unstable();
    assert_eq!(named, keys);
    keys.dedup();
    assert_eq!(named.len(), keys.len(), "a key is in the schema twice");
}

/// Every example of the page is accepted, and every setting and alias is really read: its line
/// shows up as the origin of an effective value or of a notice.
#[test]
fn every_key_is_read() {
    for key in schema::keys() {
        let path =
            key.path.replace("<triple>", "aarch64-unknown-linux-gnu").replace("<crate>", "a");
        let path = path.replace("<VARIABLE>", "SCCACHE_X").replace("<name>", "nixpkgs");
        let example = if key.role == Role::Bootstrap { "1" } else { key.example };
        let store = "'/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-rustc'";
        let beside = match path.as_str() {
            "toolchain.cargo" => format!("toolchain.rustc = {store}\n"),
            "toolchain.channel" | "toolchain.version" | "toolchain.components" => {
                "toolchain.input = 'fenix'\n".to_owned()
            }
            _ => String::new(),
        };
        let lines = beside.lines().count() + 1;
        let input = format!("{beside}{path} = {example}\n");
        let loaded = resolve(&input, &[], &Overrides::default())
            .unwrap_or_else(|error| panic!("{input}{}", rendered(&error)));
        let here = Origin::File { path: "config.toml".into(), line: lines };
        let effective = loaded.config.entries().iter().any(|entry| entry.origin == here);
        let noticed = loaded.notices.iter().any(|notice| notice.origin == here);
        match key.role {
            Role::Setting | Role::Alias(_) => assert!(effective, "no effect: {input}"),
            Role::Lenient(_) => assert!(effective || noticed, "silently ignored: {input}"),
            Role::NoEffect(_) | Role::Bootstrap => assert!(noticed, "silently ignored: {input}"),
        }
    }
}

#[test]
fn aliases_lead_to_settings() {
    for key in schema::keys() {
        if let Role::Alias(of) | Role::Lenient(of) = key.role {
            let fits = |setting: &&schema::Key| {
                setting.role == Role::Setting
                    && setting.path.split('.').count() == of.split('.').count()
                    && setting
                        .path
                        .split('.')
                        .zip(of.split('.'))
                        .all(|(a, b)| a == b || a.starts_with('<'))
            };
            assert!(schema::keys().iter().any(|setting| fits(&setting)), "{} -> {of}", key.path);
        }
    }
}

/// A value of any type, a few levels deep.
fn value() -> impl Strategy<Value = toml::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(toml::Value::Boolean),
        any::<i64>().prop_map(toml::Value::Integer),
        any::<f64>().prop_map(toml::Value::Float),
        any::<String>().prop_map(toml::Value::String),
        "[a-z0-9_./^-]{0,12}".prop_map(toml::Value::String),
        Just(toml::Value::String("/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-x".into())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(toml::Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|table| toml::Value::Table(table.into_iter().collect())),
        ]
    })
}

/// A key of the schema, or a random one, with a random value.
fn document() -> impl Strategy<Value = String> {
    let known = prop::sample::select(
        schema::keys().iter().map(|key| key.path.to_string()).collect::<Vec<_>>(),
    );
    let path = prop_oneof![4 => known, 1 => "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}"];
    let filled = (path, any::<String>()).prop_map(|(path, name)| {
        let name = toml::Value::String(name.replace(['\n', '\r'], " ")).to_string();
        path.split('.')
            .map(|part| if part.starts_with('<') { name.clone() } else { part.to_owned() })
            .collect::<Vec<_>>()
            .join(".")
    });
    prop::collection::vec((filled, value()), 0..6)
        .prop_map(|lines| lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect())
}

/// Whatever the outcome: nothing panics, every span is text of the input, everything can be shown.
fn survives(input: &str) {
    match resolve(input, &[], &Overrides::default()) {
        Ok(loaded) => {
            let _ = (text(&loaded), json(&loaded));
        }
        Err(error) => {
            let _ = rendered(&error);
            if let ConfigError::Invalid { problems, .. } = &error {
                assert!(!problems.is_empty());
                for problem in problems {
                    if let Place::Span(span) = &problem.place {
                        assert!(input.get(span.clone()).is_some(), "{problem} at {span:?}");
                    }
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_document_is_survived(input in document()) {
        survives(&input);
    }

    #[test]
    fn any_text_is_survived(input in any::<String>()) {
        survives(&input);
    }

    #[test]
    fn a_mutilated_file_is_survived(from in 0usize..1200, length in 0usize..40, with in "[\\[\\]{}=\"'.\n#a-z\u{e9}\u{0}]{0,6}") {
        let mut input = fixture("full.toml");
        let end = (from + length).min(input.len());
        if from < end && input.is_char_boundary(from) && input.is_char_boundary(end) {
            input.replace_range(from..end, &with);
        }
        survives(&input);
    }
}

/// Runs the program in `folder` with a clean environment but for `variables`.
fn run(
    folder: &Utf8Path,
    args: &[&str],
    variables: &[(&str, &str)],
) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .arg("config")
        .args(args)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env_remove("RBN_PLAN_CONFIG")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_finds_the_workspace_root_and_says_how_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let member = root.join("member");
    fs::create_dir_all(member.join("src")).unwrap();
    fs::write(root.join("Cargo.toml"), "[workspace]\nmembers = ['member']\nresolver = '2'\n")
        .unwrap();
    fs::write(member.join("Cargo.toml"), "[package]\nname = 'member'\nversion = '1.0.0'\n")
        .unwrap();
    fs::write(member.join("src/lib.rs"), "").unwrap();
    fs::write(root.join("config.toml"), "[build]\nprofile = 'lean'\n").unwrap();

    let (code, out, err) = run(&member, &["--features", "x"], &[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("profile = \"lean\"  # config.toml:2"), "{out}");
    assert!(out.contains("features = [\"x\"]  # --features"), "{out}");
    let (_, out, _) = run(&member, &["--profile", "dev"], &[("RBN_PLAN_PROFILE", "env")]);
    assert!(out.contains("profile = \"dev\"  # --profile"), "{out}");
    let (_, out, _) = run(&member, &[], &[("RBN_PLAN_PROFILE", "env")]);
    assert!(out.contains("profile = \"env\"  # $RBN_PLAN_PROFILE"), "{out}");
    let (_, out, _) = run(&member, &["--format", "json"], &[]);
    assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok(), "{out}");

    fs::write(root.join("bad.toml"), "[build]\nproflie = 1\nsystems = []\n").unwrap();
    let (code, out, err) = run(&member, &["../bad.toml"], &[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("did you mean `build.profile`?") && err.contains("the list is empty"),
        "{err}"
    );
    let (code, out, _) = run(&member, &["nothing.toml"], &[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    let (code, ..) = run(&member, &["--no-such-flag"], &[]);
    assert_eq!(code, Some(2));
}
