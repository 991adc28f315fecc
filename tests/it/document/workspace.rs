//! Small workspaces in one text, planned by the real Cargo.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A workspace in a directory of its own. Files follow `--- PATH` lines.
pub struct Workspace {
    dir: TempDir,
}

impl Workspace {
    pub fn new(files: &str) -> Self {
        // Messages are wrapped before its name is hidden: a name as long as on every machine, wherever TMPDIR is.
        let workspace = Self { dir: TempDir::new_in("/tmp").unwrap() };
        workspace.write(files);
        workspace.cargo(&["generate-lockfile", "--offline"]);
        workspace
    }

    /// Writes files; a lock that does not fit is made anew by `cargo`.
    pub fn write(&self, files: &str) {
        for file in files.split("--- ").skip(1) {
            let (path, text) = file.split_once('\n').unwrap();
            let path = self.dir.path().join(path.trim());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn file(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.file(path)).unwrap()
    }

    pub fn cargo(&self, args: &[&str]) {
        let done = Command::new("cargo").args(args).current_dir(self.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    pub fn git(&self, args: &[&str]) {
        let done = Command::new("git")
            .args([
                "-c",
                "user.name=x",
                "-c",
                "user.email=x@localhost",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(args)
            .current_dir(self.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Runs the program in the workspace.
    pub fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_rbn-plan"))
            .args(args)
            .current_dir(self.path())
            .env("NO_COLOR", "1")
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("RUSTFLAGS")
            .output()
            .unwrap()
    }

    /// What the program prints, which must end with `code`; the directory's name is hidden.
    pub fn says(&self, code: i32, args: &[&str]) -> String {
        let done = self.run(args);
        let err = String::from_utf8_lossy(&done.stderr);
        let out = String::from_utf8_lossy(&done.stdout);
        assert_eq!(done.status.code(), Some(code), "stdout:\n{out}\nstderr:\n{err}");
        self.shown(&format!("{out}{err}"))
    }

    /// A text without what differs from machine to machine.
    pub fn shown(&self, text: &str) -> String {
        let host = host();
        let arch = host.split('-').next().unwrap();
        // Other tests' Cargo may hold what this one's waits for.
        let text = text
            .replace("note: another Cargo holds the package cache; waiting for it\n", "")
            .replace(self.path().to_str().unwrap(), "WORKSPACE")
            .replace(&host, "TARGET")
            .replace(arch, "ARCH");
        without_lines(&text)
    }

    /// Commits everything, with the plan as it is now.
    pub fn commit(&self) {
        self.says(0, &["-o", "generated/steps.nix"]);
        if !self.file(".git").exists() {
            self.git(&["init", "-q"]);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x"]);
    }
}

/// Differences and annotations without the numbers of lines, which move with what rustc says of the machine.
fn without_lines(text: &str) -> String {
    let mut parts = text.split("@@ -");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str("@@ ");
        plain.push_str(part.split_once(" @@").map_or(part, |(_, rest)| rest));
    }
    let mut parts = plain.split(",line=");
    let mut numberless = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        numberless.push_str(",line=N");
        numberless.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    numberless
}

/// The triple of this machine.
pub fn host() -> String {
    let done = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// A program, a library with features, a build script and a macro.
pub const SMALL: &str = r#"
--- Cargo.toml
[workspace]
members = ["app", "parser", "macros"]
resolver = "2"
--- app/Cargo.toml
[package]
name = "app"
version = "1.2.0"
edition = "2021"
[dependencies]
parser = { path = "../parser", features = ["json"] }
macros = { path = "../macros" }
--- app/src/main.rs
fn main() {}
--- parser/Cargo.toml
[package]
name = "parser"
version = "0.3.1"
edition = "2021"
links = "parse"
[features]
default = ["std"]
std = []
json = []
fast = []
--- parser/build.rs
fn main() {}
--- parser/src/lib.rs
--- macros/Cargo.toml
[package]
name = "macros"
version = "0.1.0"
edition = "2021"
[lib]
proc-macro = true
--- macros/src/lib.rs
"#;
