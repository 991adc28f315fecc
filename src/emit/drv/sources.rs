//! The files of each package as its steps get them: `templates/lib/sources.nix`.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use nix_derivation::StorePath;

use super::error::DrvError;
use super::toolchain::{Toolchain, crate_url};
use crate::input::cargo::{files, tree};
use crate::model::package::PackageFiles;
use crate::model::{Package, PackageKey, Plan, Source, Step, StepKind, TargetKind};
use crate::nix::derivation::{Derivations, Fetch};
use crate::nix::source::{self, EntryKind};
use crate::nix::value::{Attributes, Text, Value};
use crate::plan::places;

/// Which of a package's files a step gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Code,
    Tests,
    Script,
    Run,
}

impl Part {
    fn of(step: &Step) -> Self {
        match &step.kind {
            StepKind::RunScript(_) => Self::Run,
            StepKind::Compile(compile) => match compile.target.kind {
                TargetKind::CustomBuild => Self::Script,
                TargetKind::Test | TargetKind::Bench | TargetKind::Example => Self::Tests,
                TargetKind::Lib | TargetKind::ProcMacro | TargetKind::Bin => Self::Code,
            },
        }
    }
}

/// What `source`, `tests`, `script` or `run` of a package adds to a step.
#[derive(Clone, Debug)]
pub(super) struct StepSource {
    /// `source_kind`, `source_path` and `source_place`.
    pub attributes: Attributes,
    /// `extra_files`: places and files.
    pub extra_files: BTreeMap<String, Text>,
}

/// The sources of a plan, each hashed once.
pub(super) struct Sources<'a> {
    plan: &'a Plan,
    tools: &'a Toolchain,
    /// The workspace root.
    root: &'a Utf8Path,
    /// Store paths of git sources.
    fetched: &'a BTreeMap<PackageKey, StorePath>,
    known: BTreeMap<(PackageKey, Part), StepSource>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        tools: &'a Toolchain,
        root: &'a Utf8Path,
        fetched: &'a BTreeMap<PackageKey, StorePath>,
    ) -> Self {
        Self { plan, tools, root, fetched, known: BTreeMap::new() }
    }

    pub(super) fn of(
        &mut self,
        step: &Step,
        package: &Package,
        derivations: &mut Derivations,
    ) -> Result<StepSource, DrvError> {
        let part = match &package.source {
            Source::Path { .. } => Part::of(step),
            // Others are whole.
            _ => Part::Code,
        };
        let at = (step.package.clone(), part);
        if let Some(source) = self.known.get(&at) {
            return Ok(source.clone());
        }
        let source = self.compute(&step.package, package, part, derivations)?;
        self.known.insert(at, source.clone());
        Ok(source)
    }

    fn compute(
        &self,
        key: &PackageKey,
        package: &Package,
        part: Part,
        derivations: &mut Derivations,
    ) -> Result<StepSource, DrvError> {
        let name = format!("{}-source", store_name(key.as_str()));
        let mut place = places::package(package, self.plan.root_depth);
        let mut kind = "tree";
        let mut extra_files = BTreeMap::new();
        let path = match &package.source {
            Source::Path { dir } => {
                let files = package.files.clone().unwrap_or_default();
                let (tree, extra) = Tree::of(dir, &files, part);
                extra_files = self.files(extra.iter().filter(|path| !is_inside(dir, path)))?;
                let base = tree::normal(&self.root.join(dir));
                let keep = |path: &str, kind: EntryKind| tree.keeps(path, kind);
                Text::source(&source::store_path(&name, &base, &keep)?)
            }
            Source::Vendor { dir } => {
                let base = tree::normal(&self.root.join(dir));
                Text::source(&source::store_path(&name, &base, &|_, _| true)?)
            }
            Source::Git { subdir, .. } => {
                // The repository's place, of which the package is a directory.
                for _ in subdir.components() {
                    place.pop();
                }
                let path = self.fetched.get(key);
                Text::source(path.ok_or_else(|| DrvError::Unfetched(key.clone()))?)
            }
            Source::Registry { registry, sha256 } => {
                kind = "crate";
                let version = package.version.to_string();
                let dl = self.tools.registries.get(registry);
                let dl = dl.ok_or_else(|| DrvError::UnknownRegistry(registry.clone()))?;
                let fetch = derivations.fetch(&Fetch {
                    name: format!("{}-{version}.crate", package.name),
                    url: crate_url(dl, &package.name, &version, sha256),
                    sha256: sha256.clone(),
                })?;
                fetch.text()
            }
        };
        let attributes = [
            ("source_kind".to_owned(), kind.into()),
            ("source_path".to_owned(), Value::Text(path)),
            ("source_place".to_owned(), place.as_str().into()),
        ];
        Ok(StepSource { attributes: attributes.into(), extra_files })
    }

    /// Files and directories of the source tree, each by itself, by their places.
    pub(super) fn files<'p>(
        &self,
        paths: impl Iterator<Item = &'p Utf8PathBuf>,
    ) -> Result<BTreeMap<String, Text>, DrvError> {
        let workspace = places::workspace(self.plan.root_depth);
        paths
            .map(|path| {
                let file = tree::normal(&self.root.join(path));
                let place = tree::normal(&workspace.join(path));
                let name = path.file_name().ok_or_else(|| DrvError::Nameless(path.clone()))?;
                let name = format!("file-{}", legal(name));
                let stored = source::store_path(&name, &file, &|_, _| true)?;
                Ok((place.into_string(), Text::source(&stored)))
            })
            .collect()
    }
}

/// `tree` of `templates/lib/sources.nix`: which entries below a package's directory are taken. Paths
/// count from that directory.
#[derive(Debug, Default)]
struct Tree {
    include: Vec<String>,
    exclude: Vec<String>,
    hollow: Vec<String>,
    only: bool,
}

impl Tree {
    /// The rule for a part of the package in `dir`, and what is named of other places.
    fn of(dir: &Utf8Path, files: &PackageFiles, part: Part) -> (Self, Vec<Utf8PathBuf>) {
        let below = |paths: &[Utf8PathBuf]| local(dir, paths);
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let in_code = |path: &&Utf8PathBuf| {
            files.code.iter().any(|code| path.as_str().starts_with(&format!("{code}/")))
        };
        let script_only: Vec<Utf8PathBuf> =
            files.script.iter().filter(|path| !in_code(path)).cloned().collect();
        let nested = below(&files.without);
        let exclude = [nested.clone(), below(&script_only)].concat();
        match part {
            Part::Code => (
                Self { include: below(&files.also), exclude, ..Self::default() },
                files.also.clone(),
            ),
            Part::Tests => (
                Self {
                    include: [below(&files.also), words(&["tests", "benches", "examples"])]
                        .concat(),
                    exclude,
                    ..Self::default()
                },
                files.also.clone(),
            ),
            Part::Script => (
                Self {
                    include: [words(&["Cargo.toml"]), below(&files.script)].concat(),
                    only: true,
                    ..Self::default()
                },
                files.script.clone(),
            ),
            Part::Run => (
                Self {
                    include: below(&files.script_also),
                    exclude: nested,
                    hollow: below(&files.code),
                    only: false,
                },
                files.script_also.clone(),
            ),
        }
    }

    fn keeps(&self, path: &str, kind: EntryKind) -> bool {
        let directory = kind == EntryKind::Directory;
        let parent = path.rsplit_once('/').map_or(".", |(parent, _)| parent);
        let is = |place: &String| place == path;
        let hollowed = (self.hollow.iter().any(is) && !directory)
            || self.hollow.iter().any(|place| place == parent);
        let wanted = self.include.iter().any(|place| within(path, place))
            || (directory && self.include.iter().any(|place| below(place, path)));
        if self.only {
            wanted
        } else if self.include.is_empty() {
            let left_out = parent == "." && files::is_left_out(Utf8Path::new(path));
            !self.exclude.iter().any(is) && !left_out && !hollowed
        } else {
            let excluded = self.exclude.iter().any(|place| within(path, place));
            wanted || (!excluded && !files::is_left_out(Utf8Path::new(path)) && !hollowed)
        }
    }
}

/// Whether `path` is `place` or lies in it.
fn within(path: &str, place: &str) -> bool {
    path == place || below(path, place)
}

/// Whether `path` lies in `place`.
fn below(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a path of the workspace belongs to the package in `dir`.
fn is_inside(dir: &Utf8Path, path: &Utf8Path) -> bool {
    match dir.as_str() {
        "" => !path.as_str().starts_with("../"),
        dir => below(path.as_str(), dir),
    }
}

/// Those of `paths` in `dir`, as they are called there.
fn local(dir: &Utf8Path, paths: &[Utf8PathBuf]) -> Vec<String> {
    let skip = if dir.as_str().is_empty() { 0 } else { dir.as_str().len() + 1 };
    let inside = paths.iter().filter(|path| is_inside(dir, path));
    inside.map(|path| path.as_str()[skip..].to_owned()).collect()
}

/// A step's or package's name with the store's alphabet.
pub(super) fn store_name(name: &str) -> String {
    name.replace([':', '~', ' ', '/', '@', '!'], "-")
}

/// A file's name with the store's alphabet: every run of other characters is one `-`.
fn legal(name: &str) -> String {
    let mut legal = String::with_capacity(name.len());
    let mut replaced = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || "+._?=-".contains(c) {
            legal.push(c);
            replaced = false;
        } else if !replaced {
            legal.push('-');
            replaced = true;
        }
    }
    legal
}
