//! The loader: starts Cargo's two calls and rustc's probes side by side, then reads manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread;

use camino::Utf8PathBuf;

use super::checkout::Checkout;
use super::error::CargoError;
use super::lock::Lock;
use super::machines::Machines;
use super::manifests::{self, ManifestFacts};
use super::metadata::Metadata;
use super::metadata_call::MetadataCall;
use super::openings::Openings;
use super::options::Options;
use super::probe::{self, PlatformProbe, Rustc};
use super::selection::Selection;
use super::settings::{self, Asked, Reader, Settings, Taken};
use super::shim::Shim;
use super::unit_graph::{self, UnitGraph};
use super::variables::{self, Planned};
use super::{files, member, metadata_cache, process, profile_root, unstable};
use crate::files::reader;
use crate::model::{Platform, Triple};

/// Everything that planning needs to know of a workspace, for one build machine.
#[derive(Debug)]
pub struct Workspace {
    /// The workspace root, absolute.
    pub root: Utf8PathBuf,
    /// What was asked for, with its targets filled in.
    pub selection: Selection,
    /// `cargo metadata`.
    pub metadata: Arc<Metadata>,
    /// The packages, by Cargo's id, that have units on any of the machines read together.
    pub used: Arc<BTreeSet<String>>,
    /// One unit graph for each target.
    pub graphs: Vec<(Triple, UnitGraph)>,
    /// `Cargo.lock`.
    pub lock: Arc<Lock>,
    /// Cargo's configuration.
    pub settings: Settings,
    /// The compiler, as it is on the build machine.
    pub rustc: Rustc,
    /// What rustc says of each platform.
    pub probes: BTreeMap<Platform, PlatformProbe>,
    /// What only manifests say, by the manifest's path.
    pub manifests: Arc<BTreeMap<Utf8PathBuf, ManifestFacts>>,
    /// `inherits` of every custom profile.
    pub inherits: BTreeMap<String, String>,
    /// What the steps of each used path package see.
    pub files: Arc<files::Sources>,
    /// The environment's variables that take part.
    pub variables: Vec<String>,
    /// What of Cargo's configuration takes part, with where it stands.
    pub taken: Vec<Taken>,
    /// The programs that Cargo puts before rustc, by the variable's name. No step runs them.
    pub wrappers: BTreeMap<&'static str, String>,
    /// Whether all packages tell private dependencies from public ones (`-Z public-dependency`).
    pub private_dependencies: bool,
}

/// Reads a workspace for the machine that rustc runs on.
///
/// # Errors
/// [`CargoError`]: a program that is not there, Cargo's own refusal, an answer that is not understood.
pub fn load(
    options: &Options,
    rustc: Rustc,
    selection: Selection,
) -> Result<Workspace, CargoError> {
    let own = Machines { hosts: vec![rustc.host.clone()], shim: None };
    let mut loaded = load_on(options, &rustc, selection, &own)?;
    Ok(loaded.pop().expect("one workspace for each machine"))
}

/// Reads a workspace once for each of `machines`, in their order.
///
/// # Errors
/// As [`load`]; and for a machine other than rustc's own where there is no shim to play it.
pub fn load_on(
    options: &Options,
    rustc: &Rustc,
    mut selection: Selection,
    machines: &Machines,
) -> Result<Vec<Workspace>, CargoError> {
    if machines.shim.is_none()
        && let Some(other) = machines.hosts.iter().find(|host| **host != rustc.host)
    {
        let text = format!("rustc runs on {}, and nothing here plays {other}", rustc.host);
        return Err(CargoError::Settings(text));
    }
    let reader = settings::open(&Asked {
        cargo: &options.cargo,
        dir: &options.dir,
        flags: &selection.cargo_flags,
    })?;
    unstable::settle(options, &reader, &mut selection)?;
    let targets_left = selection.targets.is_empty();
    if targets_left {
        for text in reader.targets() {
            let triple = Triple::new(text).map_err(|e| CargoError::Settings(e.to_string()))?;
            selection.targets.push(triple);
        }
    }
    if selection.targets.is_empty() {
        selection.targets.push(rustc.host.clone());
    }
    let mut seen = BTreeSet::new();
    let meant = selection.targets.drain(..).map(|triple| triple.on(&rustc.host));
    selection.targets = meant.filter(|triple| seen.insert(triple.clone())).collect();

    let bootstrap = reader.bootstrap();
    let call = MetadataCall::new(options, &selection, rustc, machines, &reader);
    let (metadata, checkout, graphs, probed) = thread::scope(|scope| {
        let (selection, reader, bootstrap) = (&selection, &reader, &bootstrap);
        let metadata = scope.spawn(|| match call.known() {
            // Cargo is at work on the units for some time yet.
            Some(metadata) => {
                let openings = Openings::new(&metadata);
                Ok((metadata, openings))
            }
            None => Ok((call.whole()?, Openings::default())),
        });
        let checkout = scope.spawn(|| Checkout::of(&options.place()));
        let pairs =
            machines.hosts.iter().flat_map(|host| selection.targets.iter().map(move |t| (host, t)));
        let graphs: Vec<_> = pairs
            .map(|(host, triple)| {
                let play = machines.shim.as_ref().map(|shim| (shim, host));
                let bootstrap = bootstrap.as_deref();
                scope.spawn(move || read_units(options, selection, triple, play, bootstrap))
            })
            .collect();
        let probed = probe_platforms(options, rustc, selection, machines, reader);
        let graphs: Result<Vec<_>, _> = graphs.into_iter().map(join).collect();
        (join(metadata), join(checkout), graphs, probed)
    });
    let failed = |error| {
        let (rustc, answers) = (&options.rustc, &options.answers);
        probe::unknown_target(rustc, &options.dir, answers, &selection.targets, error)
    };
    let (metadata, openings) = metadata.map_err(failed)?;
    let graphs = graphs.map_err(failed)?;
    let (mut metadata, openings) = match metadata_cache::covers(&metadata, &graphs) {
        true => (metadata, openings),
        // What was found out is of packages that lie elsewhere.
        false => (call.whole().map_err(failed)?, Openings::default()),
    };
    let own_root = metadata.workspace_root.clone();
    metadata.workspace_root = options.root.clone().unwrap_or_else(|| own_root.clone());
    let metadata = Arc::new(metadata);
    let mut graphs = graphs.into_iter();
    let probed = probed.map_err(failed)?;

    let root = metadata.workspace_root.clone();
    let checkout = checkout.and_then(|checkout| checkout.for_workspace(&root));
    if selection.packages.is_empty() && !selection.workspace {
        selection.member = member::below(options, &own_root);
    }
    let lock_path = own_root.join("Cargo.lock");
    let Some(lock_text) = reader::text_if_there(&lock_path)? else {
        return Err(CargoError::NoLock { dir: own_root });
    };
    let lock = Arc::new(Lock::parse(&lock_path, &lock_text)?);
    let used: BTreeSet<String> = graphs
        .as_slice()
        .iter()
        .flat_map(|graph| &graph.units)
        .map(|unit| unit.pkg_id.clone())
        .collect();
    let names = used.iter().map(String::as_str).collect();
    let manifests = Arc::new(manifests::of_packages(&metadata, &names)?);
    let files =
        files::of_path_packages(&metadata, &names, &openings, checkout.as_ref(), &reader.env())?;
    let files = Arc::new(files);
    let used = Arc::new(used);
    let root_manifest = manifests::read(&own_root.join("Cargo.toml"))?;
    let workspace = |(host, (settings, probes)): (&Triple, Probed)| {
        let mut inherits = settings.inherits.clone();
        for (name, parent) in root_manifest.inherits() {
            inherits.entry(name.to_owned()).or_insert_with(|| parent.to_owned());
        }
        let planned = Planned {
            host,
            targets: &selection.targets,
            targets_left,
            profile: &selection.profile,
            inherits: &inherits,
        };
        Workspace {
            taken: taken(&reader, &planned, &settings),
            wrappers: reader.wrappers(),
            private_dependencies: unstable::is_on(&selection, &reader, "public-dependency"),
            variables: variables::taking_part(&planned, |name| std::env::var_os(name).is_some()),
            root: root.clone(),
            metadata: Arc::clone(&metadata),
            used: Arc::clone(&used),
            graphs: selection.targets.iter().cloned().zip(&mut graphs).collect(),
            selection: selection.clone(),
            lock: Arc::clone(&lock),
            settings,
            rustc: rustc.on(host),
            probes,
            manifests: Arc::clone(&manifests),
            inherits,
            files: Arc::clone(&files),
        }
    };
    Ok(machines.hosts.iter().zip(probed).map(workspace).collect())
}

fn join<T>(handle: thread::ScopedJoinHandle<'_, T>) -> T {
    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn read_units(
    options: &Options,
    selection: &Selection,
    triple: &Triple,
    play: Option<(&Shim, &Triple)>,
    bootstrap: Option<&str>,
) -> Result<UnitGraph, CargoError> {
    let mut command = options.command();
    command.arg(selection.command.of_cargo());
    command.args(["--unit-graph", "-Zunstable-options"]).args(selection.graph_args());
    command.args(["--target", triple.as_str()]);
    command.env("RUSTC_BOOTSTRAP", "1");
    for name in &selection.hidden_variables {
        command.env_remove(name);
    }
    if let Some((shim, host)) = play {
        shim.play(&mut command, &options.rustc, host, bootstrap);
    }
    options.name_manifest(&mut command);
    unit_graph::parse(&process::output(command)?)
}

/// What of the configuration takes part: what was resolved here, and what Cargo itself takes.
fn taken(reader: &Reader, planned: &Planned<'_>, settings: &Settings) -> Vec<Taken> {
    let mut taken = settings.taken.clone();
    for profile in profile_root::of(planned.profile, planned.inherits) {
        taken.extend(reader.below(&["profile", profile]));
    }
    for key in ["patch", "paths", "unstable", "resolver"] {
        taken.extend(reader.below(&[key]));
    }
    if planned.targets_left {
        taken.extend(reader.below(&["build", "target"]));
    }
    taken
}

type Probed = (Settings, BTreeMap<Platform, PlatformProbe>);

/// Configuration and probes, for each machine.
fn probe_platforms(
    options: &Options,
    rustc: &Rustc,
    selection: &Selection,
    machines: &Machines,
    reader: &Reader,
) -> Result<Vec<Probed>, CargoError> {
    let mut env = reader.env();
    if options.untrusted.is_some() {
        // A tree's PATH or the like would have something of the tree's executed.
        env.retain(|name, _| name == "RUSTC_BOOTSTRAP");
    }
    let mut asked: BTreeMap<(Triple, Vec<String>), PlatformProbe> = BTreeMap::new();
    let mut ask = |triple: &Triple, flags: &[String]| {
        let question = (triple.clone(), flags.to_vec());
        if let Some(known) = asked.get(&question) {
            return Ok::<_, CargoError>(known.clone());
        }
        let answer =
            probe::platform(&options.rustc, &options.dir, &options.answers, triple, flags, &env)?;
        asked.insert(question, answer.clone());
        Ok(answer)
    };
    let mut all = Vec::new();
    for host in &machines.hosts {
        let (settings, mut probes) = reader.resolve(host, &selection.targets, &mut ask)?;
        if *host != rustc.host {
            probes.values_mut().for_each(|probe| probe.library = None);
        }
        all.push((settings, probes));
    }
    Ok(all)
}
