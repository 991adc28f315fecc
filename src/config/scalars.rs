//! The small validated words of the configuration: names, paths, versions, sizes.

use std::fmt;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::invalid::Invalid;

/// Declares a newtype over a string with a private field, so that it can only hold what its
/// constructor let through.
macro_rules! word {
    ($(#[$meta:meta])* $name:ident, $noun:literal, $legal:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Parses `text`.
            ///
            /// # Errors
            /// [`Invalid`] if it is none.
            pub fn new(text: &str) -> Result<Self, Invalid> {
                let legal: fn(&str) -> bool = $legal;
                if legal(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(Invalid::Name { text: text.to_owned(), noun: $noun })
                }
            }

            /// As it was written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn plain(text: &str, also: &[char]) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_') || also.contains(&c))
}

word! {
    /// A package's name, in `[override.<crate>]`.
    CrateName, "a package's name", |text| plain(text, &[])
}
word! {
    /// What selects packages after Cargo's `-p`: a name, `name@version`, a package id or a pattern.
    PackageSpec, "a package specification", |text| {
        !text.is_empty() && !text.starts_with('-') && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    }
}
word! {
    /// A feature as Cargo's `--features` takes it: `name`, `package/name`.
    FeatureName, "a feature's name", |text| plain(text, &['+', '.', '/', '?', ':']) && !text.starts_with('-')
}
word! {
    /// A profile's name: `dev`, `release` or a custom one.
    ProfileName, "a profile's name", |text| plain(text, &[]) && !text.starts_with('-')
}
word! {
    /// A component of a Rust toolchain, such as `rust-src`.
    Component, "a component's name", |text| plain(text, &['.'])
}
word! {
    /// The name of a flake input.
    InputName, "the name of a flake input", |text| plain(text, &['\'']) && !text.starts_with('-')
}
word! {
    /// The name of an environment variable that a shell can set.
    VariableName, "the name of an environment variable", |text| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && text.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
    }
}

word! {
    /// A program: a name to look for, an attribute path or an absolute path.
    Program, "a program", |text| {
        !text.is_empty() && !text.starts_with('-') && !text.chars().any(char::is_control)
    }
}

/// Text without a NUL: fit to be an argument or a variable's value.
pub(super) fn argument(text: &str) -> Result<String, Invalid> {
    if text.contains('\0') { Err(Invalid::Nul) } else { Ok(text.to_owned()) }
}

/// A flake reference: a path, or a URL-like text. What it names is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlakeRef(String);

impl FlakeRef {
    /// Parses `text`.
    ///
    /// # Errors
    /// [`Invalid::FlakeRef`] for an empty text or one with white space or control characters.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let bad = |c: char| c.is_whitespace() || c.is_control();
        if text.is_empty() || text.contains(bad) {
            return Err(Invalid::FlakeRef(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A path below the workspace root, without `.` and `..` parts; the root itself is `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelativePath(Utf8PathBuf);

impl RelativePath {
    /// Parses `text` and drops its `.` parts.
    ///
    /// # Errors
    /// [`Invalid::RelativePath`] for an empty or absolute path, and for one with `..`.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::RelativePath(text.to_owned());
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(refused());
        }
        let mut path = Utf8PathBuf::new();
        for component in Utf8Path::new(text).components() {
            match component {
                Utf8Component::Normal(part) => path.push(part),
                Utf8Component::CurDir => {}
                _ => return Err(refused()),
            }
        }
        if path.as_str().is_empty() {
            path.push(".");
        }
        Ok(Self(path))
    }

    /// As [`Self::new`], for a file.
    ///
    /// # Errors
    /// Those of [`Self::new`], and [`Invalid::Directory`] for what can be no file by its name.
    pub fn file(text: &str) -> Result<Self, Invalid> {
        let path = Self::new(text)?;
        match text.ends_with('/') || path.0.as_str() == "." {
            true => Err(Invalid::Directory(text.to_owned())),
            false => Ok(path),
        }
    }

    /// The path.
    #[must_use]
    pub fn as_path(&self) -> &Utf8Path {
        &self.0
    }
}

/// An absolute path.
pub(super) fn absolute(text: &str) -> Result<Utf8PathBuf, Invalid> {
    if text.starts_with('/') && !text.chars().any(char::is_control) {
        Ok(Utf8PathBuf::from(text))
    } else {
        Err(Invalid::AbsolutePath(text.to_owned()))
    }
}

/// An absolute path of plain characters: it stands in lines of nix.conf and of systemd units, where others
/// part words, begin comments, or stand for something else.
pub(super) fn plain_path(text: &str) -> Result<Utf8PathBuf, Invalid> {
    let path = absolute(text)?;
    let is_plain = |c: &char| c.is_alphanumeric() || "/._-+@~".contains(*c);
    match text.chars().find(|c| !is_plain(c)) {
        Some(character) => Err(Invalid::PlainPath { text: text.to_owned(), character }),
        None => Ok(path),
    }
}

/// A path in the Nix store, or of something inside of one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InStore {
    store_path: String,
    below: String,
}

impl InStore {
    /// Parses `text`, such as `/nix/store/<hash>-rustc-1.95.0/bin/rustc`.
    ///
    /// # Errors
    /// [`Invalid::StorePath`] if it is not below `/nix/store`, or if hash or name are none.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let refused = || Invalid::StorePath(text.to_owned());
        let rest = text.strip_prefix("/nix/store/").ok_or_else(refused)?;
        let (base, below) = rest.split_once('/').unwrap_or((rest, ""));
        let below = below.trim_end_matches('/');
        if below.split('/').any(|part| matches!(part, "." | ".."))
            || below.contains(char::is_control)
        {
            return Err(refused());
        }
        let parsed =
            nix_derivation::StorePath::from_basename(base.as_bytes()).map_err(|_| refused())?;
        Ok(Self { store_path: parsed.to_absolute_path(), below: below.to_owned() })
    }

    /// The store path itself: `/nix/store/<hash>-<name>`.
    #[must_use]
    pub fn store_path(&self) -> &str {
        &self.store_path
    }

    /// The program that is meant: of a store path itself, the one called `name` in its `bin`.
    #[must_use]
    pub fn program(&self, name: &str) -> String {
        if self.below.is_empty() { format!("{self}/bin/{name}") } else { self.to_string() }
    }

    /// What follows it, without a leading `/`; empty for the store path itself.
    #[must_use]
    pub fn below(&self) -> &str {
        &self.below
    }
}

impl fmt::Display for InStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.store_path)?;
        if self.below.is_empty() { Ok(()) } else { write!(f, "/{}", self.below) }
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(u64);

const UNITS: [(&str, u64); 4] = [("T", 1 << 40), ("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)];

impl Size {
    /// This many bytes.
    #[must_use]
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Parses a number of bytes, or a number with K, M, G or T (powers of 1024).
    ///
    /// # Errors
    /// [`Invalid::Size`] for anything else, zero, and what does not fit into 64 bits.
    pub fn new(text: &str) -> Result<Self, Invalid> {
        let without = |unit: &str| {
            text.strip_suffix(unit).or_else(|| text.strip_suffix(&unit.to_lowercase()))
        };
        let (digits, factor) = UNITS
            .iter()
            .find_map(|(unit, factor)| without(unit).map(|digits| (digits, *factor)))
            .unwrap_or((text, 1));
        let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let bytes = digits.parse().ok().and_then(|number: u64| number.checked_mul(factor));
        bytes
            .filter(|bytes| all_digits && *bytes > 0)
            .map(Self)
            .ok_or_else(|| Invalid::Size(text.to_owned()))
    }

    /// In bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UNITS.iter().find(|(_, factor)| self.0.is_multiple_of(*factor)) {
            Some((unit, factor)) => write!(f, "{}{unit}", self.0 / factor),
            None => write!(f, "{}", self.0),
        }
    }
}
