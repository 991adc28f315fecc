//! x.py's calls, sorted by what they build.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::super::call::RustcCall;
use super::super::environment::Baseline;
use super::super::error::RecordError;
use super::super::links::Links;
use super::super::raw_call::{RawCall, RawCalls};
use super::super::recording::{self, OutDirs, Recording};

/// The variable by which x.py gives each stage and mode a directory of its own.
const DIRECTORY: &str = "CARGO_TARGET_DIR";

/// One recording for each of x.py's target directories, by the directory's name (`stage1-std`).
///
/// # Errors
/// Output of a script is missing.
pub(in crate::verify) fn by_directory(
    calls: Vec<RawCall>,
    root: &Utf8Path,
    cargo_version: &str,
    links: &Links,
    out_dirs: OutDirs,
) -> Result<BTreeMap<String, Recording>, RecordError> {
    let mut sorted: BTreeMap<Utf8PathBuf, RawCalls> = BTreeMap::new();
    for call in calls {
        let Some(dir) = call.env.get(DIRECTORY) else { continue };
        sorted.entry(dir.into()).or_default().push(call);
    }
    let mut recordings = BTreeMap::new();
    for (dir, mut calls) in sorted {
        // A directory in which a tool of x.py's was asked for its version only.
        let Some(version) = calls.version.take() else { continue };
        if calls.units.is_empty() {
            continue;
        }
        let target = |call: &RawCall| RustcCall::parse(&call.args).target;
        let targets: BTreeSet<String> = calls.units.iter().filter_map(target).collect();
        for call in &mut calls.units {
            call.args = without_sysroot(std::mem::take(&mut call.args));
        }
        // All that x.py says to Cargo is in it, and nothing that Cargo says of a unit.
        let baseline = Baseline(version.env);
        let roots = [Utf8PathBuf::from(links.resolve(root.as_str())), root.to_owned()];
        let (units, runs, checks) =
            recording::understand(calls, &baseline, &dir, &roots, links, out_dirs)?;
        let [workspace_root, _] = roots;
        let recording = Recording {
            cargo_version: cargo_version.to_owned(),
            targets: targets.into_iter().collect(),
            workspace_root,
            notes: Vec::new(),
            baseline,
            units,
            runs,
            checks,
        };
        // For some tools x.py starts Cargo twice.
        recordings.insert(dir.file_name().unwrap_or_default().to_owned(), recording.once());
    }
    Ok(recordings)
}

/// Arguments without the compiler's sysroot.
fn without_sysroot(args: Vec<String>) -> Vec<String> {
    let mut kept = Vec::with_capacity(args.len());
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        if arg == "--sysroot" {
            args.next();
        } else {
            kept.push(arg);
        }
    }
    kept
}
