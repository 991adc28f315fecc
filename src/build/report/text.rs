//! The end of a build as text: 80 columns, no colour needed.

use crate::build::{Outcome, Record, Summary, machine};
use crate::model::document::StepRef;
use crate::text::words::{count, duration, plain, platform_names, wrap};

/// Where values begin.
const COLUMN: usize = 10;

/// The most steps of the critical path that are told one by one.
const SHOWN: usize = 8;

/// What is said at the end.
#[must_use]
pub fn summary(record: &Record) -> String {
    let summary = Summary::of(record);
    let mut text = wrap("", &headline(record, &summary), 2);
    text.push('\n');
    let names = record.jobs.iter().filter_map(|job| job.step.as_ref());
    let names = platform_names(names.map(|step| step.platform.as_str()).collect::<Unique>().0);
    let short = |platform: &str| names.get(platform).map_or(platform, |name| name).to_owned();
    let mut field = |name: &str, value: &str| {
        text.push_str(&wrap(&format!("  {name:<8}"), &plain(value), COLUMN));
        text.push('\n');
    };
    for (platform, kinds) in &summary.built {
        field(&short(platform), &counted(kinds));
    }
    if !summary.others.is_empty() {
        field("besides", &counted(&summary.others));
    }
    if !summary.machines.is_empty() {
        let each = summary.machines.iter().map(|(machine, number)| match machine.as_str() {
            "" => format!("{number} on this one"),
            other => format!("{number} on {}", machine::short(other)),
        });
        field("where", &each.collect::<Vec<_>>().join(", "));
    }
    for (from, number) in &summary.fetched {
        field("fetched", &format!("{} from {from}", count(*number, "path")));
    }
    if let Some(cache) = record.cache.filter(|cache| cache.hits + cache.misses > 0) {
        let of = cache.hits + cache.misses;
        field("sccache", &format!("{} hits of {of} compile steps that it was asked", cache.hits));
    }
    let mut steps = |title: String, rows: &[(StepRef, u64)]| {
        text.push_str(&format!("{title}\n"));
        for (step, time) in rows {
            let platform = short(&step.platform);
            let line = format!("  {:>7}  {} ({platform})", duration(*time), step.step);
            text.push_str(&plain(&line));
            text.push('\n');
        }
    };
    // A step is told once: on the critical path, or among the longest of the others.
    if summary.longest.len() > 1 {
        let path = &summary.critical;
        let title = format!(
            "Critical path: {} in {}",
            duration(summary.critical_sum),
            count(path.len(), "step")
        );
        let rest = path.len().saturating_sub(SHOWN);
        let title = match rest {
            0 => format!("{title}:"),
            _ => format!("{title}, the last {SHOWN}:"),
        };
        let told = &path[rest..];
        // What was built may need nothing that was built: reports of what was made before.
        if !told.is_empty() {
            steps(title, told);
        }
        let others = summary.longest.iter().filter(|one| !told.contains(one));
        let others: Vec<(StepRef, u64)> = others.cloned().collect();
        if !others.is_empty() {
            let title = if told.is_empty() { "Longest:" } else { "Longest besides:" };
            steps(title.to_owned(), &others);
        }
    }
    if summary.sum > 0 {
        text.push_str(&wrap("", &times(record, &summary), 2));
        text.push('\n');
    }
    text
}

/// Names, each once, in the order of their first use.
#[derive(Default)]
struct Unique<'n>(Vec<&'n str>);

impl<'n> FromIterator<&'n str> for Unique<'n> {
    fn from_iter<I: IntoIterator<Item = &'n str>>(names: I) -> Self {
        let mut unique = Self::default();
        for name in names {
            if !unique.0.contains(&name) {
                unique.0.push(name);
            }
        }
        unique
    }
}

fn headline(record: &Record, summary: &Summary) -> String {
    let time = duration(record.milliseconds);
    let built = match summary.steps {
        0 => "no step was built".to_owned(),
        1 => "1 step was built and stays".to_owned(),
        n => format!("{n} steps were built and stay"),
    };
    let mut parts = Vec::new();
    if summary.failed > 0 {
        parts.push(format!("{} failed", summary.failed));
    }
    if summary.stopped > 0 {
        parts.push(format!("{} stopped", were(summary.stopped)));
    }
    match record.blocked.len() {
        0 => {}
        1 => parts.push("1 step of the plan needs what failed".to_owned()),
        n => parts.push(format!("{n} steps of the plan need what failed")),
    }
    parts.push(built);
    let parts = parts.join(", ");
    match record.outcome {
        Outcome::Done => done(record, summary, &time),
        Outcome::Interrupted => format!("Interrupted after {time}: {parts}."),
        Outcome::Failed => format!("Failed after {time}: {parts}."),
    }
}

fn were(number: usize) -> String {
    if number == 1 { "1 was".to_owned() } else { format!("{number} were") }
}

fn done(record: &Record, summary: &Summary, time: &str) -> String {
    let Some(scope) = record.scope else {
        return format!("Built {} in {time}.", count(summary.steps, "step"));
    };
    let mut parts = Vec::new();
    if summary.fetched_steps > 0 {
        parts.push(format!("{} came from a cache", summary.fetched_steps));
    }
    if scope.present > 0 {
        parts.push(format!("{} in the store already", were(scope.present)));
    }
    if scope.needless > 0 {
        parts.push(format!("{} not needed", were(scope.needless)));
    }
    let rest = match parts.is_empty() {
        true => String::new(),
        false => format!("; {}", parts.join(", ")),
    };
    let all = count(scope.steps, "step");
    match summary.steps {
        0 if record.is_empty() => match scope.needless {
            0 if scope.steps == 1 => "Nothing to build: the step is in the store.".to_owned(),
            0 => format!("Nothing to build: all {all} are in the store."),
            _ => "Nothing to build: what was asked for is in the store.".to_owned(),
        },
        1 if scope.steps == 1 => format!("Built 1 step in {time}."),
        built if built == scope.steps => format!("Built all {all} in {time}."),
        built => format!("Built {built} of {all} in {time}{rest}."),
    }
}

fn times(record: &Record, summary: &Summary) -> String {
    let parallel = summary.sum as f64 / record.milliseconds.max(1) as f64;
    format!(
        "Time: {}, the first {} before anything was built. All jobs together: {}, {parallel:.1} at a time.",
        duration(record.milliseconds),
        duration(summary.before),
        duration(summary.sum),
    )
}

fn counted(counts: &[(String, usize)]) -> String {
    let words = counts.iter().map(|(word, number)| match (*number, word.as_str()) {
        (1, _) | (_, "other") => format!("{number} {word}"),
        (_, "library") => format!("{number} libraries"),
        (_, "run of a build script") => format!("{number} runs of build scripts"),
        _ => count(*number, word),
    });
    words.collect::<Vec<_>>().join(", ")
}
