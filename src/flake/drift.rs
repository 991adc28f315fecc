//! Where flake.nix and flake.lock disagree: what `nix flake lock` would change.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;

use super::flake_ref::{FlakeRef, RefKind};
use super::inputs::{FlakeInput, FlakeInputs, InputOrigin};
use super::lock::{InputTarget, Lock, LockAttrs, LockNode, NodeId};
use super::ref_value::RefValue;
use super::span::Span;

/// One disagreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The input's path: `nixpkgs`, or `utils.inputs.systems` for an override.
    pub input: String,
    /// Where flake.nix names it, if it does.
    pub span: Option<Span>,
    /// What is the matter.
    #[serde(flatten)]
    pub kind: DriftKind,
}

/// What is the matter with an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "drift", rename_all = "kebab-case")]
pub enum DriftKind {
    /// flake.nix declares it, the lock does not have it.
    Missing,
    /// The lock has it, flake.nix does not declare it.
    Orphaned,
    /// Both have it, but from different places.
    Changed {
        /// What the lock was made from.
        locked: String,
        /// What flake.nix says now.
        declared: String,
    },
    /// It overrides an input that the other flake does not have.
    Useless,
}

impl Drift {
    /// The command that cures it.
    pub fn cure(&self) -> String {
        match self.kind {
            DriftKind::Useless => format!("remove `inputs.{}` from flake.nix", self.input),
            _ => "nix flake lock".to_owned(),
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let input = &self.input;
        match &self.kind {
            DriftKind::Missing => write!(f, "{input}: not in flake.lock"),
            DriftKind::Orphaned => write!(f, "{input}: in flake.lock, but not in flake.nix"),
            DriftKind::Changed { locked, declared } => {
                write!(f, "{input}: locked from {locked}, declared as {declared}")
            }
            DriftKind::Useless => write!(f, "{input}: overrides an input that is not there"),
        }
    }
}

/// Compares what flake.nix declares with the lock; without a lock everything is missing. Inputs
/// that are computed are not compared.
pub fn drift(inputs: &FlakeInputs, lock: Option<&Lock>) -> Vec<Drift> {
    let mut found = Vec::new();
    let declared = inputs
        .inputs
        .iter()
        .filter(|(_, input)| !matches!(input.origin, InputOrigin::SelfAttributes(_)));
    let Some(lock) = lock else {
        found.extend(declared.map(|(name, input)| missing(name, input)));
        return found;
    };
    let empty = IndexMap::new();
    let root = lock.node(lock.root());
    let locked = root.map_or(&empty, |node| &node.inputs);
    for (name, input) in declared {
        match locked.get(name) {
            None => found.push(missing(name, input)),
            Some(target) => compare(name, name, input, target, lock.root(), lock, &mut found),
        }
    }
    if inputs.rest.is_none() {
        for name in locked.keys().filter(|name| !inputs.inputs.contains_key(*name)) {
            found.push(Drift { input: name.clone(), span: None, kind: DriftKind::Orphaned });
        }
    }
    found
}

fn missing(name: &str, input: &FlakeInput) -> Drift {
    Drift { input: name.to_owned(), span: Some(input.span), kind: DriftKind::Missing }
}

fn compare(
    path: &str,
    name: &str,
    input: &FlakeInput,
    target: &InputTarget,
    of: &NodeId,
    lock: &Lock,
    found: &mut Vec<Drift>,
) {
    let mut changed = |locked: String, declared: String| {
        let kind = DriftKind::Changed { locked, declared };
        found.push(Drift { input: path.to_owned(), span: Some(input.span), kind });
    };
    let follows = |parts: &[String]| format!("follows \"{}\"", parts.join("/"));
    let original = |node: &LockNode| node.original.as_ref().map_or_else(String::new, shown);
    match (&input.origin, target) {
        (InputOrigin::Follows(declared), InputTarget::Follows(locked)) => {
            if declared.value != *locked {
                changed(follows(locked), follows(&declared.value));
            }
            return;
        }
        (InputOrigin::Follows(declared), InputTarget::Node(_)) => {
            let node = lock.input(of, name).and_then(|id| lock.node(id));
            changed(node.map_or_else(String::new, original), follows(&declared.value));
            return;
        }
        (origin, InputTarget::Follows(locked)) => {
            if let Some(declared) = origin.reference(name) {
                changed(follows(locked), declared.to_string());
                return;
            }
        }
        (origin, InputTarget::Node(_)) => {
            let node = lock.input(of, name).and_then(|id| lock.node(id));
            if let (Some(declared), Some(node)) = (origin.reference(name), node) {
                if node.original.as_ref().is_some_and(|locked| differs(&declared, locked)) {
                    changed(original(node), declared.to_string());
                    return;
                }
                if input.is_flake.is_some_and(|flake| flake != node.flake) {
                    let said = |flake: bool| format!("flake = {flake}");
                    changed(said(node.flake), said(!node.flake));
                    return;
                }
            }
        }
    }
    overrides(path, name, input, of, lock, found);
}

/// The inputs of an input: those that are overridden, and overrides that only the lock has.
fn overrides(
    path: &str,
    name: &str,
    input: &FlakeInput,
    of: &NodeId,
    lock: &Lock,
    found: &mut Vec<Drift>,
) {
    let Some(id) = lock.input(of, name) else { return };
    let Some(node) = lock.node(id) else { return };
    for (inner_name, inner) in &input.inputs {
        let full = format!("{path}.inputs.{inner_name}");
        match node.inputs.get(inner_name) {
            None => {
                let span = Some(inner.span);
                found.push(Drift { input: full, span, kind: DriftKind::Useless });
            }
            Some(target) => compare(&full, inner_name, inner, target, id, lock, found),
        }
    }
    // A flake's own `follows` stay below its input; one that leads elsewhere was an override.
    let begin: Vec<&str> = path.split(".inputs.").collect();
    for (inner_name, target) in &node.inputs {
        if let InputTarget::Follows(locked) = target
            && !input.inputs.contains_key(inner_name)
            && !locked.iter().map(String::as_str).take(begin.len()).eq(begin.iter().copied())
        {
            let declared = "not overridden".to_owned();
            let locked = format!("follows \"{}\"", locked.join("/"));
            found.push(Drift {
                input: format!("{path}.inputs.{inner_name}"),
                span: Some(input.span),
                kind: DriftKind::Changed { locked, declared },
            });
        }
    }
}

/// The reference of a lock's attributes as a url.
fn shown(attrs: &LockAttrs) -> String {
    let kind = attrs.text("type").and_then(RefKind::from_name);
    match kind.and_then(|kind| FlakeRef::from_attrs(kind, attrs.values()).ok()) {
        Some(reference) => reference.to_string(),
        None => format!("type {}", attrs.text("type").unwrap_or("unknown")),
    }
}

/// Whether the lock was made from another reference.
fn differs(declared: &FlakeRef, locked: &LockAttrs) -> bool {
    let Some(kind) = locked.text("type").and_then(RefKind::from_name) else { return true };
    // Nix before 2.15 kept some archives as `file` that are `tarball` now.
    let plain = |kind| matches!(kind, RefKind::Tarball | RefKind::File);
    if kind != declared.kind() && !(plain(kind) && plain(declared.kind())) {
        // Old Nix wrote relative paths as absolute ones of the repository: not comparable.
        return !(declared.relative_path().is_some() && kind == RefKind::Git);
    }
    let locked = locked.values();
    if declared.relative_path().is_some()
        && let Some(RefValue::Text(path)) = locked.get("path")
        && path.starts_with('/')
    {
        return false;
    }
    locked != *declared.attrs()
}
