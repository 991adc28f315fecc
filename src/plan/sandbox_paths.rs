//! The fixed places inside the sandbox.
//!
//! They are the same on every machine and in every checkout, so that rustc's arguments are:
//! that is what makes outputs reproducible and a compiler cache hit.

use camino::{Utf8Path, Utf8PathBuf};

use crate::cargo::paths;
use crate::model::{Package, PackageKey, Source};

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
pub fn workspace(depth: usize) -> Utf8PathBuf {
    let mut place = Utf8PathBuf::from(BUILD);
    for _ in 0..depth {
        place.push("up");
    }
    place.push("workspace");
    place
}

/// The package's directory: `CARGO_MANIFEST_DIR`.
#[must_use]
pub fn package(package: &Package, depth: usize) -> Utf8PathBuf {
    match &package.source {
        Source::Path { dir } => paths::normal(&workspace(depth).join(dir)),
        Source::Registry { .. } | Source::Vendor { .. } => {
            Utf8Path::new(BUILD).join(format!("{}-{}", package.name, package.version))
        }
        Source::Git { url, rev, subdir, .. } => {
            let repository = url.trim_end_matches('/').rsplit('/').next().unwrap_or("repository");
            let repository = repository.trim_end_matches(".git");
            let short = rev.get(..7).unwrap_or(rev);
            let root = Utf8Path::new(BUILD).join(format!("{repository}-{short}"));
            root.join(subdir).components().collect()
        }
    }
}

/// The directory that rustc is started in: the workspace root for packages below it, the
/// package's directory for all others (Cargo 1.95, `path_args`).
#[must_use]
pub fn working_directory(facts: &Package, depth: usize) -> Utf8PathBuf {
    if facts.in_workspace { workspace(depth) } else { package(facts, depth) }
}

/// `OUT_DIR` of a package's build script: two levels below a directory of its own, because some
/// scripts look there.
#[must_use]
pub fn out_dir(key: &PackageKey) -> Utf8PathBuf {
    Utf8Path::new(BUILD).join("target/build").join(key.as_str()).join("out")
}
