//! A package: what its manifest says, as steps need it.

use std::path::{Component, Path, PathBuf};

use crate::facts::Facts;

/// Nix's build directory inside the sandbox.
pub const BUILD: &str = "/build";
/// What stands for Cargo's target directory.
pub const TARGET: &str = "/build/target";
/// Where a step finds the crates that it may link, as Cargo's `target/.../deps`.
pub const DEPS: &str = "/build/target/deps";
/// `CARGO_TARGET_TMPDIR` of integration tests.
pub const TARGET_TMP: &str = "/build/target/tmp";

/// Where the workspace root lies. Each level of `depth` makes room for one `..` of a path package
/// outside the workspace.
#[must_use]
pub fn workspace(depth: usize) -> PathBuf {
    let mut place = PathBuf::from(BUILD);
    place.extend(std::iter::repeat_n("up", depth));
    place.join("workspace")
}

/// `a/./b/../c` as `a/c`, by its letters alone.
#[must_use]
pub fn normal(path: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.into_iter().collect()
}

/// Where a package's files come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A directory, counted from the workspace root; empty for the root itself.
    Path(String),
    /// A git repository at a commit.
    Git {
        /// What the repository is called.
        name: String,
        /// Its URL.
        url: String,
        /// The commit.
        rev: String,
        /// The package's directory in it; empty for its root.
        dir: String,
    },
    /// A vendor directory.
    Vendor,
    /// A registry, by the plan's name for it.
    Registry(String),
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The name in Cargo.toml.
    pub name: String,
    /// The version in Cargo.toml.
    pub version: String,
    /// Where its files come from.
    pub origin: Origin,
    /// Whether rustc runs in the workspace root (path packages below it: `path_args` of Cargo 1.95).
    pub in_workspace: bool,
    /// The flags of `[lints]`.
    pub lints: Vec<String>,
    /// Every feature that the manifest declares.
    pub declares: Vec<String>,
    /// Whether it has a library.
    pub has_lib: bool,
    /// The `links` key.
    pub links: Option<String>,
    /// What its build script may name link arguments for: `bin NAME`, `cdylib`, `test`, `bench`, `example`.
    pub targets: Vec<String>,
    /// `CARGO_PKG_*` by their names, but for those of name and version.
    pub about: Vec<(&'static str, String)>,
}

/// The manifest's fields behind `CARGO_PKG_*` (`MetadataEnvs` of Cargo 1.95).
const ABOUT: [(&str, &str); 8] = [
    ("AUTHORS", "authors"),
    ("DESCRIPTION", "description"),
    ("HOMEPAGE", "homepage"),
    ("LICENSE", "license"),
    ("LICENSE_FILE", "licenseFile"),
    ("README", "readme"),
    ("REPOSITORY", "repository"),
    ("RUST_VERSION", "rustVersion"),
];

impl Package {
    pub(crate) fn read(mut facts: Facts) -> Result<Self, String> {
        let origin = if let Some(dir) = facts.some_text("path")? {
            Origin::Path(dir)
        } else if facts.has("git") {
            let mut git = facts.facts("git")?;
            // By which name the commit was asked for is the source's matter.
            git.some_text("ref")?;
            let (name, url, rev) = (git.needed("name")?, git.needed("url")?, git.needed("rev")?);
            let dir = git.text("dir")?;
            git.done()?;
            Origin::Git { name, url, rev, dir }
        } else if facts.some_text("vendor")?.is_some() {
            Origin::Vendor
        } else {
            let registry = facts.some_text("registry")?;
            Origin::Registry(registry.unwrap_or_else(|| "crates-io".to_owned()))
        };
        let is_path = matches!(origin, Origin::Path(_));
        let mut about = Vec::new();
        for (variable, fact) in ABOUT {
            about.push((variable, facts.text(fact)?));
        }
        let package = Self {
            name: facts.needed("name")?,
            version: facts.needed("version")?,
            origin,
            in_workspace: facts.some_flag("inWorkspace")?.unwrap_or(is_path),
            lints: facts.texts("lints")?,
            declares: facts.texts("declares")?,
            has_lib: facts.some_flag("hasLib")?.unwrap_or(true),
            links: facts.some_text("links")?,
            targets: facts.texts("targets")?,
            about,
        };
        facts.done()?;
        Ok(package)
    }

    /// Whether Cargo calls it local: lints are shown, dynamic libraries keep their names.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self.origin, Origin::Path(_))
    }

    /// The text without paths of this machine that enters the identities of its units.
    #[must_use]
    pub fn identity(&self) -> String {
        match &self.origin {
            Origin::Path(dir) => format!("path:{dir}"),
            Origin::Git { url, rev, .. } => format!("git:{url}#{rev}"),
            Origin::Vendor => "vendor".to_owned(),
            Origin::Registry(name) => name.clone(),
        }
    }

    /// Where its source's root lies: of a git package the repository's.
    #[must_use]
    pub fn source_root(&self, depth: usize) -> PathBuf {
        match &self.origin {
            Origin::Path(dir) => normal(&workspace(depth).join(dir)),
            Origin::Git { name, rev, .. } => {
                Path::new(BUILD).join(format!("{name}-{}", rev.get(..7).unwrap_or(rev)))
            }
            Origin::Vendor | Origin::Registry(_) => {
                Path::new(BUILD).join(format!("{}-{}", self.name, self.version))
            }
        }
    }

    /// Its directory: `CARGO_MANIFEST_DIR`.
    #[must_use]
    pub fn place(&self, depth: usize) -> PathBuf {
        let root = self.source_root(depth);
        match &self.origin {
            Origin::Git { dir, .. } => normal(&root.join(dir)),
            _ => root,
        }
    }

    /// Where rustc is started.
    #[must_use]
    pub fn working_directory(&self, depth: usize) -> PathBuf {
        if self.in_workspace { workspace(depth) } else { self.place(depth) }
    }
}

/// What versions are sorted by: numbers, whether it is a release, the parts of a pre-release.
pub type VersionKey = ([u64; 3], bool, Vec<(bool, u64, String)>);

/// A version's place among others, as semver orders them.
#[must_use]
pub fn version_key(version: &str) -> VersionKey {
    let plain = version.split('+').next().unwrap_or(version);
    let (numbers, pre) = plain.split_once('-').unwrap_or((plain, ""));
    let mut numbers = numbers.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    let (major, minor, patch) = (next(), next(), next());
    // Numbers stand before words; a release stands after all its pre-releases.
    let part = |part: &str| match part.parse() {
        Ok(number) => (false, number, String::new()),
        Err(_) => (true, 0, part.to_owned()),
    };
    let parts = pre.split('.').filter(|part| !part.is_empty()).map(part).collect();
    ([major, minor, patch], pre.is_empty(), parts)
}

#[cfg(test)]
mod tests {
    use super::{normal, version_key, workspace};
    use std::path::Path;

    #[test]
    fn versions_stand_in_semvers_order() {
        let sorted = [
            "0.9.0",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-rc.2",
            "1.0.0-rc.11",
            "1.0.0",
            "1.2.10",
            "1.10.0",
        ];
        for pair in sorted.windows(2) {
            assert!(version_key(pair[0]) < version_key(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn paths_are_read_by_their_letters() {
        assert_eq!(normal(Path::new("/build/workspace/../x/./y")), Path::new("/build/x/y"));
        assert_eq!(normal(Path::new("/..")), Path::new("/"));
        assert_eq!(normal(Path::new("../a")), Path::new("../a"));
        assert_eq!(workspace(2), Path::new("/build/up/up/workspace"));
    }
}
