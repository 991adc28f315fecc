//! The config.toml of a project that has none: it says what the flake does, and what else there is.

use camino::Utf8Path;
use miette::IntoDiagnostic as _;
use toml_edit::{Array, DocumentMut};

use super::machine::this_machine;
use crate::config::{Config, ConfigError, Environment, FILE_NAME, Layers, Overrides};
use crate::flake::{Flake, OutputKey};
use crate::toolchain::Wanted;

/// The text around the toolchain's lines.
const HEAD: &str = "\
# Settings of rbn-plan. All keys: `rbn-plan config --reference`; their values: `rbn-plan config`.

[build]
# The machines that build.
systems = SYSTEMS
# What is built beside this machine's own target.
# targets = [\"x86_64-unknown-linux-gnu\", \"aarch64-unknown-linux-gnu\"]
# profile = \"release\"
# features = []

[checks]
# What `nix flake check` runs beside the build, each with a plan of its own; `rbn-plan init` wires them.
PLANS

[toolchain]
# Where rustc comes from: \"nixpkgs\" and \"input\" (another input of flake.nix), or \"host\", this machine's.
";

/// The build machines that a plan may have.
const SYSTEMS: [&str; 2] = ["x86_64-linux", "aarch64-linux"];

/// The plans of checks that are proposed.
const PLANS: [&str; 3] =
    ["test --workspace", "clippy --workspace --all-targets -- -D warnings", "fmt --workspace"];

/// What clippy and rustfmt are called as parts of a toolchain.
const COMPONENTS: [&str; 2] = ["clippy", "rustfmt"];

/// A new config.toml.
pub(super) struct NewConfig {
    /// Its text.
    pub(super) text: String,
    /// What there is to say about it.
    pub(super) remark: Option<String>,
}

impl NewConfig {
    /// The text for a project whose flake is `flake` (`None`: it gets one), and whose
    /// rust-toolchain.toml asks for `wanted`; with `checks` it names plans of them.
    pub(super) fn of(flake: Option<&Flake>, wanted: Option<Wanted>, checks: bool) -> Self {
        let has = |name: &str| flake.is_some_and(|flake| flake.inputs.inputs.contains_key(name));
        let version = wanted.as_ref().and_then(|wanted| wanted.version.as_deref());
        let nixpkgs = flake.is_none() || has("nixpkgs");
        // fenix wants a hash for a version, which nobody has here.
        let input = match flake {
            None => wanted.as_ref().map(|_| "rust-overlay"),
            Some(_) if has("rust-overlay") => Some("rust-overlay"),
            Some(_) if has("fenix") && version.is_none() => Some("fenix"),
            Some(_) => None,
        };
        let mut remark = None;
        let lines = match (input.filter(|_| nixpkgs), nixpkgs) {
            (Some(input), _) => from_input(input, wanted.as_ref(), checks),
            (None, nixpkgs) => {
                remark = wanted.map(|Wanted { file, channel, version, .. }| {
                    let name = version.unwrap_or(channel);
                    let source = if nixpkgs { "nixpkgs" } else { "this machine" };
                    format!(
                        "{file} asks for Rust {name}; the compiler is that of {source}, until \
                         flake.nix has the input rust-overlay and config.toml says `input = \
                         \"rust-overlay\"`"
                    )
                });
                let provider = if nixpkgs { "nixpkgs" } else { "host" };
                format!(
                    "provider = \"{provider}\"\n# input = \"rust-overlay\"\n# version = \"1.95.0\"\n"
                )
            }
        };
        let plans = format!("{}plans = {}", if checks { "" } else { "# " }, quoted(&PLANS));
        let systems = quoted(&systems_of(flake));
        let head = HEAD.replace("SYSTEMS", &systems).replace("PLANS", &plans);
        Self { text: format!("{head}{lines}"), remark }
    }

    /// The text of a config.toml that is there, with plans of checks; `None` where it names some.
    pub(super) fn with_checks(text: &str) -> miette::Result<Option<Self>> {
        let mut document: DocumentMut = text.parse().into_diagnostic()?;
        let checks = document.entry("checks").or_insert_with(toml_edit::table);
        let Some(checks) = checks.as_table_like_mut().filter(|table| !table.contains_key("plans"))
        else {
            return Ok(None);
        };
        checks.insert("plans", toml_edit::value(PLANS.iter().copied().collect::<Array>()));
        Ok(Some(Self { text: document.to_string(), remark: None }))
    }

    /// The configuration that it makes.
    pub(super) fn read(&self) -> miette::Result<Config> {
        let environment = Environment::of_process();
        let loaded: Result<_, ConfigError> = Config::resolve(&Layers {
            file: Some((Utf8Path::new(FILE_NAME), &self.text)),
            environment: &environment,
            flags: &Overrides::default(),
            machine: &this_machine()?,
        });
        Ok(loaded?.config)
    }
}

/// Those of the flake, where it names them one by one; else all.
fn systems_of(flake: Option<&Flake>) -> Vec<&'static str> {
    let named = flake.map(|flake| flake.outputs.systems()).unwrap_or_default();
    let is_named = |system: &&str| named.contains(&OutputKey::Name((*system).to_owned()));
    let is_open = named.iter().any(|key| matches!(key, OutputKey::Each(_)));
    let found: Vec<_> = SYSTEMS.into_iter().filter(is_named).collect();
    if is_open || found.is_empty() { SYSTEMS.to_vec() } else { found }
}

/// A list of TOML.
fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    format!("[{}]", words.join(", "))
}

/// The lines for another input's compiler: what rust-toolchain.toml asks for, else the latest.
fn from_input(input: &str, wanted: Option<&Wanted>, checks: bool) -> String {
    let mut lines = String::new();
    if let Some(Wanted { file, .. }) = wanted {
        lines.push_str(&format!("# As {file} has it.\n"));
    }
    lines.push_str(&format!("provider = \"input\"\ninput = \"{input}\"\n"));
    if let Some(Wanted { channel, .. }) = wanted.filter(|wanted| wanted.channel != "stable") {
        lines.push_str(&format!("channel = \"{channel}\"\n"));
    }
    if let Some(version) = wanted.and_then(|wanted| wanted.version.as_ref()) {
        lines.push_str(&format!("version = \"{version}\"\n"));
    }
    let mut components = wanted.map(|wanted| wanted.components.clone()).unwrap_or_default();
    let own = COMPONENTS.iter().filter(|_| checks).map(|name| (*name).to_owned());
    components.extend(own.filter(|name| !components.contains(name)).collect::<Vec<_>>());
    if !components.is_empty() {
        let components: Vec<&str> = components.iter().map(String::as_str).collect();
        lines.push_str(&format!("components = {}\n", quoted(&components)));
    }
    lines
}
