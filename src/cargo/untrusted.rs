//! What a tree would have executed when it is planned, for who does not trust it.
//!
//! Planning starts Cargo and rustc, which start what the tree's own files name: Cargo's
//! configuration names wrappers, credential providers, flags and variables for the compiler;
//! rustup's files name a whole toolchain. What can be switched off without another answer is
//! switched off, and told; the rest is refused by its name. Source: Cargo 1.95, "Configuration" and
//! what it was seen to start; rustup 1.29, "Overrides".

use std::collections::BTreeSet;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use toml::{Table, Value};

use super::error::CargoError;
pub use super::refused::{Place, Refused};
use super::{rustflags, tree_files};
use crate::files::reader;

/// Keys of `[build]` that planning overrules by variables, and what takes their place.
const OVERRULED: [(&str, &str); 3] = [
    ("rustc", "the compiler is the one on PATH, or RUSTC's"),
    ("rustc-wrapper", "a plan knows no wrapper"),
    ("rustc-workspace-wrapper", "a plan knows no wrapper"),
];

/// Credential providers that are Cargo's own.
const PROVIDERS: [&str; 4] =
    ["cargo:libsecret", "cargo:macos-keychain", "cargo:token", "cargo:wincred"];

/// Beginnings of variables for the compiler that choose what rustup and our own [`super::shim`]
/// execute.
const CHOOSERS: [&str; 3] = ["CARGO_HOME", "RBN_PLAN", "RUSTUP"];

/// Beginnings of others, which choose nothing there, and which mean something to Cargo if empty.
const OTHERS: [&str; 2] = ["CARGO", "RUST"];

/// The most files that `include` is followed through.
const INCLUDES: usize = 100;

/// How to plan a tree that is not trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Untrusted {
    /// Settings for Cargo, above the tree's.
    settings: BTreeSet<String>,
    /// Variables that are set to nothing, so that the tree cannot set them.
    emptied: BTreeSet<String>,
    /// What was switched off.
    pub notes: Vec<Place>,
}

/// Looks at everything of the tree around `dir` that Cargo and rustup obey.
///
/// # Errors
/// [`CargoError::Untrusted`] with each key that would have something executed; files that cannot be
/// read or understood, since nobody knows what is in them.
pub fn look(dir: &Utf8Path) -> Result<Untrusted, CargoError> {
    let mut look = Look::default();
    look.path();
    let chosen = std::env::var_os("RUSTUP_TOOLCHAIN").is_some_and(|name| !name.is_empty());
    // The variable has rustup pass over the files.
    for file in tree_files::toolchains(dir).iter().filter(|_| !chosen) {
        look.toolchain(file, &reader::text(file)?);
    }
    for file in tree_files::configs(dir) {
        look.config(&file)?;
    }
    match look.refused.is_empty() {
        true => Ok(look.found),
        false => Err(CargoError::Untrusted(Box::new(Refused(look.refused)))),
    }
}

impl Untrusted {
    /// Has `cargo` pass over what was switched off.
    pub fn apply(&self, cargo: &mut Command) {
        for setting in &self.settings {
            cargo.args(["--config", setting]);
        }
        for name in &self.emptied {
            cargo.env(name, "");
        }
    }
}

#[derive(Default)]
struct Look {
    found: Untrusted,
    refused: Vec<Place>,
    seen: BTreeSet<Utf8PathBuf>,
}

impl Look {
    fn refuse(&mut self, file: &Utf8Path, key: &str, what: impl Into<String>) {
        self.refused.push(Place { file: file.to_owned(), key: key.to_owned(), what: what.into() });
    }

    /// Programs that are looked for where the command stands are the tree's.
    fn path(&mut self) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if std::env::split_paths(&path).any(|folder| !folder.is_absolute()) {
            let what = "a folder that is not absolute is looked for in the tree";
            self.refuse(Utf8Path::new("the environment"), "PATH", what);
        }
    }

    fn toolchain(&mut self, file: &Utf8Path, text: &str) {
        let what = "rustup would execute the tree's own cargo and rustc; RUSTUP_TOOLCHAIN=NAME passes over the file";
        let table: Option<Table> = toml::from_str(text).ok();
        let Some(toolchain) = table.as_ref().and_then(|table| table.get("toolchain")) else {
            // The older form is a name alone. What nobody understands may be a path as well.
            if table.is_none() && text.contains('/') {
                self.refuse(file, "toolchain", what);
            }
            return;
        };
        if toolchain.get("path").is_some() {
            self.refuse(file, "toolchain.path", what);
        }
        let channel = toolchain.get("channel").and_then(Value::as_str);
        if channel.is_some_and(|channel| channel.contains('/')) {
            self.refuse(file, "toolchain.channel", what);
        }
    }

    fn config(&mut self, file: &Utf8Path) -> Result<(), CargoError> {
        if !self.seen.insert(file.to_owned()) {
            return Ok(());
        }
        let text = reader::text(file)?;
        let table: Table =
            toml::from_str(&text).map_err(|error| CargoError::toml(file, &text, &error))?;
        if self.seen.len() > INCLUDES {
            self.refuse(file, "include", format!("more than {INCLUDES} files"));
            return Ok(());
        }
        for (key, value) in &table {
            self.rustflags(file, key, value);
            match (key.as_str(), value) {
                ("include", value) => self.include(file, value)?,
                ("build", Value::Table(build)) => self.build(file, build),
                ("env", Value::Table(variables)) => self.variables(file, variables),
                ("registry" | "registries", Value::Table(table)) => {
                    self.credentials(file, key, table);
                }
                ("credential-alias", Value::Table(aliases)) => {
                    for name in aliases.keys() {
                        let what = "it names a credential provider for Cargo to execute";
                        self.refuse(file, &format!("{key}.{name}"), what);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn include(&mut self, file: &Utf8Path, value: &Value) -> Result<(), CargoError> {
        let list = match value {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        for one in list {
            let (path, optional) = match one {
                Value::String(path) => (Some(path.as_str()), false),
                other => (
                    other.get("path").and_then(Value::as_str),
                    other.get("optional").and_then(Value::as_bool) == Some(true),
                ),
            };
            let Some(path) = path else {
                self.refuse(file, "include", "it is not understood");
                continue;
            };
            let path = file.parent().unwrap_or(file).join(path);
            match self.config(&path) {
                Err(CargoError::Read(error)) if optional && error.is_absent() => {}
                done => done?,
            }
        }
        Ok(())
    }

    fn build(&mut self, file: &Utf8Path, build: &Table) {
        for (key, instead) in OVERRULED {
            let named = build.get(key).and_then(Value::as_str).filter(|name| !name.is_empty());
            if let Some(named) = named {
                let what = format!("{named} is not executed: {instead}");
                let (file, key) = (file.to_owned(), format!("build.{key}"));
                self.found.notes.push(Place { file, key, what });
            }
        }
    }

    /// `[env]`, which Cargo gives to the compiler that it asks, too.
    fn variables(&mut self, file: &Utf8Path, variables: &Table) {
        for (name, value) in variables {
            let key = format!("env.{name}");
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let begins = |list: &[&str]| list.iter().any(|start| name.starts_with(start));
            if begins(&CHOOSERS) {
                self.refuse(file, &key, "it decides what Cargo's questions to rustc execute");
                continue;
            } else if begins(&OTHERS) {
                continue;
            } else if name.is_empty() || !name.chars().all(plain) {
                self.refuse(file, &key, "a variable of such a name cannot be kept from rustc");
            } else if value.as_table().is_some_and(|table| table.contains_key("force")) {
                self.found.settings.insert(format!("{key}.force=false"));
            }
            // What is set, and not by force, stays as it is.
            if std::env::var_os(name).is_none() {
                self.found.emptied.insert(name.clone());
            }
        }
    }

    fn credentials(&mut self, file: &Utf8Path, path: &str, table: &Table) {
        for (key, value) in table {
            let path = format!("{path}.{key}");
            match value {
                Value::Table(table) => self.credentials(file, &path, table),
                value if key.contains("credential-provider") => {
                    let list = match value {
                        Value::Array(list) => list.as_slice(),
                        one => std::slice::from_ref(one),
                    };
                    let is_cargos =
                        |one: &Value| one.as_str().is_some_and(|one| PROVIDERS.contains(&one));
                    if !list.iter().all(is_cargos) {
                        self.refuse(file, &path, "Cargo would execute it to ask for a token");
                    }
                }
                _ => {}
            }
        }
    }

    /// `rustflags` of whatever table.
    fn rustflags(&mut self, file: &Utf8Path, path: &str, value: &Value) {
        let Value::Table(table) = value else { return };
        for (key, value) in table {
            let path = format!("{path}.{key}");
            if key != "rustflags" {
                self.rustflags(file, &path, value);
                continue;
            }
            let flags: Vec<&str> = match value {
                Value::String(flags) => flags.split_whitespace().collect(),
                Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            if let Some(odd) = rustflags::first_odd(&flags) {
                let what = format!("rustc may do more by `{odd}` than answer a question");
                self.refuse(file, &path, what);
            }
        }
    }
}
