//! A plan that is there already says in its header what it was made of: whoever makes it anew,
//! anywhere in the tree, makes the same.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use insta::assert_snapshot;
use rbn_plan::model::header;

use super::workspace::{SMALL, Workspace, host};

const PLAN: &str = "generated/steps.nix";

/// The header's lines of selection and flags, of the plan that these arguments print.
fn head(workspace: &Workspace, args: &[&str]) -> String {
    let text = workspace.says(0, args);
    let lines = text.lines().take_while(|line| line.starts_with('#'));
    let ours = lines.filter(|line| line.starts_with("# Selection") || line.starts_with("# Flags"));
    ours.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_header_says_what_config_toml_does_not() {
    let workspace = Workspace::new(SMALL);
    let of = |args: &[&str]| head(&workspace, args);
    assert_eq!(of(&[]), "# Selection: --profile=release");
    assert_eq!(of(&["--release"]), of(&[]));
    let member = "# Selection: -C app --profile=release\n# Flags: -C app";
    for place in [&["-C", "app"], &["-C", "app/src"], &["--manifest-path", "app/Cargo.toml"]] {
        assert_eq!(of(place), member);
    }
    assert_eq!(of(&["-C", "app", "--workspace"]), of(&["--workspace"]));
    assert_eq!(of(&["-C", "app", "-p", "parser"]), of(&["-p", "parser"]));
    let system = format!("{}-linux", host().split('-').next().unwrap());
    let what = ["-p", "parser", "--mode", "check", "--lib", "-F", "fast json", "-F", "std"];
    let how = ["--profile", "dev", "--target", &host(), "--system", &system];
    assert_snapshot!(of(&[&what[..], &how].concat()), @r#"
    # Selection: --mode=check --package=parser --lib --features=fast,json,std --profile=dev
    # Flags: --mode=check --package=parser --lib --features=fast,json,std --profile=dev --target=TARGET --system=ARCH-linux
    "#);
    // What config.toml says needs no flag, and a flag that says it again changes nothing.
    workspace.write("--- config.toml\n[build]\nprofile = \"dev\"\nfeatures = [\"parser/fast\"]\n");
    let configured = of(&[]);
    assert_eq!(configured, "# Selection: --features=parser/fast --profile=dev");
    assert_eq!(of(&["--profile", "dev", "--features", "parser/fast"]), configured);
    assert_snapshot!(of(&["--release"]), @r#"
    # Selection: --features=parser/fast --profile=release
    # Flags: --profile=release
    "#);
    workspace.write("--- other.toml\n[build]\npackages = [\"parser\"]\n");
    assert_snapshot!(of(&["--config-file", workspace.file("other.toml").to_str().unwrap()]), @r#"
    # Selection: --package=parser --profile=release
    # Flags: --config-file=other.toml
    "#);
}

#[test]
fn check_agrees_wherever_one_stands() {
    let workspace = Workspace::new(SMALL);
    workspace.write("--- app/.cargo/config.toml\n[build]\nrustflags = [\"--cfg=app\"]\n");
    workspace.write("--- other.toml\n[build]\nfeatures = [\"parser/fast\"]\n");
    let other = workspace.file("other.toml");
    for planned in [
        &[][..],
        &["-C", "app"],
        &["-C", "app", "--profile", "dev"],
        &["--features", "parser/fast", "-p", "parser", "-p", "app", "--lib"],
        &["--config-file", other.to_str().unwrap()],
        &["--target", "aarch64-unknown-linux-gnu", "--system", "aarch64-linux"],
    ] {
        workspace.says(0, &[planned, &["-o", PLAN]].concat());
        for place in [".", "app", "app/src", "parser", "generated"] {
            workspace.says(0, &["check", "-C", place]);
        }
        workspace.says(0, &["check", "--manifest-path", "parser/Cargo.toml"]);
        assert_eq!(workspace.says(0, &["diff", PLAN, "-C", "app"]), "No changes.\n");
    }
}

#[test]
fn a_directory_of_any_name() {
    let name = "a \"b\" c";
    let workspace = Workspace::new(&format!(
        "--- Cargo.toml\n[workspace]\nmembers = ['{name}', 'plain']\nresolver = \"2\"
--- plain/Cargo.toml\n[package]\nname = \"plain\"\nversion = \"1.0.0\"\n--- plain/src/lib.rs\n
--- {name}/Cargo.toml\n[package]\nname = \"odd\"\nversion = \"1.0.0\"\n--- {name}/src/lib.rs\n"
    ));
    workspace.says(0, &["-C", name, "-o", PLAN]);
    assert!(workspace.read(PLAN).contains("\n# Flags: -C \"a \\\"b\\\" c\"\n"));
    workspace.says(0, &["check"]);
}

#[test]
fn words_are_read_as_they_were_written() {
    let words = ["-C", "a b", "\"", "\"x", "", "a\nb", "--features=x,y", "é", "a\"b", "\\"];
    assert_eq!(header::words(&header::line(&words)), words);
    assert_eq!(header::words("  -C\tx \"open "), ["-C", "x", "\"open"]);
}

#[test]
fn what_config_toml_says_now_is_followed() {
    let workspace = Workspace::new(SMALL);
    workspace.says(0, &["-C", "parser", "-o", PLAN]);
    workspace.write("--- config.toml\n[build]\nfeatures = [\"fast\"]\n");
    let said = workspace.says(1, &["check", "-C", "app"]);
    assert_snapshot!(said.split_once("\ngenerated/").unwrap().1, @r#"
    steps.nix is not up to date.
    Selection: was `-C parser --profile=release`; is `-C parser --features=fast
      --profile=release`
    Plan: 0 added, 1 changed, 0 removed; rebuilds 3 of 3 steps (host 1, ARCH 2)
      ~ parser 0.3.1  features: +fast; selected
    ... and 3 more lines: `rbn-plan check --unified` prints them all
    help: run `rbn-plan -C parser -o generated/steps.nix` and commit the result
    "#);
    let said = String::from_utf8(workspace.run(&["doctor"]).stdout).unwrap();
    assert!(said.contains("cure: rbn-plan -C parser -o generated/steps.nix\n"), "{said}");
    let header = workspace.read(PLAN).replace("# Flags: -C parser", "# Flags: --frobnicate");
    workspace.write(&format!("--- {PLAN}\n{header}"));
    assert_snapshot!(workspace.says(2, &["check"]), @r#"
    × the plan's header has flags that are not understood: --frobnicate
    help: make it again with flags that this program knows: `rbn-plan -o FILE`
    "#);
}

/// The next machine has another environment.
#[test]
fn the_environment_s_word_is_a_flag_of_the_header() {
    let workspace = Workspace::new(SMALL);
    let with = |code, variable: &str, value: &str, args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.args(args).current_dir(workspace.path()).env(variable, value);
        let done = command.env("NO_COLOR", "1").output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(code), "{said}");
        said
    };
    with(0, "RBN_PLAN_PROFILE", "dev", &["-o", PLAN]);
    assert!(workspace.read(PLAN).contains("\n# Flags: --profile=dev\n"));
    workspace.says(0, &["check"]);
    with(0, "RBN_PLAN_PROFILE", "dev", &["check"]);
    workspace.says(0, &["-o", PLAN]);
    let said = with(1, "RBN_PLAN_PROFILE", "dev", &["check"]);
    assert!(said.contains("was planned with no flags; asked for now: `--profile=dev`."), "{said}");
    workspace.write("--- other.toml\n[build]\nworkspace = true\n");
    let said = with(1, "RBN_PLAN_CONFIG", "other.toml", &["check"]);
    assert!(said.contains("asked for now: `--config-file=other.toml`."), "{said}");
}

/// Runs `build` with a Nix that refuses: what it was told is what matters.
pub fn build(workspace: &Workspace, dir: &str, args: &[&str]) -> String {
    let bin = workspace.file("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(bin.join("nix"), "#!/bin/sh\nexit 1\n").unwrap();
    fs::set_permissions(bin.join("nix"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let done = Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .arg("build")
        .args(args)
        .current_dir(workspace.file(dir))
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = String::from_utf8(done.stderr).unwrap();
    text.replace(workspace.path().to_str().unwrap(), "WORKSPACE").replace(&host(), "TARGET")
}

/// The attributes that Nix was asked for.
fn attributes(said: &str) -> String {
    let line = said.lines().find(|line| line.starts_with("+ nix build")).expect(said);
    line.split_once("steps.nix").unwrap().1.trim().to_owned()
}

#[test]
fn in_a_member_s_directory_the_member_of_the_whole_plan_is_built() {
    let workspace = Workspace::new(SMALL);
    // Without a plan, too, it is the workspace's that is made.
    let make = "rbn-plan -C .. -o ../generated/steps.nix";
    let doctor = Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .arg("doctor")
        .current_dir(workspace.file("app"))
        .output()
        .unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    assert!(said.contains(&format!("cure: {make}\n")), "{said}");
    let said = build(&workspace, "app/src", &[]);
    assert_eq!(attributes(&said), "packages.TARGET.app");
    assert!(!workspace.read(PLAN).contains("# Flags"));
    let whole = workspace.read(PLAN);
    assert_eq!(attributes(&build(&workspace, ".", &[])), "");
    assert_eq!(attributes(&build(&workspace, "macros", &[])), "packages.host.macros");
    assert_eq!(attributes(&build(&workspace, "app", &["parser"])), "packages.TARGET.parser");
    assert_eq!(attributes(&build(&workspace, "app", &["--release"])), "packages.TARGET.app");
    assert_eq!(workspace.read(PLAN), whole);
    // Of a plan that is the member's own, all is built.
    workspace.says(0, &["-C", "app", "-o", PLAN]);
    let own = workspace.read(PLAN);
    assert_eq!(attributes(&build(&workspace, "app", &[])), "");
    assert_eq!(attributes(&build(&workspace, ".", &[])), "");
    assert_snapshot!(build(&workspace, "parser", &[]), @r#"
    × ../generated/steps.nix was not asked to build the package in parser
    help: name it in `build.packages` of config.toml, or set `build.workspace =
          true` there; `rbn-plan build -C ..` builds what the plan was asked for
    "#);
    assert_eq!(workspace.read(PLAN), own);
}

/// The plan that Nix was given, and what else it was told.
fn given(said: &str) -> String {
    let line = said.lines().find(|line| line.starts_with("+ nix build")).expect(said);
    line.split_once("--json -f ").unwrap().1.to_owned()
}

/// A plan of another selection lies below Cargo's target directory; the committed one stays.
#[test]
fn any_selection_is_built_beside_the_committed_plan() {
    let workspace = Workspace::new(SMALL);
    // Where there is none, nothing is replaced.
    let said = build(&workspace, "app", &["--workspace", "--profile", "dev"]);
    assert!(said.contains("generated/steps.nix was missing: written\n"), "{said}");
    assert!(workspace.read(PLAN).contains("\n# Flags: --workspace --profile=dev\n"));
    workspace.says(0, &["-o", PLAN]);
    let before = workspace.read(PLAN);
    let said = build(&workspace, ".", &["--features", "parser/fast"]);
    assert_snapshot!(said.split("\n+ ").next().unwrap(), @r#"
    generated/steps.nix stays, which is a plan with no flags; with
      `--features=parser/fast`:
      target/rbn-plan/plans/features-parser-fast-f8cbd4ab5b0fd679/steps.nix
    "#);
    assert_snapshot!(given(&said), @r#"
    target/rbn-plan/plans/features-parser-fast-f8cbd4ab5b0fd679/steps.nix --arg src '/. + "WORKSPACE"' --arg toolchain 'import (/. + "WORKSPACE/generated/toolchain.nix")'
    "#);
    let said = build(&workspace, "app", &["-p", "app", "--profile", "dev"]);
    assert_snapshot!(said.split("\n+ ").next().unwrap(), @r#"
    ../generated/steps.nix stays, which is a plan with no flags; with `--package=app
      --profile=dev`:
      ../target/rbn-plan/plans/package-app-profile-dev-d88fc1478b317086/steps.nix
    "#);
    assert_eq!(workspace.read(PLAN), before);
    let file = given(&said).split(' ').next().unwrap().to_owned();
    let text = workspace.read(&format!("app/{file}"));
    assert!(text.contains("\n# Flags: --package=app --profile=dev\n"), "{text}");
    workspace.says(0, &["--features", "parser/fast", "-o", PLAN]);
    let before = workspace.read(PLAN);
    for same in [&[][..], &["-F", "parser/fast"], &["--features=parser/fast", "--release"]] {
        assert_eq!(attributes(&build(&workspace, ".", same)), "");
    }
    let said = build(&workspace, ".", &["--workspace"]);
    assert!(
        said.contains("generated/steps.nix stays, which is a plan with `--features=parser/fast`")
    );
    assert_eq!(workspace.read(PLAN), before);
    // What changes in config.toml is no other selection.
    workspace.write("--- config.toml\n[build]\nprofile = \"dev\"\n");
    let said = build(&workspace, ".", &[]);
    assert!(
        said.starts_with("generated/steps.nix was not up to date: written\nSelection: was "),
        "{said}"
    );
    assert!(workspace.read(PLAN).contains("--profile=dev\n# Flags: --features=parser/fast\n"));
}

/// A name that is none is told before anything is written.
#[test]
fn a_wrong_name_writes_nothing() {
    let workspace = Workspace::new(SMALL);
    let said = build(&workspace, ".", &["parsr"]);
    assert!(said.contains("the plan has no step or package `parsr`"), "{said}");
    assert!(!workspace.file("generated").exists());
    workspace.says(0, &["-o", PLAN]);
    let before = workspace.read(PLAN);
    workspace.write("--- config.toml\n[env]\nA = \"1\"\n");
    build(&workspace, ".", &["parsr"]);
    build(&workspace, ".", &["parsr", "--profile", "dev"]);
    build(&workspace, ".", &["--dry-run"]);
    assert_eq!(workspace.read(PLAN), before);
    assert!(!workspace.file("generated/toolchain.nix").exists());
}

/// Where config.toml names the flake's inputs, the build takes the toolchain from there.
#[test]
fn the_provider_of_config_toml_is_followed() {
    let workspace = Workspace::new(SMALL);
    workspace.write("--- config.toml\n[toolchain]\nprovider = \"nixpkgs\"\n");
    assert_snapshot!(build(&workspace, ".", &[]), @r#"
    × the toolchain comes from the flake's inputs, and there is no flake.nix
    help: make it: `rbn-plan init`; or build with this machine's own: `provider
          = "host"` in config.toml
    "#);
    assert!(!workspace.file("generated").exists());
    workspace.write("--- flake.nix\n{ inputs.nixpkgs.url = \"nixpkgs\"; outputs = _: { }; }\n--- flake.lock\n{ \"nodes\": { \"root\": {} }, \"root\": \"root\", \"version\": 7 }\n--- generated/nixpkgs.nix\n{ }\n");
    let said = build(&workspace, ".", &[]);
    let system = format!("{}-linux", host().split('-').next().unwrap());
    assert_snapshot!(given(&said).replace(&system, "SYSTEM"), @r#"
    generated/steps.nix --arg toolchain 'let inherit (builtins.getFlake "path:WORKSPACE/target/rbn-plan/flake") inputs; in import (/. + "WORKSPACE/generated/nixpkgs.nix") { pkgs = inputs.nixpkgs.legacyPackages.SYSTEM; }'
    "#);
    assert!(said.contains("'nix-command flakes'"), "{said}");
    assert!(!workspace.file("generated/toolchain.nix").exists());
    let copy = workspace.read("target/rbn-plan/flake/flake.nix");
    assert_eq!(copy, workspace.read("flake.nix"));
}

/// A plan of another version of the program, or an edited one, that means the same.
#[test]
fn another_text_of_the_same_meaning() {
    let workspace = Workspace::new(SMALL);
    workspace.says(0, &["-o", PLAN]);
    let text = workspace
        .read(PLAN)
        .replace("# Code generation, by profile", "# Code generation by profile");
    fs::write(workspace.file(PLAN), text).unwrap();
    let said = workspace.says(1, &["check"]);
    assert!(
        said.contains(
            "Nothing that is built changes: another rbn-plan made it, or somebody edited it."
        ),
        "{said}"
    );
    assert!(!said.contains("No changes"), "{said}");
}
