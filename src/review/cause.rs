//! Why a step is not what it was: its own reasons, apart from what it needs.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use petgraph::graph::NodeIndex;
use serde::Serialize;

use super::graph::{Node, StepGraph};
use super::lists::{flags_change, list_change, map_change, set_change};
use super::matching::Matching;
use super::profile::{SEEN, code_generation, lto_words};
use crate::model::document::{Additions, Carries, Kind, Origin, Package, StepRef};

/// The kind of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// The plan's library or builder: another version of this program.
    Recipe,
    /// The flake input that the toolchain comes from.
    Toolchain,
    /// The build machine's triple.
    Host,
    /// The steps that were asked for.
    Roots,
    /// rustc flags of a platform.
    Rustflags,
    /// A platform's linker.
    Linker,
    /// What rustc says of a platform.
    Cfg,
    /// Variables of every step, or of one.
    Environment,
    /// Code generation.
    Profile,
    /// A part in link-time optimisation.
    Lto,
    /// The package's version.
    Version,
    /// Where its files come from, or their checksum.
    Source,
    /// Enabled features.
    Features,
    /// What it needs, was not needed before, or no longer.
    Dependency,
    /// The build target: root, edition, crate types.
    Target,
    /// Another field of the manifest.
    Manifest,
    /// What it reads of the source tree.
    Files,
    /// config.toml adds other things to it.
    Override,
    /// Steps of the package that are new or gone.
    Steps,
    /// Its name, because another step came or went.
    Name,
}

impl CauseKind {
    /// Whether the cause lies outside of packages and is told once for all steps that it meets.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self <= Self::Lto
    }
}

/// A cause, in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cause {
    /// The kind.
    pub kind: CauseKind,
    /// What changed: `+pcre2 -std`.
    pub text: String,
}

impl Cause {
    /// A cause.
    #[must_use]
    pub fn new(kind: CauseKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

/// What a package that was asked for sees of it.
const PRIMARY: &str = "CARGO_PRIMARY_PACKAGE";

/// Whether a step is told that it was asked for.
pub(super) fn is_primary(node: &Node<'_>) -> bool {
    node.step.env.contains_key(PRIMARY)
}

/// The causes of a pair of steps, apart from those of whole platforms.
pub(super) fn of_pair(
    (old_graph, old): (&StepGraph<'_>, NodeIndex),
    (new_graph, new): (&StepGraph<'_>, NodeIndex),
    matching: &Matching,
) -> Vec<Cause> {
    let (a, b) = (&old_graph.graph[old], &new_graph.graph[new]);
    let mut causes = Vec::new();
    let mut add = |kind, text: Option<String>| {
        causes.extend(text.map(|text| Cause::new(kind, text)));
    };
    let bumped = a.package.version != b.package.version;
    if bumped {
        let text = format!("{} -> {}", a.package.version, b.package.version);
        add(CauseKind::Version, Some(text));
    }
    add(CauseKind::Source, source_change(&a.package.source, &b.package.source, bumped));
    add(CauseKind::Features, set_change(&a.step.features, &b.step.features));
    add(CauseKind::Dependency, dependency_change((old_graph, a), (new_graph, b), matching));
    add(CauseKind::Profile, code_generation((old_graph, old), (new_graph, new)));
    if a.step.lto != b.step.lto {
        let change = format!("{} -> {}", lto_words(&a.step.lto), lto_words(&b.step.lto));
        add(CauseKind::Lto, Some(change));
    }
    add(CauseKind::Override, additions_change(&a.step.additions, &b.step.additions));
    if a.step.replaced != b.step.replaced {
        add(CauseKind::Override, Some("the script's replacement".to_owned()));
    }
    // Another version has another manifest: that goes without saying.
    if !bumped {
        add(CauseKind::Target, target_change(a, b));
        // A package of another place is read in another way: that goes without saying, too.
        let moved = discriminant(&a.package.source) != discriminant(&b.package.source);
        add(CauseKind::Manifest, manifest_change(a.package, b.package, moved));
        if !moved {
            add(CauseKind::Files, files_change(a, b));
        }
    }
    if causes.is_empty() && own_env(a, old_graph) != own_env(b, new_graph) {
        let text = map_change(&own_env(a, old_graph), &own_env(b, new_graph));
        causes.extend(text.map(|text| Cause::new(CauseKind::Environment, text)));
    }
    // The digits that tell steps apart follow from all that a step is made of.
    let told_apart = |name: &str| name.contains('~');
    if causes.is_empty() && a.name != b.name && told_apart(a.name) != told_apart(b.name) {
        causes.push(Cause::new(CauseKind::Name, format!("was {}", a.name)));
    }
    causes
}

/// The environment without what is the plan's or its platform's.
fn own_env(node: &Node<'_>, graph: &StepGraph<'_>) -> BTreeMap<String, String> {
    let document = graph.document;
    let cfg = document.platforms.get(node.platform).map(|platform| &platform.cfg_env);
    let is_shared = |name: &String| {
        document.environment.contains_key(name)
            || cfg.is_some_and(|cfg| cfg.contains_key(name))
            || matches!(
                name.as_str(),
                "HOST" | "TARGET" | "CARGO_ENCODED_RUSTFLAGS" | "RUSTC_LINKER" | PRIMARY
            )
            || SEEN.contains(&name.as_str())
    };
    let own = node.step.env.iter().filter(|(name, _)| !is_shared(name));
    own.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn source_change(old: &Origin, new: &Origin, bumped: bool) -> Option<String> {
    match (old, new) {
        (
            Origin::Registry { registry: a, sha256: x },
            Origin::Registry { registry: b, sha256: y },
        ) => {
            if a != b {
                Some(format!("registry {a} -> {b}"))
            } else {
                (x != y && !bumped).then(|| "checksum".to_owned())
            }
        }
        (Origin::Git { url: a, rev: x, .. }, Origin::Git { url: b, rev: y, .. }) => {
            let short = |rev: &str| rev.get(..7).unwrap_or(rev).to_owned();
            if a != b {
                Some(format!("git {a} -> {b}"))
            } else if x != y {
                Some(format!("git {} -> {}", short(x), short(y)))
            } else {
                (old != new).then(|| "git reference or directory".to_owned())
            }
        }
        (Origin::Path { dir: a }, Origin::Path { dir: b })
        | (Origin::Vendor { dir: a }, Origin::Vendor { dir: b }) => {
            (a != b && !bumped).then(|| format!("directory {a} -> {b}"))
        }
        _ => Some(format!("{} -> {}", origin(old), origin(new))),
    }
}

/// The kind of an origin in words.
#[must_use]
pub fn origin(source: &Origin) -> &'static str {
    match source {
        Origin::Registry { .. } => "registry",
        Origin::Git { .. } => "git",
        Origin::Path { .. } => "source tree",
        Origin::Vendor { .. } => "vendored",
    }
}

/// The words of a change of dependencies as one text; [`united`] takes it apart again.
fn joined(words: BTreeSet<String>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}

/// Several steps of a package need other things: one cause for all of them.
pub(super) fn united<'c>(causes: impl Iterator<Item = &'c Cause>) -> Option<Cause> {
    let words: BTreeSet<String> = causes
        .filter(|cause| cause.kind == CauseKind::Dependency)
        .flat_map(|cause| cause.text.split(", ").map(str::to_owned))
        .collect();
    (!words.is_empty()).then(|| Cause::new(CauseKind::Dependency, joined(words)))
}

fn dependency_change(
    (old_graph, a): (&StepGraph<'_>, &Node<'_>),
    (new_graph, b): (&StepGraph<'_>, &Node<'_>),
    matching: &Matching,
) -> Option<String> {
    let successor = |on: &StepRef| {
        let id = old_graph.id(&on.platform, &on.step)?;
        matching.successor.get(&id).copied()
    };
    let node = |on: &StepRef| new_graph.id(&on.platform, &on.step);
    let before: Vec<_> =
        a.step.dependencies.iter().map(|d| (successor(&d.on), &d.carries, d)).collect();
    let after: Vec<_> = b.step.dependencies.iter().map(|d| (node(&d.on), &d.carries, d)).collect();
    let same = |x: &Option<_>, y: &Option<_>| x.is_some() && x == y;
    let label = |graph: &StepGraph<'_>, on: &StepRef, carries: &Carries, own: &Node<'_>| {
        let package =
            graph.id(&on.platform, &on.step).map(|id| graph.graph[id].package.name.clone());
        let package = package.unwrap_or_default();
        let words = match carries {
            Carries::ScriptOutput | Carries::ScriptProgram => "build script".to_owned(),
            Carries::BinExe { name } => format!("program {name}"),
            _ if package == own.package.name => "its library".to_owned(),
            Carries::Links { name } => format!("{package} (links {name})"),
            Carries::Extern { name } if *name != package.replace('-', "_") => {
                format!("{package} (as {name})")
            }
            _ => package,
        };
        // A manifest lists these apart.
        let is_script = own.step.kind == Kind::CustomBuild;
        if is_script { format!("{words} for the build script") } else { words }
    };
    let gone = before.iter().filter(|(on, carries, _)| {
        !after.iter().any(|(other, found, _)| same(on, other) && carries == found)
    });
    let come = after.iter().filter(|(on, carries, _)| {
        !before.iter().any(|(other, found, _)| same(on, other) && carries == found)
    });
    let mut words: BTreeSet<String> =
        come.map(|(_, carries, d)| format!("+{}", label(new_graph, &d.on, carries, b))).collect();
    words.extend(gone.map(|(_, carries, d)| format!("-{}", label(old_graph, &d.on, carries, a))));
    (!words.is_empty()).then(|| joined(words))
}

fn target_change(a: &Node<'_>, b: &Node<'_>) -> Option<String> {
    let (Some(old), Some(new)) = (&a.step.target, &b.step.target) else { return None };
    let mut words = Vec::new();
    for (name, x, y) in [
        ("name", &old.name, &new.name),
        ("root", &old.root, &new.root),
        ("edition", &old.edition, &new.edition),
    ] {
        if x != y {
            words.push(format!("{name} {x} -> {y}"));
        }
    }
    if old.crate_types != new.crate_types {
        let change = list_change(&old.crate_types, &new.crate_types).unwrap_or_default();
        words.push(format!("crate types {change}"));
    }
    if old.harness != new.harness {
        words.push(format!("harness {} -> {}", old.harness, new.harness));
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// The most files that are told by name.
const FILES: usize = 3;

fn files_change(a: &Node<'_>, b: &Node<'_>) -> Option<String> {
    let (old, new) = (&a.package.files, &b.package.files);
    let mut words = Vec::new();
    for (name, before, after) in [
        ("left out", &old.without, &new.without),
        ("code", &old.code, &new.code),
        ("script", &old.script, &new.script),
        ("also", &old.also, &new.also),
        ("script, also", &old.script_also, &new.script_also),
    ] {
        let change = set_change(before, after);
        let count = change.as_ref().map_or(0, |change| change.split(' ').count());
        words.extend(change.map(|change| match count <= FILES {
            true => format!("{name} {change}"),
            false => format!("{name} ({count} changes)"),
        }));
    }
    let others = old != new || a.step.sources != b.step.sources;
    if words.is_empty() && others {
        words.push("what its steps read".to_owned());
    }
    (!words.is_empty()).then(|| words.join(", "))
}

fn manifest_change(a: &Package, b: &Package, moved: bool) -> Option<String> {
    let mut words = Vec::new();
    for (name, same) in [
        ("authors", a.about.authors == b.about.authors),
        ("description", a.about.description == b.about.description),
        ("homepage", a.about.homepage == b.about.homepage),
        ("license", a.about.license == b.about.license),
        ("license-file", a.about.license_file == b.about.license_file),
        ("readme", a.about.readme == b.about.readme),
        ("repository", a.about.repository == b.about.repository),
        ("rust-version", a.about.rust_version == b.about.rust_version),
        ("links", a.links == b.links),
        ("lints", a.lints == b.lints),
        ("place in the workspace", moved || a.in_workspace == b.in_workspace),
    ] {
        if !same {
            words.push(name.to_owned());
        }
    }
    if let Some(change) = set_change(&a.declared_features, &b.declared_features) {
        words.push(format!("declared features {change}"));
    }
    (!words.is_empty()).then(|| words.join(", "))
}

fn additions_change(old: &Additions, new: &Additions) -> Option<String> {
    let words: Vec<String> = [
        ("native inputs", list_change(&old.native_inputs, &new.native_inputs)),
        ("build inputs", list_change(&old.build_inputs, &new.build_inputs)),
        ("environment", map_change(&old.env, &new.env)),
        ("files", list_change(&old.files, &new.files)),
        ("rustflags", flags_change(&old.rustflags, &new.rustflags)),
    ]
    .into_iter()
    .filter_map(|(name, change)| change.map(|change| format!("{name} {change}")))
    .collect();
    (!words.is_empty()).then(|| words.join(", "))
}
