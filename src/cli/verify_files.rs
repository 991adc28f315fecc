//! `rbn-plan verify --files`: the part that is about files, and `--fix`.

use camino::{Utf8Path, Utf8PathBuf};

use super::select::SelectArgs;
use super::{replan, verify_scripts};
use crate::config::{FILE_NAME, OTHER_NAME, usual_file};
use crate::files::{reader, writer};
use crate::verify::files::cure;
use crate::verify::files::examine::{examine, paired};
use crate::verify::files::report::FilesReport;
use crate::verify::recording::Recording;

/// How often cures are written: a file that is given may have others read that nobody saw. All were recorded at
/// once, so the second time there is nothing left, unless a cure is of no use.
const TRIES: usize = 2;

/// The root of the source tree of the workspace at `root`.
pub(super) fn source_tree(root: &Utf8Path, depth: usize) -> Utf8PathBuf {
    root.ancestors().nth(depth).unwrap_or(root).to_owned()
}

/// Compares files, and cures what is missing if that is asked for.
///
/// # Errors
/// Whatever planning, Nix and writing ran into.
pub(super) fn compared(
    select: &SelectArgs,
    recording: &Recording,
    fix: bool,
) -> miette::Result<FilesReport> {
    let mut tries = if fix { TRIES } else { 0 };
    loop {
        let (plan, config) = select.plan()?;
        let file = config.nix.output.value.as_path();
        let paired = paired(&plan, recording);
        let mut report = examine(&plan, &paired, recording, file)?;
        let own = own_file(select, &recording.workspace_root);
        report.config_file = replan::shown(&own).to_string();
        if report.cures.is_empty() || tries == 0 {
            let planned = (&plan, &config);
            report.of_scripts = verify_scripts::compare(select, planned, &paired, recording)?;
            report.notes.append(&mut report.of_scripts.notes);
            return Ok(report);
        }
        tries -= 1;
        write(select, &own, &recording.workspace_root, &report)?;
        replan::replan_aloud(select, &recording.workspace_root, &config)?;
    }
}

/// The configuration file that is read, or would be, were it there.
fn own_file(select: &SelectArgs, root: &Utf8Path) -> Utf8PathBuf {
    let taken = root.join(OTHER_NAME).exists();
    let usual = if taken { FILE_NAME } else { OTHER_NAME };
    select.config_file().unwrap_or_else(|| root.join(usual_file(root).unwrap_or(usual)))
}

/// Writes cures into the configuration file.
fn write(
    select: &SelectArgs,
    path: &Utf8Path,
    root: &Utf8Path,
    report: &FilesReport,
) -> miette::Result<()> {
    let text = reader::text_if_there(path)?.unwrap_or_default();
    let text = cure::write(&text, &report.cures)
        .map_err(|reason| miette::miette!("cannot write the cures into {path}: {reason}"))?;
    match select.config_file() {
        Some(_) => writer::write(path, &text)?,
        None => writer::edit_within(root, path, &text)?,
    }
    for cure in &report.cures {
        eprintln!("wrote {}: [override.{}] files", replan::shown(path), cure.package);
    }
    Ok(())
}
