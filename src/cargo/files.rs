//! Which files the steps of each path package see. The rule, with its reasons: `docs/files.md`.
//!
//! In short: a compile step sees its package's directory without what [`super::left_out`] lists and without
//! nested packages, and all that code names; the run of a build script sees the whole directory. What an
//! earlier build left behind (what git ignores, what a script writes) is no part of either.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicUsize;

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;

use super::checkout::Checkout;
use super::code_variables::CodeVariables;
use super::declared::needs;
use super::error::CargoError;
use super::exported::Exported;
use super::followed;
use super::metadata::{Metadata, RawPackage};
use super::nested::nested;
use super::openings::Openings;
use super::package_tree::{Found, PackageTree};
use super::paths::normal;
use super::roots::Roots;
use super::script_paths::ScriptPaths;
use super::script_words::Words;
use super::searches::Searches;
use super::sought_places::{self, Places};
use super::source_scan::Look;
use super::surroundings::Surroundings;
use crate::files::reader;
use crate::model::TargetKind;
use crate::model::package::{Ignored, PackageFiles, RunView};

pub use super::paths::relative;

/// What steps see of the source tree.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The files of every used path package, by its absolute directory.
    pub packages: BTreeMap<Utf8PathBuf, PackageFiles>,
    /// What git ignores there.
    pub ignored: Option<Ignored>,
    /// By package: files that macros or scripts find here by a search, and no step sees.
    pub unseen: BTreeMap<String, BTreeSet<Utf8PathBuf>>,
}

/// Directories at the top of a package whose files only its tests, benchmarks and examples see.
const OF_TESTS: [&str; 3] = ["tests", "benches", "examples"];

/// Reads the packages' sources; a source file that cannot be read is left to the build's own message.
///
/// # Errors
/// [`CargoError::TooManyFiles`], [`CargoError::OutOfBounds`].
pub fn of_path_packages(
    metadata: &Metadata,
    used: &BTreeSet<&str>,
    openings: &Openings,
    checkout: Option<&Checkout>,
    env: &BTreeMap<String, String>,
) -> Result<Sources, CargoError> {
    let local: Vec<&RawPackage> =
        metadata.packages.iter().filter(|package| package.source.is_none()).collect();
    let dirs: BTreeSet<Utf8PathBuf> = local.iter().map(|package| directory(package)).collect();
    let root = &metadata.workspace_root;
    let real = |dir: &Utf8Path| dir.canonicalize_utf8().unwrap_or_else(|_| dir.to_owned());
    let around = Surroundings {
        root,
        real_root: real(root),
        bound: dirs.iter().fold(real(root), |bound, dir| common(&bound, &real(dir))),
        target: &metadata.target_directory,
        checkout,
        seen: AtomicUsize::new(0),
    };
    let names = used;
    let used = || local.iter().copied().filter(|package| names.contains(package.id.as_str()));
    let known = sought_places::known(&around, used().map(directory), env);
    let searches = Searches::new(metadata, names, openings, known, checkout);
    let mut packages: BTreeMap<Utf8PathBuf, PackageFiles> = BTreeMap::new();
    let mut called = Exported::default();
    let mut unseen: BTreeMap<String, BTreeSet<Utf8PathBuf>> = BTreeMap::new();
    let read = |package: &RawPackage| {
        let dir = directory(package);
        let known = CodeVariables::new(package, &dir, &around.bound, env);
        let reader = Reader { package, local: &local, around: &around, searches: &searches, known };
        reader.read(&dir, &dirs)
    };
    let all: Vec<&RawPackage> = used().collect();
    let read: Vec<_> = all.par_iter().map(|package| read(package)).collect();
    for (package, read) in all.into_iter().zip(read) {
        let (files, not_seen, exported) = read?;
        let dir = directory(package);
        called.add(package, exported);
        packages.insert(dir, files);
        if !not_seen.is_empty() {
            unseen.entry(package.name.clone()).or_default().extend(not_seen);
        }
    }
    for package in used() {
        let dir = directory(package);
        let names = called.by(package);
        let tree = PackageTree::new(&around, &dir);
        let found = names.iter().filter_map(|name| tree.resolve(&dir, name));
        let found: BTreeSet<Utf8PathBuf> = found.filter(|path| !dir.starts_with(path)).collect();
        tree.in_bounds(&found)?;
        if let Some(files) = packages.get_mut(&dir) {
            files.also.extend(found.iter().map(|path| relative(root, path)));
            files.also.sort();
            files.also.dedup();
            files.links.extend(tree.links());
        }
    }
    let ignored = checkout.map(|checkout| {
        let named = packages.values().flat_map(|files| files.also.iter().chain(&files.script_also));
        let named: Vec<Utf8PathBuf> = named.map(|path| normal(&root.join(path))).collect();
        let areas: Vec<&Utf8Path> =
            packages.keys().chain(&named).map(Utf8PathBuf::as_path).collect();
        Ignored {
            prefix: checkout.prefix(root),
            rules: checkout.rules(&areas),
            kept: checkout.kept(&areas),
        }
    });
    let ignored = ignored.filter(|ignored| !ignored.rules.is_empty());
    Ok(Sources { packages, ignored, unseen })
}

fn directory(package: &RawPackage) -> Utf8PathBuf {
    package.manifest_path.parent().unwrap_or(&package.manifest_path).to_owned()
}

fn common(a: &Utf8Path, b: &Utf8Path) -> Utf8PathBuf {
    a.ancestors().find(|above| b.starts_with(above)).unwrap_or(a).to_owned()
}

/// One package.
struct Reader<'a> {
    package: &'a RawPackage,
    local: &'a [&'a RawPackage],
    around: &'a Surroundings<'a>,
    searches: &'a Searches<'a>,
    known: CodeVariables,
}

impl Reader<'_> {
    fn read(
        &self,
        dir: &Utf8Path,
        dirs: &BTreeSet<Utf8PathBuf>,
    ) -> Result<(PackageFiles, BTreeSet<Utf8PathBuf>, BTreeSet<String>), CargoError> {
        let mut tree = PackageTree::new(self.around, dir);
        tree.nested = nested(&tree, dirs);
        tree.known = self.known.clone();
        let (mut code, mut tests) = (Roots::default(), Roots::default());
        let mut script_root = None;
        for target in &self.package.targets {
            let path = normal(&target.src_path);
            // `/dev/null` has no directory that would be read.
            let Some(path) =
                path.is_file().then(|| tree.resolve(dir, relative(dir, &path).as_str())).flatten()
            else {
                continue;
            };
            match target.kind() {
                Some(TargetKind::CustomBuild) => script_root = Some(path),
                Some(TargetKind::Test | TargetKind::Bench | TargetKind::Example) => {
                    tests.add(&tree, path, &OF_TESTS);
                }
                _ => code.add(&tree, path, &[]),
            }
        }
        let mut script = match script_root {
            Some(root) => tree.named_by(&BTreeSet::new(), &BTreeSet::from([root]), &|_| true),
            None => BTreeSet::new(),
        };
        tree.by_variable.set(false);
        let mut paths = self.paths();
        for file in script.iter().filter(|file| file.extension() == Some("rs")) {
            paths.add(file);
        }
        let helped = self.helpers(&tree, &mut paths)?;
        let run = match (paths.words, helped) {
            _ if script.is_empty() => RunView::Directory,
            (Words { opens: false, .. }, false) => RunView::Only(Vec::new()),
            (Words { lists: false, .. }, false) => RunView::Package,
            _ => RunView::Directory,
        };

        let mut found = Found::default();
        if script.is_empty() || run != RunView::Directory {
            found.closed.clone_from(&tree.nested);
        }
        tree.walk(dir, &mut found)?;
        let searched = [None, Some("dev")].map(|kind| self.searches.by_macros(self.package, kind));
        if searched.iter().any(|sought| sought.opens) {
            tree.searched = tree.above().inside;
        }
        let places = Places { tree: &tree, packages: dirs };
        let [for_code, for_tests] = searched.map(|sought| places.for_macros(&sought));
        let look = self.look(&tree);
        let worth = |text: &str| look.finds(text);
        let is_extra = |path: &Utf8Path, seen: &[&str]| tree.is_extra(path, seen);
        let below = |dirs: &BTreeSet<Utf8PathBuf>, path: &Utf8Path| {
            dirs.iter().any(|dir| path.starts_with(dir))
        };
        let sources = found.sources.iter();
        let code_sources: BTreeSet<Utf8PathBuf> = sources
            .filter(|path| !is_extra(path, &[]) || below(&code.dirs, path))
            .cloned()
            .collect();
        let mut also = tree.named_by(&code_sources, &code.whole, &worth);
        also.extend(code.dirs.iter().cloned());
        also.extend(followed::by(&tree, &for_code.seen));
        also.extend(for_code.seen);
        if self.searches.runs_in_others(self.package) {
            // What it reads of its own, when it runs in a macro or a script.
            let mut own = self.paths();
            code_sources.iter().for_each(|file| own.add(file));
            let paths = own.named.iter().filter(|name| name.contains('/'));
            let paths = paths.filter_map(|name| tree.resolve(dir, name));
            also.extend(paths.filter(|path| !dir.starts_with(path)));
        }
        let sources = found.sources.iter();
        let of_tests = sources.filter(|path| below(&tests.homes, path));
        let of_tests = of_tests.filter(|path| !code_sources.contains(*path)).cloned().collect();
        let exported = tree.exported.take();
        let mut tests_also = tree.named_by(&of_tests, &tests.whole, &worth);
        tests_also.extend(tests.dirs.iter().cloned());
        tests_also.extend(followed::by(&tree, &for_tests.seen));
        tests_also.extend(for_tests.seen);
        let mut script_also = self.script_reads(&tree, &paths, &run);
        let mut unseen = for_code.unseen;
        unseen.extend(for_tests.unseen);
        if !script.is_empty() {
            let in_script = self.searches.by_macros(self.package, Some("build"));
            let in_script = places.for_macros(&in_script);
            let sought = self.searches.by_script(self.package, &script);
            let for_run = places.for_script(&sought);
            script_also.extend(for_run.seen);
            script_also.extend(self.followed(&tree, &paths, &script_also));
            if paths.generates || tree.by_variable.get() {
                // What the script says where the code finds it.
                also.extend(script_also.iter().filter(|path| !dir.starts_with(path)).cloned());
            }
            script.extend(in_script.seen);
            unseen.extend(in_script.unseen.into_iter().chain(for_run.unseen));
        }

        let written: BTreeSet<Utf8PathBuf> =
            paths.written.iter().map(|path| normal(&dir.join(path))).collect();
        let is_source = |path: &Utf8Path| {
            let tracked = self.around.checkout.is_some_and(|checkout| checkout.tracks(path));
            let made = written.iter().any(|made| path.starts_with(made) && !dir.starts_with(made));
            tracked || !made
        };
        also.retain(|path| is_extra(path, &[]) && is_source(path));
        tests_also
            .retain(|path| is_extra(path, &OF_TESTS) && is_source(path) && !also.contains(path));
        script_also.retain(|path| is_source(path));
        for named in [&also, &tests_also, &script_also] {
            tree.in_bounds(named)?;
            for path in named.iter().filter(|path| !path.starts_with(dir)) {
                tree.walk(path, &mut Found::default())?;
            }
        }
        let root = self.around.root;
        let list = |paths: &BTreeSet<Utf8PathBuf>| {
            let mut list: Vec<_> = outermost(paths).map(|path| relative(root, path)).collect();
            list.sort();
            list
        };
        let files = PackageFiles {
            without: list(&tree.nested),
            also: list(&also),
            tests_also: list(&tests_also),
            script: list(&script),
            run,
            script_also: list(&script_also),
            links: tree.links(),
        };
        Ok((files, unseen, exported))
    }

    fn paths(&self) -> ScriptPaths {
        ScriptPaths::with(self.known.clone())
    }

    /// What files name that the script names.
    fn followed(
        &self,
        tree: &PackageTree<'_>,
        paths: &ScriptPaths,
        outside: &BTreeSet<Utf8PathBuf>,
    ) -> BTreeSet<Utf8PathBuf> {
        let inside = paths.named.iter().filter_map(|name| tree.resolve(tree.dir, name));
        let inside = inside.filter(|path| path.starts_with(tree.dir) && path != tree.dir);
        followed::by(tree, &inside.chain(outside.iter().cloned()).collect())
    }

    /// Path packages that the build script is built with: their code runs in it. Says whether it is
    /// built with any package.
    fn helpers(&self, tree: &PackageTree<'_>, paths: &mut ScriptPaths) -> Result<bool, CargoError> {
        let mut queue: Vec<&str> = needs(self.package, Some("build")).collect();
        let helped = !queue.is_empty();
        let mut known: BTreeSet<&str> = queue.iter().copied().collect();
        while let Some(name) = queue.pop() {
            for package in self.local.iter().filter(|package| package.name == name) {
                let mut found = Found::default();
                tree.walk(&directory(package).join("src"), &mut found)?;
                found.sources.iter().for_each(|file| paths.add(file));
                queue.extend(needs(package, None).filter(|on| known.insert(on)));
            }
        }
        Ok(helped)
    }

    /// What the run of the build script reads beside what it sees of its package.
    fn script_reads(
        &self,
        tree: &PackageTree<'_>,
        paths: &ScriptPaths,
        run: &RunView,
    ) -> BTreeSet<Utf8PathBuf> {
        let dir = tree.dir;
        let mut reads: BTreeSet<Utf8PathBuf> =
            paths.named.iter().filter_map(|name| tree.resolve(dir, name)).collect();
        reads.retain(|path| match path.starts_with(dir) {
            false => !dir.starts_with(path),
            true => *run == RunView::Package && path != dir && tree.is_extra(path, &[]),
        });
        // All that lies above, where a call is given just that.
        let above = paths.given.iter().filter_map(|name| tree.resolve(dir, name));
        reads.extend(above.filter(|path| {
            path != dir && dir.starts_with(path) && path.starts_with(self.around.root)
        }));
        if dir != self.around.root && self.asks_for_the_lock() {
            let files = ["Cargo.lock", "Cargo.toml"].map(|name| self.around.root.join(name));
            reads.extend(files.into_iter().filter(|path| path.is_file()));
        }
        reads
    }

    /// Whether a crate that the build script is built with speaks of Cargo.lock.
    fn asks_for_the_lock(&self) -> bool {
        let names: BTreeSet<&str> = needs(self.package, Some("build")).collect();
        self.searches.named(&names).any(|package| {
            let files =
                directory(package).join("src").read_dir_utf8().into_iter().flatten().flatten();
            files.filter(|file| file.path().extension() == Some("rs")).any(|file| {
                reader::bytes(file.path())
                    .is_ok_and(|text| text.windows(10).any(|word| word == b"Cargo.lock"))
            })
        })
    }

    fn look(&self, tree: &PackageTree<'_>) -> Look {
        let inside = tree.nested.iter().filter_map(|path| path.strip_prefix(tree.dir).ok());
        let parts = inside.flat_map(|path| path.components()).map(|part| part.as_str().to_owned());
        let above = tree.searched.iter().flat_map(|dir| sought_places::names(dir));
        Look { nested: parts.chain(above).collect(), known: self.known.clone() }
    }
}

/// Without what lies below another path of the set.
fn outermost(paths: &BTreeSet<Utf8PathBuf>) -> impl Iterator<Item = &Utf8PathBuf> {
    let covered = |path: &Utf8PathBuf| path.ancestors().skip(1).any(|above| paths.contains(above));
    paths.iter().filter(move |path| !covered(path))
}
