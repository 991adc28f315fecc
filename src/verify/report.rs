//! What a comparison found.

use std::fmt;

use serde::Serialize;

use crate::text::visible;

/// The result of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    /// Number of planned steps.
    pub planned: usize,
    /// Number of rustc and build-script runs of Cargo's.
    pub recorded: usize,
    /// Number of pairs without a difference.
    pub equal: usize,
    /// The Cargo that was compared with.
    pub cargo_version: String,
    /// Steps that differ, by name.
    pub different: Vec<StepReport>,
    /// Steps of the plan that Cargo does not run.
    pub only_planned: Vec<String>,
    /// Runs of Cargo's that the plan does not have.
    pub only_recorded: Vec<String>,
    /// What config.toml adds, which was taken out before comparing: a thing, and its steps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// What to know about how it was recorded.
    pub notes: Vec<String>,
}

impl Report {
    /// Whether the plan is what Cargo runs.
    pub fn is_equal(&self) -> bool {
        self.different.is_empty() && self.only_planned.is_empty() && self.only_recorded.is_empty()
    }
}

/// The differences of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct StepReport {
    /// The step's name.
    pub step: String,
    /// At least one.
    pub differences: Vec<Difference>,
}

/// What a difference is in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// An option of rustc, such as `--cfg`, or `crate root`.
    Argument(String),
    /// Values of an option are the same, in another order.
    Order(String),
    /// A variable.
    Variable(String),
    /// The working directory.
    Cwd,
    /// Which unit an `--extern` names.
    Extern(String),
    /// The run of the package's build script.
    Script,
    /// The program of a build-script run, or of a test's.
    Program,
    /// A script whose output cannot be read as Cargo reads it.
    Directives,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(name) => f.write_str(name),
            Self::Order(name) => write!(f, "order of {name}"),
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::Cwd => f.write_str("working directory"),
            Self::Extern(name) => write!(f, "crate {name}"),
            Self::Script => f.write_str("build script"),
            Self::Program => f.write_str("program that is run"),
            Self::Directives => f.write_str("build script's output"),
        }
    }
}

/// One difference. Each side shows only what the other lacks (for [`Place::Order`]: all).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    /// What it is in.
    pub place: Place,
    /// What Cargo has.
    pub cargo: Vec<String>,
    /// What the plan has.
    pub plan: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.different {
            writeln!(f, "{}", step.step)?;
            for difference in &step.differences {
                writeln!(f, "  {}", difference.place)?;
                write_side(f, "cargo", &difference.cargo)?;
                write_side(f, "plan ", &difference.plan)?;
            }
        }
        for step in &self.only_planned {
            writeln!(f, "{step}\n  planned, but cargo does not run it")?;
        }
        for run in &self.only_recorded {
            writeln!(f, "{run}\n  run by cargo, but not planned")?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        if !self.added.is_empty() {
            writeln!(f, "not compared, because config.toml adds it to what cargo runs:")?;
        }
        for added in &self.added {
            writeln!(f, "  {}", visible::escaped(added))?;
        }
        write!(
            f,
            "{} steps planned, {} recorded from cargo: {} equal",
            self.planned, self.recorded, self.equal
        )
    }
}

/// One line for each value; control characters are shown, not sent to the terminal.
pub(super) fn write_side(f: &mut dyn fmt::Write, side: &str, values: &[String]) -> fmt::Result {
    if values.is_empty() {
        return writeln!(f, "    {side}  (nothing)");
    }
    for value in values {
        let shown: String = value
            .chars()
            .flat_map(|c| if visible::steers(c) { c.escape_default().collect() } else { vec![c] })
            .collect();
        writeln!(f, "    {side}  {shown}")?;
    }
    Ok(())
}
