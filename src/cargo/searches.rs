//! What macros and build scripts search for, by the text of all code that runs in them.
//!
//! rustc runs in the workspace's root, a script in its package; and both may go up from there. So what they name
//! is looked for in the package and in each directory above it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};

use super::checkout::Checkout;
use super::declared::{Declared, is_macro, needs};
use super::left_out::is_commonplace;
use super::metadata::{Metadata, RawPackage};
use super::openings::{Openings, opens, opens_nothing, sources};
use super::script_paths::ScriptPaths;
use super::spoken::{Known, Spoken};
use crate::files::reader;

/// What code that runs while a package is built looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// Whether it opens files at all.
    pub opens: bool,
    /// In the package.
    pub here: BTreeSet<String>,
    /// In the directories above.
    pub above: BTreeSet<String>,
    /// The same of the workspace's own code, in both.
    pub own: BTreeSet<String>,
    /// Whether the workspace's own code goes up, so that names may be made in it that no text says.
    pub climbs: bool,
    /// Variables of `[env]` that are named.
    pub variables: BTreeSet<String>,
    /// Whether the workspace's lock file and manifest are looked for.
    pub lock: bool,
}

/// What a package's code says, as far as somebody asked.
#[derive(Default)]
struct Heard {
    opens: OnceLock<bool>,
    spoken: OnceLock<Spoken>,
}

/// The code of all packages, as far as it runs in others.
pub struct Searches<'a> {
    declared: Declared<'a>,
    known: Known,
    checkout: Option<&'a Checkout>,
    openings: &'a Openings,
    /// What the packages say, by their ids; each is listened to once.
    heard: BTreeMap<&'a str, Heard>,
    /// Macros that open files, with the names of the packages that may call them.
    macros: Vec<(BTreeSet<&'a str>, Sought)>,
    /// Path packages whose code runs while others are built.
    running: BTreeSet<&'a str>,
}

impl<'a> Searches<'a> {
    /// Looks at all macros; `known` is what lies where they may search, `checkout` git's view of path packages.
    #[must_use]
    pub fn new(
        all: &'a Metadata,
        used: &BTreeSet<&str>,
        openings: &'a Openings,
        known: Known,
        checkout: Option<&'a Checkout>,
    ) -> Self {
        let all: Vec<&RawPackage> =
            all.packages.iter().filter(|package| used.contains(package.id.as_str())).collect();
        let mut searches = Self {
            declared: Declared::new(all.iter().copied()),
            known,
            checkout,
            openings,
            heard: all.iter().map(|package| (package.id.as_str(), Heard::default())).collect(),
            macros: Vec::new(),
            running: BTreeSet::new(),
        };
        let local = || all.iter().filter(|package| package.source.is_none());
        let helpers = local().flat_map(|package| needs(package, Some("build")));
        let macros =
            local().filter(|package| is_macro(package)).map(|package| package.name.as_str());
        searches.running = searches.declared.made_of(helpers.chain(macros));
        let mut found: Vec<(&str, Sought)> = Vec::new();
        for package in all.iter().filter(|package| is_macro(package)) {
            let mut sought = searches.within([package.name.as_str()]);
            if sought.opens {
                sought.lock |= searches.of_package(package).asks_for_the_lock;
                found.push((&package.name, sought));
            }
        }
        if found.is_empty() {
            return searches;
        }
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for package in &all {
            for on in needs(package, None) {
                users.entry(on).or_default().push(&package.name);
            }
        }
        for (name, sought) in found {
            let mut callers = BTreeSet::from([name]);
            let mut queue = vec![name];
            while let Some(name) = queue.pop() {
                let more = users.get(name).into_iter().flatten();
                queue.extend(more.filter(|user| callers.insert(user)));
            }
            searches.macros.push((callers, sought));
        }
        searches
    }

    /// The packages of these names that take part.
    pub fn named(&self, names: &BTreeSet<&'a str>) -> impl Iterator<Item = &'a RawPackage> {
        self.declared.named(names)
    }

    /// Whether code of the path package runs while others are built.
    #[must_use]
    pub fn runs_in_others(&self, package: &RawPackage) -> bool {
        self.running.contains(package.name.as_str())
    }

    /// What the macros look for that a package may call through its dependencies of one kind.
    #[must_use]
    pub fn by_macros(&self, package: &RawPackage, kind: Option<&str>) -> Sought {
        let mut all = Sought::default();
        for (callers, sought) in &self.macros {
            if needs(package, kind).any(|on| callers.contains(on)) {
                all.add(sought);
            }
        }
        all
    }

    /// What a build script looks for: `own` are its files.
    #[must_use]
    pub fn by_script(&self, package: &'a RawPackage, own: &BTreeSet<Utf8PathBuf>) -> Sought {
        let mut sought = self.within(needs(package, Some("build")));
        let mut spoken = Spoken::default();
        let mut paths = ScriptPaths::default();
        for file in own.iter().filter(|file| file.extension() == Some("rs")) {
            self.listen(file, &mut spoken);
            paths.add(file);
        }
        sought.add_own(&spoken, &paths);
        // A script runs in its package: who does not go up finds nothing above.
        if !sought.climbs {
            sought.own.clear();
        }
        sought
    }

    /// What the code looks for that these packages are made of.
    fn within(&self, names: impl IntoIterator<Item = &'a str>) -> Sought {
        let mut sought = Sought::default();
        let names = self.declared.made_of(names);
        let packages = || self.declared.named(&names).filter(|package| !opens_nothing(package));
        // Most macros open nothing, whatever they are made of.
        sought.opens = packages().any(|package| self.opens(package));
        if sought.opens {
            for package in packages() {
                let spoken = self.of_package(package);
                sought.variables.extend(spoken.variables.iter().cloned());
                if package.source.is_none() {
                    let mut paths = ScriptPaths::default();
                    if spoken.opens {
                        self.sources(package).iter().for_each(|file| paths.add(file));
                    }
                    sought.add_own(spoken, &paths);
                } else {
                    sought.here.extend(spoken.names.iter().cloned());
                    if spoken.climbs {
                        sought.above.extend(spoken.names.iter().cloned());
                    }
                }
            }
        }
        sought
    }

    fn opens(&self, package: &RawPackage) -> bool {
        let look = || opens(&self.sources(package));
        self.openings
            .of(package)
            .unwrap_or_else(|| *self.heard[package.id.as_str()].opens.get_or_init(look))
    }

    fn of_package(&self, package: &RawPackage) -> &Spoken {
        self.heard[package.id.as_str()].spoken.get_or_init(|| {
            let mut spoken = Spoken::default();
            self.sources(package).iter().for_each(|file| self.listen(file, &mut spoken));
            spoken
        })
    }

    /// The Rust files of a package's library or macro, without directories of tests; of a path package those that
    /// a fresh clone has.
    fn sources(&self, package: &RawPackage) -> Vec<Utf8PathBuf> {
        let checkout = self.checkout.filter(|_| package.source.is_none());
        sources(package, |file| checkout.is_none_or(|checkout| checkout.knows(file)))
    }

    fn listen(&self, file: &Utf8Path, spoken: &mut Spoken) {
        // A file that cannot be read is left to rustc's own message.
        if let Ok(text) = reader::text(file) {
            spoken.add(&text, &self.known);
        }
    }
}

impl Sought {
    fn add(&mut self, other: &Self) {
        self.opens |= other.opens;
        self.climbs |= other.climbs;
        self.lock |= other.lock;
        self.variables.extend(other.variables.iter().cloned());
        self.here.extend(other.here.iter().cloned());
        self.above.extend(other.above.iter().cloned());
        self.own.extend(other.own.iter().cloned());
    }

    /// Code of the workspace: what its strings name alone, and put together.
    fn add_own(&mut self, spoken: &Spoken, paths: &ScriptPaths) {
        self.opens |= spoken.opens;
        self.climbs |= spoken.opens && spoken.climbs;
        self.lock |= spoken.opens && spoken.climbs && spoken.asks_for_the_lock;
        self.own.extend(spoken.names.iter().cloned());
        let joined = paths.named.iter().map(|name| name.trim_start_matches("./"));
        // What every package has is no name for what was put together: a path may be of any package.
        let joined = joined.filter(|name| !is_commonplace(name));
        self.own.extend(joined.map(str::to_owned));
        if !(spoken.climbs_far || spoken.asks_for_the_lock) {
            self.own.remove("Cargo.toml");
        }
    }
}
