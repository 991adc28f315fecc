//! `[toolchain]`: where the compiler comes from.

use std::fmt;

use semver::Version;

use super::build::one_of;
use super::invalid::Invalid;
use super::notice::Notice;
use super::origin::{Origin, Setting};
use super::problem::{Fault, Problem};
use super::reader::Reader;
use super::scalars::{Component, InStore, InputName};

/// Where the compiler comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The machine's own rustc, linker and shell.
    Host,
    /// nixpkgs' own rustc.
    Nixpkgs {
        /// The flake input that nixpkgs is.
        input: Setting<InputName>,
    },
    /// A flake input that knows many toolchains, such as rust-overlay or fenix.
    Input {
        /// The flake input.
        input: Setting<InputName>,
        /// The release channel.
        channel: Setting<Channel>,
        /// Which one of that channel.
        version: Setting<ToolchainVersion>,
        /// Components beside rustc, cargo and rust-std.
        components: Setting<Vec<Component>>,
    },
    /// Paths in the Nix store.
    Store {
        /// The compiler.
        rustc: Setting<InStore>,
        /// Cargo, for build scripts that ask for it.
        cargo: Option<Setting<InStore>>,
    },
}

/// How a toolchain is provided, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// [`Toolchain::Host`].
    Host,
    /// [`Toolchain::Nixpkgs`].
    Nixpkgs,
    /// [`Toolchain::Input`].
    Input,
    /// [`Toolchain::Store`].
    Store,
}

const PROVIDERS: [(&str, Provider); 4] = [
    ("host", Provider::Host),
    ("nixpkgs", Provider::Nixpkgs),
    ("input", Provider::Input),
    ("store", Provider::Store),
];

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Nixpkgs => "nixpkgs",
            Self::Input => "input",
            Self::Store => "store",
        })
    }
}

/// A release channel of Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Stable.
    Stable,
    /// Beta.
    Beta,
    /// Nightly.
    Nightly,
}

const CHANNELS: [(&str, Channel); 3] =
    [("stable", Channel::Stable), ("beta", Channel::Beta), ("nightly", Channel::Nightly)];

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stable => "stable",
            Self::Beta => "beta",
            Self::Nightly => "nightly",
        })
    }
}

/// Which toolchain of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolchainVersion {
    /// What the locked input calls the latest.
    Latest,
    /// A release.
    Release(Version),
    /// The one of a day: year, month, day.
    Date(u16, u8, u8),
}

impl ToolchainVersion {
    fn parse(text: &str) -> Result<Self, Invalid> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        if let Ok(version) = Version::parse(text) {
            return Ok(Self::Release(version));
        }
        date(text).ok_or_else(|| Invalid::ToolchainVersion(text.to_owned()))
    }
}

fn date(text: &str) -> Option<ToolchainVersion> {
    let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] else { return None };
    let digits =
        |part: &str, count| part.len() == count && part.bytes().all(|b| b.is_ascii_digit());
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return None;
    }
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    let plausible = (1..=12).contains(&month) && (1..=31).contains(&day);
    plausible.then_some(ToolchainVersion::Date(year.parse().ok()?, month, day))
}

impl fmt::Display for ToolchainVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Release(version) => write!(f, "{version}"),
            Self::Date(year, month, day) => write!(f, "{year:04}-{month:02}-{day:02}"),
        }
    }
}

impl Toolchain {
    /// How it is provided.
    #[must_use]
    pub fn provider(&self) -> Provider {
        match self {
            Self::Host => Provider::Host,
            Self::Nixpkgs { .. } => Provider::Nixpkgs,
            Self::Input { .. } => Provider::Input,
            Self::Store { .. } => Provider::Store,
        }
    }

    /// Reads the section. The setting's origin is where the provider was chosen.
    pub(super) fn read(reader: &mut Reader) -> Setting<Self> {
        let provider = reader.text(&["toolchain", "provider"], 0, |text| one_of(text, &PROVIDERS));
        let rustc = reader.text(&["toolchain", "rustc"], 0, InStore::new);
        let cargo = reader.text(&["toolchain", "cargo"], 0, InStore::new);
        let input = reader.text(&["toolchain", "input"], 0, InputName::new);
        let channel = reader.text(&["toolchain", "channel"], 0, |text| one_of(text, &CHANNELS));
        let version = reader.text(&["toolchain", "version"], 0, ToolchainVersion::parse);
        let components = reader.set(&["toolchain", "components"], 0, Component::new);
        if let Some(version) = &version {
            of_channel(
                &version.value,
                channel.as_ref().map_or(Channel::Stable, |c| c.value),
                reader,
            );
        }
        let provider = provider.unwrap_or_else(|| inferred(&rustc, &input, reader));

        let (used, toolchain) = match provider.value {
            Provider::Host => (&[][..], Self::Host),
            Provider::Nixpkgs => {
                (&["input"][..], Self::Nixpkgs { input: input.unwrap_or_else(|| named("nixpkgs")) })
            }
            Provider::Input => (
                &["input", "channel", "version", "components"][..],
                Self::Input {
                    input: input.unwrap_or_else(|| named("rust-overlay")),
                    channel: channel.unwrap_or(Setting::default(Channel::Stable)),
                    version: version.unwrap_or(Setting::default(ToolchainVersion::Latest)),
                    components: components.unwrap_or(Setting::default(Vec::new())),
                },
            ),
            Provider::Store => match rustc {
                Some(rustc) => (&["rustc", "cargo"][..], Self::Store { rustc, cargo }),
                None => {
                    // A path that was refused has its own problem.
                    if reader.strongest(&["toolchain", "rustc"]).is_none() {
                        alone(reader, "provider", "toolchain.rustc");
                    }
                    (&["rustc", "cargo"][..], Self::Host)
                }
            },
        };
        unused(reader, used, provider.value);
        provider.map(|_| toolchain)
    }
}

/// The provider that the other keys imply. A file in the older layout that says where rust-overlay
/// is, and nothing of a toolchain of ours, takes it from there, as it did.
fn inferred(
    rustc: &Option<Setting<InStore>>,
    input: &Option<Setting<InputName>>,
    reader: &Reader,
) -> Setting<Provider> {
    if let Some(rustc) = rustc {
        return rustc.clone().map(|_| Provider::Store);
    }
    // A value that was refused still says what was wanted.
    let refused = |name| reader.strongest(&["toolchain", name]).filter(|found| !found.lenient);
    if let Some(found) = refused("rustc") {
        return Setting { value: Provider::Store, origin: found.origin() };
    }
    if let Some(found) = refused("input") {
        let nixpkgs = input.as_ref().is_some_and(|input| input.value.as_str() == "nixpkgs");
        let value = if nixpkgs { Provider::Nixpkgs } else { Provider::Input };
        return Setting { value, origin: found.origin() };
    }
    match reader.strongest(&["nix", "inputs", "rust-overlay"]) {
        Some(found) if found.written == "nix.rust_overlay_path" => {
            Setting { value: Provider::Input, origin: found.origin() }
        }
        _ => Setting::default(Provider::Host),
    }
}

fn named(input: &str) -> Setting<InputName> {
    Setting { value: InputName::new(input).expect("the name of an input"), origin: Origin::Default }
}

/// Whether the channel has such versions: releases are stable, a day's compiler is not.
fn of_channel(version: &ToolchainVersion, channel: Channel, reader: &mut Reader) {
    let stable = channel == Channel::Stable;
    let fits = match version {
        ToolchainVersion::Latest => true,
        ToolchainVersion::Release(_) => stable,
        ToolchainVersion::Date(..) => !stable,
    };
    if fits {
        return;
    }
    let Some(found) = reader.strongest(&["toolchain", "version"]) else { return };
    let (version, channel) = (version.to_string(), channel.to_string());
    let why = Invalid::VersionOfChannel { version, channel };
    let what = Fault::BadValue { key: found.written.clone(), why };
    let place = found.value_place(None);
    reader.problems.push(Problem { what, place });
}

/// Keys of `[toolchain]` that the chosen provider does not look at.
fn unused(reader: &mut Reader, used: &[&str], provider: Provider) {
    for (name, other) in [
        ("rustc", "toolchain.provider = \"store\""),
        ("cargo", "toolchain.rustc"),
        ("input", "toolchain.provider = \"input\""),
        ("channel", "toolchain.input"),
        ("version", "toolchain.input"),
        ("components", "toolchain.input"),
    ] {
        if used.contains(&name) {
            continue;
        }
        let Some(found) = reader.strongest(&["toolchain", name]) else { continue };
        if found.lenient {
            let message = format!("no effect: the toolchain's provider is `{provider}`");
            let (key, origin) = (found.written.clone(), found.origin());
            // A value that did not fit has its notice already.
            if !reader.notices.iter().any(|notice| notice.key == key && notice.origin == origin) {
                reader.notices.push(Notice { key, message, origin });
            }
        } else {
            alone(reader, name, other);
        }
    }
}

fn alone(reader: &mut Reader, name: &str, other: &str) {
    let Some(found) = reader.strongest(&["toolchain", name]) else { return };
    let what = Fault::Alone { key: found.written.clone(), other: other.to_owned() };
    let place = found.key_place();
    reader.problems.push(Problem { what, place });
}
