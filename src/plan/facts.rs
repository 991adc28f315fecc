//! The steps of a plan as their builder knows them.
//!
//! A plan's file states the same facts, and Nix hands them to the builder; a test holds that what Nix
//! evaluates is what is said here. What follows from facts (arguments, environment, identities) is the
//! builder's to say, here as in the sandbox.

use std::collections::BTreeMap;

use rbn_builder::crates::{self, Notes};
use rbn_builder::package::Origin;
use rbn_builder::step::{Action, Added, Compile, Part, Platform, Run};
use rbn_builder::{bootstrap, note, package, profile, target};

use crate::model::step::{ProfileRoot, UnitLto};
use crate::model::{Edge, Mode, Package, Plan, Source, Step, StepId, StepKind, TargetKind};

/// The text that stands for a step's output until Nix gives it a path.
pub const OUT: &str = "$out";

/// A step's output as long as nothing is built: `/step/GROUP/NAME`.
#[must_use]
pub fn output(step: &Step) -> String {
    format!("/step/{}/{}", step.platform.group(), step.name)
}

/// A step's facts, but for its sources. Other steps are named by their [`output`].
#[must_use]
pub fn step(plan: &Plan, id: StepId) -> rbn_builder::step::Step {
    let step = plan.step(id);
    let facts = plan.platforms.get(&step.platform);
    let mut platform = facts.map(|facts| Platform {
        rustflags: facts.rustflags.clone(),
        linker: facts.linker.clone(),
        files: facts.files.iter().map(|(k, v)| (k.as_str().to_owned(), v.clone())).collect(),
        cfgs: facts.cfg_env.clone(),
    });
    let host = plan.host.as_ref().map(ToString::to_string).unwrap_or_default();
    let (action, root) = match &step.kind {
        StepKind::Compile(_) => {
            // What a build script sees of its platform is no compiler's business.
            if let Some(platform) = &mut platform {
                platform.cfgs.clear();
            }
            (Action::Compile(Box::new(compile(plan, id))), ProfileRoot::Debug)
        }
        StepKind::RunScript(run) => (Action::Run(self::run(plan, id)), run.profile_root),
    };
    let mut profile = super::profiles::of_profile(&step.profile, root);
    if matches!(action, Action::Compile(_)) {
        // What it descends from is for scripts alone.
        profile.root.clear();
    } else {
        // A script sees little of a profile, and does not run again for the rest.
        profile = profile::Profile {
            debuginfo: if profile.debuginfo == "0" { "0" } else { "1" }.to_owned(),
            overflow_checks: profile.debug_assertions,
            split_debuginfo: None,
            codegen_units: None,
            panic: profile::Panic::Unwind,
            rpath: false,
            strip: None,
            rustflags: Vec::new(),
            ..profile
        };
    }
    let mut rustflags = step.additions.rustflags.clone();
    let mut env = step.additions.env.clone();
    let mut of_bootstrap = bootstrap::Bootstrap::default();
    if let Some(own) = &plan.bootstrap {
        let on_host = step.platform.is_host();
        if let Some(platform) = platform.as_mut().filter(|_| !on_host) {
            platform.rustflags = own.rustflags(&platform.rustflags);
        }
        if let Some(platform) = platform.as_mut()
            && matches!(action, Action::Run(_))
            && own.says_bootstrap(on_host)
        {
            platform.cfgs.insert("CARGO_CFG_BOOTSTRAP".to_owned(), String::new());
        }
        if matches!(action, Action::Run(_)) {
            env.insert("RUSTC_STAGE".to_owned(), own.built_by.to_string());
            of_bootstrap.shim = Some(bootstrap::Shim {
                rustc: String::new(),
                on_host: own.behind(true, "", false),
                for_target: own.behind(false, "", false),
            });
        }
        if let Some(compile) = step.compile() {
            let is_macro = compile.target.kind == TargetKind::ProcMacro;
            rustflags.extend(own.behind(on_host, &compile.target.crate_name(), is_macro));
            of_bootstrap = bootstrap::Bootstrap {
                metadata: own.metadata(),
                split: own.split,
                keep: own.keep,
                static_std: own.static_std.clone(),
                shim: None,
            };
        }
    }
    let action = action.settled(&of_bootstrap);
    // A step has the facts that it reads, and is not built again for others.
    let mut package = of_package(plan.package(id));
    match &step.kind {
        StepKind::Compile(_) => {
            package.links = None;
            package.targets.clear();
        }
        StepKind::RunScript(_) => {
            package.lints.clear();
            package.declares.clear();
        }
    }
    rbn_builder::step::Step {
        name: step.name.to_string(),
        group: step.platform.group().to_owned(),
        host,
        root_depth: plan.root_depth,
        package,
        profile,
        platform: platform.unwrap_or_default(),
        features: step.features.clone(),
        environment: plan.env.clone(),
        added: Added { rustflags, env, ..Added::default() },
        sources: Vec::new(),
        bootstrap: of_bootstrap,
        action,
    }
}

fn compile(plan: &Plan, id: StepId) -> Compile {
    let step = plan.step(id);
    let package = plan.package(id);
    let StepKind::Compile(unit) = &step.kind else { unreachable!("asked for compile steps only") };
    let mut compile = Compile {
        kind: unit.target.kind.into(),
        mode: of_mode(unit.mode),
        suffix: super::names::compile_suffix(&unit.target, unit.mode),
        target: unit.target.name.clone(),
        crate_types: unit.target.crate_types.iter().copied().map(target::CrateType::from).collect(),
        root: unit.target.root.to_string(),
        edition: unit.target.edition.clone(),
        harness: unit.target.harness,
        primary: unit.primary,
        lto: of_lto(&unit.lto),
        deps: BTreeMap::new(),
        macros: BTreeMap::new(),
        needs: Vec::new(),
        script: None,
        bins: BTreeMap::new(),
        absent_bins: super::externs::absent_bins(plan, id).into_iter().map(str::to_owned).collect(),
        splits: false,
        hashed: false,
        // What is split is an argument of the plan's file, and no matter of its facts.
        below: Vec::new(),
        metadata: Vec::new(),
        part: Part::Whole,
    };
    for (edge, on) in plan.dependencies(id) {
        let path = output(plan.step(on));
        match edge {
            Edge::Extern { .. } | Edge::Unlinkable | Edge::ScriptProgram | Edge::Links { .. } => {}
            Edge::ScriptOutput => compile.script = Some(path),
            Edge::BinExe { name } => drop(compile.bins.insert(name.clone(), path)),
        }
    }
    for (name, on) in super::externs::externs(plan, id) {
        let here = plan.step(on).platform == step.platform;
        let table = if here { &mut compile.deps } else { &mut compile.macros };
        table.insert(name, output(plan.step(on)));
    }
    let needs = plan.dependencies(id).filter(|(edge, _)| **edge == Edge::Unlinkable);
    compile.needs = needs.map(|(_, on)| output(plan.step(on))).collect();
    // Of a library's name only the crate's name counts, which has no dashes.
    if unit.target.is_lib() && unit.target.crate_name() == package.name.replace('-', "_") {
        compile.target.clone_from(&package.name);
    }
    compile
}

fn run(plan: &Plan, id: StepId) -> Run {
    let mut run = Run { program: None, replaced: None, links: BTreeMap::new() };
    for (edge, on) in plan.dependencies(id) {
        let path = output(plan.step(on));
        match edge {
            Edge::ScriptProgram => run.program = Some(path),
            Edge::Links { links } => drop(run.links.insert(links.clone(), path)),
            _ => {}
        }
    }
    let replaced = plan.step(id).run().and_then(|run| run.replaced.as_ref());
    run.replaced = replaced.map(|replaced| replaced.lines.clone());
    run
}

/// A package's facts.
#[must_use]
pub fn of_package(package: &Package) -> package::Package {
    let about = &package.about;
    let origin = match &package.source {
        Source::Registry { registry, .. } => Origin::Registry(registry.clone()),
        Source::Git { url, rev, subdir, .. } => Origin::Git {
            name: repository(url).to_owned(),
            url: url.clone(),
            rev: rev.clone(),
            dir: subdir.to_string(),
        },
        Source::Path { dir } => Origin::Path(dir.to_string()),
        Source::Vendor { .. } => Origin::Vendor,
    };
    package::Package {
        name: package.name.clone(),
        version: package.version.to_string(),
        origin,
        in_workspace: package.in_workspace,
        lints: package.lint_flags.clone(),
        declares: package.declared_features.clone(),
        has_lib: package.has_lib,
        links: package.links.clone(),
        targets: package.script_targets.clone(),
        about: vec![
            ("AUTHORS", about.authors.join(":")),
            ("DESCRIPTION", about.description.clone()),
            ("HOMEPAGE", about.homepage.clone()),
            ("LICENSE", about.license.clone()),
            ("LICENSE_FILE", about.license_file.clone()),
            ("README", about.readme.clone()),
            ("REPOSITORY", about.repository.clone()),
            ("RUST_VERSION", about.rust_version.clone()),
        ],
    }
}

/// What a git repository is called: the last part of its URL.
#[must_use]
pub fn repository(url: &str) -> &str {
    let last = url.trim_end_matches('/').rsplit('/').next().unwrap_or("repository");
    last.trim_end_matches(".git")
}

fn of_mode(mode: Mode) -> target::Mode {
    match mode {
        Mode::Build => target::Mode::Build,
        // What rustdoc does is a rule of the checks, which have it from the step's name.
        Mode::Test | Mode::Doctest => target::Mode::Test,
        Mode::Check | Mode::Doc => target::Mode::Check,
        Mode::CheckTest => target::Mode::CheckTest,
    }
}

fn of_lto(lto: &UnitLto) -> target::Lto {
    match lto {
        UnitLto::Run(kind) => target::Lto::Run(kind.clone()),
        UnitLto::Off => target::Lto::Off,
        UnitLto::OnlyBitcode => target::Lto::Bitcode,
        UnitLto::ObjectAndBitcode => target::Lto::ObjectAndBitcode,
        UnitLto::OnlyObject => target::Lto::Object,
    }
}

/// What all `steps`, named by their outputs, tell each other before anything is built: of build
/// scripts it is not known yet what they say.
#[must_use]
pub fn notes(steps: &BTreeMap<String, rbn_builder::step::Step>) -> Notes {
    let mut notes = Notes::default();
    for (output, step) in steps {
        if let Action::Run(run) = &step.action {
            let out_dir = match run.replaced {
                Some(_) => String::new(),
                None => step.out_dir().to_string_lossy().into_owned(),
            };
            notes.runs.insert(output.clone(), note::Run { out_dir, ..note::Run::default() });
        }
    }
    // Dependencies first, without recursion: a chain of crates may be long.
    let mut waiting: Vec<&String> = steps.keys().collect();
    while let Some(output) = waiting.pop() {
        let Some(step) = steps.get(output) else { continue };
        let Action::Compile(compile) = &step.action else { continue };
        if notes.crates.contains_key(output) {
            continue;
        }
        let unknown: Vec<&String> = compile
            .crates()
            .filter_map(|path| steps.get_key_value(path))
            .map(|(path, _)| path)
            .filter(|path| !notes.crates.contains_key(*path))
            .collect();
        if unknown.is_empty() {
            let note = crates::note(step, compile, &notes, output, |_| true);
            notes.crates.insert(output.clone(), note);
        } else {
            waiting.push(output);
            waiting.extend(unknown);
        }
    }
    notes
}
