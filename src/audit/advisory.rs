//! One advisory: a Markdown file that begins with TOML.

use semver::{Version, VersionReq};
use serde::Deserialize;

use super::range::means;

/// What begins and ends the TOML.
const FENCE: (&str, &str) = ("```toml\n", "\n```");

/// An advisory.
#[derive(Clone, Debug)]
pub struct Advisory {
    /// Its facts.
    pub facts: Facts,
    /// Its first heading.
    pub title: String,
    patched: Vec<VersionReq>,
    unaffected: Vec<VersionReq>,
}

/// What it says of itself; what else there is, nothing here depends on.
#[derive(Clone, Debug, Deserialize)]
pub struct Facts {
    /// `RUSTSEC-2020-0001`.
    pub id: String,
    /// The package.
    pub package: String,
    /// The names that others have for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Where more is said.
    #[serde(default)]
    pub url: Option<String>,
    /// What it is, where it is no vulnerability: `unmaintained`, `unsound`, `notice`.
    #[serde(default)]
    pub informational: Option<String>,
    /// When it was taken back.
    #[serde(default)]
    pub withdrawn: Option<String>,
}

#[derive(Deserialize)]
struct Front {
    advisory: Facts,
    versions: Versions,
}

#[derive(Deserialize)]
struct Versions {
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

impl Advisory {
    /// Reads an advisory.
    ///
    /// # Errors
    /// What of it is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.replace("\r\n", "\n");
        let (open, close) = FENCE;
        let rest = text.strip_prefix(open).ok_or("it does not begin with ```toml")?;
        let (front, body) = rest.split_once(close).ok_or("its TOML has no end")?;
        let Front { advisory, versions } =
            toml::from_str(front).map_err(|error| error.message().to_owned())?;
        let requirements = |texts: Vec<String>| -> Result<Vec<VersionReq>, String> {
            let one = |text: String| {
                text.parse().map_err(|error| format!("`{text}` means no versions: {error}"))
            };
            texts.into_iter().map(one).collect()
        };
        let title = body.lines().find_map(|line| line.strip_prefix("# "));
        Ok(Self {
            facts: advisory,
            title: title.unwrap_or_default().trim().to_owned(),
            patched: requirements(versions.patched)?,
            unaffected: requirements(versions.unaffected)?,
        })
    }

    /// Whether it speaks of `version`: it does of all that is neither patched nor unaffected.
    ///
    /// # Errors
    /// A requirement of a kind that is not known.
    pub fn is_of(&self, version: &Version) -> Result<bool, String> {
        for requirement in self.patched.iter().chain(&self.unaffected) {
            match means(requirement, version) {
                Some(true) => return Ok(false),
                Some(false) => {}
                None => return Err(format!("`{requirement}` is of no kind that is known")),
            }
        }
        Ok(true)
    }

    /// The versions to go to, in its own words.
    #[must_use]
    pub fn patched(&self) -> Vec<String> {
        self.patched.iter().map(ToString::to_string).collect()
    }

    /// Whether `name` is one of its names.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.facts.id == name || self.facts.aliases.iter().any(|alias| alias == name)
    }
}
