//! Default, file, environment, flags; the loader and the command.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use rbn_plan::cli::config::text;
use rbn_plan::config::{ConfigError, Environment, Origin, Overrides, load};

use super::{fixture, machine, rendered, resolve};

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
    rustflags = []  # default
    split = "off"  # default

    [toolchain]
    provider = "host"  # default

    [sccache]
    enable = false  # $RBN_PLAN_SCCACHE
    socket = "/run/rbn-plan/sccache/server.sock"  # default
    directory = "/var/cache/rbn-plan/sccache"  # default
    write = false  # default
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
fn overrides_apply_by_name_version_and_kind() {
    use rbn_plan::config::OverrideKind::{Lib, Run};
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
fn the_selection_in_cargos_words() {
    let loaded = resolve(&fixture("full.toml"), &[], &Overrides::default()).unwrap();
    let selection = loaded.config.build.selection();
    assert_eq!(
        selection.meaning(Utf8Path::new("/ws")),
        [
            "--package=app",
            "--package=tool@1.2.0",
            "--features=app/pcre2,simd",
            "--no-default-features",
            "--profile=dist"
        ]
    );
    assert_eq!(selection.targets.len(), 2);
    let loaded = resolve("build.workspace = true\n", &[], &Overrides::default()).unwrap();
    assert_eq!(
        loaded.config.build.selection().meaning(Utf8Path::new("/ws")),
        ["--workspace", "--profile=release"]
    );
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
        .expect("a program that starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
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
    let (code, out, err) = run(&member, &["--config-file", "../bad.toml"], &[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("did you mean `build.profile`?") && err.contains("the list is empty"),
        "{err}"
    );
    let (code, out, _) = run(&member, &["--config-file", "nothing.toml"], &[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    let (code, ..) = run(&member, &["--no-such-flag"], &[]);
    assert_eq!(code, Some(2));
}
