//! `rbn-plan doctor --fix`: nothing is written that nobody asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::terminal::typed;

const BEFORE: &str = "cores = 0\n";

/// A machine whose nix.conf lacks a line.
struct Lacking {
    dir: tempfile::TempDir,
}

impl Lacking {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let machine = Self { dir };
        for name in ["bin", "conf/nix", "here"] {
            fs::create_dir_all(machine.path(name)).unwrap();
        }
        let settings = "experimental-features = flakes nix-command\nsandbox = false\nmax-jobs = 8\nbuild-users-group =\n";
        let nix = format!(
            "#!/bin/sh\ncase \"$*\" in *--version) echo 'nix (Nix) 2.34.0' ;; *) printf '%s' '{settings}' ;; esac\n"
        );
        fs::write(machine.path("bin/nix"), nix).unwrap();
        fs::set_permissions(machine.path("bin/nix"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(machine.file(), BEFORE).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The file that counts for who runs this: root's is that of the machine.
    fn file(&self) -> PathBuf {
        let is_root = rustix::process::geteuid().is_root();
        self.path(if is_root { "conf/nix.conf" } else { "conf/nix/nix.conf" })
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command
            .arg("doctor")
            .args(words)
            .current_dir(self.path("here"))
            .env("PATH", self.path("bin"))
            .env("NIX_CONF_DIR", self.path("conf"))
            .env("XDG_CONFIG_HOME", self.path("conf"))
            .env_remove("RUSTC")
            .env_remove("CARGO")
            .env("NO_COLOR", "1");
        command
    }

    /// Without a terminal.
    fn says(&self, words: &[&str]) -> (String, i32) {
        let done = self.command(words).stdin(Stdio::null()).output().unwrap();
        (String::from_utf8(done.stderr).unwrap(), done.status.code().unwrap())
    }
}

/// Whether the file may be written here: where a daemon builds for all, only root does.
fn may_write() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    let daemon = Path::new("/nix/var/nix/daemon-socket/socket");
    is_root || UnixStream::connect(daemon).is_err()
}

#[test]
fn without_a_terminal_nothing_is_written_unless_it_is_said() {
    let machine = Lacking::new();
    let (said, code) = machine.says(&["--fix"]);
    assert!(said.contains("\n    sandbox = true\n"), "{said}");
    if !may_write() {
        assert!(code == 2 && said.contains("only root may write it"), "{said}");
        return;
    }
    assert!(said.contains("nothing was written: there is no terminal to ask on"), "{said}");
    assert!(said.contains("`rbn-plan doctor --fix --yes`"), "{said}");
    assert_eq!((code, machine.text().as_str()), (1, BEFORE));

    let (said, code) = machine.says(&["--fix", "--yes"]);
    assert!(said.contains("\n    sandbox = true\n") && said.contains("wrote "), "{said}");
    assert_eq!(code, 0, "{said}");
    let text = machine.text();
    assert!(text.starts_with(BEFORE) && text.contains("\nsandbox = true\n"), "{text}");

    let (said, code) = machine.says(&["--yes"]);
    assert!(code == 2 && said.contains("--fix"), "{said}");
}

#[test]
fn on_a_terminal_it_asks_after_it_has_shown_the_lines() {
    if !may_write() {
        return;
    }
    // Whatever is not yes is no, and so is the end of what is typed.
    for answer in ["n\n", "\n", "", "nyes\n", "q\n"] {
        let machine = Lacking::new();
        let (said, code) = typed(&machine.command(&["--fix"]), answer);
        let (line, question) =
            (said.find("    sandbox = true\n"), said.find("Add these lines to "));
        assert!(line.is_some() && line < question, "{answer:?}: {said}");
        assert!(
            said.contains("nothing was written") && !said.contains("wrote "),
            "{answer:?}: {said}"
        );
        assert_eq!((code, machine.text().as_str()), (1, BEFORE), "{answer:?}: {said}");
    }
    for answer in ["y\n", "yes\n", "Y\n"] {
        let machine = Lacking::new();
        let (said, code) = typed(&machine.command(&["--fix"]), answer);
        assert!(said.contains("[y/N] ") && said.contains("wrote "), "{answer:?}: {said}");
        assert_eq!(code, 0, "{answer:?}: {said}");
        assert!(machine.text().contains("\nsandbox = true\n"), "{answer:?}: {said}");
    }
    let machine = Lacking::new();
    let (said, code) = typed(&machine.command(&["--fix", "--yes"]), "");
    assert!(!said.contains("[y/N]") && said.contains("wrote "), "{said}");
    assert_eq!(code, 0, "{said}");
}
