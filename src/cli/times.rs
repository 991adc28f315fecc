//! Recorded times: where they lie, and how they are given.

use camino::{Utf8Path, Utf8PathBuf};

use super::select::program;
use crate::build::error::BuildError;
use crate::build::saved;
use crate::build::store::Store;
use crate::cargo::settings::{self, Asked};
use crate::config::Config;
use crate::review::{StepGraph, Times};

/// The file of all times of a profile that were ever recorded here.
pub const FILE: &str = "times.json";

/// The flag.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TimesArgs {
    /// Recorded times: a timeline of `rbn-plan build`, `{"steps": {"PLATFORM/STEP": MILLISECONDS}}`,
    /// or a stamped log of Nix's [default: those of earlier builds,
    /// target/rbn-plan/PROFILE/times.json]
    #[arg(long, value_name = "FILE")]
    times: Option<Utf8PathBuf>,
}

impl TimesArgs {
    /// The times of the given file, or of earlier builds of the same profile; none where there were
    /// none.
    ///
    /// # Errors
    /// A given file that has no times. What lies in the default place is only warned of.
    pub fn load(
        &self,
        root: &Utf8Path,
        config: &Config,
        graph: &StepGraph<'_>,
    ) -> miette::Result<Times> {
        let mut store = Store::new(graph);
        if let Some(path) = &self.times {
            return Ok(saved::read(path, &mut store)?);
        }
        Ok(earlier(&directory(root, config).join(FILE), &mut store))
    }
}

/// The times of earlier builds.
pub fn earlier(path: &Utf8Path, store: &mut Store) -> Times {
    saved::read(path, store).unwrap_or_else(|error| {
        if matches!(&error, BuildError::File(error) if error.is_absent()) {
            return Times::default();
        }
        eprintln!("warning: {error}; going on without recorded times");
        Times::default()
    })
}

/// Where timelines and times of a workspace are written: below Cargo's target directory, by profile,
/// since a step of one profile takes another time in the next.
pub fn directory(root: &Utf8Path, config: &Config) -> Utf8PathBuf {
    below_target(root).join(config.build.profile.value.as_str())
}

/// Where plans lie that nobody commits.
pub fn plans(root: &Utf8Path) -> Utf8PathBuf {
    below_target(root).join("plans")
}

/// Where a copy of the flake lies, whose inputs are asked for and nothing else.
pub fn flake(root: &Utf8Path) -> Utf8PathBuf {
    below_target(root).join("flake")
}

/// The directory of what this program leaves below Cargo\'s target directory.
pub fn below_target(root: &Utf8Path) -> Utf8PathBuf {
    target(root).join("rbn-plan")
}

/// Cargo's target directory.
pub fn target(root: &Utf8Path) -> Utf8PathBuf {
    let cargo = program("CARGO", "cargo");
    let reader = settings::open(&Asked { cargo: &cargo, dir: root, flags: &[] });
    let target = reader.ok().and_then(|reader| reader.target_directory());
    target.unwrap_or_else(|| root.join("target"))
}
