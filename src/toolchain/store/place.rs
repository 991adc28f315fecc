//! Where the tree will lie, before that is known.

/// What tells one toolchain from another for people: a part of a store path's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

/// The store that everything is made for.
const STORE: &str = "/nix/store";

impl Name {
    /// The name of a toolchain whose compiler says it is `version` (`rustc 1.95.0 (...)`).
    #[must_use]
    pub fn of(version: &str) -> Self {
        let words = version.split_whitespace().take(2).collect::<Vec<_>>().join("-");
        let legal = |c: &char| c.is_ascii_alphanumeric() || ".-_+".contains(*c);
        let words: String = words.chars().filter(legal).take(60).collect();
        Self(format!("{words}-toolchain"))
    }

    /// As it stands in a store path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The stand-ins for the two paths. No digest of Nix's has the letters `e` and `u`, so they are found
/// again, and they are as long as what takes their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Of the tools.
    pub tools: String,
    /// Of what programs need when they run.
    pub lib: String,
}

impl Place {
    /// The stand-ins for a toolchain of this name.
    #[must_use]
    pub fn of(name: &Name) -> Self {
        Self {
            tools: format!("{STORE}/{}-{}", "e".repeat(32), name.0),
            lib: format!("{STORE}/{}-{}-lib", "u".repeat(32), name.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_is_as_long_as_a_store_path() {
        let name = Name::of("rustc 1.95.0-nightly (59807616e 2026-04-14) ");
        assert_eq!(name.as_str(), "rustc-1.95.0-nightly-toolchain");
        let place = Place::of(&name);
        let real = "/nix/store/00000000000000000000000000000000-rustc-1.95.0-nightly-toolchain";
        assert_eq!(place.tools.len(), real.len());
        assert_eq!(place.lib.len(), real.len() + "-lib".len());
        assert_eq!(Name::of("").as_str(), "-toolchain");
    }
}
