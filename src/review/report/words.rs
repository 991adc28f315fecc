//! Words and lines.

use std::collections::BTreeMap;

use crate::model::header;
use crate::review::{CauseKind, Cost, Diff, Entry, Machines, OnMachine, SelectionChange, Sign};
use crate::text::words::{count, duration, plain, platform_names, shortened};

/// `about 1m50s of compile time`; where not all steps have a time, that is the least it takes.
#[must_use]
pub fn cost(cost: &Cost) -> String {
    let time = duration(cost.milliseconds);
    match cost.timed < cost.steps {
        true => {
            let (timed, steps) = (cost.timed, cost.steps);
            format!("at least {time} of compile time (the times of {timed} of {steps} are known)")
        }
        false => format!("about {time} of compile time"),
    }
}

/// An entry with those that are told in its line.
pub(super) struct Line<'d> {
    pub entry: &'d Entry,
    /// What has other features with it.
    features: Vec<&'d Entry>,
    /// What comes or goes with it.
    packages: Vec<&'d Entry>,
}

/// What has a line of its own.
pub(super) fn lines(diff: &Diff) -> Vec<Line<'_>> {
    let alone = diff.entries.iter().filter(|entry| entry.comes_with.is_none());
    alone.map(|entry| line(diff, entry)).collect()
}

/// One change as it is told: what, and why.
pub struct Told<'d> {
    /// The change.
    pub entry: &'d Entry,
    /// `serde 1.0.217 -> 1.0.219`.
    pub subject: String,
    /// Why its steps are not what they were, and what follows.
    pub words: String,
}

/// The changes, each once, as a text tells them: what comes with another is told there.
#[must_use]
pub fn causes(diff: &Diff) -> Vec<Told<'_>> {
    let lines = lines(diff).into_iter();
    let told = lines.map(|line| Told {
        entry: line.entry,
        subject: subject(line.entry),
        words: what(&line),
    });
    told.collect()
}

fn line<'d>(diff: &'d Diff, entry: &'d Entry) -> Line<'d> {
    let name = entry.name();
    // One name may both come and go, with other company each time.
    let with = diff.entries.iter().filter(|other| {
        other.comes_with.as_ref() == Some(&name)
            && (other.sign == Sign::Changed || other.sign == entry.sign)
    });
    let (features, packages) = with.partition(|other| other.sign == Sign::Changed);
    Line { entry, features, packages }
}

/// The most names of packages in one line.
const COMPANY: usize = 24;

/// The most packages that are named for needing a new one.
const NEEDED_BY: usize = 3;

/// The most kinds of changes of features in one line.
const GROUPS: usize = 8;

/// `12 packages (14 steps)`.
fn counted(entries: &[&Entry]) -> String {
    let steps = entries.iter().map(|entry| entry.steps.len()).sum();
    format!("{} ({})", count(entries.len(), "package"), count(steps, "step"))
}

/// `with it 12 packages (14 steps): a 1.0.0, b 2.0.0`.
fn packages(entries: &[&Entry]) -> Option<String> {
    let names = entries.iter().map(|entry| subject(entry)).collect();
    let names = shortened(names, COMPANY);
    (!entries.is_empty()).then(|| format!("with it {}: {names}", counted(entries)))
}

/// `with it features of 3 packages (3 steps): +serde of a, b; -std of c`.
fn features(entries: &[&Entry]) -> Option<String> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in entries {
        for cause in entry.causes.iter().filter(|cause| cause.kind == CauseKind::Features) {
            groups.entry(&cause.text).or_default().push(&entry.subject);
        }
    }
    let mut groups: Vec<(&str, Vec<&str>)> = groups.into_iter().collect();
    groups.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    let rest = groups.len().saturating_sub(GROUPS);
    groups.truncate(GROUPS);
    let words = groups
        .into_iter()
        .map(|(change, names)| format!("{change} of {}", shortened(names, COMPANY)))
        .chain((rest > 0).then(|| format!("and {rest} other changes")));
    let words = words.collect::<Vec<_>>().join("; ");
    (!entries.is_empty()).then(|| format!("with it features of {}: {words}", counted(entries)))
}

/// The sign of an entry.
pub(super) fn sign(sign: Sign) -> char {
    match sign {
        Sign::Changed => '~',
        Sign::Added => '+',
        Sign::Removed => '-',
    }
}

/// The entry's subject: `serde 1.0.217 -> 1.0.219`.
pub(super) fn subject(entry: &Entry) -> String {
    let versions = match (&entry.old, &entry.new) {
        (Some(old), Some(new)) if old != new => format!(" {old} -> {new}"),
        (_, Some(version)) | (Some(version), None) => format!(" {version}"),
        (None, None) => String::new(),
    };
    plain(&format!("{}{versions}", entry.subject))
}

/// What happened to the entry's subject, in words.
pub(super) fn what(line: &Line<'_>) -> String {
    use CauseKind as K;
    let entry = line.entry;
    let of_package = entry.new.is_some();
    let steps = count(entry.steps.len(), "step");
    let mut parts: Vec<String> = Vec::new();
    match entry.sign {
        Sign::Added => {
            parts.push(if entry.needed_by.is_empty() {
                "new".to_owned()
            } else {
                let verb = if entry.needed_by.len() == 1 { "needs" } else { "need" };
                format!("new: {} {verb} it", shortened(entry.needed_by.iter().collect(), NEEDED_BY))
            });
            parts.extend(entry.notes.iter().cloned());
            parts.push(steps);
        }
        Sign::Removed => {
            parts.push("gone".to_owned());
            parts.extend(entry.notes.iter().cloned());
            parts.push(steps);
        }
        Sign::Changed => {
            for cause in &entry.causes {
                let text = &cause.text;
                parts.push(match cause.kind {
                    // The subject shows the versions; their files are others, of course.
                    K::Version => "source".to_owned(),
                    K::Source => format!("source: {text}"),
                    K::Features => format!("features: {text}"),
                    K::Dependency => format!("dependencies: {text}"),
                    K::Override => format!("override: {text}"),
                    K::Manifest => format!("manifest: {text}"),
                    K::Target => format!("target: {text}"),
                    K::Files => format!("files: {text}"),
                    K::Name => format!("name: {text}"),
                    K::Profile if of_package => format!("profile: {text}"),
                    K::Steps | K::Recipe | K::Toolchain | K::Profile | K::Lto => text.clone(),
                    K::Rustflags => format!("rustflags: {text}"),
                    K::Linker => format!("linker: {text}"),
                    K::Cfg => format!("cfg: {text}"),
                    K::Environment => format!("environment: {text}"),
                    K::Host => format!("host: {text}"),
                    K::Roots => format!("selected: {text}"),
                });
            }
            if !of_package && !entry.steps.is_empty() {
                parts.push(steps);
            }
            if entry.root {
                parts.push("selected".to_owned());
            }
        }
    }
    parts.extend(features(&line.features));
    match entry.follow {
        0 => {}
        1 => parts.push("1 step follows".to_owned()),
        n => parts.push(format!("{n} steps follow")),
    }
    parts.extend(packages(&line.packages));
    plain(&parts.join("; "))
}

/// The sentence on another selection.
pub(super) fn selection(diff: &Diff) -> Option<String> {
    let SelectionChange { old, new } = diff.selection.as_ref()?;
    let words = |words: &[String]| match words {
        [] => "nothing".to_owned(),
        words => format!("`{}`", header::line(words)),
    };
    Some(plain(&format!("was {}; is {}", words(old), words(new))))
}

/// The sentence on build machines that only one side is for.
pub(super) fn machines(diff: &Diff) -> Option<String> {
    let Machines { about, added, removed, .. } = &diff.machines;
    let signs = added.iter().map(|name| format!("+{name}"));
    let signs: Vec<String> = signs.chain(removed.iter().map(|name| format!("-{name}"))).collect();
    (!signs.is_empty())
        .then(|| plain(&format!("{}; what follows is for {about}", signs.join(", "))))
}

/// What is said of another machine of both sides; the whole difference there, where it is another.
pub(super) fn on_machine<'d>(diff: &Diff, other: &'d OnMachine) -> (String, Option<&'d Diff>) {
    let (name, there) = (&other.machine, &other.diff);
    if there.entries.is_empty() {
        (format!("On {name} no step changes."), None)
    } else if there.entries == diff.entries && there.totals.rebuilds == diff.totals.rebuilds {
        (format!("On {name} the same."), None)
    } else {
        (format!("On {name}:"), Some(there))
    }
}

/// The two sentences of the totals.
pub(super) fn totals(diff: &Diff) -> (String, String) {
    let totals = &diff.totals;
    let names = platform_names(totals.by_platform.iter().map(|(name, _)| name.as_str()));
    let is_first = |name: &str| totals.first_time.iter().any(|(platform, _)| platform == name);
    let numbers = |first: bool| {
        let platforms = totals.by_platform.iter().filter(|(name, _)| is_first(name) == first);
        let words = platforms.map(|(name, count)| format!("{} {count}", names[name.as_str()]));
        words.collect::<Vec<String>>()
    };
    let again = numbers(false);
    let platforms = match again.is_empty() {
        true => String::new(),
        false => format!(" ({})", again.join(", ")),
    };
    let sentence =
        format!("{} added, {} changed, {} removed", totals.added, totals.changed, totals.removed);
    // A platform that comes is no rebuild of the others.
    let first: usize = totals.first_time.iter().map(|(_, count)| count).sum();
    let steps = count(totals.steps - first.min(totals.steps), "step");
    let fresh = match first {
        0 => String::new(),
        _ => format!(
            "; builds {} for the first time ({})",
            count(first, "step"),
            numbers(true).join(", ")
        ),
    };
    let cost = totals.cost.as_ref().map(|totals| format!(", {}", cost(totals))).unwrap_or_default();
    let again = totals.rebuilds.saturating_sub(first);
    (sentence, plain(&format!("rebuilds {again} of {steps}{platforms}{fresh}{cost}")))
}
