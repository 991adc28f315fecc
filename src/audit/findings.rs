//! A plan's packages, looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::chains::{Chain, Chains};
use super::database::Database;
use super::error::AuditError;
use super::licences;
use crate::model::source::DEFAULT_REGISTRY;
use crate::model::{Package, Plan, Source};
use crate::text::words::{count, shortened, wrap};

/// The name of a finding that is no advisory.
const LICENCE: &str = "licence";

/// The most packages that are named beside the shortest way.
const NAMED: usize = 5;

/// Where long lines go on.
const INDENT: usize = 9;

/// What is looked for.
#[derive(Debug, Default)]
pub struct Wanted<'w> {
    /// Advisories.
    pub database: Option<Database>,
    /// The licences that are allowed; any, where there is no list.
    pub licences: Option<BTreeSet<&'w str>>,
    /// Advisories that were looked at by people, by their names.
    pub ignored: BTreeSet<&'w str>,
}

/// What was found on one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The package, with its version.
    pub package: String,
    /// The advisory's name, or `licence`.
    pub name: String,
    /// What it says.
    pub what: String,
    /// The advisory's own word, where it is no vulnerability: `unmaintained`.
    pub informational: Option<String>,
    /// Further lines: where more is said, and what to do.
    pub more: Vec<String>,
    /// Who needs the package.
    pub chain: Chain,
}

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many packages were looked at.
    pub packages: usize,
    /// In the order of packages.
    pub found: Vec<Finding>,
    /// Of what was to be ignored, that which spoke of some package.
    pub ignored: BTreeSet<String>,
}

/// Looks at the packages that `plan` takes from elsewhere. A workspace's own are nobody's findings.
///
/// # Errors
/// [`AuditError`] for a database that cannot be understood.
pub fn look(plan: &Plan, wanted: &Wanted<'_>) -> Result<Findings, AuditError> {
    let mut findings = Findings::default();
    let others =
        plan.packages.iter().filter(|(_, package)| !matches!(package.source, Source::Path { .. }));
    let mut known = BTreeMap::new();
    for (key, package) in others {
        // A vendored package is told once, whatever it is called in the plan.
        known.insert((package.name.clone(), package.version.clone()), (key, package));
    }
    findings.packages = known.len();
    let chains = Chains::of(plan);
    for (key, package) in known.into_values() {
        let first = findings.found.len();
        advisories(package, wanted, &mut findings)?;
        licence(package, wanted, &mut findings);
        for found in &mut findings.found[first..] {
            found.chain = chains.to(key);
        }
    }
    Ok(findings)
}

fn advisories(
    package: &Package,
    wanted: &Wanted<'_>,
    findings: &mut Findings,
) -> Result<(), AuditError> {
    // Another registry may have another package of the name. What is vendored or comes from git is as a
    // rule a copy of the one that is meant.
    let is_other = matches!(&package.source, Source::Registry { registry, .. } if registry != DEFAULT_REGISTRY);
    let Some(database) = wanted.database.as_ref().filter(|_| !is_other) else { return Ok(()) };
    for (file, advisory) in database.on(&package.name)? {
        let is_of = advisory.is_of(&package.version);
        let is_of = is_of.map_err(|reason| AuditError::Advisory { file, reason })?;
        if advisory.facts.withdrawn.is_some() || !is_of {
            continue;
        }
        if let Some(name) = wanted.ignored.iter().find(|name| advisory.is_called(name)) {
            findings.ignored.insert((*name).to_owned());
            continue;
        }
        let patched = advisory.patched();
        let cure = match patched.is_empty() {
            true => "no version is patched".to_owned(),
            false => format!("patched: {}", patched.join(" or ")),
        };
        findings.found.push(Finding {
            package: format!("{} {}", package.name, package.version),
            name: advisory.facts.id.clone(),
            what: advisory.title.clone(),
            informational: advisory.facts.informational.clone(),
            more: advisory.facts.url.clone().into_iter().chain([cure]).collect(),
            chain: Chain::default(),
        });
    }
    Ok(())
}

fn licence(package: &Package, wanted: &Wanted<'_>, findings: &mut Findings) {
    let Some(list) = &wanted.licences else { return };
    let about = &package.about;
    if licences::is_allowed(&about.license, list) {
        return;
    }
    let what = match (about.license.trim(), about.license_file.trim()) {
        ("", "") => "its manifest names no licence".to_owned(),
        ("", file) if list.contains(file) => return,
        ("", file) => format!("its licence is the file `{file}`, which is not allowed"),
        (license, _) => format!("`{license}` is not allowed"),
    };
    findings.found.push(Finding {
        package: format!("{} {}", package.name, package.version),
        name: LICENCE.to_owned(),
        what,
        informational: None,
        more: Vec::new(),
        chain: Chain::default(),
    });
}

impl Findings {
    /// How many are errors, and how many are only told.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let warnings = self.found.iter().filter(|one| one.informational.is_some()).count();
        (self.found.len() - warnings, warnings)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { package, name, what, informational, more, chain } in &self.found {
            match informational {
                Some(word) => writeln!(f, "warning: {package} is {word}: {what} ({name})")?,
                None => writeln!(f, "error: {package}: {what} ({name})")?,
            }
            more.iter().try_for_each(|line| writeln!(f, "       {line}"))?;
            let Chain { shortest, others } = chain;
            if !shortest.is_empty() {
                let way = shortest.join(" > ");
                writeln!(f, "{}", wrap("       needed by: ", &way, INDENT))?;
            }
            if !others.is_empty() {
                let others = shortened(others.iter().collect(), NAMED);
                writeln!(f, "{}", wrap("       and by: ", &others, INDENT))?;
            }
        }
        let (errors, warnings) = self.counts();
        write!(f, "Summary: {}: ", count(self.packages, "package"))?;
        write!(f, "{}, {}", count(errors, "error"), count(warnings, "warning"))?;
        if !self.ignored.is_empty() {
            write!(f, ", {} ignored", self.ignored.len())?;
        }
        writeln!(f)?;
        match self.found.iter().any(|one| one.name == LICENCE) {
            true => writeln!(f, "Licences that are allowed: `audit.licenses` in config.toml."),
            false => Ok(()),
        }
    }
}
