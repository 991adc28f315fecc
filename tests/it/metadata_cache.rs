//! What Cargo said of packages that cannot change: kept, and asked again when anything that decides is another.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

const APP: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
    [features]\nmore = [\"dep:memchr\"]\n\n\
    [dependencies]\ncfg-if = \"1\"\nhelp = { path = \"../help\" }\nmemchr = { version = \"2\", optional = true }\n\n\
    [target.'cfg(extra)'.dependencies]\nitoa = \"1\"\n";

const HELP: &str = "[package]\nname = \"help\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";

/// A workspace, a Cargo that writes its calls down, and a cache directory; maybe a home of Cargo's own.
struct Place(TempDir, Option<PathBuf>);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap(), None);
        for (path, text) in [
            ("w/Cargo.toml", "[workspace]\nmembers = [\"app\", \"help\"]\nresolver = \"3\"\n"),
            ("w/app/Cargo.toml", APP),
            ("w/app/src/main.rs", "fn main() {}\n"),
            ("w/help/Cargo.toml", HELP),
            ("w/help/src/lib.rs", ""),
        ] {
            place.write(path, text);
        }
        let cargo = place.at("cargo");
        let text =
            format!("#!/bin/sh\necho \"$@\" >>\"$0.calls\"\nexec '{}' \"$@\"\n", env!("CARGO"));
        fs::write(&cargo, text).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        place.lock();
        place
    }

    /// One whose packages are of a repository: a macro that opens a file, and a library that speaks of the lock.
    fn with_git() -> Self {
        let mut place = Self::new();
        place.1 = Some(place.at("home"));
        let package = |name: &str| HELP.replace("help", name);
        for (path, text) in [
            (
                "git/Cargo.toml",
                "[workspace]\nmembers = [\"reads\", \"locks\"]\nresolver = \"3\"\n".to_owned(),
            ),
            ("git/reads/Cargo.toml", package("reads") + "\n[lib]\nproc-macro = true\n"),
            (
                "git/reads/src/lib.rs",
                "fn f(p: &std::path::Path) { p.ancestors(); std::fs::read(std::path::PathBuf::from(\".env\")); }\n".to_owned(),
            ),
            ("git/locks/Cargo.toml", package("locks")),
            ("git/locks/src/lib.rs", "const A: &str = \"Cargo.lock\";\n".to_owned()),
            (
                "w/app/Cargo.toml",
                package("app") + "\n[dependencies]\nreads = { git = \"REPOSITORY\" }\n",
            ),
            ("w/.env", String::new()),
        ] {
            place.write(path, &text);
        }
        place.git(&["init", "-q"]);
        place.commit();
        place.lock();
        place
    }

    fn git(&self, words: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=x", "-c", "user.email=x@example.org"]).args(words);
        assert!(git.current_dir(self.at("git")).status().unwrap().success());
    }

    fn commit(&self) {
        self.git(&["add", "."]);
        self.git(&["commit", "-qm", "x"]);
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let repository = format!("file://{}", self.at("git").display());
        fs::write(path, text.replace("REPOSITORY", &repository)).unwrap();
    }

    fn replace(&self, path: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.at(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        self.write(path, &text.replace(from, to));
    }

    fn cargo(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO"));
        command.envs(self.1.iter().map(|home| ("CARGO_HOME", home)));
        let done = command.args(words).current_dir(self.at("w")).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done
    }

    fn lock(&self) {
        let offline: &[&str] = if self.1.is_some() { &[] } else { &["--offline"] };
        self.cargo(&[&["generate-lockfile"], offline].concat());
    }

    fn rbn_plan(&self, words: &[&str], variables: &[(&str, &str)]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.args(words).current_dir(self.at("w"));
        match &self.1 {
            Some(home) => command.env("CARGO_HOME", home),
            None => command.arg("--offline"),
        };
        command.env("CARGO", self.at("cargo")).env("XDG_CACHE_HOME", self.at("cache"));
        command.env_remove("CARGO_CACHE_RUSTC_INFO").envs(variables.iter().copied());
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// Plans, with what is kept and without: the same. Says how often Cargo was asked for all packages.
    fn plans(&self, words: &[&str], variables: &[(&str, &str)]) -> usize {
        drop(fs::remove_file(self.at("cargo.calls")));
        let plan = self.rbn_plan(words, variables);
        let calls = fs::read_to_string(self.at("cargo.calls")).unwrap();
        let off = [variables, &[("CARGO_CACHE_RUSTC_INFO", "0")]].concat();
        assert!(
            plan == self.rbn_plan(words, &off),
            "the plan is another one: {words:?} {variables:?}"
        );
        let is_whole = |call: &&str| call.starts_with("metadata ") && !call.contains("--no-deps");
        calls.lines().filter(is_whole).count()
    }

    /// The file that is kept.
    fn kept(&self) -> PathBuf {
        let mut files = fs::read_dir(self.at("cache/rbn-plan/packages")).unwrap();
        files.next().unwrap().unwrap().path()
    }
}

#[test]
fn cargo_is_asked_once_for_packages_that_cannot_change() {
    let place = Place::new();
    assert_eq!(place.plans(&[], &[]), 1);
    assert_eq!(place.plans(&[], &[]), 0);
    // The sources are no part of it.
    place.write("w/app/src/main.rs", "fn main() { println!(); }\n");
    assert_eq!(place.plans(&["--release"], &[]), 0);
}

#[test]
fn what_decides_is_asked_again() {
    let place = Place::new();
    place.plans(&[], &[]);
    assert_eq!(place.plans(&["--all-features"], &[]), 1);
    // The same lock, and another package.
    place.replace("w/app/Cargo.toml", "more = ", "default = [\"more\"]\nmore = ");
    assert_eq!(place.plans(&[], &[]), 1);
    assert_eq!(place.plans(&[], &[]), 0);
    place.replace("w/help/Cargo.toml", "0.1.0\"", "0.1.0\"\ndescription = \"words\"");
    assert_eq!(place.plans(&[], &[]), 1);
    place.replace("w/Cargo.toml", "resolver", "exclude = [\"x\"]\nresolver");
    assert_eq!(place.plans(&[], &[]), 1);
    place.replace("w/app/Cargo.toml", "[dependencies]", "[dependencies]\nunicode-ident = \"1\"");
    place.lock();
    assert_eq!(place.plans(&[], &[]), 1);
    assert_eq!(place.plans(&[], &[]), 0);
}

/// Nothing that is kept says of the flags that there are others; the units do.
#[test]
fn a_package_that_flags_bring_in_is_asked_for() {
    let place = Place::new();
    place.plans(&[], &[]);
    assert_eq!(place.plans(&[], &[("RUSTFLAGS", "--cfg extra")]), 1);
    assert_eq!(place.plans(&[], &[("RUSTFLAGS", "--cfg extra")]), 0);
}

/// The same, as which packages there are decides what a build script may look for.
#[test]
fn an_answer_for_other_flags_is_none() {
    let place = Place::with_git();
    place.write("w/app/build.rs", "fn main() {}\n");
    place.replace(
        "w/app/Cargo.toml",
        "[dependencies]",
        "[target.'cfg(extra)'.build-dependencies]\nlocks = { git = \"REPOSITORY\" }\n\n[dependencies]",
    );
    place.lock();
    for _ in 0..2 {
        place.plans(&[], &[]);
        place.plans(&[], &[("RUSTFLAGS", "--cfg extra")]);
        place.plans(
            &["--target=x86_64-unknown-linux-gnu"],
            &[("CARGO_BUILD_RUSTFLAGS", "--cfg extra")],
        );
    }
}

/// What macros look for is found out before Cargo is done: where it is still unpacking, nothing is known.
#[test]
fn what_cargo_unpacks_anew_is_looked_at_then() {
    let place = Place::with_git();
    assert_eq!(place.plans(&[], &[]), 1);
    assert_eq!(place.plans(&[], &[]), 0);
    for gone in ["git/checkouts", "git"] {
        fs::remove_dir_all(place.at("home").join(gone)).unwrap();
        place.plans(&[], &[]);
        assert!(place.rbn_plan(&[], &[]).contains("\".env\""), "{gone}");
    }
}

/// The id of a package is the same where its source is replaced, and what it looks for may be another thing.
#[test]
fn a_vendored_macro_is_looked_at_where_it_lies() {
    let place = Place::with_git();
    let reads = fs::read_to_string(place.at("git/reads/src/lib.rs")).unwrap();
    place.write("git/reads/src/lib.rs", "");
    place.commit();
    place.lock();
    place.plans(&[], &[]);
    let config = place.cargo(&["vendor"]).stdout;
    place.write("w/.cargo/config.toml", std::str::from_utf8(&config).unwrap());
    place.write("w/vendor/reads/src/lib.rs", &reads);
    for _ in 0..2 {
        assert_eq!(place.plans(&[], &[]), 1);
    }
    assert!(place.rbn_plan(&[], &[]).contains("\".env\""));
}

#[test]
fn a_package_that_paths_override_is_no_registrys() {
    let place = Place::new();
    place.replace(
        "w/app/Cargo.toml",
        "[dependencies]",
        "[dev-dependencies]\nitoa = \"1\"\n\n[dependencies]",
    );
    place.write(
        "w/app/src/main.rs",
        "const A: &str = include_str!(\"../third/itoa/README.md\");\nfn main() {}\n",
    );
    place.write("w/app/third/itoa/README.md", "");
    place.lock();
    place.plans(&[], &[]);
    place.write(
        "w/app/third/itoa/Cargo.toml",
        &HELP.replace("help", "itoa").replace("0.1.0", "1.0.99"),
    );
    place.write("w/app/third/itoa/src/lib.rs", "");
    place.write("w/.cargo/config.toml", "paths = [\"app/third/itoa\"]\n");
    place.plans(&[], &[]);
    place.plans(&[], &[]);
}

/// The packages of a Cargo home in the workspace are planned as vendored ones, and somebody may edit them.
#[test]
fn a_home_in_the_workspace_is_no_safe_place() {
    let mut place = Place::with_git();
    fs::rename(place.at("home"), place.at("w/home")).unwrap();
    place.1 = Some(place.at("w/home"));
    for _ in 0..2 {
        assert_eq!(place.plans(&[], &[]), 1);
    }
}

/// The same lock, and the packages lie in the tree now, where somebody may edit them.
#[test]
fn vendored_packages_are_asked_for_each_time() {
    let place = Place::new();
    place.plans(&[], &[]);
    let config = place.cargo(&["vendor", "--offline"]).stdout;
    place.write("w/.cargo/config.toml", std::str::from_utf8(&config).unwrap());
    place.replace("w/vendor/cfg-if/Cargo.toml", "repository = \"", "repository = \"edited:");
    for _ in 0..2 {
        assert_eq!(place.plans(&[], &[]), 1);
    }
    assert!(place.rbn_plan(&[], &[]).contains("edited:"));
}

#[test]
fn a_path_package_that_is_no_member_is_asked_for_each_time() {
    let place = Place::new();
    place.write("other/Cargo.toml", &HELP.replace("help", "other"));
    place.write("other/src/lib.rs", "");
    place.replace(
        "w/app/Cargo.toml",
        "[dependencies]",
        "[dependencies]\nother = { path = \"../../other\" }",
    );
    place.lock();
    for version in ["0.1.0", "0.2.0"] {
        place.replace("other/Cargo.toml", "0.1.0", version);
        place.lock();
        for _ in 0..2 {
            assert_eq!(place.plans(&[], &[]), 1);
        }
    }
}

#[test]
fn a_damaged_file_is_as_good_as_none() {
    let place = Place::new();
    place.plans(&[], &[]);
    let file = place.kept();
    let text = fs::read_to_string(&file).unwrap();
    let none = text.replace("\"packages\":[{", "\"packages\":[],\"x\":[{");
    // Another source for a member, and for a package that has no checksum then.
    let member = text.replacen("\"id\":\"registry+", "\"id\":\"path+", 1);
    let path = text.replacen("\"source\":\"registry+", "\"source\":\"git+", 1);
    let elsewhere = text.replacen("/registry/src/", "/registry/src/../../x/", 1);
    let twice = text.replacen("[{", "[{\"id\":\"x\"},{", 1);
    for changed in [&member, &path, &elsewhere, &twice] {
        assert_ne!(*changed, text);
    }
    let (half, other) = (&text[..text.len() / 2], "{\"key\":\"x\",\"packages\":[]}");
    for damaged in ["", "{", half, &none, other, &member, &path, &elsewhere, &twice] {
        fs::write(&file, damaged).unwrap();
        assert_eq!(place.plans(&[], &[]), 1, "{damaged}");
        assert_eq!(place.plans(&[], &[]), 0);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}
