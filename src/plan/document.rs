//! A plan as a [`Document`]: every fact, command line and environment, by name.

use std::collections::BTreeMap;

use rbn_builder::crates::Notes;
use rbn_builder::step::Action as BuilderAction;
use rbn_builder::{argv, environment};

use super::{facts, sandbox_paths};
use crate::model::document::{
    About, Action, Build, Carries, Dependency, Document, FORMAT_VERSION, Files, Ignored, Kind,
    Mode, Origin, Package, Platform, Profile, RunSees, Sources, Step, StepRef, Toolchain,
};
use crate::model::package::RunView;
use crate::model::profile::Panic;
use crate::model::{self, Edge, Plan, Source, StepId, StepKind, TargetKind};

/// The document of `plan`, whose steps are built by the text that `recipe` is a digest of.
#[must_use]
pub fn document(plan: &Plan, recipe: String) -> Document {
    let ids = plan.graph.node_indices();
    let known = ids.map(|id| (facts::output(plan.step(id)), facts::step(plan, id))).collect();
    let notes = facts::notes(&known);
    let mut steps: BTreeMap<String, BTreeMap<String, Step>> = BTreeMap::new();
    for id in plan.graph.node_indices() {
        let step = plan.step(id);
        let group = steps.entry(step.platform.group().to_owned()).or_default();
        group.insert(step.name.to_string(), of_step(plan, id, &known, &notes));
    }
    let mut roots: Vec<StepRef> = plan
        .roots
        .iter()
        .filter(|id| plan.step(**id).compile().is_some())
        .map(|id| reference(plan, *id))
        .collect();
    roots.sort();
    let used = plan.platforms.iter().filter(|(platform, _)| steps.contains_key(platform.group()));
    let platforms = used.map(|(platform, facts)| {
        let facts = Platform {
            rustflags: facts.rustflags.clone(),
            linker: facts.linker.clone(),
            cfg_env: facts.cfg_env.clone(),
        };
        (platform.group().to_owned(), facts)
    });
    let mut targets: Vec<String> = plan.targets.iter().map(ToString::to_string).collect();
    targets.sort();
    Document {
        format_version: FORMAT_VERSION,
        selection: plan.selection.clone(),
        host: plan.host.as_ref().map(ToString::to_string).unwrap_or_default(),
        targets,
        recipe,
        toolchain: plan.toolchain.clone().map(|pin| Toolchain {
            input: pin.input,
            rev: pin.rev,
            nar_hash: pin.nar_hash,
        }),
        environment: plan.env.clone(),
        ignored: plan.ignored.clone().map(|ignored| Ignored {
            prefix: ignored.prefix.to_string(),
            rules: ignored.rules,
            kept: ignored.kept,
        }),
        platforms: platforms.collect(),
        packages: plan.packages.iter().map(|(key, p)| (key.to_string(), of_package(p))).collect(),
        steps,
        roots,
    }
}

/// A step's name in documents.
#[must_use]
pub fn reference(plan: &Plan, id: StepId) -> StepRef {
    let step = plan.step(id);
    StepRef { platform: step.platform.group().to_owned(), step: step.name.to_string() }
}

fn of_step(
    plan: &Plan,
    id: StepId,
    known: &BTreeMap<String, rbn_builder::step::Step>,
    notes: &Notes,
) -> Step {
    let step = plan.step(id);
    let output = facts::output(step);
    let its = &known[&output];
    let package = plan.package(id);
    let place = sandbox_paths::package(package, plan.root_depth);
    let (action, kind, mode, target, lto) = match &step.kind {
        StepKind::Compile(compile) => {
            let mode = match compile.mode {
                model::Mode::Build => Mode::Build,
                model::Mode::Test => Mode::Test,
                model::Mode::Check => Mode::Check,
                model::Mode::CheckTest => Mode::CheckTest,
                model::Mode::Doctest => Mode::Doctest,
                model::Mode::Doc => Mode::Doc,
            };
            let kind = of_kind(compile.target.kind);
            let target = Some(of_target(&compile.target));
            (Action::Compile, kind, mode, target, compile.lto.word())
        }
        StepKind::RunScript(_) => {
            (Action::RunScript, Kind::CustomBuild, Mode::Build, None, String::new())
        }
    };
    let mut dependencies: Vec<Dependency> = plan
        .dependencies(id)
        .map(|(edge, on)| Dependency { on: reference(plan, on), carries: of_edge(edge) })
        .collect();
    dependencies.sort();
    let program = match (action, dependencies.iter().find(|d| d.carries == Carries::ScriptProgram))
    {
        (Action::Compile, _) => "rustc".to_owned(),
        (Action::RunScript, Some(script)) => script.on.to_string(),
        (Action::RunScript, None) => String::new(),
    };
    Step {
        package: step.package.to_string(),
        action,
        kind,
        mode,
        target,
        profile: of_profile(&step.profile, action),
        lto,
        features: step.features.clone(),
        program,
        argv: match &its.action {
            BuilderAction::Compile(compile) => {
                argv::rustc(its, compile, &notes.crates[&output], notes, facts::OUT)
            }
            BuilderAction::Run(_) => Vec::new(),
        },
        env: environment::of(its, notes, BTreeMap::new()),
        cwd: its.working_directory().to_string_lossy().into_owned(),
        sources: of_sources(package, place.to_string(), action, kind),
        dependencies,
        additions: step.additions.clone(),
        replaced: step.run().and_then(|run| run.replaced.as_ref()).map(|r| r.lines.clone()),
        id: step.compile().map(|_| step.id.clone()).unwrap_or_default(),
    }
}

fn of_kind(kind: TargetKind) -> Kind {
    match kind {
        TargetKind::Lib => Kind::Lib,
        TargetKind::ProcMacro => Kind::ProcMacro,
        TargetKind::Bin => Kind::Bin,
        TargetKind::Example => Kind::Example,
        TargetKind::Test => Kind::Test,
        TargetKind::Bench => Kind::Bench,
        TargetKind::CustomBuild => Kind::CustomBuild,
    }
}

fn of_target(target: &model::BuildTarget) -> Build {
    Build {
        // Of a library's name only the crate's name counts, which has no dashes.
        name: if target.is_lib() { target.crate_name() } else { target.name.clone() },
        root: target.root.to_string(),
        edition: target.edition.clone(),
        crate_types: target.crate_types.iter().map(|kind| kind.as_str().to_owned()).collect(),
        harness: target.harness,
    }
}

fn of_profile(profile: &model::Profile, action: Action) -> Profile {
    let seen = Profile {
        name: profile.name.clone(),
        opt_level: profile.opt_level.clone(),
        debug_assertions: profile.debug_assertions,
        ..Profile::default()
    };
    match action {
        // A script sees whether there is debug information, in DEBUG, and nothing of the rest.
        Action::RunScript => seen,
        Action::Compile => Profile {
            overflow_checks: Some(profile.overflow_checks),
            debuginfo: Some(profile.debuginfo.clone()),
            // Without debug information there is nothing to split.
            split_debuginfo: profile.split_debuginfo.clone().filter(|_| profile.debuginfo != "0"),
            codegen_units: profile.codegen_units,
            panic: Some(
                match profile.panic {
                    Panic::Unwind => "unwind",
                    Panic::Abort => "abort",
                    Panic::ImmediateAbort => "immediate-abort",
                }
                .to_owned(),
            ),
            rpath: profile.rpath.then_some(true),
            strip: profile.strip.clone(),
            rustflags: profile.rustflags.clone(),
            ..seen
        },
    }
}

fn of_sources(package: &model::Package, place: String, action: Action, kind: Kind) -> Sources {
    let part = match (&package.source, action, kind) {
        (Source::Path { .. }, Action::RunScript, _) => "run",
        (Source::Path { .. }, _, Kind::CustomBuild) => "script",
        (Source::Path { .. }, _, Kind::Test | Kind::Bench | Kind::Example) => "tests",
        (Source::Path { .. }, ..) => "code",
        _ => "all",
    };
    let (also, more) = match (&package.files, part) {
        (Some(files), "run") => (&files.script_also[..], &[][..]),
        (Some(files), "code") => (&files.also[..], &[][..]),
        (Some(files), "tests") => (&files.also[..], &files.tests_also[..]),
        _ => (&[][..], &[][..]),
    };
    let also = also.iter().chain(more).map(ToString::to_string).collect();
    Sources { place, part: part.to_owned(), also }
}

fn of_edge(edge: &Edge) -> Carries {
    match edge {
        Edge::Extern { name, .. } => Carries::Extern { name: name.clone() },
        Edge::Unlinkable => Carries::Unlinkable,
        Edge::ScriptProgram => Carries::ScriptProgram,
        Edge::ScriptOutput => Carries::ScriptOutput,
        Edge::Links { links } => Carries::Links { name: links.clone() },
        Edge::BinExe { name } => Carries::BinExe { name: name.clone() },
    }
}

fn of_package(package: &model::Package) -> Package {
    let about = &package.about;
    let files = package.files.as_ref();
    let texts = |pick: fn(&model::package::PackageFiles) -> &Vec<camino::Utf8PathBuf>| {
        let paths = files.map(pick).into_iter().flatten();
        paths.map(ToString::to_string).collect::<Vec<_>>()
    };
    Package {
        name: package.name.clone(),
        version: package.version.to_string(),
        source: match package.source.clone() {
            Source::Registry { registry, sha256 } => Origin::Registry { registry, sha256 },
            Source::Git { url, rev, reference, subdir, .. } => {
                Origin::Git { url, rev, reference, dir: subdir.to_string() }
            }
            Source::Path { dir } => Origin::Path { dir: dir.to_string() },
            Source::Vendor { dir } => Origin::Vendor { dir: dir.to_string() },
        },
        links: package.links.clone(),
        about: About {
            // As `CARGO_PKG_AUTHORS` can tell them: an author with a colon is two.
            authors: about
                .authors
                .join(":")
                .split(':')
                .filter(|author| !author.is_empty())
                .map(str::to_owned)
                .collect(),
            description: about.description.clone(),
            homepage: about.homepage.clone(),
            license: about.license.clone(),
            license_file: about.license_file.clone(),
            readme: about.readme.clone(),
            repository: about.repository.clone(),
            rust_version: about.rust_version.clone(),
        },
        declared_features: package.declared_features.clone(),
        lints: package.lint_flags.clone(),
        in_workspace: package.in_workspace,
        has_lib: package.has_lib,
        script_targets: package.script_targets.clone(),
        default_run: package.default_run.clone(),
        files: Files {
            without: texts(|files| &files.without),
            script: texts(|files| &files.script),
            also: texts(|files| &files.also),
            tests_also: texts(|files| &files.tests_also),
            run_sees: match files.map(|files| &files.run) {
                None | Some(RunView::Directory) => RunSees::Directory,
                Some(RunView::Package) => RunSees::Package,
                Some(RunView::Only(paths)) => {
                    RunSees::Only(paths.iter().map(ToString::to_string).collect())
                }
            },
            script_also: texts(|files| &files.script_also),
            links: files
                .into_iter()
                .flat_map(|files| &files.links)
                .map(|(place, from)| (place.to_string(), from.to_string()))
                .collect(),
        },
    }
}
