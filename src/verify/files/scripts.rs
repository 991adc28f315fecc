//! What build scripts say and leave under Cargo, against what Nix made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rbn_builder::directives::{Directives, LinkArgFor, Severity};
use rbn_builder::note;
use rbn_builder::package::{TARGET, workspace};
use rbn_builder::protocol;
use rbn_builder::step::{Action, Step};

use super::super::normalise::{STEP_DIR, TARGET_DIR};
use super::super::planned::{PlannedAction, PlannedRun};
use super::super::recording::{RecordedRun, Recording};
use super::examine::Paired;
use super::named_by_place;
use super::outputs::{self, Left, Places, placed, places};
use super::scripts_report::ScriptDifference;

/// Lines of a difference that are shown; the rest is counted.
const SHOWN: usize = 8;

/// A script's run, and the program that it runs.
#[derive(Debug, Clone)]
pub struct ScriptRun<'a> {
    /// The run's output.
    pub run: &'a str,
    /// The output of the program's compilation.
    pub program: &'a str,
}

/// The runs that Cargo ran, too, and of which it is known what they left.
#[must_use]
pub fn runs<'a>(paired: &'a Paired, recording: &Recording) -> Vec<ScriptRun<'a>> {
    let is_known = |call: &usize| {
        let run = call.checked_sub(recording.units.len()).and_then(|run| recording.runs.get(run));
        run.is_some_and(|run| run.left.is_some())
    };
    let paired_runs = paired.pairs.iter().filter(|(_, call)| is_known(call));
    let of = |(output, _): (&'a String, &usize)| match &paired.steps.get(output)?.action {
        Action::Run(run) => Some(ScriptRun { run: output, program: run.program.as_deref()? }),
        Action::Compile(_) => None,
    };
    paired_runs.filter_map(of).collect()
}

/// What differs, for runs that Nix made: by their outputs, where they are in the store.
#[must_use]
pub fn compare(
    paired: &Paired,
    recording: &Recording,
    built: &BTreeMap<String, PathBuf>,
) -> Vec<ScriptDifference> {
    let count = recording.units.len();
    let recorded = |output: &str| {
        let call = paired.pairs.get(output)?.checked_sub(count)?;
        recording.runs.get(call)
    };
    // A script may name what others made.
    let others: Vec<(&Step, &RecordedRun, &str)> = paired
        .pairs
        .keys()
        .filter_map(|output| Some((paired.steps.get(output)?, recorded(output)?, output.as_str())))
        .collect();
    let mut found = Vec::new();
    for planned in &paired.planned.steps {
        let output = format!("{STEP_DIR}{}", planned.name);
        let (Some(path), Some(cargo)) = (built.get(&output), recorded(&output)) else { continue };
        let (Some(step), PlannedAction::Run(run)) = (paired.steps.get(&output), &planned.action)
        else {
            continue;
        };
        let both = Both { step, run, cargo, path, others: &others, output: &output, recording };
        found.extend(both.differences().into_iter().map(|(what, cargo, nix)| ScriptDifference {
            step: planned.name.clone(),
            what,
            cargo: shortened(cargo),
            nix: shortened(nix),
        }));
    }
    found
}

/// How many files that scripts left were made by compilers: their content is not compared.
#[must_use]
pub fn objects(recording: &Recording) -> usize {
    let left = recording.runs.iter().filter_map(|run| run.left.as_ref());
    left.flat_map(BTreeMap::values).filter(|left| left.is_object()).count()
}

struct Both<'a> {
    step: &'a Step,
    run: &'a PlannedRun,
    cargo: &'a RecordedRun,
    path: &'a Path,
    others: &'a [(&'a Step, &'a RecordedRun, &'a str)],
    output: &'a str,
    recording: &'a Recording,
}

type Difference = (String, Vec<String>, Vec<String>);

impl Both<'_> {
    fn differences(&self) -> Vec<Difference> {
        let refused =
            |side: &str, error: String| vec![(format!("its words in {side}"), vec![], vec![error])];
        let cargo = match protocol::parse(&self.cargo.stdout, &self.run.package) {
            Ok(said) => lines(&said),
            Err(error) => return refused("Cargo's record", error.to_string()),
        };
        let text = fs::read_to_string(self.path.join(note::RUN)).map_err(|error| error.to_string());
        let nix = match text.and_then(|text| note::Run::read(&text)) {
            Ok(note) => lines(&note.directives),
            Err(error) => return refused("Nix's output", error),
        };
        let (of_cargo, of_nix) = (self.places_of_cargo(), self.places_of_nix());
        let mut found = Vec::new();
        let kinds: BTreeSet<&&str> = cargo.keys().chain(nix.keys()).collect();
        for kind in kinds {
            let of = |side: &BTreeMap<&str, Vec<String>>, places: &Places| -> Vec<String> {
                let lines = side.get(*kind).into_iter().flatten();
                lines.map(|line| placed(line.clone(), places)).collect()
            };
            let (cargo, nix) = (of(&cargo, &of_cargo), of(&nix, &of_nix));
            if cargo != nix {
                let only = |one: &[String], other: &[String]| -> Vec<String> {
                    one.iter().filter(|line| !other.contains(line)).cloned().collect()
                };
                let (left, right) = (only(&cargo, &nix), only(&nix, &cargo));
                found.push(match left.is_empty() && right.is_empty() {
                    true => (format!("the order of its {kind}"), cargo, nix),
                    false => (format!("its {kind}"), left, right),
                });
            }
        }
        found.extend(self.files());
        found
    }

    fn files(&self) -> Vec<Difference> {
        let mut cargo = self.cargo.left.clone().unwrap_or_default();
        let mut nix = outputs::left(&self.path.join("out"), &self.places_of_nix());
        named_by_place::drop_pairs(&mut cargo, &mut nix);
        let paths: BTreeSet<&String> = cargo.keys().chain(nix.keys()).collect();
        let differs = |path: &String| {
            let (cargo, nix) = (cargo.get(path), nix.get(path));
            let word = |left: Option<&Left>| left.map(word).into_iter().collect();
            (cargo != nix).then(|| (format!("OUT_DIR/{path}"), word(cargo), word(nix)))
        };
        paths.into_iter().filter_map(differs).collect()
    }

    fn places_of_cargo(&self) -> Places {
        let env = |name: &str| self.cargo.env.get(name).cloned().unwrap_or_default();
        let mut all = vec![
            (env("CARGO_MANIFEST_DIR"), "<package>".to_owned()),
            (self.recording.workspace_root.to_string(), "<workspace>".to_owned()),
        ];
        all.extend(self.others.iter().map(|(_, run, output)| {
            (run.env.get("OUT_DIR").cloned().unwrap_or_default(), self.out_dir(output))
        }));
        places(all)
    }

    fn places_of_nix(&self) -> Places {
        let depth = self.step.root_depth;
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        let mut all = vec![
            (text(self.step.package.place(depth)), "<package>".to_owned()),
            (text(workspace(depth)), "<workspace>".to_owned()),
            (TARGET.to_owned(), TARGET_DIR.to_owned()),
        ];
        all.extend(
            self.others
                .iter()
                .map(|(step, _, output)| (text(step.out_dir()), self.out_dir(output))),
        );
        places(all)
    }

    fn out_dir(&self, output: &str) -> String {
        if output == self.output {
            return "<out-dir>".to_owned();
        }
        format!("<out-dir of {}>", output.strip_prefix(STEP_DIR).unwrap_or(output))
    }
}

/// What is left, for people.
fn word(left: &Left) -> String {
    let short = |digest: &str| digest.get(..8).unwrap_or(digest).to_owned();
    match left {
        Left::Text(digest) => format!("a text, {}", short(digest)),
        Left::Bytes(digest) => format!("bytes, {}", short(digest)),
        Left::Object => "what a compiler made".to_owned(),
        Left::Directory => "a directory".to_owned(),
        Left::Nowhere => "a link that leads to nothing".to_owned(),
        Left::Program(file) => format!("{}, that may be started", word(file)),
    }
}

/// What was said, by kind.
fn lines(said: &Directives) -> BTreeMap<&'static str, Vec<String>> {
    let pair = |(name, value): &(String, String)| format!("{name}={value}");
    let link = |(to, arg): &(LinkArgFor, String)| format!("{to:?}: {arg}");
    // C compilers quote by the locale, which a sandbox has not.
    let plain = |text: &str| text.replace(['‘', '’'], "'").replace(['“', '”'], "\"");
    let message = |(severity, text): &(Severity, String)| format!("{severity:?}: {}", plain(text));
    [
        ("rustc-link-search", said.search_paths.clone()),
        ("rustc-link-lib", said.libraries.clone()),
        ("rustc-link-arg", said.link_args.iter().map(link).collect()),
        ("rustc-cfg", said.cfgs.clone()),
        ("rustc-check-cfg", said.check_cfgs.clone()),
        ("rustc-env", said.env.iter().map(pair).collect()),
        ("metadata", said.metadata.iter().map(pair).collect()),
        ("rerun-if-changed", set(&said.rerun_if_changed)),
        ("rerun-if-env-changed", set(&said.rerun_if_env_changed)),
        ("messages", said.messages.iter().map(message).collect()),
    ]
    .into()
}

/// Lines whose order and number mean nothing to Cargo; a script with threads says them as it happens.
fn set(lines: &[String]) -> Vec<String> {
    lines.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    let rest = lines.len().saturating_sub(SHOWN);
    if rest > 0 {
        lines.truncate(SHOWN);
        lines.push(format!("... and {rest} more"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use rbn_builder::directives::Directives;

    use super::lines;

    #[test]
    fn what_a_script_waits_for_is_a_set() {
        let said = |names: &[&str]| Directives {
            rerun_if_env_changed: names.iter().map(|name| (*name).to_owned()).collect(),
            libraries: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Directives::default()
        };
        let (one, other) = (lines(&said(&["A", "B"])), lines(&said(&["B", "A", "B"])));
        assert_eq!(one["rerun-if-env-changed"], other["rerun-if-env-changed"]);
        assert_ne!(one["rustc-link-lib"], other["rustc-link-lib"]);
    }
}
