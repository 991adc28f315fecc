//! What compile steps do not see of their package, unless something names it.

use camino::Utf8Path;

/// Names at the top of a package that no compiler reads: `templates/lib/sources.nix` has the same list, and
/// `docs/files.md` says why.
#[must_use]
pub fn is_left_out(path: &Utf8Path) -> bool {
    let mut parts = path.components();
    let Some(first) = parts.next() else { return false };
    let first = first.as_str();
    let only = parts.next().is_none();
    matches!(first, "tests" | "benches" | "examples" | "target")
        || is_tool(first)
        || only
            && (matches!(first, "Cargo.lock" | "config.toml" | "rbn-plan.toml" | "flake.lock")
                || first.ends_with(".nix")
                || first.ends_with(".md")
                || ["README", "LICENSE", "LICENCE", "COPYING", "UNLICENSE", "CHANGELOG", "NOTICE"]
                    .iter()
                    .any(|name| first.starts_with(name)))
}

/// Hidden files of version control, editors and services. Others, such as `.sqlx`, are read by macros.
fn is_tool(name: &str) -> bool {
    name.starts_with(".git")
        || matches!(
            name,
            ".cargo" | ".circleci" | ".direnv" | ".editorconfig" | ".envrc" | ".idea" | ".vscode"
        )
        || is_version_control(name)
}

/// What a version control system keeps for itself: no step sees it.
#[must_use]
pub fn is_version_control(name: &str) -> bool {
    matches!(name, ".git" | ".hg" | ".jj" | ".svn" | ".bzr" | ".pijul" | "_darcs" | "CVS")
}

/// A name at the top of any package: a search up the tree for it stops there.
#[must_use]
pub fn is_commonplace(path: impl AsRef<Utf8Path>) -> bool {
    let path = path.as_ref();
    let is_name = path.components().count() == 1;
    is_name && (is_left_out(path) || matches!(path.as_str(), "Cargo.toml" | "src" | "build.rs"))
}

/// Starts of names that are left out, for a quick look at a text.
pub const STARTS: [&str; 25] = [
    "tests",
    "benches",
    "examples",
    "target",
    "Cargo.lock",
    "config.toml",
    "rbn-plan.toml",
    "flake.lock",
    "README",
    "LICENSE",
    "LICENCE",
    "COPYING",
    "UNLICENSE",
    "CHANGELOG",
    "NOTICE",
    ".git",
    ".cargo",
    ".circleci",
    ".direnv",
    ".editorconfig",
    ".envrc",
    ".idea",
    ".vscode",
    ".hg",
    ".svn",
];
