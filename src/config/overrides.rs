//! `[override.<crate>]`: what single packages need beyond what Cargo says.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use semver::{Version, VersionReq};

use super::build::one_of;
use super::entry::List;
use super::env::{self, Env, EnvValue};
use super::invalid::Invalid;
use super::origin::{Origin, Setting};
use super::raw_value::dotted;
use super::reader::Reader;
use super::scalars::{CrateName, InStore, RelativePath, absolute, argument};
use crate::model::additions::Additions;

/// What the steps of a package need beyond what Cargo says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The package.
    pub package: CrateName,
    /// Where the override begins.
    pub origin: Origin,
    /// Its versions; all if not set.
    pub version: Option<Setting<VersionReq>>,
    /// Its kinds of step; all if empty. No one twice.
    pub kinds: Setting<Vec<OverrideKind>>,
    /// Tools of the build machine, for PATH.
    pub native_inputs: Setting<Vec<PackageInput>>,
    /// Libraries of the platform that the step is for.
    pub build_inputs: Setting<Vec<PackageInput>>,
    /// Variables; they win over `[env]`.
    pub env: Env,
    /// Files and directories outside the package, relative to the workspace root.
    pub files: Setting<Vec<RelativePath>>,
    /// All that the run of its build script sees, beside the manifest; relative to the workspace root.
    pub script_files: Option<Setting<Vec<RelativePath>>>,
    /// Flags for its rustc runs, after all others.
    pub rustflags: Setting<Vec<String>>,
    /// Whether its library may have a step of its own for its metadata; it may if not set.
    pub split: Option<Setting<bool>>,
}

impl Override {
    /// Adds to a step what it is for; `text` says a variable's value.
    pub fn add_to(&self, additions: &mut Additions, text: &dyn Fn(&EnvValue) -> String) {
        let texts = |inputs: &[PackageInput]| inputs.iter().map(ToString::to_string).collect();
        let paths = self.files.value.iter().map(|path| path.as_path().to_string());
        let more = Additions {
            native_inputs: texts(&self.native_inputs.value),
            build_inputs: texts(&self.build_inputs.value),
            env: self.env.iter().map(|(k, v)| (k.to_string(), text(&v.value))).collect(),
            files: paths.collect(),
            rustflags: self.rustflags.value.clone(),
            whole: self.split.as_ref().is_some_and(|split| !split.value),
        };
        additions.extend(more);
    }

    /// Its effective values.
    pub(super) fn entries(&self, list: &mut List) {
        match &self.version {
            Some(version) => list.text("version", version),
            None => list.unset("version"),
        }
        match self.kinds.value.as_slice() {
            [] => list.push("kind", None, &self.kinds.origin),
            _ => list.texts("kind", &self.kinds, |kind| kind.as_str().to_owned()),
        }
        list.texts("native-inputs", &self.native_inputs, ToString::to_string);
        list.texts("build-inputs", &self.build_inputs, ToString::to_string);
        list.env("env.", &self.env);
        list.texts("files", &self.files, |path| path.as_path().to_string());
        match &self.script_files {
            Some(files) => {
                list.texts("script-files", files, |path| path.as_path().to_string());
            }
            None => list.unset("script-files"),
        }
        list.texts("rustflags", &self.rustflags, Clone::clone);
        match &self.split {
            Some(split) => list.flag("split", split),
            None => list.unset("split"),
        }
    }
}

/// A kind of step that an override can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OverrideKind {
    /// The compilation of a library of any crate type but `proc-macro`.
    Lib,
    /// The compilation of a procedural macro.
    ProcMacro,
    /// The compilation of an executable.
    Bin,
    /// The compilation of an example.
    Example,
    /// The compilation of a test.
    Test,
    /// The compilation of a benchmark.
    Bench,
    /// The compilation of a build script.
    BuildScript,
    /// The run of a build script.
    Run,
}

const KINDS: [(&str, OverrideKind); 8] = [
    ("lib", OverrideKind::Lib),
    ("proc-macro", OverrideKind::ProcMacro),
    ("bin", OverrideKind::Bin),
    ("example", OverrideKind::Example),
    ("test", OverrideKind::Test),
    ("bench", OverrideKind::Bench),
    ("build-script", OverrideKind::BuildScript),
    ("run", OverrideKind::Run),
];

impl OverrideKind {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// Something that Nix provides to a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PackageInput {
    /// An attribute path in the toolchain's package set, such as `openssl.dev`: its parts.
    Attribute(Vec<String>),
    /// A path in the Nix store.
    Store(InStore),
    /// A directory of the build machine, which its sandbox must let in.
    Machine(Utf8PathBuf),
}

impl PackageInput {
    fn parse(text: &str) -> Result<Self, Invalid> {
        if text == "/nix/store" || text.starts_with("/nix/store/") {
            return InStore::new(text).map(Self::Store);
        }
        if text.starts_with('/') {
            return absolute(text).map(Self::Machine);
        }
        let part = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\'' | '+'))
        };
        if text.split('.').all(part) {
            return Ok(Self::Attribute(text.split('.').map(str::to_owned).collect()));
        }
        Err(Invalid::Name {
            text: text.to_owned(),
            noun: "an attribute path such as `openssl.dev`",
        })
    }
}

impl std::fmt::Display for PackageInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Attribute(parts) => f.write_str(&parts.join(".")),
            Self::Store(path) => write!(f, "{path}"),
            Self::Machine(path) => write!(f, "{path}"),
        }
    }
}

impl Override {
    /// Whether the override is for this kind of step of this package.
    #[must_use]
    pub fn applies_to(&self, package: &str, version: &Version, kind: OverrideKind) -> bool {
        self.package.as_str() == package
            && self.version.as_ref().is_none_or(|wanted| wanted.value.matches(version))
            && (self.kinds.value.is_empty() || self.kinds.value.contains(&kind))
    }

    /// All overrides, in the order of the file.
    pub(super) fn read(reader: &mut Reader) -> Vec<Self> {
        let mut overrides = Vec::new();
        for (name, place) in reader.chosen(&["override"], None) {
            let package = CrateName::new(&name);
            if let Err(why) = &package {
                let key = dotted(&["override".to_owned(), name.clone()]);
                reader.refuse(key, why.clone(), place);
            }
            let mut tables: BTreeMap<usize, Origin> = BTreeMap::new();
            for found in reader.all() {
                if found.path[0] == "override" && found.path.get(1) == Some(&name) {
                    tables.entry(found.index).or_insert_with(|| found.table_origin());
                }
            }
            for (index, origin) in tables {
                let table = Table { name: &name, index };
                if let Ok(package) = &package {
                    overrides.push(table.read(reader, package.clone(), origin));
                }
            }
        }
        overrides
    }
}

/// One table of `[[override.<crate>]]`.
struct Table<'n> {
    name: &'n str,
    index: usize,
}

impl Table<'_> {
    fn list<T>(
        &self,
        reader: &mut Reader,
        key: &str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Setting<Vec<T>> {
        let path = ["override", self.name, key];
        reader.set(&path, self.index, parse).unwrap_or(Setting::default(Vec::new()))
    }

    fn read(&self, reader: &mut Reader, package: CrateName, origin: Origin) -> Override {
        let requirement = |text: &str| {
            VersionReq::parse(text)
                .map_err(|why| Invalid::Requirement { text: text.to_owned(), why: why.to_string() })
        };
        Override {
            package,
            origin,
            version: reader.text(&["override", self.name, "version"], self.index, requirement),
            kinds: self.list(reader, "kind", |text| one_of(text, &KINDS)),
            native_inputs: self.list(reader, "native-inputs", PackageInput::parse),
            build_inputs: self.list(reader, "build-inputs", PackageInput::parse),
            env: env::read(reader, &["override", self.name, "env"], self.index),
            files: self.list(reader, "files", RelativePath::new),
            script_files: reader.set(
                &["override", self.name, "script-files"],
                self.index,
                RelativePath::new,
            ),
            rustflags: reader
                .texts(&["override", self.name, "rustflags"], self.index, argument)
                .unwrap_or(Setting::default(Vec::new())),
            split: reader.boolean_of(&["override", self.name, "split"], self.index),
        }
    }
}
