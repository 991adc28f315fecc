//! What only a manifest says: `[lints]`, `harness`, `inherits` of custom profiles.
//!
//! Neither `cargo metadata` nor the unit graph carries these. Source: `lints_to_rustflags` and
//! the manifest reference of Cargo 1.95.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::Deserialize;

use super::error::CargoError;
use crate::model::TargetKind;

/// The parts of a Cargo.toml that are read here.
#[derive(Debug, Default, Deserialize)]
pub struct Manifest {
    #[serde(default, rename = "cargo-features")]
    cargo_features: Vec<String>,
    #[serde(default)]
    lints: Option<Lints>,
    #[serde(default)]
    workspace: Option<WorkspaceTable>,
    #[serde(default)]
    package: Option<PackageTable>,
    #[serde(default)]
    lib: Option<TargetTable>,
    #[serde(default)]
    bin: Vec<TargetTable>,
    #[serde(default)]
    test: Vec<TargetTable>,
    #[serde(default)]
    bench: Vec<TargetTable>,
    #[serde(default)]
    example: Vec<TargetTable>,
    #[serde(default)]
    profile: BTreeMap<String, ProfileTable>,
}

#[derive(Debug, Default, Deserialize)]
struct WorkspaceTable {
    #[serde(default)]
    lints: Option<LintTools>,
}

#[derive(Debug, Default, Deserialize)]
struct PackageTable {
    #[serde(default)]
    workspace: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct TargetTable {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    harness: Option<bool>,
    #[serde(default)]
    filename: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct ProfileTable {
    #[serde(default)]
    inherits: Option<String>,
}

type LintTools = BTreeMap<String, BTreeMap<String, Lint>>;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Lints {
    Inherited { workspace: bool },
    Own(LintTools),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Lint {
    Level(Level),
    Table {
        level: Level,
        #[serde(default)]
        priority: i64,
        #[serde(default, rename = "check-cfg")]
        check_cfg: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Allow,
    Warn,
    Deny,
    Forbid,
}

/// Where a manifest's lints stand.
#[derive(Debug, PartialEq, Eq)]
pub enum LintFlags {
    /// In the manifest itself, as rustc's flags.
    Own(Vec<String>),
    /// In the manifest of the workspace that the package belongs to.
    Inherited {
        /// `package.workspace`, where the manifest names its root.
        root: Option<String>,
    },
}

impl Manifest {
    /// Parses `text`, the content of the manifest at `path`.
    ///
    /// # Errors
    /// [`CargoError::Toml`] with the span.
    pub fn parse(path: &Utf8Path, text: &str) -> Result<Self, CargoError> {
        toml::from_str(text).map_err(|error| CargoError::toml(path, text, &error))
    }

    /// The package's lint flags, or where to find them.
    #[must_use]
    pub fn lint_flags(&self) -> LintFlags {
        match &self.lints {
            None | Some(Lints::Inherited { workspace: false }) => LintFlags::Own(Vec::new()),
            Some(Lints::Own(tools)) => LintFlags::Own(rustflags(tools)),
            Some(Lints::Inherited { workspace: true }) => LintFlags::Inherited {
                root: self.package.as_ref().and_then(|package| package.workspace.clone()),
            },
        }
    }

    /// `[workspace.lints]` as rustc's flags.
    #[must_use]
    pub fn workspace_lint_flags(&self) -> Vec<String> {
        let lints = self.workspace.as_ref().and_then(|workspace| workspace.lints.as_ref());
        lints.map(rustflags).unwrap_or_default()
    }

    /// Whether it asks for this feature of a nightly Cargo.
    #[must_use]
    pub fn has_cargo_feature(&self, name: &str) -> bool {
        self.cargo_features.iter().any(|feature| feature == name)
    }

    /// The name that the file of a program has in the place of the program's own (`filename`).
    #[must_use]
    pub fn file_name(&self, bin: &str) -> Option<&str> {
        let table = self.bin.iter().find(|table| table.name.as_deref() == Some(bin))?;
        table.filename.as_deref().filter(|name| *name != bin)
    }

    /// Whether the manifest is a workspace's root.
    #[must_use]
    pub fn is_workspace_root(&self) -> bool {
        self.workspace.is_some()
    }

    /// Whether tests of the build target are linked with libtest's harness (the default).
    #[must_use]
    pub fn harness(&self, kind: TargetKind, name: &str) -> bool {
        let named = |tables: &[TargetTable]| {
            tables.iter().find(|table| table.name.as_deref() == Some(name)).and_then(|t| t.harness)
        };
        let said = match kind {
            TargetKind::Lib | TargetKind::ProcMacro => {
                self.lib.as_ref().and_then(|table| table.harness)
            }
            TargetKind::Bin => named(&self.bin),
            TargetKind::Test => named(&self.test),
            TargetKind::Bench => named(&self.bench),
            TargetKind::Example => named(&self.example),
            TargetKind::CustomBuild => None,
        };
        said.unwrap_or(true)
    }

    /// `inherits` of each custom profile.
    pub fn inherits(&self) -> impl Iterator<Item = (&str, &str)> {
        self.profile
            .iter()
            .filter_map(|(name, table)| Some((name.as_str(), table.inherits.as_deref()?)))
    }
}

/// The flags, by priority, then by name from the end of the alphabet; `check-cfg` last.
fn rustflags(tools: &LintTools) -> Vec<String> {
    let mut flags = Vec::new();
    for (tool, lints) in tools.iter().filter(|(tool, _)| *tool != "cargo") {
        for (name, lint) in lints {
            let (level, priority) = match lint {
                Lint::Level(level) => (*level, 0),
                Lint::Table { level, priority, .. } => (*level, *priority),
            };
            let level = match level {
                Level::Allow => "--allow",
                Level::Warn => "--warn",
                Level::Deny => "--deny",
                Level::Forbid => "--forbid",
            };
            let flag = if tool == "rust" {
                format!("{level}={name}")
            } else {
                format!("{level}={tool}::{name}")
            };
            flags.push((priority, std::cmp::Reverse(name), flag));
        }
    }
    flags.sort();
    let mut flags: Vec<String> = flags.into_iter().map(|(.., flag)| flag).collect();
    if let Some(Lint::Table { check_cfg, .. }) =
        tools.get("rust").and_then(|lints| lints.get("unexpected_cfgs"))
    {
        for value in check_cfg {
            flags.extend(["--check-cfg".to_owned(), value.clone()]);
        }
    }
    flags
}
