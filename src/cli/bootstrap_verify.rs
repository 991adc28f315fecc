//! `rbn-plan bootstrap verify`: what the tree's own x.py runs, against the plans of its modes.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use camino::Utf8Path;
use indicatif::{ProgressBar, ProgressStyle};
use miette::IntoDiagnostic as _;
use serde::Serialize;

use super::{CommandResult, Outcome, print, print_json, verify_scripts};
use crate::bootstrap::mode::{Kind, Mode};
use crate::bootstrap::planning::Ground;
use crate::model::{Plan, Split};
use crate::toolchain::host::HostToolchain;
use crate::toolchain::provider;
use crate::verify::compare::compare;
use crate::verify::error::{EvaluateError, RecordError};
use crate::verify::files::examine::{Paired, lacking, paired};
use crate::verify::files::nix_runs::{NixRuns, Toolchain};
use crate::verify::files::scripts_report::ScriptsReport;
use crate::verify::needed::Needed;
use crate::verify::recording::{OutDirs, Recording};
use crate::verify::report::Report;
use crate::verify::session;
use crate::verify::xpy::kinds::ByKind;
use crate::verify::xpy::record::{self, Recordings, Tool, record};

/// What is compared.
pub(super) struct Asked<'a> {
    pub(super) ground: &'a Ground,
    pub(super) plans: Vec<(Mode, Plan)>,
    /// The compiler to begin with.
    pub(super) tools: HostToolchain,
    /// The last stage that counts.
    pub(super) stage: u32,
    pub(super) json: bool,
    /// Where the plans are, if the runs of build scripts are to be compared, too.
    pub(super) scripts: Option<&'a Utf8Path>,
}

/// What was compared of a mode in a stage.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Compared {
    #[serde(flatten)]
    calls: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_scripts: Option<ScriptsReport>,
}

impl Compared {
    fn is_equal(&self) -> bool {
        self.calls.is_equal() && self.build_scripts.as_ref().is_none_or(ScriptsReport::is_complete)
    }
}

/// Records x.py, and compares stage by stage.
pub(super) fn run(asked: Asked<'_>) -> CommandResult {
    let needed = |all: Needed, (_, plan): &(Mode, Plan)| all.and(session::needed(plan));
    let needed = asked.plans.iter().fold(Needed::default(), needed);
    let recordings = match recorded(&asked, &needed) {
        Err(RecordError::Interrupted(signal)) => return Ok(interrupted(signal)),
        recordings => recordings?,
    };
    let mut reports = BTreeMap::new();
    for (mode, mut plan) in asked.plans {
        // A tool is made for the last stage only.
        let first = if mode.kind.is_tool() { asked.stage } else { 1 };
        for stage in first..=asked.stage {
            let recording = match mode.kind.is_tool() {
                true => recordings.tools.get(&mode.plan),
                false => recordings.stages.get(&mode.kind.directory(stage)),
            };
            let recording = match recording {
                Some(recording) => recording,
                // The library of a later stage is that of the first.
                None if mode.kind == Kind::Std && stage > 1 => continue,
                None => return Err(miette::miette!("x.py built nothing of {}", mode.plan)),
            };
            if let Some(own) = &mut plan.bootstrap {
                own.built_by = if mode.kind == Kind::Std { stage } else { stage - 1 };
            }
            let compared = match session::planned(&plan, &plan, Split::Off, true) {
                Err(EvaluateError::Interrupted(signal)) => return Ok(interrupted(signal)),
                planned => planned?,
            };
            let mut calls = compare(&compared.planned, recording);
            calls.notes.extend(compared.note);
            let paired = paired(&plan, recording);
            calls.notes.extend(lacking(&paired, recording).into_iter().map(|(name, steps)| {
                let steps = steps.into_iter().collect::<Vec<_>>().join(", ");
                format!("{name} is set where x.py starts Cargo, and no step has it; asked for by {steps}")
            }));
            let mut build_scripts = None;
            // All others are made by a compiler that has to be built first.
            let is_by_the_first = plan.bootstrap.as_ref().is_some_and(|own| own.built_by == 0);
            if let (Some(dir), true) = (asked.scripts, is_by_the_first) {
                let file = dir.join(format!("{}.nix", mode.plan));
                let said = build_scripts_of(&plan, &file, &asked.tools, &paired, recording)?;
                calls.notes.extend(said.notes.iter().cloned());
                build_scripts = Some(said);
            }
            let compared = Compared { calls, build_scripts };
            reports.insert(format!("stage {stage} {}", mode.plan), compared);
        }
    }
    if asked.json {
        let json = serde_json::to_value(&reports).into_diagnostic()?;
        print_json(&format!("{json:#}\n"))?;
    } else {
        for (name, report) in &reports {
            print(&text(name, report).into_diagnostic()?)?;
        }
    }
    let is_equal = reports.values().all(Compared::is_equal);
    Ok(if is_equal { Outcome::Done } else { Outcome::Different })
}

fn recorded(asked: &Asked<'_>, needed: &Needed) -> Result<Recordings, RecordError> {
    // In sum what x.py runs for two stages; the bar is no promise.
    let steps: usize = asked.plans.iter().map(|(_, plan)| plan.graph.node_count()).sum();
    let bar = ProgressBar::new((steps * 2) as u64).with_prefix("recording x.py");
    let bar = match ProgressStyle::with_template("{prefix} {pos}/{len} {wide_bar} {elapsed}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    };
    let program = std::env::current_exe();
    let program =
        program.map_err(|source| RecordError::Io { what: "find this program", source })?;
    let tool = |(mode, _): &(Mode, Plan)| {
        let dir = mode.manifest.parent()?.to_owned();
        mode.kind.is_tool().then(|| Tool {
            name: mode.plan.clone(),
            dir,
            stage: asked.stage,
            target_directory: mode.kind.directory(asked.stage),
        })
    };
    let recordings = record(&mut record::Options {
        root: &asked.ground.tree.root,
        config: asked.ground.config.as_deref(),
        // The library of the first stage is recorded on the way to the second.
        stage: asked.stage.max(2),
        tools: asked.plans.iter().filter_map(tool).collect(),
        rustc: &asked.tools.rustc,
        cargo: &asked.tools.cargo,
        program: &program,
        needed,
        out_dirs: if asked.scripts.is_some() { OutDirs::Read } else { OutDirs::Ignored },
        progress: &mut |units| bar.set_position(units as u64),
    });
    bar.finish_and_clear();
    recordings
}

/// What the scripts of `plan`, which `file` may hold, say and leave when Nix runs them.
fn build_scripts_of(
    plan: &Plan,
    file: &Utf8Path,
    tools: &HostToolchain,
    paired: &Paired,
    recording: &Recording,
) -> miette::Result<ScriptsReport> {
    let toolchain = Toolchain::Text(provider::render_host(tools).into_diagnostic()?);
    let nix = NixRuns::prepare(plan, &recording.workspace_root, file, &toolchain)?;
    Ok(verify_scripts::by_nix(&nix, paired, recording)?)
}

fn text(name: &str, compared: &Compared) -> Result<String, fmt::Error> {
    let report = &compared.calls;
    let mut text = format!(
        "{name}: {} steps planned, {} recorded from x.py: {} equal\n{}",
        report.planned,
        report.recorded,
        report.equal,
        ByKind(report)
    );
    if let Some(scripts) = &compared.build_scripts {
        scripts.write_differences(&mut text, "x.py")?;
        if let Some(same) = scripts.same() {
            writeln!(text, "  {same}")?;
        }
    }
    for note in &report.notes {
        writeln!(text, "  note: {note}")?;
    }
    Ok(text)
}

fn interrupted(signal: i32) -> Outcome {
    eprintln!("interrupted; x.py's build directory is build/rbn-plan");
    Outcome::Interrupted(signal)
}
