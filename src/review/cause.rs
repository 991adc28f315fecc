//! Why a step is not what it was: its own reasons, apart from what it needs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::graph::{Node, StepGraph};
use super::matching::Matching;
use crate::model::document::{Additions, Carries, Origin, Package, Profile, StepRef};

/// The kind of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// The plan's library or builder: another version of this program.
    Recipe,
    /// The locked input that the compiler comes from.
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

/// `+added -removed`, sorted; `None` where the two are equal.
pub fn set_change<'t, T: Ord + std::fmt::Display + 't>(
    old: impl IntoIterator<Item = &'t T>,
    new: impl IntoIterator<Item = &'t T>,
) -> Option<String> {
    let old: BTreeSet<&T> = old.into_iter().collect();
    let new: BTreeSet<&T> = new.into_iter().collect();
    let added = new.difference(&old).map(|item| format!("+{item}"));
    let removed = old.difference(&new).map(|item| format!("-{item}"));
    let words: Vec<String> = added.chain(removed).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// As [`set_change`] for lists, whose order counts.
pub fn list_change(old: &[String], new: &[String]) -> Option<String> {
    if old == new { None } else { set_change(old, new).or_else(|| Some("order".to_owned())) }
}

/// `+NAME -NAME ~NAME` of variables.
pub fn map_change(
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Option<String> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let words = names.into_iter().filter_map(|name| match (old.get(name), new.get(name)) {
        (None, _) => Some(format!("+{name}")),
        (_, None) => Some(format!("-{name}")),
        (old, new) => (old != new).then(|| format!("~{name}")),
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The causes of a pair of steps, apart from those of whole platforms.
pub(super) fn of_pair(
    old: (&StepGraph<'_>, &Node<'_>),
    new: (&StepGraph<'_>, &Node<'_>),
    matching: &Matching,
) -> Vec<Cause> {
    let ((old_graph, a), (new_graph, b)) = (old, new);
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
    add(CauseKind::Profile, profile_change(&a.step.profile, &b.step.profile));
    if a.step.lto != b.step.lto {
        let word = |lto: &str| if lto.is_empty() { "none".to_owned() } else { lto.to_owned() };
        add(CauseKind::Lto, Some(format!("{} -> {}", word(&a.step.lto), word(&b.step.lto))));
    }
    add(CauseKind::Override, additions_change(&a.step.additions, &b.step.additions));
    if a.step.replaced != b.step.replaced {
        add(CauseKind::Override, Some("the script's replacement".to_owned()));
    }
    // Another version has another manifest: that goes without saying.
    if !bumped {
        add(CauseKind::Target, target_change(a, b));
        add(CauseKind::Manifest, manifest_change(a.package, b.package));
        if a.package.files != b.package.files || a.step.sources != b.step.sources {
            add(CauseKind::Files, Some("what its steps read".to_owned()));
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
                "HOST" | "TARGET" | "CARGO_ENCODED_RUSTFLAGS" | "RUSTC_LINKER"
            )
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
        match carries {
            Carries::ScriptOutput | Carries::ScriptProgram => "build script".to_owned(),
            Carries::BinExe { name } => format!("program {name}"),
            _ if package == own.package.name => "its library".to_owned(),
            Carries::Links { name } => format!("{package} (links {name})"),
            Carries::Extern { name } if *name != package.replace('-', "_") => {
                format!("{package} (as {name})")
            }
            _ => package,
        }
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

fn profile_change(old: &Profile, new: &Profile) -> Option<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let truth = |value: Option<bool>| value.unwrap_or_default().to_string();
    let units = |value: Option<u32>| value.map_or_else(|| "default".to_owned(), |n| n.to_string());
    let mut words = Vec::new();
    for (name, a, b) in [
        ("opt-level", old.opt_level.clone(), new.opt_level.clone()),
        ("debug", text(&old.debuginfo), text(&new.debuginfo)),
        ("split-debuginfo", text(&old.split_debuginfo), text(&new.split_debuginfo)),
        ("codegen-units", units(old.codegen_units), units(new.codegen_units)),
        ("debug-assertions", old.debug_assertions.to_string(), new.debug_assertions.to_string()),
        ("overflow-checks", truth(old.overflow_checks), truth(new.overflow_checks)),
        ("panic", text(&old.panic), text(&new.panic)),
        ("rpath", truth(old.rpath), truth(new.rpath)),
        ("strip", text(&old.strip), text(&new.strip)),
        ("rustflags", old.rustflags.join(" "), new.rustflags.join(" ")),
    ] {
        if a != b {
            words.push(format!("{name} {a} -> {b}"));
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
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

fn manifest_change(a: &Package, b: &Package) -> Option<String> {
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
        ("place in the workspace", a.in_workspace == b.in_workspace),
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
        ("rustflags", list_change(&old.rustflags, &new.rustflags)),
    ]
    .into_iter()
    .filter_map(|(name, change)| change.map(|change| format!("{name} {change}")))
    .collect();
    (!words.is_empty()).then(|| words.join(", "))
}
