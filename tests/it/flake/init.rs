//! `rbn-plan init`: what it writes, that it shows it first, and that twice is once.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// In a project, which has a Cargo.toml.
fn init(dir: &Path, arguments: &[&str]) -> Output {
    if dir.join("Cargo.toml").symlink_metadata().is_err() {
        fs::write(dir.join("Cargo.toml"), "[workspace]\n").expect("a file");
        fs::write(dir.join("Cargo.lock"), "version = 4\n").expect("a file");
    }
    bare(dir, arguments)
}

fn bare(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
        .arg("init")
        .args(arguments)
        .current_dir(dir)
        .output()
        .expect("rbn-plan starts")
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.retain(|name| name != "Cargo.toml" && name != "Cargo.lock");
    names.sort();
    names
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn an_existing_flake_is_shown_then_wired_then_left_alone() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let simple = include_str!("../../fixtures/flake/shapes/flake-utils.nix");
    fs::write(dir.path().join("flake.nix"), simple).expect("a file");
    let mine = "# mine\nbuild.systems = [\"x86_64-linux\", \"aarch64-linux\"]\n";
    fs::write(dir.path().join("config.toml"), mine).expect("a file");

    let shown = init(dir.path(), &["--dry-run"]);
    assert_eq!(shown.status.code(), Some(0));
    // The provider is one text for all; its own tests evaluate it.
    let diff = text(&shown.stdout);
    let (diff, provider) = diff.split_once("--- /dev/null\n+++ b/generated").expect("a provider");
    // It is named, and nobody has to scroll past it.
    assert!(provider.contains(" lines: what `rbn-plan toolchain nixpkgs` prints @@"), "{provider}");
    assert_eq!(provider.lines().count(), 2, "{provider}");
    insta::assert_snapshot!("init_dry_run", diff);
    assert_eq!(names(dir.path()), ["config.toml", "flake.nix"]);
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).expect("a file");
    assert_eq!(read("flake.nix"), simple);

    let done = init(dir.path(), &[]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    insta::assert_snapshot!(text(&done.stderr), @r#"
    changed flake.nix
    wrote .gitignore
    wrote generated/nixpkgs.nix
    flake.nix has, or may have, a default package already; the plan's is `rbn-plan`:
      nix build .#rbn-plan
    next: rbn-plan -o generated/steps.nix
    next: nix build .#rbn-plan
    "#);
    assert_eq!(names(dir.path()), [".gitignore", "config.toml", "flake.nix", "generated"]);
    let wired = read("flake.nix");
    assert_eq!(read("config.toml"), mine);

    let again = init(dir.path(), &[]);
    assert_eq!(text(&again.stderr), "nothing to do\n");
    assert_eq!(read("flake.nix"), wired);
}

#[test]
fn a_project_without_a_flake_gets_one() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let project = dir.path().join("app");
    fs::create_dir(&project).expect("a directory");
    assert_eq!(init(&project, &[]).status.code(), Some(0));
    assert_eq!(names(&project), [".gitignore", "config.toml", "flake.nix", "generated"]);
    let flake = fs::read_to_string(project.join("flake.nix")).expect("a file");
    insta::assert_snapshot!("init_new_flake", flake);
    assert_eq!(text(&init(&project, &[]).stderr), "nothing to do\n");
}

#[test]
fn a_new_configuration_says_what_the_flake_does() {
    let provider = |flake: &str| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::write(dir.path().join("flake.nix"), flake).expect("a file");
        let done = init(dir.path(), &[]);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        let config = fs::read_to_string(dir.path().join("config.toml")).expect("a file");
        let line = config.lines().find(|line| line.starts_with("provider = "));
        (line.expect("a provider").to_owned(), text(&done.stderr))
    };
    let (line, said) = provider("{ inputs.nixpkgs.url = \"nixpkgs\"; outputs = _: { }; }\n");
    assert_eq!(line, "provider = \"nixpkgs\"");
    // The plan names what is locked, so locking comes first.
    let place = |words: &str| said.find(words).unwrap_or_else(|| panic!("{words}: {said}"));
    assert!(place("next: nix flake lock\n") < place("next: rbn-plan -o generated/steps.nix\n"));
    let (line, said) = provider("{ outputs = { self }: { }; }\n");
    assert_eq!(line, "provider = \"host\"");
    assert!(!said.contains("nix flake lock"), "{said}");
}

/// The build machines are those that the flake names, where it names them one by one.
#[test]
fn a_new_configuration_has_the_flakes_machines() {
    let systems = |packages: &str| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let flake = format!("{{ outputs = {{ self }}: {{ packages{packages}; }}; }}\n");
        fs::write(dir.path().join("flake.nix"), flake).expect("a file");
        let done = init(dir.path(), &[]);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        let config = fs::read_to_string(dir.path().join("config.toml")).expect("a file");
        let line = config.lines().find(|line| line.starts_with("systems = ")).expect("machines");
        // The flake has outputs for no machine that the plan is not for.
        let flake = fs::read_to_string(dir.path().join("flake.nix")).expect("a file");
        assert_eq!(flake.contains("aarch64-linux"), line.contains("aarch64-linux"), "{flake}");
        line.to_owned()
    };
    let one = systems(".x86_64-linux.app = derivation { }");
    assert_eq!(one, r#"systems = ["x86_64-linux"]"#);
    let all = r#"systems = ["x86_64-linux", "aarch64-linux"]"#;
    assert_eq!(
        systems(" = { x86_64-linux = { }; aarch64-linux = { }; x86_64-darwin = { }; }"),
        all
    );
    assert_eq!(systems(" = { }"), all);
    assert_eq!(systems(".x86_64-darwin = { }"), all);
}

/// As `cargo new` leaves it: there is no lock, and a plan is made from one.
#[test]
fn a_project_without_a_lock_is_told_to_make_it_first() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("Cargo.toml"), "[workspace]\n").expect("a file");
    fs::create_dir(dir.path().join(".git")).expect("a directory");
    let said = text(&init(dir.path(), &[]).stderr);
    let next: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("next: ")).collect();
    assert_eq!(
        next,
        [
            "cargo generate-lockfile",
            "git add Cargo.lock .gitignore config.toml flake.nix generated",
            "nix flake lock",
            "rbn-plan -o generated/steps.nix",
            "git add flake.lock generated",
            "nix build",
        ]
    );
}

#[test]
fn what_cannot_be_wired_is_a_snippet() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let computed = include_str!("../../fixtures/flake/shapes/mk-flake.nix");
    fs::write(dir.path().join("flake.nix"), computed).expect("a file");
    let output = init(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(text(&output.stdout), @r#"
    # Put this behind `outputs = ...:`, and what stands there now in place of OUTPUTS.
    let
      before = OUTPUTS;
      plan = system: (import ./generated/steps.nix { inherit system; toolchain = import ./generated/nixpkgs.nix { pkgs = inputs.nixpkgs.legacyPackages.${system}; }; }).default;
      joined = system: {
        name = system;
        value = (before.packages.${system} or { }) // { rbn-plan = plan system; };
      };
      ours = builtins.listToAttrs (map joined [ "x86_64-linux" "aarch64-linux" ]);
    in
    before // { packages = (before.packages or { }) // ours; }
    "#);
    assert_eq!(fs::read_to_string(dir.path().join("flake.nix")).expect("a file"), computed);
}

/// What `init` makes of a flake.nix and a config.toml.
fn wired(flake: &str, config: &str) -> (String, String) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("flake.nix"), flake).expect("a file");
    fs::write(dir.path().join("config.toml"), config).expect("a file");
    let output = init(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let again = init(dir.path(), &[]);
    if output.stdout.is_empty() {
        assert_eq!(text(&again.stderr), "nothing to do\n");
    }
    let flake = fs::read_to_string(dir.path().join("flake.nix")).expect("a file");
    (flake, text(&output.stdout) + &text(&output.stderr))
}

const TWO_INPUTS: &str = "{
  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";
  inputs.rust-overlay.url = \"github:oxalica/rust-overlay\";
  outputs = inputs: {
    packages.x86_64-linux.hello = 1;
  };
}
";

#[test]
fn the_toolchain_of_another_input_is_asked_for_in_its_own_words() {
    let config = "[toolchain]\ninput = \"rust-overlay\"\nversion = \"1.95.0\"\ncomponents = [\"clippy\"]\n\n\
                  [build]\nsystems = [\"x86_64-linux\", \"aarch64-linux\"]\ntargets = [\"aarch64-unknown-linux-gnu\"]\n";
    insta::assert_snapshot!("init_rust_overlay", wired(TWO_INPUTS, config).0);
    let config = "[toolchain]\ninput = \"fenix\"\nchannel = \"nightly\"\n\n[build]\nsystems = [\"x86_64-linux\"]\n";
    let fenix = TWO_INPUTS.replace("rust-overlay", "fenix");
    insta::assert_snapshot!("init_fenix", wired(&fenix, config).0);
}

#[test]
fn an_input_that_the_outputs_do_not_take_is_not_named() {
    let closed = TWO_INPUTS
        .replace("inputs:", "{ self, rust-overlay, nixpkgs }: let inputs = 1; in")
        .replacen("  inputs", "  inputs.unstable.url = \"nixpkgs\";\n  inputs", 1);
    let config = "[toolchain]\nprovider = \"nixpkgs\"\ninput = \"unstable\"\n";
    let (flake, said) = wired(&closed, config);
    assert_eq!(flake, closed);
    assert!(said.contains("its outputs do not take the input `unstable`"), "{said}");
}

#[test]
fn a_new_flake_says_where_its_inputs_come_from() {
    let flake = |config: &str| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        fs::write(dir.path().join("config.toml"), config).expect("a file");
        let output = init(dir.path(), &[]);
        let flake = fs::read_to_string(dir.path().join("flake.nix")).unwrap_or_default();
        (output.status.code(), text(&output.stderr) + &flake)
    };
    for (input, address) in
        [("rust-overlay", "github:oxalica/rust-overlay"), ("fenix", "github:nix-community/fenix")]
    {
        let (code, said) = flake(&format!("[toolchain]\ninput = \"{input}\"\n"));
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(&format!("inputs.{input}.url = \"{address}\";")), "{said}");
    }
    let odd = "[toolchain]\ninput = \"odd\"\n";
    let (code, said) = flake(odd);
    assert_eq!(code, Some(2));
    assert!(said.contains("config.toml does not say where its input `odd`"), "{said}");
    let (code, said) = flake(&format!("{odd}[nix.inputs]\nodd = \"github:o/odd\"\n"));
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("inputs.odd.url = \"github:o/odd\";"), "{said}");
    let (code, said) = flake("[toolchain]\ninput = \"2nix\"\n");
    assert_eq!(code, Some(2));
    assert!(said.contains("`2nix` cannot be the name of an argument"), "{said}");
}

#[test]
fn the_machine_s_own_toolchain_is_no_input() {
    let (flake, said) = wired(TWO_INPUTS, "[toolchain]\nprovider = \"host\"\n");
    assert!(!flake.contains("toolchain"), "{flake}");
    assert!(said.contains("next: rbn-plan toolchain host -o generated/toolchain.nix"), "{said}");
}

#[test]
fn a_wrong_configuration_is_bad_input_and_nothing_is_written() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("config.toml"), "[toolchian]\n").expect("a file");
    assert_eq!(init(dir.path(), &[]).status.code(), Some(2));
    assert_eq!(names(dir.path()), ["config.toml"]);
}

#[test]
fn an_input_that_the_flake_has_not_is_bad_input() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("flake.nix"), TWO_INPUTS).expect("a file");
    fs::write(dir.path().join("config.toml"), "[toolchain]\ninput = \"rust-overly\"\n")
        .expect("a file");
    let output = init(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("config.toml:2: flake.nix has no input `rust-overly`"), "{said}");
    assert!(said.contains("it has nixpkgs, rust-overlay"), "{said}");
    assert_eq!(names(dir.path()), ["config.toml", "flake.nix"]);
}

#[test]
fn a_flake_that_is_wrong_is_shown_with_its_places() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("flake.nix"), "{\n  outputs = 3;\n}\n").expect("a file");
    let output = init(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("`outputs` must be a function, not a number"), "{said}");
    assert!(said.contains("flake.nix:2:13"), "{said}");
    assert_eq!(names(dir.path()), ["flake.nix"]);
}

#[test]
fn lines_of_gitignore_that_are_there_are_kept() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let read = || fs::read_to_string(dir.path().join(".gitignore")).expect("a file");
    fs::write(dir.path().join(".gitignore"), "/target").expect("a file");
    init(dir.path(), &[]);
    assert_eq!(read(), "/target\n/generated/toolchain.nix\n/result\n");
    fs::write(dir.path().join(".gitignore"), "generated/\nresult\n").expect("a file");
    init(dir.path(), &[]);
    assert_eq!(read(), "generated/\nresult\n");
}

#[test]
fn what_is_no_directory_is_bad_input() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let output = init(dir.path(), &["nowhere"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr), @r"
× no directory nowhere
help: name the directory of a project
");
}

#[test]
fn what_is_no_cargo_project_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let output = bare(dir.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr), @r#"
    × there is no Cargo.toml in .
    help: name the directory of a Cargo workspace's root: `rbn-plan init DIR`
    "#);
    assert!(names(dir.path()).is_empty());
}

/// Below the project, it is named where the project is.
#[test]
fn a_directory_below_is_told_the_project() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let root = dir.path().canonicalize().expect("a directory");
    fs::create_dir(root.join("src")).expect("a directory");
    fs::write(root.join("Cargo.toml"), "[workspace]\n").expect("a file");
    let output = bare(&root.join("src"), &[]);
    assert_eq!(output.status.code(), Some(2));
    let root = root.to_string_lossy().into_owned();
    let said = text(&output.stderr).replace(&root, "ROOT");
    assert!(said.contains("there is no Cargo.toml in ROOT/src"), "{said}");
    assert!(said.contains("rbn-plan init .."), "{said}");
}

/// The plan, the lock and the flake are the workspace's. A package that is excluded has its own.
#[test]
fn a_member_is_no_project() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let write = |path: &str, text: &str| {
        let file = dir.path().join(path);
        fs::create_dir_all(file.parent().expect("a directory")).expect("made");
        fs::write(file, text).expect("written");
    };
    let package = |name: &str| format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n");
    write("Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"own\"]\n");
    for name in ["crates/cli", "own"] {
        write(&format!("{name}/Cargo.toml"), &package(name.rsplit('/').next().expect("a name")));
        write(&format!("{name}/src/lib.rs"), "");
    }
    let output = bare(&dir.path().join("crates/cli"), &[]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(text(&output.stderr), @r#"
    × . is a member of the workspace in ../.., which has the plan and the flake
    help: for the whole workspace: rbn-plan init ../..
    "#);
    for excluded in ["own", "."] {
        let output = bare(&dir.path().join(excluded), &["--dry-run"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
}

/// rust-toolchain.toml, and the inputs that know compilers, are taken as they are.
#[test]
fn the_compiler_that_the_project_asks_for() {
    let made = |flake: &str, wanted: &str| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        if !flake.is_empty() {
            fs::write(dir.path().join("flake.nix"), flake).expect("a file");
        }
        if !wanted.is_empty() {
            fs::write(dir.path().join("rust-toolchain.toml"), wanted).expect("a file");
        }
        let done = init(dir.path(), &[]);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).expect("a file");
        let config = read("config.toml");
        let lines = config.split_once("this machine's.\n").expect("the section").1.to_owned();
        (lines, read("flake.nix"), text(&done.stderr))
    };
    let old = "[toolchain]\nchannel = \"1.75\"\ncomponents = [\"clippy\"]\n";
    let (lines, flake, _) = made("", old);
    insta::assert_snapshot!(lines, @r#"
    # As rust-toolchain.toml has it.
    provider = "input"
    input = "rust-overlay"
    version = "1.75.0"
    components = ["clippy"]
    "#);
    assert!(flake.contains("rust-bin.stable.\"1.75.0\""), "{flake}");
    let (lines, flake, _) = made(TWO_INPUTS, "");
    insta::assert_snapshot!(lines, @r#"
    provider = "input"
    input = "rust-overlay"
    "#);
    assert!(flake.contains("inputs.rust-overlay.overlays.default"), "{flake}");
    let fenix = TWO_INPUTS.replace("rust-overlay", "fenix");
    let (lines, flake, _) = made(&fenix, "[toolchain]\nchannel = \"nightly\"\n");
    insta::assert_snapshot!(lines, @r#"
    # As rust-toolchain.toml has it.
    provider = "input"
    input = "fenix"
    channel = "nightly"
    "#);
    assert!(flake.contains("inputs.fenix.packages"), "{flake}");
    let (lines, _, said) = made(&fenix, old);
    assert!(lines.contains("provider = \"nixpkgs\""), "{lines}");
    insta::assert_snapshot!(said.lines().find(|line| line.contains("asks for")).expect("a remark"), @r#"
    rust-toolchain.toml asks for Rust 1.75.0; the compiler is that of nixpkgs, until
    "#);
}

/// The plan is committed: what Git ignores is taken back, but for what is this machine's own.
#[test]
fn a_directory_that_git_ignores() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let git = |args: &[&str]| {
        let done = Command::new("git").args(args).current_dir(dir.path()).output();
        done.expect("git starts").status.success()
    };
    assert!(git(&["init", "-q"]));
    fs::write(dir.path().join(".gitignore"), "generated\n").expect("a file");
    let said = text(&init(dir.path(), &[]).stderr);
    assert!(said.contains("Git ignored generated/steps.nix (.gitignore:1:generated)"), "{said}");
    assert!(!git(&["check-ignore", "-q", "generated/steps.nix"]));
    assert!(!git(&["check-ignore", "-q", "generated/nixpkgs.nix"]));
    assert!(git(&["check-ignore", "-q", "generated/toolchain.nix"]));
    assert!(git(&["check-ignore", "-q", "result"]));
    assert_eq!(text(&init(dir.path(), &[]).stderr), "nothing to do\n");
}
