//! All layers together: the configuration that counts.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use semver::Version;

use crate::model::Triple;
use crate::text::excerpt::Excerpt;

use super::audit::Audit;
use super::build::{Build, Machine};
use super::checks::Checks;
use super::env::{self, Env};
use super::install::Install;
use super::layers::{Environment, Overrides};
use super::nix::Nix;
use super::notice::Notice;
use super::origin::{Origin, Setting};
use super::overrides::{Override, OverrideKind};
use super::parse::Document;
use super::problem::{ConfigError, Fault, Place, Problem};
use super::reader::Reader;
use super::sccache::Sccache;
use super::target::{self, TargetTools};
use super::toolchain::Toolchain;

/// The most problems that are shown, each with its place.
const SHOWN: usize = 50;

/// The most errors of syntax that are told of: one slip can make hundreds of them.
const SYNTAX_SHOWN: usize = 20;

/// Every effective value, with where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file that was read, if there is one.
    pub file: Option<Utf8PathBuf>,
    /// What is built.
    pub build: Build,
    /// Where the compiler comes from.
    pub toolchain: Setting<Toolchain>,
    /// The daemon that compile steps may ask.
    pub sccache: Sccache,
    /// What checks may take.
    pub checks: Checks,
    /// What packages are compared with.
    pub audit: Audit,
    /// Variables for every step.
    pub env: Env,
    /// What single packages need, in the order of the file.
    pub overrides: Vec<Override>,
    /// Where the plan and the flake are.
    pub nix: Nix,
    /// Tools per platform.
    pub target: BTreeMap<Triple, TargetTools>,
    /// Directories of an installation outside the Nix store.
    pub install: Install,
}

/// What a configuration is made of.
#[derive(Clone, Debug)]
pub struct Layers<'l> {
    /// The file's name for people, and its text.
    pub file: Option<(&'l Utf8Path, &'l str)>,
    /// The environment.
    pub environment: &'l Environment,
    /// The command line.
    pub flags: &'l Overrides,
    /// The machine that plans.
    pub machine: &'l Machine,
}

/// A configuration, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The effective values.
    pub config: Config,
    /// Keys that do less than their writer may think, in the order of the file.
    pub notices: Vec<Notice>,
}

impl Config {
    /// The configuration that `layers` make.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] with every problem of every layer.
    pub fn resolve(layers: &Layers<'_>) -> Result<Loaded, ConfigError> {
        let document =
            layers.file.map(|(path, text)| Document::parse(path, text)).unwrap_or_default();
        let Document { found, problems, notices } = document;
        let mut reader = Reader::default();
        reader.problems = problems;
        reader.notices = notices;
        reader.add_file(found);
        let environment = layers.environment.found(&mut reader.notices, &mut reader.problems);
        reader.add_layer(environment);
        reader.add_layer(layers.flags.found());

        let config = Self {
            file: layers.file.map(|(path, _)| path.to_owned()),
            build: Build::read(&mut reader, layers.machine),
            toolchain: Toolchain::read(&mut reader),
            sccache: Sccache::read(&mut reader),
            checks: Checks::read(&mut reader),
            audit: Audit::read(&mut reader),
            env: env::read(&mut reader, &["env"], 0),
            overrides: Override::read(&mut reader),
            nix: Nix::read(&mut reader),
            target: target::read(&mut reader),
            install: Install::read(&mut reader),
        };
        let Reader { mut problems, mut notices, .. } = reader;
        if problems.is_empty() {
            notices.sort_by_key(|notice| line(&notice.origin));
            return Ok(Loaded { config, notices });
        }
        if problems.iter().any(syntax) {
            problems.retain(syntax);
        }
        let total = problems.len();
        problems.sort_by_key(start);
        problems.truncate(if problems.iter().any(syntax) { SYNTAX_SHOWN } else { SHOWN });
        let (name, text) =
            layers.file.map_or(("config.toml", ""), |(path, text)| (path.as_str(), text));
        let source_code = Excerpt::new(name, text);
        Err(ConfigError::Invalid { source_code, total, problems })
    }

    /// The overrides for a kind of step of a package, each with its number in
    /// [`Config::overrides`], so that one that never applies can be reported.
    pub fn overrides_for<'c>(
        &'c self,
        package: &'c str,
        version: &'c Version,
        kind: OverrideKind,
    ) -> impl Iterator<Item = (usize, &'c Override)> {
        let applies = move |one: &(usize, &Override)| one.1.applies_to(package, version, kind);
        self.overrides.iter().enumerate().filter(applies)
    }

    /// The tools of a target, where any are set.
    #[must_use]
    pub fn tools(&self, triple: &Triple) -> Option<&TargetTools> {
        self.target.get(triple)
    }
}

fn syntax(problem: &Problem) -> bool {
    matches!(problem.what, Fault::Syntax { .. })
}

fn line(origin: &Origin) -> usize {
    match origin {
        Origin::File { line, .. } => *line,
        _ => usize::MAX,
    }
}

fn start(problem: &Problem) -> usize {
    match &problem.place {
        Place::Span(span) => span.start,
        Place::Variable(_) | Place::Flag(_) => usize::MAX,
    }
}
