//! Cargo's own configuration: what of it reaches a step.
//!
//! - `merged`: the files, their includes and `--config`, as Cargo itself merges them.
//! - `lookup`: one value, the environment counted in.
//! - `flags`: rustflags and linkers, which depend on cfgs, which depend on flags.
//! - `env_table`, `links`: `[env]`, and the tables that replace build scripts.
//! - `taken`: what took part, and whose it is.

mod asked;
mod env_table;
mod flags;
mod links;
mod lookup;
mod merged;
pub mod taken;

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::error::CargoError;
use super::probe::PlatformProbe;
use crate::model::{Platform, Triple};
pub use asked::Asked;
pub use env_table::BOOTSTRAP;
use lookup::Lookup;
pub use merged::Origin;
use merged::{Leaf, Merged};
pub use taken::Taken;

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
    /// The values of `[env]` that take effect; Cargo's own variables are stronger.
    pub env: BTreeMap<String, String>,
    /// `[target.<triple>.<links>]`, each as the `cargo:` lines a build script would have printed.
    pub links: BTreeMap<Triple, BTreeMap<String, Vec<String>>>,
    /// The name that `[registries]` gives an index URL.
    pub registries: BTreeMap<String, String>,
    /// `inherits` of profiles that the configuration defines.
    pub inherits: BTreeMap<String, String>,
    /// All that took part, with where it stands.
    pub taken: Vec<Taken>,
    /// The homes of the user and of Cargo, whose names no plan may have.
    pub homes: Vec<Utf8PathBuf>,
}

/// Cargo's configuration, merged but not yet resolved for targets.
#[derive(Debug)]
pub struct Reader {
    lookup: Lookup,
}

/// Reads the configuration as Cargo has it.
///
/// # Errors
/// What Cargo says of files that it cannot read or merge.
pub fn open(asked: &Asked<'_>) -> Result<Reader, CargoError> {
    let variables = std::env::vars_os();
    let variables =
        variables.filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
    let lookup = Lookup {
        merged: Merged::ask(asked)?,
        variables: variables.collect(),
        dir: asked.dir.to_owned(),
    };
    Ok(Reader { lookup })
}

impl Reader {
    /// `build.target`, where set.
    #[must_use]
    pub fn targets(&self) -> Vec<String> {
        let path = ["build", "target"];
        // A text is one target, and gives way to the variable's; a list is joined with it.
        if !matches!(self.lookup.merged.leaf(&path), Some(Leaf::List(_))) {
            return self.lookup.text(&path).map(|(target, _)| target).into_iter().collect();
        }
        let list = self.lookup.list(&path).unwrap_or_default();
        list.into_iter().map(|(target, _)| target).collect()
    }

    /// `build.rustc-wrapper` and `build.rustc-workspace-wrapper`, by the variable's name.
    #[must_use]
    pub fn wrappers(&self) -> BTreeMap<&'static str, String> {
        let keys = [
            ("RUSTC_WRAPPER", "rustc-wrapper"),
            ("RUSTC_WORKSPACE_WRAPPER", "rustc-workspace-wrapper"),
        ];
        let wrapper = |(name, key): (&'static str, &str)| {
            let own = self.lookup.variable(name).or_else(|| self.lookup.program(&["build", key]));
            let (program, _) = own.filter(|(program, _)| !program.is_empty())?;
            Some((name, program))
        };
        keys.into_iter().filter_map(wrapper).collect()
    }

    /// The compiler that the configuration names.
    #[must_use]
    pub fn rustc(&self) -> Option<String> {
        let own =
            self.lookup.variable("RUSTC").or_else(|| self.lookup.program(&["build", "rustc"]));
        own.map(|(program, _)| program).filter(|program| !program.is_empty())
    }

    /// The rustdoc that the configuration names.
    #[must_use]
    pub fn rustdoc(&self) -> Option<String> {
        let own =
            self.lookup.variable("RUSTDOC").or_else(|| self.lookup.program(&["build", "rustdoc"]));
        own.map(|(program, _)| program).filter(|program| !program.is_empty())
    }

    /// The directory that Cargo puts what it makes into, where anything says so.
    #[must_use]
    pub fn target_directory(&self) -> Option<Utf8PathBuf> {
        let lookup = &self.lookup;
        let own =
            lookup.variable("CARGO_TARGET_DIR").or_else(|| lookup.text(&["build", "target-dir"]));
        let (path, origin) = own?;
        Some(origin.root(&lookup.dir).join(path))
    }

    /// The names that `[registries]` gives index URLs.
    #[must_use]
    pub fn registries(&self) -> BTreeMap<String, String> {
        let names = self.lookup.merged.keys(&["registries"]).into_iter();
        let index = |name: &str| Some(self.lookup.text(&["registries", name, "index"])?.0);
        names.filter_map(|name| Some((index(name)?, name.to_owned()))).collect()
    }

    /// `RUSTC_BOOTSTRAP` as everything sees it that Cargo starts.
    #[must_use]
    pub fn bootstrap(&self) -> Option<String> {
        env_table::effective(&self.lookup).remove(BOOTSTRAP).map(|(value, _)| value)
    }

    /// `[env]` as everything sees it that Cargo starts.
    #[must_use]
    pub fn env(&self) -> BTreeMap<String, String> {
        let table = env_table::effective(&self.lookup);
        table.into_iter().map(|(name, (value, _))| (name, value)).collect()
    }

    /// What the configuration says for `targets`; asks rustc for what each platform is.
    ///
    /// # Errors
    /// Those of `probe`, and [`CargoError::Settings`] for what Cargo refuses, too.
    pub fn resolve(
        &self,
        host: &Triple,
        targets: &[Triple],
        mut probe: impl FnMut(&Triple, &[String]) -> Result<PlatformProbe, CargoError>,
    ) -> Result<(Settings, BTreeMap<Platform, PlatformProbe>), CargoError> {
        let lookup = &self.lookup;
        let homes = ["CARGO_HOME", "HOME"].into_iter().filter_map(|name| lookup.variable(name));
        let mut settings = Settings {
            registries: self.registries(),
            homes: homes.map(|(home, _)| home.into()).collect(),
            ..Settings::default()
        };
        let mut probes = BTreeMap::new();
        let mut taken = Vec::new();
        let mut took = |key: String, value: &str, origin: &Origin| {
            taken.push(Taken { key, value: value.to_owned(), origin: origin.clone() });
        };
        for triple in targets {
            let (given, probed) = flags::settled(lookup, triple, |flags| probe(triple, flags))?;
            for (flag, origin) in &given {
                took("rustflags".to_owned(), flag, origin);
            }
            if !given.is_empty() {
                settings.rustflags.insert(triple.clone(), flags::texts(&given));
            }
            if let Some((linker, origin)) = flags::linker(lookup, triple, &probed.cfgs)? {
                took(format!("target.{triple}.linker"), &linker, &origin);
                settings.linkers.insert(triple.clone(), linker);
            }
            probes.insert(Platform::Target(triple.clone()), probed);
        }
        // With an explicit target, Cargo passes no rustflags to the build machine's units.
        let probed = probe(host, &[])?;
        if let Some((linker, origin)) = flags::linker(lookup, host, &probed.cfgs)? {
            took(format!("target.{host}.linker"), &linker, &origin);
            settings.host_linker = Some(linker);
        }
        probes.insert(Platform::Host, probed);
        for (name, (value, origin)) in env_table::effective(lookup) {
            took(format!("env.{name}"), &value, &origin);
            settings.env.insert(name, value);
        }
        for triple in targets.iter().chain([host]) {
            for (links, lines) in links::replaced(lookup, triple) {
                for (line, origin) in &lines {
                    took(format!("target.{triple}.{links}"), line, origin);
                }
                let lines = lines.into_iter().map(|(line, _)| line).collect();
                settings.links.entry(triple.clone()).or_default().insert(links, lines);
            }
        }
        for name in lookup.merged.keys(&["profile"]) {
            if let Some((parent, _)) = lookup.text(&["profile", name, "inherits"]) {
                settings.inherits.insert(name.to_owned(), parent);
            }
        }
        settings.taken = taken;
        Ok((settings, probes))
    }

    /// All that is set, by files, flags, and the environment's variables for Cargo and rustc: a text that is another one
    /// where any of it is.
    #[must_use]
    pub fn state(&self) -> String {
        let all = self.below(&[]);
        let is_theirs = |name: &str| name.starts_with("CARGO") || name.starts_with("RUST");
        let variables = self.lookup.variables.iter().filter(|(name, _)| is_theirs(name));
        format!("{all:?}\n{:?}\n", variables.collect::<BTreeMap<_, _>>())
    }

    /// Whether anything sets a key, or one below it.
    #[must_use]
    pub fn is_set(&self, path: &[&str]) -> bool {
        self.lookup.merged.below(path).next().is_some() || self.lookup.text(path).is_some()
    }

    /// The values below a key, which Cargo itself takes.
    #[must_use]
    pub fn below(&self, path: &[&str]) -> Vec<Taken> {
        let leaves = self.lookup.merged.below(path);
        let taken = leaves.flat_map(|(keys, leaf)| {
            let one = |(value, origin): &(String, Origin)| Taken {
                key: keys.join("."),
                value: value.clone(),
                origin: origin.clone(),
            };
            match leaf {
                Leaf::Text(text, origin) => vec![one(&(text.clone(), origin.clone()))],
                Leaf::List(items) => items.iter().map(one).collect(),
            }
        });
        taken.collect()
    }
}
