//! What the comparison of files found.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::cure::Cure;
use super::missing::Missing;
use super::narrow::Narrower;
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
    /// Scripts whose words and files were compared, and are the same.
    pub scripts: usize,
    /// Scripts that could not be run in Nix's sandbox for a comparison.
    pub scripts_not_compared: usize,
    /// Scripts that say or leave something else in Nix's sandbox.
    pub different: Vec<ScriptDifference>,
    /// What config.toml has to say for it.
    pub cures: Vec<Cure>,
    /// Where those lines belong, for people.
    pub config_file: String,
    /// Scripts that see far more than they read.
    pub narrower: Vec<Narrower>,
    /// What a sandbox answers otherwise.
    pub notes: Vec<String>,
}

/// What differs in the run of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScriptDifference {
    /// The step.
    pub step: String,
    /// What differs: a kind of directive, or a file of `OUT_DIR`.
    pub what: String,
    /// What Cargo has.
    pub cargo: Vec<String>,
    /// What Nix has.
    pub nix: Vec<String>,
}

impl FilesReport {
    /// Whether all was compared, nothing is missing and nothing is different.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.different.is_empty() && self.scripts_not_compared == 0
    }
}

/// Control characters are shown, not sent to the terminal.
fn plain(text: &str) -> String {
    text.chars()
        .flat_map(|c| if c.is_control() { c.escape_debug().collect() } else { vec![c] })
        .collect()
}

impl fmt::Display for FilesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut by_step: BTreeMap<&str, Vec<&Missing>> = BTreeMap::new();
        for missing in &self.missing {
            by_step.entry(&missing.step).or_default().push(missing);
        }
        for (step, all) in by_step {
            writeln!(f, "{}", plain(step))?;
            for one in all.iter().take(SHOWN) {
                let slash = if one.is_directory { "/" } else { "" };
                writeln!(
                    f,
                    "  {}{slash}  {} by {}, not in the plan",
                    plain(&one.path),
                    one.how,
                    one.by
                )?;
            }
            if all.len() > SHOWN {
                writeln!(f, "  ... and {} more", all.len() - SHOWN)?;
            }
        }
        for one in &self.different {
            writeln!(f, "{}\n  {}", plain(&one.step), plain(&one.what))?;
            for (side, values) in [("cargo", &one.cargo), ("nix  ", &one.nix)] {
                if values.is_empty() {
                    writeln!(f, "    {side}  (nothing)")?;
                }
                for value in values {
                    writeln!(f, "    {side}  {}", plain(value))?;
                }
            }
        }
        if !self.cures.is_empty() {
            writeln!(
                f,
                "\n{} needs (`rbn-plan verify --files --fix` writes it):\n",
                plain(&self.config_file)
            )?;
            for cure in &self.cures {
                writeln!(f, "{cure}")?;
            }
        }
        for one in &self.narrower {
            writeln!(f, "{}", plain(&one.sentence()))?;
            writeln!(f, "\n{}", one.lines())?;
        }
        for note in &self.notes {
            writeln!(f, "note: {}", plain(note))?;
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
        if self.scripts > 0 {
            let (say, leave) =
                if self.scripts == 1 { ("says", "leaves") } else { ("say", "leave") };
            let scripts = count(self.scripts, "build script");
            write!(f, "; {scripts} {say} and {leave} the same in Nix's sandbox")?;
        }
        Ok(())
    }
}
