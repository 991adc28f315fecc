//! `cargo build --unit-graph`, format 1, as typed values.
//!
//! Source: `unit_graph.rs` and `profiles.rs` of Cargo 1.95. Fields we do not know are tolerated;
//! modes and crate kinds we do not know are refused by name, because they change meaning.

use serde::Deserialize;

use super::error::CargoError;
use crate::model::profile::{Lto, Panic, Profile};
use crate::model::{CrateType, TargetKind};

/// The whole answer.
#[derive(Debug, Deserialize)]
pub struct UnitGraph {
    version: u32,
    /// All units; edges are indices into this list.
    pub units: Vec<Unit>,
    /// The units that were asked for.
    pub roots: Vec<usize>,
}

/// A unit.
#[derive(Debug, Deserialize)]
pub struct Unit {
    /// The package id, opaque.
    pub pkg_id: String,
    /// The build target.
    pub target: UnitTarget,
    /// The profile with all overrides applied.
    pub profile: RawProfile,
    /// `None`: the build machine.
    pub platform: Option<String>,
    /// What is done with it.
    pub mode: UnitMode,
    /// Enabled features, sorted.
    pub features: Vec<String>,
    /// A crate of the standard library (`-Z build-std`).
    #[serde(default)]
    pub is_std: bool,
    /// What it needs.
    pub dependencies: Vec<UnitDependency>,
}

/// A build target, as the unit graph spells it.
#[derive(Debug, Deserialize)]
pub struct UnitTarget {
    /// One element but for libraries, where it repeats the crate types.
    pub kind: Vec<String>,
    /// All crate types.
    pub crate_types: Vec<CrateType>,
    /// The manifest's name.
    pub name: String,
    /// Absolute; Cargo writes the source of a `metabuild` itself, and names none.
    #[serde(default, deserialize_with = "text_or_none")]
    pub src_path: String,
    /// The edition.
    pub edition: String,
}

/// What Cargo does with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitMode {
    /// Compile.
    Build,
    /// Compile with tests.
    Test,
    /// Type-check.
    Check,
    /// Run a build script.
    RunCustomBuild,
    /// rustdoc.
    Doc,
    /// Doc tests.
    Doctest,
    /// rustdoc, scraping examples.
    Docscrape,
}

/// An edge.
#[derive(Debug, Deserialize)]
pub struct UnitDependency {
    /// Into the list of units.
    pub index: usize,
    /// The name in the dependent's code.
    pub extern_crate_name: String,
    /// Whether the dependent's own interface may show it; absent where that is not asked.
    #[serde(default)]
    pub public: bool,
    /// Only with `-Z build-std`.
    #[serde(default)]
    pub noprelude: bool,
    /// Likewise, since Cargo 1.97.
    #[serde(default)]
    pub nounused: bool,
}

/// A profile, in the shapes that Cargo uses for it.
#[derive(Debug, Deserialize)]
pub struct RawProfile {
    name: String,
    opt_level: String,
    lto: String,
    #[serde(default)]
    codegen_units: Option<u32>,
    #[serde(default)]
    codegen_backend: Option<String>,
    #[serde(default)]
    debuginfo: Option<serde_json::Value>,
    #[serde(default)]
    split_debuginfo: Option<String>,
    debug_assertions: bool,
    overflow_checks: bool,
    rpath: bool,
    panic: String,
    #[serde(default)]
    strip: Option<serde_json::Value>,
    #[serde(default)]
    rustflags: Vec<String>,
    /// `null` is one of its values, all paths, and an empty list is none.
    #[serde(default, deserialize_with = "there")]
    trim_paths: Option<serde_json::Value>,
}

fn text_or_none<'d, D: serde::Deserializer<'d>>(from: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// The value of a field that is there, `null` among them.
fn there<'d, D: serde::Deserializer<'d>>(from: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(from).map(Some)
}

/// Parses what Cargo printed.
///
/// # Errors
/// [`CargoError::Answer`] for another format version or for JSON that has another shape.
pub fn parse(json: &[u8]) -> Result<UnitGraph, CargoError> {
    let answer = |reason: String| CargoError::Answer {
        command: "cargo build --unit-graph".to_owned(),
        reason,
    };
    let graph: UnitGraph = serde_json::from_slice(json).map_err(|e| answer(e.to_string()))?;
    if graph.version != 1 {
        return Err(answer(format!("unit graph format {} (only 1 is known)", graph.version)));
    }
    let count = graph.units.len();
    let indices = graph.units.iter().flat_map(|unit| unit.dependencies.iter().map(|d| d.index));
    if let Some(index) = indices.chain(graph.roots.iter().copied()).find(|index| *index >= count) {
        return Err(answer(format!("an edge to unit {index} of {count}")));
    }
    Ok(graph)
}

impl Unit {
    /// Package, target and mode, for messages.
    #[must_use]
    pub fn describe(&self) -> String {
        let run = if self.mode == UnitMode::RunCustomBuild { "the run of " } else { "" };
        format!("{run}{} `{}` of {}", self.target.kind.join("+"), self.target.name, self.package())
    }

    /// The package by name and version: what an id says behind `#`, and the directory's name where it
    /// says only a version.
    fn package(&self) -> String {
        let (place, said) = self.pkg_id.split_once('#').unwrap_or((&self.pkg_id, ""));
        if said.contains('@') {
            return said.replace('@', " ");
        }
        let place = place.split('?').next().unwrap_or(place).trim_end_matches('/');
        let name = place.rsplit('/').next().unwrap_or(place);
        format!("{name} {said}").trim_end().to_owned()
    }

    /// The kind of the unit's build target.
    ///
    /// # Errors
    /// [`CargoError::Unit`] for a kind this version does not know.
    pub fn kind(&self) -> Result<TargetKind, CargoError> {
        target_kind(&self.target.kind).ok_or_else(|| CargoError::Unit {
            unit: self.describe(),
            reason: format!("its kind `{}` is not known", self.target.kind.join("+")),
            help: None,
        })
    }
}

/// The kind of a build target as Cargo's JSON spells it; a library's list repeats its crate types.
#[must_use]
pub fn target_kind(kinds: &[String]) -> Option<TargetKind> {
    Some(match kinds.first()?.as_str() {
        "lib" | "rlib" | "dylib" | "cdylib" | "staticlib" => TargetKind::Lib,
        "proc-macro" => TargetKind::ProcMacro,
        "bin" => TargetKind::Bin,
        "example" => TargetKind::Example,
        "test" => TargetKind::Test,
        "bench" => TargetKind::Bench,
        "custom-build" => TargetKind::CustomBuild,
        _ => return None,
    })
}

impl RawProfile {
    /// The profile as a value that cannot lie.
    ///
    /// # Errors
    /// A sentence fragment that names the field and value that are not known.
    pub fn parse(&self) -> Result<Profile, String> {
        if let Some(backend) = &self.codegen_backend {
            return Err(format!(
                "a plan has no other code generator than LLVM, and the profile names `{backend}`"
            ));
        }
        if self
            .trim_paths
            .as_ref()
            .is_some_and(|value| value.as_array().is_none_or(|list| !list.is_empty()))
        {
            return Err(
                "the profile has `trim-paths`; the steps of a plan have no path of a machine in them anyway"
                    .to_owned(),
            );
        }
        let debuginfo = match &self.debuginfo {
            None | Some(serde_json::Value::Null) => "0".to_owned(),
            Some(serde_json::Value::Number(level)) => level.to_string(),
            Some(serde_json::Value::String(level)) => match level.as_str() {
                "none" => "0".to_owned(),
                "limited" => "1".to_owned(),
                "full" => "2".to_owned(),
                other => other.to_owned(),
            },
            Some(other) => return Err(format!("debuginfo `{other}` is not known")),
        };
        Ok(Profile {
            name: self.name.clone(),
            opt_level: self.opt_level.clone(),
            lto: match self.lto.as_str() {
                "false" => Lto::No,
                "true" => Lto::Yes,
                "off" => Lto::Off,
                named => Lto::Named(named.to_owned()),
            },
            codegen_units: self.codegen_units,
            debuginfo,
            split_debuginfo: self.split_debuginfo.clone(),
            debug_assertions: self.debug_assertions,
            overflow_checks: self.overflow_checks,
            rpath: self.rpath,
            panic: match self.panic.as_str() {
                "unwind" => Panic::Unwind,
                "abort" => Panic::Abort,
                "immediate-abort" => Panic::ImmediateAbort,
                other => return Err(format!("panic strategy `{other}` is not known")),
            },
            strip: self.strip.as_ref().map(strip).transpose()?.flatten(),
            rustflags: self.rustflags.clone(),
        })
    }
}

/// `{"resolved": {"Named": "symbols"}}`, `{"deferred": "None"}`, or the bare inner value.
fn strip(value: &serde_json::Value) -> Result<Option<String>, String> {
    use serde_json::Value;
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.eq_ignore_ascii_case("none") => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Object(fields) => match fields.iter().next() {
            Some((key, inner)) if matches!(key.as_str(), "resolved" | "deferred" | "Named") => {
                strip(inner)
            }
            _ => Err(format!("strip `{value}` is not known")),
        },
        _ => Err(format!("strip `{value}` is not known")),
    }
}
