//! What the comparison of build scripts' runs found.

use std::fmt;

use serde::Serialize;

use super::super::report::write_side;
use crate::text::visible;
use crate::text::words::count;

/// The result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ScriptsReport {
    /// Scripts whose words and files were compared, and are the same.
    pub scripts: usize,
    /// Scripts that could not be run in Nix's sandbox for a comparison.
    pub scripts_not_compared: usize,
    /// Scripts that say or leave something else in Nix's sandbox.
    pub different: Vec<ScriptDifference>,
    /// What limits the comparison; who shows the report shows them.
    #[serde(skip)]
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

impl ScriptsReport {
    /// Whether all was compared and nothing differs.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.different.is_empty() && self.scripts_not_compared == 0
    }

    /// What differs, line by line. `recorded` is who was recorded: `cargo` or `x.py`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_differences(&self, f: &mut dyn fmt::Write, recorded: &str) -> fmt::Result {
        let (width, nix) = (recorded.len().max(3), "nix");
        for one in &self.different {
            writeln!(f, "{}\n  {}", visible::escaped(&one.step), visible::escaped(&one.what))?;
            write_side(f, &format!("{recorded:width$}"), &one.cargo)?;
            write_side(f, &format!("{nix:width$}"), &one.nix)?;
        }
        Ok(())
    }

    /// How many are the same, as a part of a sentence; nothing where none is.
    #[must_use]
    pub fn same(&self) -> Option<String> {
        let (say, leave) = if self.scripts == 1 { ("says", "leaves") } else { ("say", "leave") };
        let scripts = count(self.scripts, "build script");
        (self.scripts > 0).then(|| format!("{scripts} {say} and {leave} the same in Nix's sandbox"))
    }
}

#[cfg(test)]
mod tests {
    use super::{ScriptDifference, ScriptsReport};

    #[test]
    fn what_differs_is_told_side_by_side() {
        let different = vec![ScriptDifference {
            step: "host/a-1.0.0:run".to_owned(),
            what: "its rustc-cfg".to_owned(),
            cargo: vec!["asked".to_owned()],
            nix: Vec::new(),
        }];
        let report = ScriptsReport { different, ..ScriptsReport::default() };
        let mut said = String::new();
        report.write_differences(&mut said, "x.py").unwrap();
        assert_eq!(
            said,
            "host/a-1.0.0:run\n  its rustc-cfg\n    x.py  asked\n    nix   (nothing)\n"
        );
        assert!(!report.is_complete());
        assert_eq!(report.same(), None);
    }
}
