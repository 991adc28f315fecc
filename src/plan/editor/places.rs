//! Places in the sandbox, and what lies there on this machine.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use rbn_builder::{note, package};

use super::here::Here;
use crate::cargo::paths::normal;
use crate::model::{PackageKey, Plan, Source, StepId};
use crate::plan::facts;

impl Here {
    /// A package's directory; nothing where its source is not here.
    pub(super) fn package_dir(&self, plan: &Plan, key: &PackageKey) -> Option<Utf8PathBuf> {
        let package = plan.packages.get(key)?;
        Some(normal(&match &package.source {
            Source::Path { dir } | Source::Vendor { dir } => self.root.join(dir),
            Source::Registry { .. } => self.sources.get(key)?.clone(),
            Source::Git { subdir, .. } => self.sources.get(key)?.join(subdir),
        }))
    }
}

/// Places of the sandbox, each with that of this machine; the longest first.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<(String, String)>);

impl Places {
    /// Those of packages and of all steps' outputs.
    pub fn of(plan: &Plan, here: &Here) -> Self {
        let depth = plan.root_depth;
        let mut places = Self::default();
        let mut put = |from: &std::path::Path, to: &Utf8Path| {
            places.0.push((from.to_string_lossy().into_owned(), normal(to).into_string()));
        };
        put(&package::workspace(depth), &here.root);
        put(package::TARGET.as_ref(), &here.root.join("target"));
        for (key, package) in &plan.packages {
            let place = facts::of_package(package).source_root(depth);
            let real = match &package.source {
                Source::Path { dir } | Source::Vendor { dir } => Some(here.root.join(dir)),
                Source::Registry { .. } | Source::Git { .. } => here.sources.get(key).cloned(),
            };
            if let Some(real) = real {
                put(&place, &real);
            }
        }
        for (id, output) in &here.outputs {
            put(facts::output(plan.step(*id)).as_ref(), output.as_str().into());
        }
        places.sort();
        places
    }

    /// The same for a crate with a build script: its `OUT_DIR` and what the script named besides.
    pub fn with_run(&self, output: &str, run: &note::Run) -> Self {
        let mut own = Vec::new();
        if !run.out_dir.is_empty() {
            own.push((run.out_dir.clone(), format!("{output}/out")));
        }
        for placed in &run.carried {
            let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
            own.push((text(&placed.place), text(&placed.path)));
        }
        own.extend(self.0.iter().cloned());
        let mut places = Self(own);
        places.sort();
        places
    }

    /// Of two of one length the first counts.
    fn sort(&mut self) {
        self.0.sort_by_key(|(from, _)| Reverse(from.len()));
    }

    /// A text with this machine's places in it; a longer name that begins like one stays.
    pub fn moved(&self, text: &str) -> String {
        let mut result = String::new();
        let mut rest = text;
        let mut before = None;
        while let Some(next) = rest.chars().next() {
            let fits = |(from, _): &&(String, String)| {
                rest.strip_prefix(from.as_str()).is_some_and(|after| !after.starts_with(is_of_name))
            };
            let is_start = next == '/' && !before.is_some_and(is_of_name);
            let found = if is_start { self.0.iter().find(fits) } else { None };
            let length = match found {
                Some((from, to)) => {
                    result.push_str(to);
                    from.len()
                }
                None => {
                    result.push(next);
                    next.len_utf8()
                }
            };
            before = rest[..length].chars().next_back();
            rest = &rest[length..];
        }
        result
    }
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || "._+~-".contains(c)
}

/// The places of each step with a build script that has run, and of all others.
pub struct PlacesOf {
    all: Places,
    of_runs: BTreeMap<StepId, Places>,
}

impl PlacesOf {
    /// Those of a plan.
    pub fn new(plan: &Plan, here: &Here) -> Self {
        let all = Places::of(plan, here);
        let with = |(id, run): (&StepId, &note::Run)| {
            Some((*id, all.with_run(here.outputs.get(id)?, run)))
        };
        let of_runs = here.runs.iter().filter_map(with).collect();
        Self { all, of_runs }
    }

    /// Those for a crate whose build script is run by `run`.
    pub fn of(&self, run: Option<StepId>) -> &Places {
        run.and_then(|run| self.of_runs.get(&run)).unwrap_or(&self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_moved_and_longer_names_stay() {
        let mut places = Places(vec![
            ("/build/a".to_owned(), "/home/me/a".to_owned()),
            ("/build/a/b".to_owned(), "/store/b".to_owned()),
        ]);
        places.sort();
        let check = |text: &str, wanted: &str| assert_eq!(places.moved(text), wanted);
        check("/build/a/b/c:/build/a", "/store/b/c:/home/me/a");
        check("-L=/build/a-1 /build/ab x/build/a", "-L=/build/a-1 /build/ab x/build/a");
        check("ü/build/a", "ü/build/a");
    }
}
