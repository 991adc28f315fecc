//! A step in its sandbox: its facts, its tools, its output.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::crates::Notes;
use crate::environment::Variables;
use crate::failure::Failure;
use crate::note::{self, Crate, Run};
use crate::step::Step;
use crate::tools::Tools;

/// Where temporary files are.
pub(crate) const TMP: &str = "/build/tmp";

/// A step that is being built.
pub(crate) struct Here {
    pub(crate) step: Step,
    pub(crate) tools: Tools,
    pub(crate) out: PathBuf,
    pub(crate) jobs: usize,
}

/// A line for the step's log.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

impl Here {
    /// The path of the output as text.
    pub(crate) fn out_text(&self) -> String {
        self.out.to_string_lossy().into_owned()
    }

    pub(crate) fn search_path(&self) -> OsString {
        self.tools.search_path(&self.step.added.path)
    }

    /// The shell that the step's programs would find.
    pub(crate) fn shell(&self) -> PathBuf {
        let path = self.search_path();
        let found = std::env::split_paths(&path).map(|dir| dir.join("sh")).find(|sh| sh.exists());
        found.and_then(|sh| sh.canonicalize().ok()).unwrap_or_else(|| PathBuf::from("sh"))
    }

    /// What Cargo sets, then what this machine's toolchain adds.
    pub(crate) fn variables(&self, cargo: Variables) -> BTreeMap<OsString, OsString> {
        let mut all: BTreeMap<OsString, OsString> = BTreeMap::new();
        let home = cargo.get("HOME").cloned().unwrap_or_else(|| "/homeless-shelter".to_owned());
        for (name, value) in self.tools.env.clone().into_iter().chain(cargo) {
            all.insert(name.into(), value.into());
        }
        all.insert("PATH".into(), self.search_path());
        all.insert("HOME".into(), home.into());
        all.insert("TMPDIR".into(), TMP.into());
        all.insert("CARGO".into(), self.tools.cargo.clone().into());
        all.insert("LD_LIBRARY_PATH".into(), self.tools.library_path.clone().into());
        all
    }
}

/// Writes a file of the output.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

fn read_note<N>(
    output: &str,
    name: &str,
    read: impl FnOnce(&str) -> Result<N, String>,
) -> Result<N, Failure> {
    let path = Path::new(output).join(name);
    let wrong = |why: String| Failure::new(format!("cannot read {}: {why}", path.display()));
    let text = fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
    read(&text).map_err(wrong)
}

/// The note of a crate's output.
pub(crate) fn read_crate(output: &str) -> Result<Crate, Failure> {
    read_note(output, note::CRATE, Crate::read)
}

/// Reads the note of a run, and of all whose words are among its own.
pub(crate) fn read_runs(outputs: &[String], notes: &mut Notes) -> Result<(), Failure> {
    let mut waiting: Vec<String> = outputs.to_vec();
    while let Some(output) = waiting.pop() {
        if let Entry::Vacant(place) = notes.runs.entry(output) {
            let run: Run = read_note(place.key(), note::RUN, Run::read)?;
            waiting.extend(run.heard.iter().cloned());
            place.insert(run);
        }
    }
    notes.keep_for_linkers();
    Ok(())
}
