//! The planned checks (`checks.plans`) beside a plan that is prepared: made anew, called, evaluated.

use camino::Utf8PathBuf;

use super::build::prepare::{self, Prepared};
use super::check_plans;
use super::outputs::Call;
use super::select::SelectArgs;
use crate::build::outputs::{Checked, of_checks, read_checks};
use crate::files::reader;
use crate::files::writer::{self, Ours};
use crate::model::{Document, Verb};
use crate::plan_file::json;
use crate::review::StepGraph;

/// The plans of checks that config.toml names, as Nix will find them.
pub struct PlannedChecks {
    documents: Vec<(Verb, Document)>,
    /// The file that joins them, seen from where Nix runs; none where none is planned.
    joined: Option<Utf8PathBuf>,
    /// What it is called with.
    arguments: Vec<String>,
    /// The files that are not up to date, and what they are to hold: what is committed stays as it is.
    pending: Vec<(Utf8PathBuf, String)>,
}

/// What they are made of.
pub struct Evaluated<'d> {
    /// The graph of each plan.
    pub graphs: Vec<(&'static str, StepGraph<'d>)>,
    /// What Nix makes of them.
    pub found: Checked,
}

impl PlannedChecks {
    /// Plans what config.toml names, for the machine of the plan; writes nothing.
    ///
    /// # Errors
    /// Whatever planning ran into.
    pub fn of(select: &SelectArgs, prepared: &Prepared) -> miette::Result<Self> {
        let Prepared { root, config, .. } = prepared;
        let mut documents = Vec::new();
        let mut files = Vec::new();
        for (path, plan) in check_plans::places(config)? {
            let (plans, text) = check_plans::made(select, root, config, plan)?;
            let own = plans.iter().find(|own| own.host == prepared.plan.host).or(plans.first());
            documents.extend(plan.zip(own).map(|(plan, own)| (plan.verb, json::document(own))));
            files.push((path, text));
        }
        let mut pending = Vec::new();
        let mut joined = files.last().map(|(path, _)| root.join(path));
        let is_current = |(path, text): &(Utf8PathBuf, String)| {
            Ok::<bool, miette::Report>(
                reader::text_if_there(root.join(path))?.as_ref() == Some(text),
            )
        };
        let current: Vec<bool> = files.iter().map(is_current).collect::<Result<_, _>>()?;
        if current.contains(&false) {
            // They name each other: where one is not up to date, all lie elsewhere.
            let elsewhere =
                |path: Utf8PathBuf| path.file_name().map(|name| prepare::dry_run(root).join(name));
            joined = joined.and_then(elsewhere);
            let files = files.into_iter();
            pending = files.filter_map(|(path, text)| Some((elsewhere(path)?, text))).collect();
        }
        Ok(Self {
            documents,
            joined: joined.map(|path| prepare::seen(&path, &prepared.dir)),
            arguments: prepared.arguments_elsewhere(),
            pending,
        })
    }

    /// Writes what is not up to date, where no committed file is.
    ///
    /// # Errors
    /// A file of somebody else, a link that leads out, or a file that cannot be written.
    pub fn write(&self, prepared: &Prepared) -> miette::Result<()> {
        for (path, text) in &self.pending {
            writer::write_within(prepared.around(path), path, text, Ours::Marked)?;
        }
        Ok(())
    }

    /// What they are made of; nothing where none is planned. With `instantiate` the derivations are in the
    /// store afterwards.
    ///
    /// # Errors
    /// A plan that no build can follow; Nix is missing, or cannot evaluate them, and has said why.
    pub fn evaluate(
        &self,
        prepared: &Prepared,
        instantiate: bool,
    ) -> miette::Result<Evaluated<'_>> {
        let mut graphs = Vec::new();
        for (verb, document) in &self.documents {
            graphs.push((verb.as_str(), StepGraph::of(document)?));
        }
        let Some(file) = &self.joined else {
            return Ok(Evaluated { graphs, found: Checked::default() });
        };
        let call = Call { dir: &prepared.dir, file, arguments: &self.arguments, instantiate };
        let said = call.evaluate("plans", &of_checks())?;
        let found = read_checks(&graphs, &said);
        Ok(Evaluated { graphs, found })
    }
}
