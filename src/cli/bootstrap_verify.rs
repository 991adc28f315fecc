//! `rbn-plan bootstrap verify`: what the tree's own x.py runs, against the plans of its modes.

use std::collections::BTreeMap;

use indicatif::{ProgressBar, ProgressStyle};
use miette::IntoDiagnostic as _;

use super::{CommandResult, Outcome, print, print_json};
use crate::bootstrap::mode::{Kind, Mode};
use crate::bootstrap::planning::Ground;
use crate::model::{Plan, Split};
use crate::toolchain::host::HostToolchain;
use crate::verify::compare::compare;
use crate::verify::error::{EvaluateError, RecordError};
use crate::verify::needed::Needed;
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
            let name = format!("stage{stage}-{}", mode.kind.directory());
            let recording = match mode.kind.is_tool() {
                true => recordings.tools.get(&mode.plan),
                false => recordings.stages.get(&name),
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
            let mut report = compare(&compared.planned, recording);
            report.notes.extend(compared.note);
            reports.insert(format!("stage {stage} {}", mode.plan), report);
        }
    }
    if asked.json {
        let json = serde_json::to_value(&reports).into_diagnostic()?;
        print_json(&format!("{json:#}\n"))?;
    } else {
        for (name, report) in &reports {
            print(&text(name, report))?;
        }
    }
    let is_equal = reports.values().all(Report::is_equal);
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
        mode.kind.is_tool().then(|| Tool { name: mode.plan.clone(), dir, stage: asked.stage })
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
        progress: &mut |units| bar.set_position(units as u64),
    });
    bar.finish_and_clear();
    recordings
}

fn text(name: &str, report: &Report) -> String {
    let mut text = format!(
        "{name}: {} steps planned, {} recorded from x.py: {} equal\n{}",
        report.planned,
        report.recorded,
        report.equal,
        ByKind(report)
    );
    for note in &report.notes {
        text.push_str(&format!("  note: {note}\n"));
    }
    text
}

fn interrupted(signal: i32) -> Outcome {
    eprintln!("interrupted; x.py's build directory is build/rbn-plan");
    Outcome::Interrupted(signal)
}
