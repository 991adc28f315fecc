//! What `rust-toolchain.toml` asks for: the file by which rustup knows a project's compiler.

use crate::files::reader;
use camino::Utf8Path;
use semver::Version;

/// The names of the file: the second is older, and may hold nothing but a channel.
const NAMES: [&str; 2] = ["rust-toolchain.toml", "rust-toolchain"];

/// A compiler in config.toml's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The file that asks for it.
    pub file: &'static str,
    /// `stable`, `beta` or `nightly`.
    pub channel: String,
    /// A release, or a day; none where the latest will do.
    pub version: Option<String>,
    /// Components beside rustc, cargo and rust-std.
    pub components: Vec<String>,
}

impl Wanted {
    /// What the project in `dir` asks for; nothing where it asks for nothing that is understood.
    #[must_use]
    pub fn read(dir: &Utf8Path) -> Option<Self> {
        NAMES.into_iter().find_map(|file| {
            let text = reader::text(dir.join(file)).ok()?;
            Self::parse(file, &text)
        })
    }

    /// What a file's text asks for.
    #[must_use]
    pub fn parse(file: &'static str, text: &str) -> Option<Self> {
        let table: Option<toml::Table> = text.parse().ok();
        let section = table.as_ref().and_then(|table| table.get("toolchain")?.as_table());
        let (name, components) = match section {
            Some(section) => {
                let list = section.get("components").and_then(|list| list.as_array());
                let words = list.into_iter().flatten().filter_map(|word| word.as_str());
                let own = ["rustc", "cargo", "rust-std"];
                let words = words.filter(|word| !own.contains(word)).map(str::to_owned);
                (section.get("channel")?.as_str()?.to_owned(), words.collect())
            }
            None => (text.trim().to_owned(), Vec::new()),
        };
        let (channel, version) = Self::channel(&name)?;
        Some(Self { file, channel, version, components })
    }

    /// `1.75`, `1.75.0`, `stable`, `nightly-2024-05-01`; a host's triple behind it is nobody's else.
    fn channel(name: &str) -> Option<(String, Option<String>)> {
        for channel in ["stable", "beta", "nightly"] {
            let Some(rest) = name.strip_prefix(channel) else { continue };
            let date = rest.strip_prefix('-').and_then(|rest| rest.get(..10));
            let is_date = |date: &&str| {
                date.chars().all(|c| c.is_ascii_digit() || c == '-')
                    && date.matches('-').count() == 2
            };
            return Some((channel.to_owned(), date.filter(is_date).map(str::to_owned)));
        }
        let release = name.split('-').next().unwrap_or(name);
        let whole = match release.matches('.').count() {
            1 => format!("{release}.0"),
            _ => release.to_owned(),
        };
        Version::parse(&whole).ok()?;
        Some(("stable".to_owned(), Some(whole)))
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    fn said(text: &str) -> String {
        match Wanted::parse("rust-toolchain.toml", text) {
            None => "nothing".to_owned(),
            Some(wanted) => format!(
                "{} {} [{}]",
                wanted.channel,
                wanted.version.as_deref().unwrap_or("latest"),
                wanted.components.join(" ")
            ),
        }
    }

    #[test]
    fn the_ways_to_ask() {
        for (text, wanted) in [
            ("[toolchain]\nchannel = \"1.75\"\n", "stable 1.75.0 []"),
            (
                "[toolchain]\nchannel = \"1.75.2\"\ncomponents = [\"clippy\", \"rustc\"]\n",
                "stable 1.75.2 [clippy]",
            ),
            ("[toolchain]\nchannel = \"nightly-2024-05-01\"\n", "nightly 2024-05-01 []"),
            ("[toolchain]\nchannel = \"stable\"\nprofile = \"minimal\"\n", "stable latest []"),
            ("1.70.0\n", "stable 1.70.0 []"),
            ("nightly-x86_64-unknown-linux-gnu\n", "nightly latest []"),
            ("[toolchain]\npath = \"/opt/rust\"\n", "nothing"),
            ("my own\n", "nothing"),
            ("", "nothing"),
        ] {
            assert_eq!(said(text), wanted, "{text}");
        }
    }
}
