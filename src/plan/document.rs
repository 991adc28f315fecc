//! A plan as a [`Document`]: every fact, command line and environment, by name.

use std::collections::BTreeMap;

use super::{args, env, sandbox_paths};
use crate::model::document::{
    About, Action, Additions, Build, Carries, Dependency, Document, FORMAT_VERSION, Files, Kind,
    Mode, Origin, Package, Platform, Profile, Sources, Step, StepRef, Toolchain,
};
use crate::model::profile::Panic;
use crate::model::step::UnitLto;
use crate::model::{self, Edge, Plan, Source, StepId, StepKind, TargetKind};

/// The document of `plan`, whose steps are built by the text that `recipe` is a digest of.
#[must_use]
pub fn document(plan: &Plan, recipe: String) -> Document {
    let mut steps: BTreeMap<String, BTreeMap<String, Step>> = BTreeMap::new();
    for id in plan.graph.node_indices() {
        let step = plan.step(id);
        let group = steps.entry(step.platform.group().to_owned()).or_default();
        group.insert(step.name.to_string(), of_step(plan, id));
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

fn of_step(plan: &Plan, id: StepId) -> Step {
    let step = plan.step(id);
    let package = plan.package(id);
    let place = sandbox_paths::package(package, plan.root_depth);
    let (action, kind, mode, target, lto) = match &step.kind {
        StepKind::Compile(compile) => {
            let mode = match compile.mode {
                model::Mode::Build => Mode::Build,
                model::Mode::Test => Mode::Test,
                model::Mode::Check => Mode::Check,
                model::Mode::CheckTest => Mode::CheckTest,
            };
            let kind = of_kind(compile.target.kind);
            let target = Some(of_target(&compile.target));
            (Action::Compile, kind, mode, target, of_lto(&compile.lto))
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
    let additions = &step.additions;
    let texts = |paths: &[camino::Utf8PathBuf]| paths.iter().map(ToString::to_string).collect();
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
        argv: by_name(args::rustc(plan, id)),
        env: env::of(plan, id),
        cwd: match action {
            Action::Compile => {
                sandbox_paths::working_directory(package, plan.root_depth).to_string()
            }
            Action::RunScript => place.to_string(),
        },
        sources: of_sources(package, place.to_string(), action, kind),
        dependencies,
        additions: Additions {
            native_inputs: additions.native_inputs.clone(),
            build_inputs: additions.build_inputs.clone(),
            env: additions.env.clone(),
            files: texts(&additions.files),
            rustflags: additions.rustflags.clone(),
        },
        replaced: step.run().and_then(|run| run.replaced.as_ref()).map(|r| r.lines.clone()),
        id: step.compile().map(|_| step.id.clone()).unwrap_or_default(),
    }
}

/// The arguments with `--extern` in the order of the names, as the plan's file gives them to
/// rustc: Cargo's order is that of the packages, which means nothing to rustc.
fn by_name(mut args: Vec<String>) -> Vec<String> {
    let first = args.iter().position(|arg| arg == "--extern");
    let Some(first) = first else { return args };
    let is_crate =
        |pair: &&[String]| pair[0] == "--extern" && pair.len() == 2 && pair[1].contains('=');
    let count = args[first..].chunks(2).take_while(is_crate).count();
    let mut pairs: Vec<Vec<String>> =
        args[first..first + 2 * count].chunks(2).map(<[String]>::to_vec).collect();
    pairs.sort_by(|a, b| a[1].split('=').next().cmp(&b[1].split('=').next()));
    for (at, pair) in pairs.into_iter().enumerate() {
        args[first + 2 * at..first + 2 * at + 2].clone_from_slice(&pair);
    }
    args
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

/// The word for a unit's part in LTO, as the plan's file says it.
fn of_lto(lto: &UnitLto) -> String {
    match lto {
        UnitLto::OnlyObject => String::new(),
        UnitLto::Run(None) => "run".to_owned(),
        UnitLto::Run(Some(kind)) => format!("run-{kind}"),
        UnitLto::Off => "off".to_owned(),
        UnitLto::OnlyBitcode => "bitcode".to_owned(),
        UnitLto::ObjectAndBitcode => "object-and-bitcode".to_owned(),
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
    let also = match (&package.files, part) {
        (Some(files), "run") => &files.script_also[..],
        (Some(files), "code" | "tests") => &files.also[..],
        _ => &[],
    };
    Sources { place, part: part.to_owned(), also: also.iter().map(ToString::to_string).collect() }
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
        files: Files {
            without: texts(|files| &files.without),
            code: texts(|files| &files.code),
            script: texts(|files| &files.script),
            also: texts(|files| &files.also),
            script_also: texts(|files| &files.script_also),
        },
    }
}
