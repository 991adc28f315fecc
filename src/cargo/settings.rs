//! Cargo's own configuration: `.cargo/config.toml` in every parent and the environment.
//!
//! `cargo-config2` merges the files and applies the environment's precedence. What it does not
//! read, the `[target.<triple>.<links>]` tables that replace build scripts and `inherits` of
//! profiles, is read here from the same files.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use cargo_config2::{Config, ResolveOptions};

use super::error::CargoError;
use super::probe::Rustc;
use crate::files::reader;
use crate::model::Triple;

/// What Cargo's configuration says that reaches a step.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// rustflags of each target, from the highest source that has any.
    pub rustflags: BTreeMap<Triple, Vec<String>>,
    /// `target.<triple>.linker` of each target.
    pub linkers: BTreeMap<Triple, String>,
    /// The linker that build scripts and proc macros are linked with, where one is set: with an
    /// explicit target, Cargo takes the host triple's table.
    pub host_linker: Option<String>,
    /// The values of `[env]`.
    pub env: BTreeMap<String, String>,
    /// `[target.<triple>.<links>]`, each as the `cargo:` lines a build script would have printed.
    pub links: BTreeMap<Triple, BTreeMap<String, Vec<String>>>,
    /// The name that `[registries]` gives an index URL.
    pub registries: BTreeMap<String, String>,
    /// `inherits` of profiles that the configuration defines.
    pub inherits: BTreeMap<String, String>,
    /// `build.rustc-wrapper` or `RUSTC_WRAPPER`, where set.
    pub wrapper: Option<String>,
}

/// Cargo's configuration, merged but not yet resolved for targets.
#[derive(Debug)]
pub struct Reader {
    config: Config,
    dir: Utf8PathBuf,
}

/// Reads the configuration that holds in `dir`; starts no process.
///
/// # Errors
/// [`CargoError::Settings`] with the reader's words.
pub fn open(dir: &Utf8Path, rustc: &Rustc) -> Result<Reader, CargoError> {
    let options = ResolveOptions::default()
        .rustc(cargo_config2::PathAndArgs::new(rustc.program.as_str()))
        .host_triple(rustc.host.as_str());
    let config = Config::load_with_options(dir, options).map_err(unreadable)?;
    Ok(Reader { config, dir: dir.to_owned() })
}

/// Cargo's home: `CARGO_HOME`, else `~/.cargo`.
#[must_use]
pub fn home() -> Option<Utf8PathBuf> {
    let named = std::env::var("CARGO_HOME").ok().filter(|home| !home.is_empty());
    let own = || Some(Utf8PathBuf::from(std::env::var("HOME").ok()?).join(".cargo"));
    named.map(Utf8PathBuf::from).or_else(own)
}

/// The directory that Cargo puts what it makes into, where the environment or its configuration say
/// so.
#[must_use]
pub fn target_directory(dir: &Utf8Path) -> Option<Utf8PathBuf> {
    let config = asking_nobody(dir).ok()?;
    Utf8PathBuf::from_path_buf(config.build.target_dir?).ok()
}

/// The configuration for what no compiler is asked: so none that it names is started.
fn asking_nobody(dir: &Utf8Path) -> Result<Config, cargo_config2::Error> {
    let rustc = cargo_config2::PathAndArgs::new("rustc");
    Config::load_with_options(dir, ResolveOptions::default().rustc(rustc))
}

fn unreadable(error: cargo_config2::Error) -> CargoError {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    CargoError::Settings(text)
}

impl Reader {
    /// `build.target`, where set.
    #[must_use]
    pub fn targets(&self) -> Vec<String> {
        let list = self.config.build.target.as_ref();
        list.map(|list| list.iter().map(|t| t.triple().to_owned()).collect()).unwrap_or_default()
    }

    /// What the configuration says for `targets`; asks rustc for their cfgs where a table needs them.
    ///
    /// # Errors
    /// [`CargoError::Settings`] with the reader's words, [`CargoError::Toml`] for a broken file.
    pub fn resolve(&self, host: &Triple, targets: &[Triple]) -> Result<Settings, CargoError> {
        let config = &self.config;
        let mut settings = Settings {
            wrapper: config.build.rustc_wrapper.as_ref().map(|path| path.display().to_string()),
            ..Settings::default()
        };
        for triple in targets {
            if let Some(flags) = config.rustflags(triple.as_str()).map_err(unreadable)? {
                settings.rustflags.insert(triple.clone(), flags.flags);
            }
            if let Some(linker) = config.linker(triple.as_str()).map_err(unreadable)? {
                settings.linkers.insert(triple.clone(), linker.display().to_string());
            }
        }
        let host_linker = config.linker(host.as_str()).map_err(unreadable)?;
        settings.host_linker = host_linker.map(|path| path.display().to_string());
        for (name, value) in &config.env {
            // An unforced variable gives way to one that is set: but what the planning machine has
            // set must not reach a plan, so the table's value it is (the sandbox has none set).
            settings.env.insert(name.clone(), value.value.to_string_lossy().into_owned());
        }
        settings.registries = names(config);
        for path in files(&self.dir) {
            read_rest(&path, &mut settings)?;
        }
        Ok(settings)
    }
}

/// The names that `[registries]` gives index URLs, in `dir`.
///
/// # Errors
/// [`CargoError::Settings`] with the reader's words.
pub fn registries(dir: &Utf8Path) -> Result<BTreeMap<String, String>, CargoError> {
    let config = asking_nobody(dir).map_err(unreadable)?;
    Ok(names(&config))
}

fn names(config: &Config) -> BTreeMap<String, String> {
    let named = config.registries.iter();
    named.filter_map(|(name, entry)| Some((entry.index.clone()?, name.clone()))).collect()
}

/// The configuration files that hold in `dir`, strongest first.
fn files(dir: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut folders: Vec<Utf8PathBuf> = dir.ancestors().map(|dir| dir.join(".cargo")).collect();
    if let Some(home) = home().filter(|home| !folders.contains(home)) {
        folders.push(home);
    }
    // `config` without an ending wins over `config.toml` in one folder, as in Cargo.
    let pick = |folder: Utf8PathBuf| {
        ["config", "config.toml"].iter().map(|name| folder.join(name)).find(|path| path.is_file())
    };
    folders.into_iter().filter_map(pick).collect()
}

fn read_rest(path: &Utf8Path, settings: &mut Settings) -> Result<(), CargoError> {
    let text = reader::text(path)?;
    let table: toml::Table =
        toml::from_str(&text).map_err(|error| CargoError::toml(path, &text, &error))?;
    if let Some(toml::Value::Table(profiles)) = table.get("profile") {
        for (name, profile) in profiles {
            if let Some(parent) = profile.get("inherits").and_then(toml::Value::as_str) {
                settings.inherits.entry(name.clone()).or_insert_with(|| parent.to_owned());
            }
        }
    }
    let Some(toml::Value::Table(targets)) = table.get("target") else { return Ok(()) };
    for (triple, entries) in targets {
        let (Ok(triple), Some(entries)) = (Triple::new(triple.as_str()), entries.as_table()) else {
            continue;
        };
        for (links, fields) in entries {
            // Plain settings of a target are strings and lists, but for `runner` and `linker`.
            let Some(fields) = fields.as_table() else { continue };
            let by_links = settings.links.entry(triple.clone()).or_default();
            by_links.entry(links.clone()).or_insert_with(|| override_lines(fields));
        }
    }
    Ok(())
}

/// A `[target.<triple>.<links>]` table as build script output.
///
/// Source: `parse_links_overrides` of Cargo 1.95: keys that are no directives become metadata.
fn override_lines(fields: &toml::Table) -> Vec<String> {
    let text = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut lines = Vec::new();
    for (key, value) in fields {
        let values: Vec<String> = match value {
            toml::Value::Array(items) => items.iter().map(text).collect(),
            toml::Value::Table(entries) => {
                entries.iter().map(|(name, value)| format!("{name}={}", text(value))).collect()
            }
            other => vec![text(other)],
        };
        lines.extend(values.into_iter().map(|value| match key.as_str() {
            directive if directive.starts_with("rustc-") => format!("cargo::{directive}={value}"),
            metadata => format!("cargo::metadata={metadata}={value}"),
        }));
    }
    lines
}
