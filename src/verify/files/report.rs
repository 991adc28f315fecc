//! What the comparison of files found.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::cure::Cure;
use super::missing::Missing;
use super::narrow::Narrower;
use super::scripts_report::ScriptsReport;
use crate::text::visible;
use crate::text::words::count;

/// Lines that are shown of one step; the rest is counted.
const SHOWN: usize = 20;

/// The result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FilesReport {
    /// Files of the source tree that were read.
    pub files: usize,
    /// Steps that were looked at.
    pub steps: usize,
    /// Steps whose process could not be watched.
    pub not_seen: usize,
    /// What steps would not find.
    pub missing: Vec<Missing>,
    /// Scripts, run by Nix.
    #[serde(flatten)]
    pub of_scripts: ScriptsReport,
    /// What config.toml has to say for it.
    pub cures: Vec<Cure>,
    /// Where those lines belong, for people.
    pub config_file: String,
    /// Scripts that see far more than they read.
    pub narrower: Vec<Narrower>,
    /// What a sandbox answers otherwise.
    pub notes: Vec<String>,
}

impl FilesReport {
    /// Whether all was compared, nothing is missing and nothing is different.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.of_scripts.is_complete()
    }
}

impl fmt::Display for FilesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut by_step: BTreeMap<&str, Vec<&Missing>> = BTreeMap::new();
        for missing in &self.missing {
            by_step.entry(&missing.step).or_default().push(missing);
        }
        for (step, all) in by_step {
            writeln!(f, "{}", visible::escaped(step))?;
            for one in all.iter().take(SHOWN) {
                let slash = if one.is_directory { "/" } else { "" };
                writeln!(
                    f,
                    "  {}{slash}  {} by {}, not in the plan",
                    visible::escaped(&one.path),
                    one.how,
                    one.by
                )?;
            }
            if all.len() > SHOWN {
                writeln!(f, "  ... and {} more", all.len() - SHOWN)?;
            }
        }
        self.of_scripts.write_differences(f, "cargo")?;
        if !self.cures.is_empty() {
            writeln!(
                f,
                "\n{} needs (`rbn-plan verify --files --fix` writes it):\n",
                visible::escaped(&self.config_file)
            )?;
            for cure in &self.cures {
                writeln!(f, "{cure}")?;
            }
        }
        for one in &self.narrower {
            writeln!(f, "{}", visible::escaped(&one.sentence()))?;
            writeln!(f, "\n{}", one.lines())?;
        }
        for note in &self.notes {
            writeln!(f, "note: {}", visible::escaped(note))?;
        }
        let files = count(self.files, "file");
        let steps = count(self.steps, "step");
        match self.missing.len() {
            0 => write!(f, "{files} read by {steps}: all of them in the plan")?,
            missing => write!(f, "{files} read by {steps}: {missing} not in the plan")?,
        }
        if self.not_seen > 0 {
            write!(f, "; {} not watched", count(self.not_seen, "step"))?;
        }
        if let Some(same) = self.of_scripts.same() {
            write!(f, "; {same}")?;
        }
        Ok(())
    }
}
