//! A plan's packages as a bill of materials: CycloneDX 1.6, as JSON.
//!
//! It says what is built, with the features and for the platforms of the plan: not all that Cargo.lock
//! names. The same plan gives the same bytes: the serial number is made of the content, and a time stands
//! in it only where it is given.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::licence::{self, Licence};
use crate::model::source::DEFAULT_REGISTRY;
use crate::model::{Edge, Package, PackageKey, Plan, Source, StepId, TargetKind};

/// What stands for a workspace of which several packages were asked for.
const WORKSPACE: &str = "workspace";

/// The document, as text. `time` is in RFC 3339's form.
#[must_use]
pub fn render(plan: &Plan, time: Option<&str>) -> String {
    let mut document = document(plan);
    if let Some(time) = time {
        document["metadata"]["timestamp"] = time.into();
    }
    let serial = serial(&document.to_string());
    document["serialNumber"] = serial.into();
    format!("{document:#}\n")
}

fn document(plan: &Plan) -> Value {
    let roots: BTreeSet<&PackageKey> =
        plan.roots.iter().map(|id| &plan.step(*id).package).collect();
    let needed = needed(plan);
    let at_run_time = at_run_time(plan);
    let (subject, mut graph) = subject(plan, &roots);
    let mut components = Vec::new();
    for (key, on) in &needed {
        let Some(package) = plan.packages.get(*key) else { continue };
        let on: Vec<&str> = on.iter().map(|key| key.as_str()).collect();
        graph.push(json!({ "ref": key.as_str(), "dependsOn": on }));
        if subject["bom-ref"] != key.as_str() {
            components.push(component(key, package, "library", at_run_time.contains(key)));
        }
    }
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": subject,
            "tools": { "components": [{
                "type": "application",
                "name": "rbn-plan",
                "version": env!("CARGO_PKG_VERSION"),
            }] },
        },
        "components": components,
        "dependencies": graph,
    })
}

/// What the document is about, and what depends on the packages that were asked for.
fn subject(plan: &Plan, roots: &BTreeSet<&PackageKey>) -> (Value, Vec<Value>) {
    let only = roots.first().filter(|_| roots.len() == 1);
    if let Some(package) = only.and_then(|key| plan.packages.get(*key)) {
        let key = roots.first().map_or(WORKSPACE, |key| key.as_str());
        let kind = if package.bins.is_empty() { "library" } else { "application" };
        let mut subject = component(&PackageKey::new(key), package, kind, true);
        if let Some(subject) = subject.as_object_mut() {
            subject.remove("scope");
        }
        return (subject, Vec::new());
    }
    let on: Vec<&str> = roots.iter().map(|key| key.as_str()).collect();
    let subject = json!({ "type": "application", "bom-ref": WORKSPACE, "name": WORKSPACE });
    (subject, vec![json!({ "ref": WORKSPACE, "dependsOn": on })])
}

/// The packages that have steps, each with those that its steps need directly.
fn needed(plan: &Plan) -> BTreeMap<&PackageKey, BTreeSet<&PackageKey>> {
    let mut needed: BTreeMap<&PackageKey, BTreeSet<&PackageKey>> = BTreeMap::new();
    for id in plan.graph.node_indices() {
        let own = &plan.step(id).package;
        let on = needed.entry(own).or_default();
        on.extend(plan.dependencies(id).map(|(_, on)| &plan.step(on).package));
        on.remove(own);
    }
    needed
}

/// The packages that are linked into what was asked for: macros and build scripts, and what these are
/// made of, are only at work while it is built.
fn at_run_time(plan: &Plan) -> BTreeSet<&PackageKey> {
    let mut waiting: Vec<StepId> = plan.roots.clone();
    let mut known: BTreeSet<StepId> = waiting.iter().copied().collect();
    while let Some(id) = waiting.pop() {
        for (edge, on) in plan.dependencies(id) {
            let is_macro = plan.step(on).compile().is_some_and(|compile| {
                matches!(compile.target.kind, TargetKind::ProcMacro | TargetKind::CustomBuild)
            });
            let is_linked = matches!(edge, Edge::Extern { .. } | Edge::BinExe { .. });
            if is_linked && !is_macro && known.insert(on) {
                waiting.push(on);
            }
        }
    }
    known.into_iter().map(|id| &plan.step(id).package).collect()
}

fn component(key: &PackageKey, package: &Package, kind: &str, at_run_time: bool) -> Value {
    let about = &package.about;
    let mut component = json!({
        "type": kind,
        "bom-ref": key.as_str(),
        "name": package.name,
        "version": package.version.to_string(),
        "purl": purl(package),
        // CycloneDX's word for what is not part of what runs.
        "scope": if at_run_time { "required" } else { "excluded" },
    });
    if !about.description.trim().is_empty() {
        component["description"] = about.description.trim().into();
    }
    if !about.authors.is_empty() {
        let author = |author: &String| json!({ "name": author });
        component["authors"] = about.authors.iter().map(author).collect();
    }
    if let Source::Registry { sha256, .. } = &package.source {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sha256 }]);
    }
    match licence::read(&about.license) {
        Some(Licence::Expression(text)) => component["licenses"] = json!([{ "expression": text }]),
        Some(Licence::Name(text)) => {
            component["licenses"] = json!([{ "license": { "name": text } }]);
        }
        None if !about.license_file.is_empty() => {
            let name = format!("the file {} of the package", about.license_file);
            component["licenses"] = json!([{ "license": { "name": name } }]);
        }
        None => {}
    }
    let places = [("vcs", &about.repository), ("website", &about.homepage)];
    // The schema takes URLs only; a manifest may say anything.
    let is_url = |url: &str| {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        rest.is_some_and(|rest| {
            !rest.is_empty()
                && rest.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c))
        })
    };
    let places: Vec<Value> = places
        .iter()
        .filter(|(_, url)| is_url(url))
        .map(|(kind, url)| json!({ "type": kind, "url": url }))
        .collect();
    if !places.is_empty() {
        component["externalReferences"] = places.into();
    }
    component
}

/// The package's URL (<https://github.com/package-url/purl-spec>): of a registry's by its name, of a git
/// repository's with the commit.
fn purl(package: &Package) -> String {
    let version = encoded(&package.version.to_string());
    let more = match &package.source {
        Source::Registry { registry, .. } if registry != DEFAULT_REGISTRY => {
            format!("?repository_url={}", encoded(registry))
        }
        Source::Git { url, rev, subdir, .. } => {
            let subdir =
                if subdir.as_str().is_empty() { String::new() } else { format!("#{subdir}") };
            format!("?vcs_url={}{subdir}", encoded(&format!("git+{url}@{rev}")))
        }
        Source::Registry { .. } | Source::Path { .. } | Source::Vendor { .. } => String::new(),
    };
    format!("pkg:cargo/{}@{version}{more}", package.name)
}

/// Percent-encoded, but for what a purl has as it is.
fn encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte);
    let one = |byte: u8| match is_plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

/// A UUID of a content (RFC 9562, version 8).
fn serial(content: &str) -> String {
    let mut bytes: Vec<u8> = Sha256::digest(content.as_bytes()).iter().take(16).copied().collect();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_a_uuid_of_the_content() {
        assert_eq!(serial("a"), "urn:uuid:ca978112-ca1b-8dca-bac2-31b39a23dc4d");
        assert_ne!(serial("a"), serial("b"));
    }

    #[test]
    fn a_purl_keeps_what_it_may() {
        assert_eq!(encoded("1.0.0+wasi-0.2"), "1.0.0%2Bwasi-0.2");
        assert_eq!(encoded("git+https://h/r@ab"), "git%2Bhttps://h/r%40ab");
    }
}
