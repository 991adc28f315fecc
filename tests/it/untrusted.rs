//! What a tree may name for execution, key by key: with `--untrusted` nothing of it runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A workspace whose programs leave a witness, and pass on to the real compiler.
struct Tree {
    dir: tempfile::TempDir,
}

impl Tree {
    fn new() -> Self {
        let tree = Self { dir: tempfile::tempdir().unwrap() };
        tree.file(
            "Cargo.toml",
            "[package]\nname = \"victim\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
        );
        tree.file(
            "Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"victim\"\nversion = \"0.1.0\"\n",
        );
        tree.file("src/main.rs", "fn main() {}\n");
        fs::create_dir(tree.path().join(".git")).unwrap();
        let real = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
        let real = String::from_utf8(real.stdout).unwrap();
        for (name, passes_on) in [("wrapper", "\"$@\""), ("rustc", "RUSTC"), ("cargo", "CARGO")] {
            let passes_on = match passes_on {
                "RUSTC" => format!("{}/bin/rustc \"$@\"", real.trim()),
                "CARGO" => format!("{}/bin/cargo \"$@\"", real.trim()),
                other => other.to_owned(),
            };
            let text =
                format!("#!/bin/sh\necho {name} >>{}\nexec {passes_on}\n", tree.at("witness"));
            let program = tree.file(&format!("bin/{name}"), &text);
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(program, mode).unwrap();
        }
        tree
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn at(&self, name: &str) -> String {
        self.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text.replace("TREE", self.path().to_str().unwrap())).unwrap();
        path
    }

    /// Plans, and says what happened: all that was printed, and whether there is a witness.
    fn plan(&self, flags: &[&str]) -> (Output, bool) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.current_dir(self.path()).args(["plan", "--offline"]).args(flags);
        command.env("NO_COLOR", "1").env("XDG_CACHE_HOME", self.at("cache"));
        command.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC").env_remove("CARGO");
        command.env_remove("RBN_PLAN_UNTRUSTED");
        let done = command.output().unwrap();
        let there = self.path().join("witness").exists();
        if there {
            fs::remove_file(self.path().join("witness")).unwrap();
        }
        (done, there)
    }
}

/// What it said, without the places where lines are broken, which may be inside of words.
fn said(done: &Output) -> String {
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    text.chars().filter(|c| !c.is_whitespace() && *c != '│').collect()
}

/// What is switched off: the plan is made, is that of the tree without the key, and the key is told.
#[test]
fn switched_off() {
    let keys = [
        ("build.rustc", "[build]\nrustc = \"bin/rustc\"\n"),
        ("build.rustc-wrapper", "[build]\nrustc-wrapper = \"bin/wrapper\"\n"),
        ("build.rustc-workspace-wrapper", "[build]\nrustc-workspace-wrapper = \"bin/wrapper\"\n"),
    ];
    for (key, config) in keys {
        let tree = Tree::new();
        let (plain, _) = tree.plan(&[]);
        assert!(plain.status.success(), "{}", said(&plain));
        for file in [".cargo/config.toml", ".cargo/config", ".cargo/included.toml"] {
            tree.file(file, config);
            if file.ends_with("included.toml") {
                tree.file(".cargo/config.toml", "include = [\"included.toml\"]\n");
            }
            let (done, witness) = tree.plan(&["--untrusted"]);
            assert!(!witness, "{file}: {key} was executed");
            assert!(done.status.success(), "{file}: {key}: {}", said(&done));
            let named = if file.ends_with("included.toml") { "included.toml" } else { file };
            assert!(said(&done).contains(named), "{file}: {key}: {}", said(&done));
            assert!(said(&done).contains(&format!("`{key}`")), "{file}: {key}: {}", said(&done));
            assert_eq!(done.stdout, plain.stdout, "{file}: {key}");
            fs::remove_dir_all(tree.path().join(".cargo")).unwrap();
        }
    }
}

/// Variables for rustc, which Cargo's questions see, too: the plan has them, the questions do not.
#[test]
fn variables_for_the_compiler() {
    for config in [
        "[env]\nPATH = { value = \"TREE/bin:/usr/bin:/bin\", force = true }\n",
        "[env]\nPATH = { value = \"bin\", relative = true, force = true }\n",
        "[env]\nHOME = { value = \"TREE\", force = true }\nCARGO_WORKSPACE_DIR = \"x\"\n",
        "[env]\nLD_PRELOAD = \"TREE/none.so\"\nRUST_LOG = \"x\"\nFREE = { value = \"x\", force = true }\n",
    ] {
        let tree = Tree::new();
        tree.file(".cargo/config.toml", config);
        let (done, witness) = tree.plan(&["--untrusted"]);
        assert!(!witness, "{config}: executed");
        assert!(done.status.success(), "{config}: {}", said(&done));
        // ld.so complains of what it cannot load.
        assert!(!said(&done).contains("none.so"), "{config}: {}", said(&done));
        let name = config.lines().nth(1).unwrap().split(' ').next().unwrap();
        let plan = String::from_utf8(done.stdout).unwrap();
        assert!(plan.contains(name), "{config}: the plan knows nothing of {name}");
    }
}

/// What is refused: by its file and key.
#[test]
fn refused() {
    let printed = "rustflags = [\"--print=cfg=TREE/witness\"]\n";
    let config = |key: &'static str, text: String| (".cargo/config.toml", key, text);
    let keys = [
        config("build.rustflags", format!("[build]\n{printed}")),
        config("target.cfg(unix).rustflags", format!("[target.'cfg(unix)']\n{printed}")),
        config(
            "host.rustflags",
            format!(
                "[unstable]\nhost-config = true\ntarget-applies-to-host = true\n[host]\n{printed}"
            ),
        ),
        config("build.rustflags", "[build]\nrustflags = \"@TREE/flags\"\n".to_owned()),
        config("build.rustflags", "[build]\nrustflags = \"-Zcodegen-backend=x.so\"\n".to_owned()),
        config(
            "env.RBN_PLAN_INTERNAL_RUSTC",
            "[env]\nRBN_PLAN_INTERNAL_RUSTC = { value = \"TREE/bin/rustc\", force = true }\n"
                .to_owned(),
        ),
        config("env.RUSTUP_HOME", "[env]\nRUSTUP_HOME = \"TREE\"\n".to_owned()),
        config(
            "registry.global-credential-providers",
            "[registry]\nglobal-credential-providers = [\"cargo:token\", \"x\"]\n".to_owned(),
        ),
        config(
            "registries.mine.credential-provider",
            "[registries.mine]\nindex = \"sparse+https://x/\"\ncredential-provider = [\"x\"]\n"
                .to_owned(),
        ),
        config("credential-alias.mine", "[credential-alias]\nmine = [\"bin/x\"]\n".to_owned()),
        ("rust-toolchain.toml", "toolchain.path", "[toolchain]\npath = \"TREE\"\n".to_owned()),
        ("rust-toolchain", "toolchain.path", "[toolchain]\npath = \"TREE\"\n".to_owned()),
        ("rust-toolchain", "toolchain", "TREE\n".to_owned()),
        ("config.toml", "toolchain.rustc", STORE.to_owned()),
    ];
    for (file, key, text) in keys {
        let tree = Tree::new();
        tree.file("flags", "--print=cfg=TREE/witness");
        tree.file(file, &text);
        let (done, witness) = tree.plan(&["--untrusted"]);
        let said = said(&done);
        assert!(!witness, "{file}: {key} was executed");
        assert_eq!(done.status.code(), Some(2), "{file}: {key}: {said}");
        assert!(done.stdout.is_empty(), "{file}: {key}");
        assert!(said.contains(file) && said.contains(&format!("`{key}`")), "{file}: {key}: {said}");
    }
}

const STORE: &str = "[toolchain]\nprovider = \"store\"\n\
    rustc = \"/nix/store/00000000000000000000000000000000-rustc/bin/rustc\"\n";

/// What plans do not execute, trusted or not; and what does no harm is no reason to refuse.
#[test]
fn harmless() {
    let tree = Tree::new();
    tree.file(
        ".cargo/config.toml",
        "[build]\nrustflags = [\"-C\", \"target-cpu=native\", \"--cfg=x\"]\nrustdoc = \"bin/wrapper\"\n\
         [alias]\nbuild = \"run\"\nmetadata = \"run\"\n[net]\ngit-fetch-with-cli = true\n\
         [target.'cfg(unix)']\nlinker = \"bin/wrapper\"\nrunner = \"bin/wrapper\"\n\
         [registry]\nglobal-credential-providers = [\"cargo:token\"]\n[doc]\nbrowser = \"bin/wrapper\"\n",
    );
    for flags in [&["--untrusted"][..], &[]] {
        let (done, witness) = tree.plan(flags);
        assert!(!witness, "{flags:?}");
        assert!(done.status.success(), "{flags:?}: {}", said(&done));
    }
}

/// The flag as a variable; and without either the tree is trusted, as `cargo` itself trusts it.
#[test]
fn by_variable() {
    let tree = Tree::new();
    tree.file("rust-toolchain", "[toolchain]\npath = \"TREE\"\n");
    let run = |set: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.current_dir(tree.path()).args(["check"]).env("XDG_CACHE_HOME", tree.at("cache"));
        command.env_remove("RUSTUP_TOOLCHAIN").envs(set.iter().copied());
        let done = command.output().unwrap();
        let witness = tree.path().join("witness");
        (said(&done), witness.exists() && fs::remove_file(witness).is_ok())
    };
    let (refused, witness) = run(&[("RBN_PLAN_UNTRUSTED", "1")]);
    assert!(refused.contains("`toolchain.path`") && !witness, "{refused}");
    let is_rustup = Command::new("rustup").arg("--version").output().is_ok();
    assert_eq!(run(&[]).1, is_rustup);
    // What the user says goes before what the tree says.
    if is_rustup {
        let active = Command::new("rustup").args(["show", "active-toolchain"]).output().unwrap();
        let active = String::from_utf8(active.stdout).unwrap();
        let name = active.split_whitespace().next().unwrap();
        let (said, witness) = run(&[("RBN_PLAN_UNTRUSTED", "1"), ("RUSTUP_TOOLCHAIN", name)]);
        assert!(said.contains("doesnotexist") && !witness, "{said}");
    }
    let (refused, _) = run(&[("RBN_PLAN_UNTRUSTED", "1"), ("PATH", "bin:/usr/bin:/bin")]);
    assert!(refused.contains("`PATH`"), "{refused}");
}

/// Nix evaluates no code of the tree: neither a toolchain that somebody wrote, nor a flake's.
#[test]
fn code_for_nix() {
    let tree = Tree::new();
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
        command.current_dir(tree.path()).args(words).env("NO_COLOR", "1");
        let done = command.env_remove("RBN_PLAN_UNTRUSTED").output().unwrap();
        (done.status.success(), said(&done))
    };
    let theirs = "# @generated by rbn-plan\nbuiltins.throw \"EVALUATED\"\n";
    for words in [["build", "--dry-run"], ["status", "--offline"]] {
        tree.file("generated/toolchain.nix", theirs);
        let (worked, said) = run(&words);
        assert!(
            !worked && said.contains("EVALUATED"),
            "{words:?}: it is evaluated otherwise: {said}"
        );
        let (worked, said) = run(&[words[0], words[1], "--untrusted"]);
        assert!(worked && !said.contains("EVALUATED"), "{words:?}: {said}");
    }
    tree.file("config.toml", "[toolchain]\nprovider = \"nixpkgs\"\n");
    tree.file(
        "flake.nix",
        "{ inputs.nixpkgs.url = \"path:x\"; outputs = _: builtins.throw \"EVALUATED\"; }\n",
    );
    let (worked, said) = run(&["build", "--dry-run", "--untrusted"]);
    assert!(!worked && said.contains("evaluatenocodeofthetree"), "{said}");
}
