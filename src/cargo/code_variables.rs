//! Variables whose values code and scripts make paths of: Cargo's own, and those of `[env]` in its configuration.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::metadata::RawPackage;
use super::paths::{normal, relative};

/// The variables of one package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeVariables {
    /// Paths, from the package's directory.
    paths: BTreeMap<String, String>,
    /// What else a path may be made of.
    texts: BTreeMap<String, String>,
}

impl CodeVariables {
    /// For the package in `dir`; of `env`, those count that name a place below `bound`.
    #[must_use]
    pub fn new(
        package: &RawPackage,
        dir: &Utf8Path,
        bound: &Utf8Path,
        env: &BTreeMap<String, String>,
    ) -> Self {
        let place = |value: &String| match Utf8Path::new(value) {
            path if path.is_absolute() => {
                let path = &normal(path);
                let inside = path.starts_with(bound) && path.exists();
                let from_here = relative(dir, path);
                let text = if from_here.as_str().is_empty() { "." } else { from_here.as_str() };
                inside.then(|| text.trim_end_matches('/').to_owned())
            }
            // A script stands in its package.
            path => path.starts_with("..").then(|| path.to_string()),
        };
        let paths = env.iter().filter_map(|(name, value)| Some((name.clone(), place(value)?)));
        let manifest = [
            ("CARGO_PKG_README", &package.readme),
            ("CARGO_PKG_LICENSE_FILE", &package.license_file),
        ];
        let texts = manifest
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        Self { paths: paths.collect(), texts: texts.collect() }
    }

    /// The path that a variable is, from the package's directory.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<&str> {
        match name {
            "CARGO_MANIFEST_DIR" => Some("."),
            name => self.paths.get(name).map(String::as_str),
        }
    }

    /// The text that a variable is, if it is part of a path.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// The path that a text with `$NAME` or `${NAME}` at its start means.
    #[must_use]
    pub fn expanded(&self, text: &str) -> Option<String> {
        let rest = text.strip_prefix('$')?;
        let (name, path) = match rest.strip_prefix('{') {
            Some(rest) => rest.split_once('}')?,
            None => rest.split_at(rest.find('/')?),
        };
        Some(joined(self.path(name)?, path.strip_prefix('/')?))
    }

    /// Whether a text may say one of them, beside `CARGO_MANIFEST_DIR`.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        self.paths.keys().chain(self.texts.keys()).any(|name| text.contains(name.as_str()))
    }
}

/// `path` from `base`, both from the package's directory.
#[must_use]
pub fn joined(base: &str, path: &str) -> String {
    let path = path.trim_matches('/');
    match base {
        "." => path.to_owned(),
        base if path.is_empty() => base.to_owned(),
        base => Utf8PathBuf::from(base).join(path).into_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{CodeVariables, joined};

    #[test]
    fn paths_from_the_package() {
        let paths = [("ROOT", "../.."), ("DATA", "../../data")];
        let paths = paths.map(|(name, path)| (name.to_owned(), path.to_owned()));
        let known = CodeVariables { paths: paths.into(), ..CodeVariables::default() };
        assert_eq!(known.path("CARGO_MANIFEST_DIR"), Some("."));
        assert_eq!(known.expanded("$ROOT/a/b").as_deref(), Some("../../a/b"));
        assert_eq!(known.expanded("${DATA}/a").as_deref(), Some("../../data/a"));
        assert_eq!(known.expanded("$CARGO_MANIFEST_DIR/a").as_deref(), Some("a"));
        for text in ["$OUT_DIR/a", "$ROOTS/a", "$ROOT", "ROOT/a", "${ROOT", "$"] {
            assert_eq!(known.expanded(text), None, "{text}");
        }
        assert!(known.are_in("env!(\"ROOT\")") && !known.are_in("env!(\"OUT_DIR\")"));
        assert_eq!(joined("../..", "/a/"), "../../a");
    }
}
