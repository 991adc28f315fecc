//! An installation, as `x install` lays it out: which file of the tree and of a tool goes where.
//!
//! Source: `dist.rs` and `install.rs` of x.py 1.96, and the script that it installs with.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;

use super::mode::Mode;
use super::settings::Settings;
use super::tree::Tree;

/// What `DebuggerScripts` copies where programs are, and where rustc's own files are.
const DEBUGGERS: [&str; 3] = ["rust-gdb", "rust-gdbgui", "rust-lldb"];
const OF_DEBUGGERS: [&str; 7] = [
    "rust_types.py",
    "gdb_load_rust_pretty_printers.py",
    "gdb_lookup.py",
    "gdb_providers.py",
    "lldb_lookup.py",
    "lldb_providers.py",
    "lldb_commands",
];

/// The words of law, and the first page.
const LEGAL: [&str; 4] = ["COPYRIGHT", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// A file or the files of a directory, and their place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Installed {
    /// The path in the installation.
    pub at: Utf8PathBuf,
    /// The path in the tree, or the name among a tool's programs.
    pub from: String,
}

/// Where kinds of files go, from the prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Programs.
    pub bin: Utf8PathBuf,
    /// Libraries.
    pub lib: Utf8PathBuf,
    data: Utf8PathBuf,
    man: Utf8PathBuf,
    /// What `install.docdir` says, for all; else each package has a directory of its own.
    doc: Option<Utf8PathBuf>,
    etc: Utf8PathBuf,
}

impl Layout {
    /// What `[install]` says.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let prefix = settings.install.get("prefix").map_or("/usr/local", String::as_str);
        let named = |name: &str| Some(below(prefix, settings.install.get(name)?));
        let dir = |name: &str, usual: &str| named(name).unwrap_or_else(|| usual.into());
        Self {
            bin: dir("bindir", "bin"),
            lib: dir("libdir", "lib"),
            data: dir("datadir", "share"),
            man: dir("mandir", "share/man"),
            doc: named("docdir"),
            etc: dir("sysconfdir", "etc"),
        }
    }

    /// The programs of a tool.
    #[must_use]
    pub fn programs(&self, mode: &Mode) -> Vec<Installed> {
        let program = |(made, installed): &(&str, &str)| Installed {
            from: (*made).to_owned(),
            at: self.bin.join(installed),
        };
        mode.installs.iter().map(program).collect()
    }

    fn doc(&self, package: &str) -> Utf8PathBuf {
        self.doc.clone().unwrap_or_else(|| Utf8Path::new("share/doc").join(package))
    }

    /// The files of `tree` that lie in an installation with the tools of `modes`, by their places.
    #[must_use]
    pub fn files(&self, tree: &Tree, modes: &[&Mode]) -> Vec<Installed> {
        let mut all = Vec::new();
        let mut add = |from: String, at: Utf8PathBuf| {
            // A distribution's tree may lack some.
            if tree.root.join(&from).exists() {
                all.push(Installed { from, at });
            }
        };
        for name in DEBUGGERS {
            add(format!("src/etc/{name}"), self.bin.join(name));
        }
        for name in OF_DEBUGGERS {
            add(format!("src/etc/{name}"), self.lib.join("rustlib/etc").join(name));
        }
        let has_cargo = modes.iter().any(|mode| mode.plan == "cargo");
        let cargo = has_cargo.then_some("src/tools/cargo/src/etc/man");
        for dir in ["src/doc/man"].into_iter().chain(cargo) {
            add(dir.to_owned(), self.man.join("man1"));
        }
        if has_cargo {
            let etc = "src/tools/cargo/src/etc";
            add(format!("{etc}/_cargo"), self.data.join("zsh/site-functions/_cargo"));
            add(format!("{etc}/cargo.bashcomp.sh"), self.etc.join("bash_completion.d/cargo"));
        }
        for package in ["rust"].into_iter().chain(modes.iter().map(|mode| mode.plan.as_str())) {
            for name in LEGAL {
                add(name.to_owned(), self.doc(package).join(name));
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

/// The path of a directory from the prefix: what lies elsewhere is below it, too.
fn below(prefix: &str, dir: &str) -> Utf8PathBuf {
    let dir = Utf8Path::new(dir);
    let dir = dir.strip_prefix(prefix).unwrap_or(dir);
    dir.strip_prefix("/").unwrap_or(dir).to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use camino::Utf8Path;

    use super::super::mode::{Kind, Mode};
    use super::super::tree::Tree;
    use super::{Installed, Layout, below};

    fn layout(doc: Option<&str>) -> Layout {
        Layout {
            bin: "b".into(),
            lib: "l".into(),
            data: "d".into(),
            man: "m".into(),
            doc: doc.map(Into::into),
            etc: "e".into(),
        }
    }

    #[test]
    fn a_named_place_for_documentation_is_that_of_all() {
        assert_eq!(layout(None).doc("cargo"), "share/doc/cargo");
        assert_eq!(layout(Some("docs")).doc("cargo"), "docs");
    }

    #[test]
    fn a_directory_is_below_the_prefix() {
        assert_eq!(below("/opt/rust", "/opt/rust/programs"), "programs");
        assert_eq!(below("/opt/rust", "/opt/rust/").join("rustc"), "rustc");
        assert_eq!(below("/opt/rust", "/opt/rustic/bin"), "opt/rustic/bin");
        assert_eq!(below("/opt/rust", "/etc"), "etc");
        assert_eq!(below("/opt/rust", "lib64"), "lib64");
    }

    fn cargo() -> Mode {
        Mode {
            plan: "cargo".to_owned(),
            kind: Kind::ToolTarget,
            manifest: "src/tools/cargo/Cargo.toml".into(),
            packages: Vec::new(),
            features: Vec::new(),
            profile: "release".to_owned(),
            in_tree: false,
            allowed: None,
            static_std: "",
            installs: &[("made", "installed")],
        }
    }

    #[test]
    fn each_directory_has_its_files_and_what_a_tree_lacks_is_left_out() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = Utf8Path::from_path(dir.path()).expect("UTF-8");
        for file in [
            "src/etc/rust-gdb",
            "src/etc/rust_types.py",
            "src/doc/man/rustc.1",
            "src/tools/cargo/src/etc/_cargo",
            "src/tools/cargo/src/etc/cargo.bashcomp.sh",
            "COPYRIGHT",
        ] {
            let file = root.join(file);
            fs::create_dir_all(file.parent().expect("a directory")).expect("made");
            fs::write(file, "").expect("written");
        }
        let tree = Tree {
            root: root.to_owned(),
            version: String::new(),
            stage0: String::new(),
            load_late: Vec::new(),
            channel: None,
            archived: None,
        };
        let moved = layout(None);
        let cargo = cargo();
        let at = |all: Vec<Installed>| {
            all.into_iter().map(|one| one.at.into_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            at(moved.files(&tree, &[&cargo])),
            [
                "b/rust-gdb",
                "d/zsh/site-functions/_cargo",
                "e/bash_completion.d/cargo",
                "l/rustlib/etc/rust_types.py",
                "m/man1",
                "share/doc/cargo/COPYRIGHT",
                "share/doc/rust/COPYRIGHT",
            ]
        );
        // Without cargo there is nothing of it.
        assert_eq!(at(moved.files(&tree, &[])).len(), 4);
        assert_eq!(at(moved.programs(&cargo)), ["b/installed"]);
    }
}
