//! What Cargo's processes found in the source tree, and their steps would not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use rbn_builder::package::Origin;
use rbn_builder::step::{Action, HOST, Step};
use rbn_builder::target::Kind;

use super::super::compare::Pairs;
use super::super::recording::Recording;
use super::git_runs::is_version_control;
use super::given::{Given, normal};
use super::hidden::Hidden;
use super::listed::Listed;
use super::missing::{By, How, Missing};
use super::narrow::{self, Narrower};
use super::report::FilesReport;
use super::seen::Seen;

/// Both sides of the comparison.
pub struct Sides<'a> {
    /// The steps as the builder knows them, by output.
    pub steps: &'a BTreeMap<String, Step>,
    /// Their sources, likewise.
    pub listed: &'a BTreeMap<String, Vec<Listed>>,
    /// What Cargo ran.
    pub recording: &'a Recording,
    /// Which call is which step.
    pub pairs: &'a Pairs,
    /// What no step sees, and nobody shall.
    pub hidden: &'a Hidden,
}

impl Sides<'_> {
    /// Compares them.
    #[must_use]
    pub fn compare(&self) -> FilesReport {
        let root = &self.recording.workspace_root;
        let by_step: BTreeMap<&str, &Seen> = self
            .pairs
            .iter()
            .filter_map(|(output, call)| Some((output.as_str(), self.recording.seen(*call)?)))
            .collect();
        // What scripts write beside their sources the plan hands on, and no clone has it.
        let made: BTreeSet<&Utf8PathBuf> =
            by_step.values().flat_map(|seen| &seen.written).collect();
        let mut report = FilesReport { steps: by_step.len(), ..FilesReport::default() };
        let mut files: BTreeSet<&Utf8PathBuf> = BTreeSet::new();
        for (output, seen) in &by_step {
            let Some(step) = self.steps.get(*output) else { continue };
            files.extend(seen.read.iter().chain(&seen.dep_info.files));
            let given = self.given(output, step, &by_step);
            let mut found: BTreeMap<Utf8PathBuf, (How, By)> = BTreeMap::new();
            let is_run = matches!(step.action, Action::Run(_));
            let by = |path: &Utf8PathBuf| match is_run {
                true => By::Script,
                false if seen.dep_info.files.contains(path) => By::Rustc,
                false => By::Macro,
            };
            for path in seen.read.iter().chain(&seen.dep_info.files) {
                // Who lists a directory reads what it finds, and finds less in a fresh clone.
                let found_by_listing = || {
                    path.parent().is_some_and(|dir| seen.listed.contains(dir))
                        && self.hidden.hides(path)
                };
                let is_there = || given.has(path) || made.contains(path);
                // What a repository says is a note, below: no source archive has it. Code that includes it
                // by name is not compiled without.
                let is_told = || {
                    is_of_git(root, path)
                        && (seen.ran.contains("git") || !matches!(by(path), By::Rustc))
                };
                if !is_there() && !is_told() && !found_by_listing() {
                    found.insert(path.clone(), (How::Read, by(path)));
                }
            }
            let entries = seen.listed.iter().flat_map(|dir| entries(dir));
            let listed = entries.map(|path| (path, How::Listed));
            let asked = seen.asked.iter().map(|path| (path.clone(), How::Asked));
            for (path, how) in listed.chain(asked) {
                let is_there = || path.symlink_metadata().is_ok();
                let known = found.contains_key(&path) || given.has(&path) || made.contains(&path);
                if !known && is_there() && !self.hidden.hides(&path) {
                    let by = by(&path);
                    found.insert(path, (how, by));
                }
            }
            report.missing.extend(found.into_iter().map(|(path, (how, by))| Missing {
                step: name(output),
                package: step.package.name.clone(),
                path: relative(root, &path),
                is_directory: path.is_dir(),
                how,
                by,
            }));
            if is_run && step.package.is_local() {
                report.narrower.extend(self.narrower(output, step, seen));
            }
            self.note(output, step, seen, &mut report);
        }
        report.files = files.len();
        report.not_seen = self.pairs.len() - by_step.len();
        report.missing.sort();
        report
    }

    /// The lines that would give a run less.
    fn narrower(&self, output: &str, step: &Step, seen: &Seen) -> Option<Narrower> {
        let root = self.recording.workspace_root.as_path();
        let package = package_directory(root, step)?;
        let call = self.pairs.get(output)?.checked_sub(self.recording.units.len())?;
        let stdout = &self.recording.runs.get(call)?.stdout;
        let mut own = Given::default();
        own.add(root, self.listed.get(output)?);
        let (sees, uses, script_files) = narrow::of_run((root, &package), seen, stdout, &own)?;
        let package = step.package.name.clone();
        Some(Narrower { step: name(output), package, sees, uses, script_files })
    }

    /// What the step's sandbox shows before it runs.
    fn given(&self, output: &str, step: &Step, seen: &BTreeMap<&str, &Seen>) -> Given {
        let root = &self.recording.workspace_root;
        let mut given = Given::default();
        let mut add = |output: &str| {
            given.add(root, self.listed.get(output).map_or(&[], Vec::as_slice));
        };
        add(output);
        for crate_ in self.crates_that_run(output) {
            let is_baked = seen.get(crate_).is_some_and(|seen| {
                let dir = self.steps.get(crate_).map(|step| package_directory(root, step));
                let values = seen.dep_info.env.values().flatten();
                dir.flatten()
                    .is_some_and(|dir| values.into_iter().any(|v| v.contains(dir.as_str())))
            });
            if is_baked {
                add(crate_);
            }
        }
        if let Action::Compile(compile) = &step.action
            && let Some(script) = compile.script.as_ref().and_then(|run| seen.get(run.as_str()))
        {
            script.written.iter().for_each(|path| given.add_file(path));
        }
        given
    }

    /// The crates whose code runs in a step: its macros and what is in them, or what its script is made of.
    fn crates_that_run(&self, output: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut known = BTreeSet::new();
        let Some((output, step)) = self.steps.get_key_value(output) else { return found };
        let mut waiting: Vec<(&str, bool)> = match &step.action {
            Action::Run(run) => run.program.iter().map(|path| (path.as_str(), true)).collect(),
            Action::Compile(_) => vec![(output.as_str(), false)],
        };
        let of_run = matches!(step.action, Action::Run(_));
        while let Some((output, runs)) = waiting.pop() {
            if !known.insert((output, runs)) {
                continue;
            }
            let Some(step) = self.steps.get(output) else { continue };
            let Action::Compile(compile) = &step.action else { continue };
            if runs && step.group == HOST {
                found.insert(output);
            }
            for below in compile.crates() {
                let is_macro = self.steps.get(below).is_some_and(is_macro);
                // Macros ran when the script was compiled.
                if !(of_run && is_macro) {
                    waiting.push((below, runs || is_macro));
                }
            }
        }
        found
    }

    /// What a sandbox answers otherwise, beside files.
    fn note(&self, output: &str, step: &Step, seen: &Seen, report: &mut FilesReport) {
        let step_name = name(output);
        let root = &self.recording.workspace_root;
        let all = || seen.read.iter().chain(&seen.dep_info.files);
        if seen.ran.contains("git") {
            report.notes.push(format!(
                "{step_name} asks git, which finds no repository in a sandbox, as in a source archive"
            ));
        } else if let Some(first) = all().find(|path| is_of_git(root, path)) {
            let first = relative(root, first);
            report.notes.push(format!(
                "{step_name} reads what the repository says of itself ({}), which no step sees, as in a source archive",
                first.escape_debug()
            ));
        }
        if !seen.called.is_empty() {
            let hosts: Vec<&str> = seen.called.iter().map(String::as_str).collect();
            report.notes.push(format!(
                "{step_name} uses the network ({}), which a sandbox has not",
                hosts.join(", ")
            ));
        }
        if matches!(step.action, Action::Run(_)) && step.package.is_local() {
            let own: Vec<String> = seen
                .written
                .iter()
                .map(|path| relative(&self.recording.workspace_root, path))
                .collect();
            if let Some(first) = own.first() {
                let more = if own.len() > 1 {
                    format!(" and {} more", own.len() - 1)
                } else {
                    String::new()
                };
                report.notes.push(format!(
                    "{step_name} writes into the sources: {}{more}",
                    first.escape_debug()
                ));
            }
        }
    }
}

/// Whether version control keeps the file, for the workspace or above it.
fn is_of_git(root: &Utf8Path, path: &Utf8Path) -> bool {
    is_version_control(path.strip_prefix(root).unwrap_or(path).as_std_path())
}

fn is_macro(step: &Step) -> bool {
    matches!(&step.action, Action::Compile(compile) if compile.kind == Kind::ProcMacro)
}

fn package_directory(root: &Utf8Path, step: &Step) -> Option<Utf8PathBuf> {
    match &step.package.origin {
        Origin::Path(dir) => Some(normal(&root.join(dir))),
        _ => None,
    }
}

fn entries(dir: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| Utf8PathBuf::from_path_buf(entry.path()).ok()).collect()
}

/// As [`super::super::steps`] names steps.
fn name(output: &str) -> String {
    output.strip_prefix(super::super::normalise::STEP_DIR).unwrap_or(output).to_owned()
}

/// A path counted from the workspace root.
fn relative(root: &Utf8Path, path: &Utf8Path) -> String {
    let mut up = String::new();
    for above in root.ancestors() {
        if let Ok(inside) = path.strip_prefix(above) {
            let text = format!("{up}{inside}");
            let text = text.trim_end_matches('/');
            return if text.is_empty() { ".".to_owned() } else { text.to_owned() };
        }
        up.push_str("../");
    }
    path.to_string()
}
