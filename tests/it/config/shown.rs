//! Good files: what `rbn-plan config` shows of them.

use rbn_plan::cli::config::{json, text};
use rbn_plan::config::{Loaded, Overrides};

use super::{fixture, rendered, resolve, shown};

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
    rustflags = ["-Cforce-frame-pointers", "-Ctarget-cpu=native"]  # config.toml:10
    split = "off"  # default

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
    write = false  # default
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
    # script-files is not set: the whole package
    rustflags = []  # default
    # split is not set: true

    [[override.ring]]
    # version is not set: any
    kind = ["lib"]  # config.toml:39
    native-inputs = []  # default
    build-inputs = []  # default
    files = []  # default
    # script-files is not set: the whole package
    rustflags = ["--cfg=special"]  # config.toml:40
    # split is not set: true

    [[override.ring]]
    version = "^0.17"  # config.toml:43
    # kind is not set: all
    native-inputs = []  # default
    build-inputs = []  # default
    env.RING = { force = true, value = "x" }  # config.toml:45
    files = ["shared/key.pem", "LICENSE"]  # config.toml:44
    # script-files is not set: the whole package
    rustflags = []  # default
    # split is not set: true

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
    rustflags = []  # default
    split = "off"  # default

    [toolchain]
    provider = "host"  # default

    [sccache]
    enable = true  # default
    socket = "/run/rbn-plan/sccache/server.sock"  # default
    directory = "/var/cache/rbn-plan/sccache"  # default
    write = false  # default
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
    rustflags = []  # default
    split = "off"  # default

    [toolchain]
    provider = "store"  # config.toml:3
    # config.toml:3
    rustc = "/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-rustc-1.95.0/bin/rustc"
    # cargo is not set

    [sccache]
    enable = true  # default
    socket = "/run/rbn-plan/sccache/server.sock"  # default
    directory = "/var/cache/rbn-plan/sccache"  # default
    write = false  # default
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

    # notice: no effect: a plan takes sources from where Cargo takes them; `cargo
    #   vendor` prints the lines for `.cargo/config.toml` that name a directory
    #   - vendor (line 2)

    # notice: no effect: `/usr/bin/cargo` is not a path in the Nix store
    #   - cargo (line 4)

    # notice: no effect: a plan runs no downloaded program: its toolchain comes from
    #   Nix or from the machine, so there is nothing to patch
    #   - patch-binaries-for-nix (line 7)

    # notice: kept for rustc's bootstrap; no effect on a plan
    #   - nix.rust_src_flake_path (line 12)

    # notice: no effect: the toolchain's provider is `store`
    #   - rust.channel (line 15)

    # notice: recognised, belongs to rustc's bootstrap; no effect on a plan
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
    rustflags = []  # default
    split = "off"  # default

    [toolchain]
    provider = "host"  # default

    [sccache]
    enable = true  # default
    socket = "/run/rbn-plan/sccache/server.sock"  # default
    directory = "/var/cache/rbn-plan/sccache"  # default
    write = false  # default
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

    # notice: recognised, belongs to rustc's bootstrap; no effect on a plan
    #   - profile (line 2), change-id (line 3), build.host (line 6),
    #     build.extended (line 9), build.tools (line 10), build.tool (line 11),
    #     rust.debug-assertions (line 17), rust.codegen-units (line 18),
    #     llvm.download-ci-llvm (line 21), llvm.build-config (line 22),
    #     gcc.download-ci-gcc (line 25), dist.compression-formats (line 31),
    #     target.x86_64-unknown-linux-gnu.cxx (line 35),
    #     target.x86_64-unknown-linux-gnu.llvm-config (line 37)

    # notice: no effect: `/opt/rust/bin/rustc` is not a path in the Nix store
    #   - build.rustc (line 8)

    # notice: no effect: a plan takes sources from where Cargo takes them; `cargo
    #   vendor` prints the lines for `.cargo/config.toml` that name a directory
    #   - build.vendor (line 12)

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
    let loaded = resolve("HOME = '/build'\nprofile = 'x'\n", &[], &Overrides::default()).unwrap();
    let document: serde_json::Value = serde_json::from_str(&json(&loaded)).unwrap();
    assert_eq!(document["format_version"], 1);
    assert_eq!(document["file"], "config.toml");
    let settings = document["settings"].as_array().unwrap();
    let home = settings.iter().find(|setting| setting["key"] == "env.HOME").unwrap();
    insta::assert_snapshot!(home, @r#"{"key":"env.HOME","value":"/build","origin":{"kind":"file","path":"config.toml","line":1}}"#);
    insta::assert_snapshot!(document["notices"], @r#"[{"key":"profile","message":"recognised, belongs to rustc's bootstrap; no effect on a plan","origin":{"kind":"file","path":"config.toml","line":2}}]"#);
}
