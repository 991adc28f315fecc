//! An installation, as `x install` lays it out: which file of the tree and of a tool goes where.
//!
//! Source: `dist.rs` and `install.rs` of x.py 1.96, and the script that it installs with.

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
    pub at: String,
    /// The path in the tree, or the name among a tool's programs.
    pub from: String,
}

/// Where kinds of files go, from the prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Programs.
    pub bin: String,
    /// Libraries.
    pub lib: String,
    data: String,
    man: String,
    /// What `install.docdir` says, for all; else each package has a directory of its own.
    doc: Option<String>,
    etc: String,
}

impl Layout {
    /// What `[install]` says.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let prefix = settings.install.get("prefix").map_or("/usr/local", String::as_str);
        let named = |name: &str| {
            let text = settings.install.get(name)?;
            Some(text.strip_prefix(prefix).unwrap_or(text).trim_matches('/').to_owned())
        };
        let dir = |name: &str, usual: &str| named(name).unwrap_or_else(|| usual.to_owned());
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
            at: format!("{}/{installed}", self.bin),
        };
        mode.installs.iter().map(program).collect()
    }

    fn doc(&self, package: &str) -> String {
        self.doc.clone().unwrap_or_else(|| format!("share/doc/{package}"))
    }

    /// The files of `tree` that lie in an installation with the tools of `modes`, by their places.
    #[must_use]
    pub fn files(&self, tree: &Tree, modes: &[&Mode]) -> Vec<Installed> {
        let mut all = Vec::new();
        let mut add = |from: String, at: String| {
            // A distribution's tree may lack some.
            if tree.root.join(&from).exists() {
                all.push(Installed { from, at });
            }
        };
        for name in DEBUGGERS {
            add(format!("src/etc/{name}"), format!("{}/{name}", self.bin));
        }
        for name in OF_DEBUGGERS {
            add(format!("src/etc/{name}"), format!("{}/rustlib/etc/{name}", self.lib));
        }
        let has_cargo = modes.iter().any(|mode| mode.plan == "cargo");
        let cargo = has_cargo.then_some("src/tools/cargo/src/etc/man");
        for dir in ["src/doc/man"].into_iter().chain(cargo) {
            add(dir.to_owned(), format!("{}/man1", self.man));
        }
        if has_cargo {
            let etc = "src/tools/cargo/src/etc";
            add(format!("{etc}/_cargo"), format!("{}/zsh/site-functions/_cargo", self.data));
            add(
                format!("{etc}/cargo.bashcomp.sh"),
                format!("{}/bash_completion.d/cargo", self.etc),
            );
        }
        for package in ["rust"].into_iter().chain(modes.iter().map(|mode| mode.plan.as_str())) {
            for name in LEGAL {
                add(name.to_owned(), format!("{}/{name}", self.doc(package)));
            }
        }
        all.sort();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Layout;

    /// Where a file of the tree would go.
    fn layout(doc: Option<&str>) -> Layout {
        Layout {
            bin: "bin".to_owned(),
            lib: "lib".to_owned(),
            data: "share".to_owned(),
            man: "share/man".to_owned(),
            doc: doc.map(str::to_owned),
            etc: "etc".to_owned(),
        }
    }

    #[test]
    fn a_named_place_for_documentation_is_that_of_all() {
        assert_eq!(layout(None).doc("cargo"), "share/doc/cargo");
        assert_eq!(layout(Some("docs")).doc("cargo"), "docs");
    }
}
