//! Answers of a compiler that are kept: asked once, and again when anything that decides changes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rbn_plan::cargo::probe_cache::Answers;
use tempfile::TempDir;

/// A compiler that counts how often it is asked, and a directory for its answers.
struct Machine {
    dir: TempDir,
    answers: Answers,
}

impl Machine {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let kept = dir.path().join("kept");
        let answers = Answers::within(kept.to_str().expect("a UTF-8 path"));
        let machine = Self { dir, answers };
        machine.install("first");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Puts a compiler there that says `words`.
    fn install(&self, words: &str) {
        let rustc = self.path("rustc");
        // Another file, as an update makes it: of another time even where clocks are coarse.
        let _ = fs::remove_file(&rustc);
        let text = format!("#!/bin/sh\necho asked >>\"$0.calls\"\necho {words}\necho $1\n");
        fs::write(&rustc, text).expect("the compiler is written");
        fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).expect("it can be run");
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.path("rustc"));
        command.args(args).current_dir(self.dir.path());
        command
    }

    fn ask(&self, args: &[&str]) -> String {
        self.answers.ask(self.command(args)).expect("the compiler answers")
    }

    fn calls(&self) -> usize {
        fs::read_to_string(self.path("rustc.calls")).unwrap_or_default().lines().count()
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("kept")).expect("answers are kept");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }
}

#[test]
fn a_question_is_asked_once() {
    let machine = Machine::new();
    assert_eq!(machine.ask(&["-vV"]), "first\n-vV\n");
    assert_eq!(machine.ask(&["-vV"]), "first\n-vV\n");
    assert_eq!(machine.calls(), 1);
    assert_eq!(machine.ask(&["--print=cfg"]), "first\n--print=cfg\n");
    assert_eq!(machine.calls(), 2);
}

#[test]
fn another_compiler_or_variable_is_another_question() {
    let machine = Machine::new();
    machine.ask(&["-vV"]);
    machine.install("second, longer");
    assert_eq!(machine.ask(&["-vV"]), "second, longer\n-vV\n");
    let mut command = machine.command(&["-vV"]);
    command.env("RUSTC_FORCE_RUSTC_VERSION", "1");
    machine.answers.ask(command).expect("the compiler answers");
    assert_eq!(machine.calls(), 3);
}

#[test]
fn what_is_no_question_is_never_kept() {
    let machine = Machine::new();
    for args in [&["main.rs"][..], &["--print=cfg", "--target", "own.json"]] {
        assert!(machine.answers.question(&machine.command(args)).is_none(), "{args:?}");
    }
    assert!(Answers::default().question(&machine.command(&["-vV"])).is_none());
}

/// Behind rustup's proxy it is the toolchain file, the settings and the compilers that decide.
#[test]
fn rustups_choice_is_part_of_the_question() {
    let machine = Machine::new();
    let proxy = machine.path("rustup");
    fs::copy(machine.path("rustc"), &proxy).expect("a proxy");
    fs::remove_file(machine.path("rustc")).expect("the compiler is gone");
    std::os::unix::fs::symlink(&proxy, machine.path("rustc")).expect("a link to the proxy");
    let home = machine.path("home");
    let compiler = home.join("toolchains/stable/bin");
    fs::create_dir_all(&compiler).expect("a toolchain");
    fs::write(compiler.join("rustc"), "").expect("its compiler");
    fs::write(home.join("settings.toml"), "default_toolchain = \"stable\"\n").expect("settings");
    let key = |place: &Path| {
        let mut command = machine.command(&["-vV"]);
        command.current_dir(place).env("RUSTUP_HOME", &home);
        format!("{:?}", machine.answers.question(&command))
    };
    let before = key(machine.dir.path());
    assert_eq!(key(machine.dir.path()), before);
    let wanted = machine.path("project");
    fs::create_dir(&wanted).expect("a project");
    fs::write(wanted.join("rust-toolchain.toml"), "[toolchain]\n").expect("a toolchain file");
    assert_ne!(key(&wanted), before);
    fs::write(home.join("settings.toml"), "default_toolchain = \"beta\"\n").expect("settings");
    let settings = key(machine.dir.path());
    assert_ne!(settings, before);
    fs::write(compiler.join("rustc"), "another").expect("an update");
    assert_ne!(key(machine.dir.path()), settings);
}

/// A script in front of rustup's proxy is no proxy by its name.
#[test]
fn a_script_may_start_rustup_too() {
    let machine = Machine::new();
    let home = machine.path("home");
    fs::create_dir(&home).expect("rustup's home");
    fs::write(home.join("settings.toml"), "").expect("settings");
    let key = || {
        let mut command = machine.command(&["-vV"]);
        command.env("RUSTUP_HOME", &home);
        format!("{:?}", machine.answers.question(&command))
    };
    let before = key();
    fs::write(machine.path("rust-toolchain.toml"), "[toolchain]\nchannel = \"nightly\"\n")
        .expect("a toolchain file");
    assert_ne!(key(), before);
}

#[test]
fn a_damaged_file_is_asked_again() {
    let machine = Machine::new();
    machine.ask(&["-vV"]);
    let file = machine.files().remove(0);
    let text = fs::read_to_string(&file).expect("the answer");
    for damaged in ["", "{", &text[..text.len() / 2], &text.replace("argument", "Argument")] {
        fs::write(&file, damaged).expect("the file is damaged");
        assert_eq!(machine.ask(&["-vV"]), "first\n-vV\n");
    }
    assert_eq!(machine.calls(), 5);
    assert_eq!(machine.ask(&["-vV"]), "first\n-vV\n");
    assert_eq!(machine.calls(), 5);
}

#[test]
fn a_refusal_is_not_kept() {
    let machine = Machine::new();
    fs::write(machine.path("rustc"), "#!/bin/sh\necho asked >>\"$0.calls\"\nexit 1\n")
        .expect("a compiler that refuses");
    for _ in 0..2 {
        assert!(machine.answers.ask(machine.command(&["-vV"])).is_err());
    }
    assert_eq!(machine.calls(), 2);
}

#[test]
fn where_nothing_can_be_kept_the_compiler_is_asked() {
    let machine = Machine::new();
    fs::write(machine.path("kept"), "a file").expect("a file in the directory's place");
    for _ in 0..2 {
        assert_eq!(machine.ask(&["-vV"]), "first\n-vV\n");
    }
    assert_eq!(machine.calls(), 2);
}
