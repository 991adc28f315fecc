//! What changed of a package itself: its source, its manifest, its files.

use std::mem::discriminant;

use super::cause::CauseKind;
use super::graph::Node;
use super::set_change::{list_change, set_change};
use crate::model::document::{Origin, Package};

/// What changed of the package of a pair of steps, and of the step's build target.
pub(super) fn changes(a: &Node<'_>, b: &Node<'_>) -> Vec<(CauseKind, String)> {
    let (old, new) = (a.package, b.package);
    let bumped = old.version != new.version;
    let mut changes = Vec::new();
    let mut add = |kind, text: Option<String>| changes.extend(text.map(|text| (kind, text)));
    add(CauseKind::Version, bumped.then(|| format!("{} -> {}", old.version, new.version)));
    add(CauseKind::Source, source_change(&old.source, &new.source, bumped));
    // Another version has another manifest: that goes without saying.
    if !bumped {
        add(CauseKind::Target, target_change(a, b));
        // A package of another place is read in another way: that goes without saying, too.
        let moved = discriminant(&old.source) != discriminant(&new.source);
        add(CauseKind::Manifest, manifest_change(old, new, moved));
        if !moved {
            add(CauseKind::Files, files_change(a, b));
        }
    }
    changes
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
pub(super) fn origin(source: &Origin) -> &'static str {
    match source {
        Origin::Registry { .. } => "registry",
        Origin::Git { .. } => "git",
        Origin::Path { .. } => "source tree",
        Origin::Vendor { .. } => "vendored",
    }
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
        ("script", &old.script, &new.script),
        ("also", &old.also, &new.also),
        ("tests, also", &old.tests_also, &new.tests_also),
        ("script, also", &old.script_also, &new.script_also),
    ] {
        let change = set_change(before, after);
        let count = change.as_ref().map_or(0, |change| change.split(' ').count());
        words.extend(change.map(|change| match count <= FILES {
            true => format!("{name} {change}"),
            false => format!("{name} ({count} changes)"),
        }));
    }
    if old.run_sees != new.run_sees {
        words.push("what the run of its script sees".to_owned());
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
        ("default-run", a.default_run == b.default_run),
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
