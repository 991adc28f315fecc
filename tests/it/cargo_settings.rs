//! Cargo's settings as a user meets them: what is named, what is refused, what is passed over.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::workspaces::workspace;

const MANIFEST: &str =
    "[workspace]\n[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const LOCK: &str = "version = 4\n[[package]]\nname = \"one\"\nversion = \"0.1.0\"\n";

/// A package with further files, and a home of Cargo's beside it.
fn package(files: &[(&str, &str)]) -> TempDir {
    let own = [
        ("one/Cargo.toml", MANIFEST),
        ("one/Cargo.lock", LOCK),
        ("one/src/main.rs", "fn main() {}\n"),
        ("home/keep", ""),
    ];
    workspace(&[&own[..], files].concat())
}

fn rbn_plan(dir: &TempDir) -> Command {
    let mut command = super::surroundings::rbn_plan(&dir.path().join("one"));
    command.env("CARGO_HOME", dir.path().join("home"));
    command
}

/// What was said, with the directory's name and the line breaks of reports taken out.
fn said(done: &Output, dir: &TempDir) -> String {
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    let words: Vec<&str> = text.split_whitespace().filter(|word| *word != "│").collect();
    // A long path may be broken in two.
    let path = dir.path().to_str().expect("a path of Unicode");
    words.join(" ").replace(path, "DIR")
}

fn plan(done: &Output) -> String {
    String::from_utf8(done.stdout.clone()).expect("text")
}

fn lines_with(text: &str, word: &str) -> usize {
    text.lines().filter(|line| line.contains(word)).count()
}

#[test]
fn what_stands_outside_of_the_workspace_is_named() {
    let dir = package(&[
        (
            "home/config.toml",
            "include = ['more.toml']\n[env]\nA = 'x'\n[profile.release]\nlto = true\n[net]\nretry = 3\n",
        ),
        ("home/more.toml", "[build]\nrustflags = ['-Cforce-frame-pointers=yes']\n"),
        ("one/.cargo/config.toml", "[env]\nB = 'own'\n"),
    ]);
    let done = rbn_plan(&dir).output().unwrap();
    assert!(done.status.success(), "{}", said(&done, &dir));
    insta::assert_snapshot!(said(&done, &dir), @"note: settings of DIR/home/config.toml take part in this plan: env.A, profile.release.lto (for everyone: .cargo/config.toml of the workspace) note: settings of DIR/home/more.toml take part in this plan: rustflags (for everyone: .cargo/config.toml of the workspace)");
    assert!(lines_with(&plan(&done), "force-frame-pointers") > 0);
    // Nothing outside, nothing to say.
    fs::remove_file(dir.path().join("home/config.toml")).unwrap();
    let done = rbn_plan(&dir).output().unwrap();
    assert_eq!(said(&done, &dir), "");
}

#[test]
fn a_place_of_this_machine_is_refused() {
    let dir = package(&[("home/config.toml", "")]);
    let refused = |text: &str| {
        fs::write(dir.path().join("home/config.toml"), text).unwrap();
        let done = rbn_plan(&dir).output().unwrap();
        assert_eq!(done.status.code(), Some(2), "{}", said(&done, &dir));
        assert!(done.stdout.is_empty());
        said(&done, &dir)
    };
    let home = dir.path().join("home").display().to_string();
    let flag = refused(&format!("build.rustflags = ['-Clink-arg=-L{home}/lib']"));
    assert!(flag.contains("`rustflags` in") && flag.contains("a place of this machine"), "{flag}");
    let linker = refused(&format!("target.x86_64-unknown-linux-gnu.linker = '{home}/ld'"));
    assert!(linker.contains("target.x86_64-unknown-linux-gnu.linker"), "{linker}");
    let relative = refused("env.DATA = { value = 'data', relative = true }");
    assert!(relative.contains("env.DATA"), "{relative}");
    // The same in the workspace is a place of the sandbox.
    fs::write(dir.path().join("home/config.toml"), "").unwrap();
    let own = dir.path().join("one/.cargo");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("config.toml"), "env.DATA = { value = 'data', relative = true }").unwrap();
    let done = rbn_plan(&dir).output().unwrap();
    assert!(plan(&done).contains("/workspace/data"), "{}", said(&done, &dir));
    assert!(!plan(&done).contains(dir.path().to_str().unwrap()));
}

#[test]
fn native_code_is_said_to_be_of_this_machine() {
    let dir =
        package(&[("one/.cargo/config.toml", "build.rustflags = ['-C', 'target-cpu=native']")]);
    let done = rbn_plan(&dir).output().unwrap();
    assert!(said(&done, &dir).contains("`target-cpu=native`"), "{}", said(&done, &dir));
}

#[test]
fn a_program_before_rustc_is_said() {
    let wrapper = "build.rustc-wrapper = 'tools/add-flags'";
    let dir = package(&[("one/.cargo/config.toml", wrapper)]);
    let done = rbn_plan(&dir).output().unwrap();
    let words = said(&done, &dir);
    assert!(words.contains("compiles through") && words.contains("tools/add-flags"), "{words}");
    assert!(words.contains("RUSTC_WRAPPER"), "{words}");
    // A cache changes nothing of what is compiled.
    let dir = package(&[("one/.cargo/config.toml", "build.rustc-wrapper = '/bin/sccache'")]);
    let done = rbn_plan(&dir).output().unwrap();
    assert!(!said(&done, &dir).contains("compiles through"), "{}", said(&done, &dir));
}

#[test]
fn cargos_flags() {
    let dir = package(&[("one/more.toml", "env.FROM_FILE = 'yes'")]);
    let done = rbn_plan(&dir)
        .args(["--config", "env.FROM_FLAG='too'", "--config", "more.toml", "--ignore-rust-version"])
        .output()
        .unwrap();
    let text = plan(&done);
    assert!(text.contains("FROM_FILE") && text.contains("FROM_FLAG"), "{}", said(&done, &dir));
    assert!(
        text.contains(
            "# Flags: --ignore-rust-version --config=env.FROM_FLAG='too' --config=more.toml\n"
        ),
        "{text}"
    );
    // Before the command, and from elsewhere.
    fs::write(dir.path().join("one/steps.nix"), &text).unwrap();
    let done = rbn_plan(&dir)
        .current_dir(dir.path())
        .args(["-C", "one", "--offline", "check", "one/steps.nix"])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}{}", said(&done, &dir), plan(&done));
    // A stable Cargo refuses what is for a nightly one.
    let done = rbn_plan(&dir).args(["-Zbuild-std"]).output().unwrap();
    assert!(!done.status.success() || said(&done, &dir).contains("nightly"));
}

#[test]
fn our_own_file_beside_an_applications() {
    let dir = package(&[("one/config.toml", "port = 80\n[server]\nname = 'x'\n")]);
    let done = rbn_plan(&dir).output().unwrap();
    assert!(done.status.success(), "{}", said(&done, &dir));
    insta::assert_snapshot!(said(&done, &dir), @"note: config.toml: is another program's and passed over: rbn-plan's own is rbn-plan.toml");
    let with = |name: &str, text: &str, flags: &[&str]| {
        fs::write(dir.path().join("one").join(name), text).unwrap();
        let done = rbn_plan(&dir).args(flags).output().unwrap();
        (done.status.success(), plan(&done).contains("release with own words"), said(&done, &dir))
    };
    let own = "[override.one]\nenv = { WORDS = 'release with own words' }\n";
    let (ok, read, words) = with("rbn-plan.toml", own, &[]);
    assert!(ok && read, "{words}");
    let (ok, read, words) = with("other.toml", own, &["--config-file", "other.toml"]);
    assert!(ok && read && words.is_empty(), "{words}");
    // Who still says `--config` is told.
    let (ok, _, words) = with("other.toml", own, &["--config", "other.toml"]);
    assert!(!ok && words.contains("`--config-file other.toml`"), "{words}");
    // One of ours beside the other of ours, and one with an error in it.
    let (ok, _, words) = with("config.toml", own, &[]);
    assert!(ok && words.contains("because rbn-plan.toml is there"), "{words}");
    fs::remove_file(dir.path().join("one/rbn-plan.toml")).unwrap();
    let (ok, _, words) = with("config.toml", "[overide.one]\nfiles = []\n", &[]);
    assert!(!ok && words.contains("override"), "{words}");
}

/// Holds that what Cargo runs is what is planned.
fn equal(dir: &TempDir, flags: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = rbn_plan(dir);
    command.args(["verify", "--no-nix", "--offline"]).args(flags);
    let done = command.envs(variables.iter().copied()).output().unwrap();
    assert!(done.status.success(), "{flags:?} {variables:?}: {}{}", plan(&done), said(&done, dir));
    said(&done, dir)
}

/// Two libraries that Cargo writes to one file cannot both be linked; apart from each other they can.
#[test]
fn two_dynamic_libraries_of_one_name() {
    let library = |package: &str, name: &str| {
        format!(
            "[package]\nname = \"{package}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[lib]\nname = \"{name}\"\ncrate-type = [\"rlib\", \"cdylib\"]\n"
        )
    };
    let with = |other: &str, dependencies: &str| {
        let manifest = format!(
            "[workspace]\nmembers = [\"x\", \"y\"]\n[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n{dependencies}"
        );
        let (x, y) = (library("x", "common"), library("y", other));
        let dir = package(&[
            ("one/x/Cargo.toml", x.as_str()),
            ("one/y/Cargo.toml", y.as_str()),
            ("one/x/src/lib.rs", ""),
            ("one/y/src/lib.rs", ""),
        ]);
        fs::write(dir.path().join("one/Cargo.toml"), manifest).unwrap();
        fs::remove_file(dir.path().join("one/Cargo.lock")).unwrap();
        let mut lock = Command::new("cargo");
        lock.args(["generate-lockfile", "--offline"]).current_dir(dir.path().join("one"));
        assert!(lock.output().unwrap().status.success());
        let mut command = rbn_plan(&dir);
        let done = command.args(["--offline", "--workspace"]).output().unwrap();
        (done.status.code(), said(&done, &dir))
    };
    let both = "x = { path = \"x\" }\ny = { path = \"y\" }\n";
    let (code, words) = with("common", both);
    assert_eq!(code, Some(2), "{words}");
    for word in ["one-0.1.0:bin:one", "x 1.0.0 and y 1.0.0", "`common`", "`[lib] name`"] {
        assert!(words.contains(word), "{words}");
    }
    assert_eq!(with("other", both).0, Some(0));
    assert_eq!(with("common", "x = { path = \"x\" }\n").0, Some(0));
}

/// Keys that Cargo does not know, and values where it has tables.
#[test]
fn keys_of_a_target_that_cargo_does_not_know() {
    let text = "nonsense = 1\n[target.x86_64-unknown-linux-gnu]\nlist = ['a']\nword = 'b'\nflag = true\n[target.'cfg(unix)']\nlist = ['a']\n";
    let dir = package(&[("one/.cargo/config.toml", text), ("one/build.rs", "fn main() {}\n")]);
    let done = rbn_plan(&dir).arg("--offline").output().unwrap();
    let words = said(&done, &dir);
    assert!(matches!(done.status.code(), Some(0 | 2)), "{words}");
    assert!(done.status.success() || words.contains("target.x86_64"), "{words}");
}

/// Cargo's word for the machine that it runs on, wherever a target is named.
#[test]
fn the_machine_s_own_target() {
    let dir = package(&[]);
    let text = |flags: &[&str], variables: &[(&str, &str)]| {
        let mut command = rbn_plan(&dir);
        command.arg("--offline").args(flags).envs(variables.iter().copied());
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", said(&done, &dir));
        plan(&done).lines().filter(|line| !line.starts_with("# ")).collect::<Vec<_>>().join("\n")
    };
    let plain = text(&[], &[]);
    assert_eq!(text(&["--target=host-tuple"], &[]), plain);
    assert_eq!(text(&[], &[("CARGO_BUILD_TARGET", "host-tuple")]), plain);
    let both = "--config=build.target=['host-tuple', 'host-tuple']";
    assert_eq!(text(&[both], &[]), plain);
    equal(&dir, &["--target=host-tuple"], &[]);
}

/// Names that Cargo takes away from scripts, that recording needs itself, and one with `=` in it.
#[test]
fn names_in_the_env_table() {
    let text = "[env]\nRUSTFLAGS = '--cfg x'\nRUSTC_WRAPPER = '/nope'\nRUSTC_WORKSPACE_WRAPPER = '/nope'\n'A=B' = 'x'\nCARGO_ENCODED_RUSTFLAGS = 'no'\nTMPDIR = '/var/tmp'\n";
    let dir = package(&[("one/.cargo/config.toml", text), ("one/build.rs", "fn main() {}\n")]);
    equal(&dir, &[], &[]);
    let done = rbn_plan(&dir).arg("--offline").output().unwrap();
    assert!(plan(&done).contains("A = \"B=x\""), "{}", plan(&done));
}

#[test]
fn what_the_user_has_of_rustc_bootstrap() {
    let dir = package(&[("one/build.rs", "fn main() {}\n")]);
    let cfgs = |command: &mut Command| {
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", said(&done, &dir));
        (
            plan(&done).contains("CARGO_CFG_TARGET_THREAD_LOCAL"),
            plan(&done).contains("RUSTC_BOOTSTRAP = \"1\""),
        )
    };
    assert_eq!(cfgs(&mut rbn_plan(&dir)), (false, false));
    assert_eq!(cfgs(rbn_plan(&dir).env("RUSTC_BOOTSTRAP", "1")), (true, true));
    fs::create_dir(dir.path().join("one/.cargo")).unwrap();
    fs::write(dir.path().join("one/.cargo/config.toml"), "env.RUSTC_BOOTSTRAP = '1'").unwrap();
    assert_eq!(cfgs(&mut rbn_plan(&dir)), (true, true));
}

/// What a stable Cargo passes over in a build, planning passes over as well.
#[test]
fn the_table_of_unstable_settings() {
    let dir = package(&[("one/.cargo/config.toml", "unstable.host-config = true\n")]);
    let done = rbn_plan(&dir).output().unwrap();
    assert!(done.status.success(), "{}", said(&done, &dir));
    fs::write(dir.path().join("one/.cargo/config.toml"), "unstable.build-std = ['core']").unwrap();
    let done = rbn_plan(&dir).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(said(&done, &dir).contains("unstable.build-std"), "{}", said(&done, &dir));
}

#[test]
fn a_toolchain_that_nobody_installed() {
    let Some(rustup) = proxies() else { return };
    let dir = package(&[("one/rust-toolchain.toml", "[toolchain]\nchannel = \"1.17.0\"\n")]);
    let done = rbn_plan(&dir)
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("RUST_BACKTRACE", "1")
        .env("CARGO", rustup.join("cargo"))
        .env("RUSTC", rustup.join("rustc"))
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(2));
    let words = said(&done, &dir);
    assert!(words.contains("1.17.0") && words.contains("rust-toolchain.toml"), "{words}");
    assert!(words.contains("run `rustup toolchain install`"), "{words}");
    assert!(!words.contains("backtrace") && !words.contains("anyhow"), "{words}");
}

/// The directory of rustup's proxies, where there are some.
fn proxies() -> Option<std::path::PathBuf> {
    let home = std::env::var_os("HOME")?;
    let dir = Path::new(&home).join(".cargo/bin");
    if !dir.join("rustup").is_file() {
        eprintln!("there is no rustup: nothing tried");
        return None;
    }
    Some(dir)
}

/// What config.toml adds is no part of what Cargo runs; it is taken out, and said.
#[test]
fn verify_tells_what_an_override_adds() {
    let dir = package(&[
        ("one/build.rs", "fn main() {}\n"),
        (
            "one/rbn-plan.toml",
            "[build]\nrustflags = ['--cfg=everywhere']\n[env]\nOWN = 'of ours'\n[override.one]\nkind = ['bin']\nrustflags = ['--cfg=special', '-Copt-level=1']\nenv = { WORDS = 'x' }\nnative-inputs = ['no-such-program']\n",
        ),
    ]);
    for more in [&[][..], &["--no-nix"]] {
        let done = rbn_plan(&dir).args(["verify", "--offline"]).args(more).output().unwrap();
        let text = plan(&done);
        assert!(done.status.success(), "{text}{}", said(&done, &dir));
        for line in [
            "  rustflags --cfg=everywhere --cfg=special -Copt-level=1: x86_64-unknown-linux-gnu/one-0.1.0:bin:one\n",
            "  variable OWN=of ours: host/one-0.1.0:build-script, ",
            "  variable WORDS=x: x86_64-unknown-linux-gnu/one-0.1.0:bin:one\n",
            "3 steps planned, 3 recorded from cargo: 3 equal",
        ] {
            assert!(text.contains(line), "no `{line}` in {text}");
        }
    }
    let mut command = rbn_plan(&dir);
    let done = command.args(["verify", "--offline", "--no-nix", "--format=json"]).output().unwrap();
    assert!(plan(&done).contains("\"added\": ["), "{}", plan(&done));
}
