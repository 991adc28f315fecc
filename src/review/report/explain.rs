//! Explanations as text: one field a line, 80 columns.

use std::collections::{BTreeMap, BTreeSet};

use super::words::cost;
use crate::model::document::{Action, Carries, Dependency, Mode, Origin, Profile, Step};
use crate::review::explain::{FeatureReasons, Needs};
use crate::review::feature::{FeatureAnswer, Traced};
use crate::review::{Explanation, Reason};
use crate::text::words::{count, duration, plain, platform_names, shortened, wrap};

/// Where values begin.
const COLUMN: usize = 14;

/// The most names of a list.
const SHOWN: usize = 24;

/// The most packages that are named for asking for a feature.
const ASKING: usize = 8;

/// A field of an explanation: its name, empty where it goes on, its value, and how far further
/// lines are indented.
type Field = (&'static str, String, usize);

/// An explanation with its fields.
type Told<'e> = (&'e Explanation, Vec<Field>);

/// Explanations of steps as text; what is the same for all steps of a package is told once.
#[must_use]
pub fn steps(explanations: &[Explanation], steps: usize) -> String {
    let mut packages: Vec<(&str, Vec<Told<'_>>)> = Vec::new();
    for one in explanations {
        let told = (one, fields(one, steps));
        match packages.iter_mut().find(|(package, _)| *package == one.facts.package) {
            Some((_, told_of)) => told_of.push(told),
            None => packages.push((&one.facts.package, vec![told])),
        }
    }
    let texts = packages.into_iter().map(|(package, told)| of_package(package, told));
    texts.collect::<Vec<_>>().join("\n")
}

fn of_package(package: &str, mut told: Vec<Told<'_>>) -> String {
    let mut texts = Vec::new();
    if told.len() > 1 {
        let shared = shared(&told);
        if !shared.is_empty() {
            let head = plain(&format!("{package}, {}", count(told.len(), "step")));
            texts.push(format!("{head}\n{}", lines(&shared)));
        }
        for (_, fields) in &mut told {
            fields.retain(|field| !shared.contains(field));
        }
    }
    texts.extend(told.iter().map(|(one, fields)| {
        let name = plain(&format!("{} ({})", one.name.step, one.name.platform));
        format!("{name}\n{}", lines(fields))
    }));
    texts.join("\n")
}

/// The fields that all have alike; of several lines that belong together all or none.
fn shared(told: &[Told<'_>]) -> Vec<Field> {
    let Some(((_, first), others)) = told.split_first() else { return Vec::new() };
    let names: BTreeSet<&str> = first.iter().map(|field| field.0).collect();
    let of = |fields: &[Field], name: &str| -> Vec<Field> {
        fields.iter().filter(|field| field.0 == name).cloned().collect()
    };
    let alike = |name: &&str| others.iter().all(|(_, o)| of(o, name) == of(first, name));
    let names: BTreeSet<&str> = names.into_iter().filter(alike).collect();
    first.iter().filter(|field| names.contains(field.0)).cloned().collect()
}

fn lines(fields: &[Field]) -> String {
    let mut text = String::new();
    let mut before = "";
    for (name, value, indent) in fields {
        let shown = if *name == before { "" } else { name };
        text.push_str(&wrap(&format!("  {shown:<12}"), &plain(value), *indent));
        text.push('\n');
        before = name;
    }
    text
}

fn fields(explanation: &Explanation, steps: usize) -> Vec<Field> {
    let facts = &explanation.facts;
    let package = &explanation.package;
    let mut fields = Vec::new();
    let mut field = |name: &'static str, value: &str| {
        if !value.is_empty() {
            fields.push((name, value.to_owned(), COLUMN));
        }
    };
    field("package", &format!("{} {}, {}", package.name, package.version, origin(&package.source)));
    field("does", &does(facts));
    field("profile", &profile(&facts.profile));
    field("took", &explanation.milliseconds.map(duration).unwrap_or_default());
    field("links", package.links.as_deref().unwrap_or_default());
    field("override", if facts.additions.is_empty() { "" } else { "config.toml adds to it" });
    field(
        "needs",
        &listed(facts.dependencies.iter().map(|d| taken(d, &explanation.name.platform))),
    );
    field(
        "needed by",
        &listed(explanation.needed_by.iter().map(|n| given(n, &explanation.name.platform))),
    );
    let names = platform_names(explanation.by_platform.iter().map(|(name, _)| name.as_str()));
    let platforms = explanation.by_platform.iter();
    let platforms: Vec<String> =
        platforms.map(|(name, count)| format!("{} {count}", names[name.as_str()])).collect();
    field(
        "touching it",
        &format!(
            "rebuilds {} of {} ({}){}",
            explanation.rebuilds,
            count(steps, "step"),
            platforms.join(", "),
            explanation.cost.as_ref().map(|sum| format!(", {}", cost(sum))).unwrap_or_default()
        ),
    );
    field("reaches", &listed(explanation.roots.iter().map(|root| root.step.clone())));
    for feature in &explanation.features {
        let words = format!("{}: {}", feature.feature, why(feature));
        fields.push(("features", words, COLUMN + 2));
    }
    fields
}

/// Whether a feature is on, and why: each reason above the reasons for it, indented.
#[must_use]
pub fn feature(answer: &FeatureAnswer) -> String {
    let state = if answer.on { "on" } else { "off" };
    let FeatureAnswer { step, package, feature, .. } = answer;
    let mut text = plain(&format!("{feature} of {package} ({}) is {state}", step.platform));
    text.push('\n');
    if !answer.on {
        let words = match (answer.declared, answer.declares.is_empty()) {
            (false, true) => "the package declares no features".to_owned(),
            (false, false) => format!(
                "the package declares no such feature; it has {}",
                shortened(answer.declares.clone(), SHOWN)
            ),
            (true, _) => {
                "nobody asks for it: `-F` does for a package of the workspace, `features` of a dependency in a Cargo.toml for others".to_owned()
            }
        };
        text.push_str(&wrap("  ", &plain(&words), 2));
        text.push('\n');
    }
    for Traced { level, reason } in &answer.reasons {
        let one =
            FeatureReasons { feature: feature.clone(), reasons: reason.iter().cloned().collect() };
        text.push_str(&wrap(&"  ".repeat(*level), &plain(&why(&one)), level * 2 + 2));
        text.push('\n');
    }
    text
}

/// Why a feature is on, in words.
fn why(feature: &FeatureReasons) -> String {
    if feature.reasons.is_empty() {
        return "on by features that Cargo unifies; nothing in this plan asks for it".to_owned();
    }
    let mut implied = Vec::new();
    let mut lines = Vec::new();
    let mut asked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for reason in &feature.reasons {
        match reason {
            Reason::Selected => lines.push("asked for by the selection".to_owned()),
            Reason::Implied { by } => implied.push(by.as_str()),
            Reason::Asked { by } => asked.entry("asked for by ").or_default().push(by),
            Reason::Default { by } => asked.entry("by default for ").or_default().push(by),
            Reason::Through { by, feature } => {
                lines.push(format!("by the feature {feature} of {by}"));
            }
        }
    }
    lines.extend(
        asked.into_iter().map(|(verb, names)| format!("{verb}{}", shortened(names, ASKING))),
    );
    if !implied.is_empty() {
        lines.push(format!("implied by {}", implied.join(", ")));
    }
    lines.join("; ")
}

fn origin(source: &Origin) -> String {
    match source {
        Origin::Registry { registry, .. } => format!("from {registry}"),
        Origin::Git { url, rev, .. } => format!("from {url} at {}", rev.get(..7).unwrap_or(rev)),
        Origin::Path { dir } if dir.is_empty() => "of the workspace root".to_owned(),
        Origin::Path { dir } => format!("in {dir}"),
        Origin::Vendor { dir } => format!("vendored in {dir}"),
    }
}

fn does(step: &Step) -> String {
    let (Action::Compile, Some(target)) = (step.action, &step.target) else {
        return match &step.replaced {
            Some(_) => "gives what the configuration says in place of the build script".to_owned(),
            None => "runs the build script".to_owned(),
        };
    };
    let verb = match step.mode {
        Mode::Build => "compiles",
        Mode::Test => "compiles, with tests,",
        Mode::Check => "checks",
        Mode::CheckTest => "checks, with tests,",
        Mode::Doctest => "runs the tests in the documentation of",
        Mode::Doc => "documents",
    };
    let kind = step.kind.words();
    format!(
        "{verb} the {kind} {} ({}, edition {}) from {}",
        target.name,
        target.crate_types.join(" "),
        target.edition,
        target.root
    )
}

fn profile(profile: &Profile) -> String {
    let mut words = vec![format!("opt-level {}", profile.opt_level)];
    if let Some(units) = profile.codegen_units {
        words.push(format!("codegen-units {units}"));
    }
    if let Some(debug) = profile.debuginfo.as_deref().filter(|debug| *debug != "0") {
        words.push(format!("debug {debug}"));
    }
    if profile.debug_assertions {
        words.push("debug-assertions".to_owned());
    }
    if let Some(panic) = profile.panic.as_deref().filter(|panic| *panic != "unwind") {
        words.push(format!("panic {panic}"));
    }
    if let Some(strip) = &profile.strip {
        words.push(format!("strip {strip}"));
    }
    format!("{}: {}", profile.name, words.join(", "))
}

fn taken(dependency: &Dependency, platform: &str) -> String {
    let on = &dependency.on;
    let place = if on.platform == platform { String::new() } else { format!(" ({})", on.platform) };
    format!("{}{place}", on.step)
}

fn given(needs: &Needs, platform: &str) -> String {
    let step = &needs.step;
    let place =
        if step.platform == platform { String::new() } else { format!(" ({})", step.platform) };
    match &needs.carries {
        Carries::Links { name } => format!("{}{place} (DEP_{})", step.step, name.to_uppercase()),
        _ => format!("{}{place}", step.step),
    }
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    items.dedup();
    shortened(items, SHOWN)
}
