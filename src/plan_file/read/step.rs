//! The steps of a plan's file.

use std::collections::{BTreeMap, BTreeSet};

use super::error::StepsError;
use super::facts::{FileFacts, platform};
use super::file::File;
use super::values::Facts;
use crate::model::additions::{Additions, Value};
use crate::model::edge::ExternOption;
use crate::model::step::{Compile, LinksOverride, RunScript, UnitLto};
use crate::model::{
    BuildTarget, CrateType, Edge, Mode, Package, PackageKey, Plan, Platform, Step, StepId,
    StepKind, StepName, TargetKind, Triple,
};
use crate::nix::data::{Attrs, Data};

/// An edge in words: what it carries, the group, the name.
type Wanted = (Edge, Platform, String);

/// The plan of a file's facts.
pub(super) fn plan(file: &File<'_>, facts: FileFacts) -> Result<Plan, StepsError> {
    let mut targets: Vec<Triple> = Vec::new();
    for group in facts.groups.keys() {
        match platform(group)? {
            Platform::Target(triple) if triple.as_str() == file.default => {
                targets.insert(0, triple)
            }
            Platform::Target(triple) => targets.push(triple),
            Platform::Host => {}
        }
    }
    let mut plan = Plan {
        packages: facts.packages.clone(),
        targets,
        host: facts.host.clone(),
        platforms: facts.platforms.clone(),
        env: facts.env.clone(),
        ignored: facts.ignored.clone(),
        selection: file.selection.clone(),
        toolchain: file.toolchain.clone(),
        root_depth: facts.root_depth,
        bootstrap: facts.bootstrap.clone(),
        ..Plan::default()
    };
    let mut ids: BTreeMap<(Platform, String), StepId> = BTreeMap::new();
    let mut wanted: Vec<(StepId, Vec<Wanted>)> = Vec::new();
    for (group, data) in &facts.groups {
        let platform = platform(group)?;
        for (name, data) in group_steps(group, data, &facts.every_target)? {
            let place = format!("facts.{group}.\"{name}\"");
            let (step, edges, absent) = step(&facts, &platform, name, data.clone(), &place)?;
            if let Some(package) = plan.packages.get_mut(&step.package) {
                let known = package.bins.iter().cloned().collect::<BTreeSet<String>>();
                package.bins.extend(absent.into_iter().filter(|bin| !known.contains(bin)));
            }
            let id = plan.graph.add_node(step);
            ids.insert((platform.clone(), name.clone()), id);
            wanted.push((id, edges));
        }
    }
    for (from, edges) in wanted {
        for (edge, platform, name) in edges {
            let on = ids.get(&(platform.clone(), name.clone())).ok_or_else(|| {
                let step = &plan.graph[from];
                StepsError::fact(
                    format!("facts.{}.\"{}\"", step.platform, step.name),
                    format!("names the step {platform}/{name}, which the plan does not have"),
                )
            })?;
            plan.graph.add_edge(from, *on, edge);
        }
    }
    for (group, data) in facts.roots {
        let platform = platform(&group)?;
        let mut packages = Facts::of(format!("roots.{group}"), data.clone())?;
        let Data::Attrs(names) = data else { continue };
        for package in names.keys() {
            for name in packages.list(package)? {
                let id = ids.get(&(platform.clone(), name.clone())).ok_or_else(|| {
                    StepsError::fact(
                        format!("roots.{group}"),
                        format!("names the step {name}, which the plan does not have"),
                    )
                })?;
                plan.roots.push(*id);
            }
        }
    }
    if let Some((checks, groups)) = facts.checks {
        plan.checks = Some(checks);
        for (group, data) in groups {
            let platform = platform(&group)?;
            let place = format!("checks.steps.{group}");
            let one = [("steps".to_owned(), data)].into_iter().collect();
            for name in Facts::new(&place, one).list("steps")? {
                let id = *ids.get(&(platform.clone(), name.clone())).ok_or_else(|| {
                    let what = format!("names the step {name}, which the plan does not have");
                    StepsError::fact(&place, what)
                })?;
                // What rustdoc does is a root that no package has.
                let mode = plan.graph[id].compile().map(|compile| compile.mode);
                if mode.is_some_and(Mode::is_rustdoc) {
                    plan.roots.push(id);
                }
                let package = plan.graph[id].package.clone();
                if let Some(checks) = plan.checks.as_mut().filter(|checks| checks.verb.lints()) {
                    checks.members.insert(package);
                }
            }
        }
    }
    Ok(plan)
}

/// The steps of a group: its own, and those that every target has.
fn group_steps<'a>(
    group: &str,
    data: &'a Data,
    every_target: &'a Attrs,
) -> Result<BTreeMap<&'a String, &'a Data>, StepsError> {
    let (base, own) = match data {
        Data::Attrs(own) => (None, own),
        Data::Update(base, own) => match (base.as_ref(), own.as_ref()) {
            (Data::Word(word, args), Data::Attrs(own))
                if word == "everyTarget" && args.is_empty() =>
            {
                (Some(every_target), own)
            }
            _ => return Err(StepsError::fact(format!("facts.{group}"), "expected a set of steps")),
        },
        _ => return Err(StepsError::fact(format!("facts.{group}"), "expected a set of steps")),
    };
    Ok(base.into_iter().flatten().chain(own).collect())
}

/// What the words before a step's facts say.
struct Shape {
    /// `None` for runs of build scripts.
    kind: Option<TargetKind>,
    mode: Mode,
    /// The build target's name, where the word takes one.
    name: Option<String>,
    suffix: String,
}

fn shape(place: &str, word: &str, args: &[Data]) -> Result<(Shape, Data), StepsError> {
    let bad = || StepsError::fact(place, format!("`{word}` is no kind of step"));
    let (last, given) = args.split_last().ok_or_else(bad)?;
    if matches!(word, "check" | "doc" | "doctest") {
        let Data::Word(inner, args) = last else { return Err(bad()) };
        if matches!(inner.as_str(), "check" | "doc" | "doctest") {
            return Err(bad());
        }
        let (mut shape, facts) = shape(place, inner, args)?;
        (shape.mode, shape.suffix) = match word {
            "doctest" => (Mode::Doctest, ":doctest".to_owned()),
            "doc" => (Mode::Doc, format!(":doc{}", shape.suffix)),
            _ if shape.mode.is_test() => (Mode::CheckTest, format!(":check{}", shape.suffix)),
            _ => (Mode::Check, format!(":check{}", shape.suffix)),
        };
        return Ok((shape, facts));
    }
    let name = match given {
        [] => None,
        [Data::Text(name)] => Some(name.clone()),
        _ => return Err(bad()),
    };
    let test = word.ends_with("Test") || matches!(word, "test" | "bench");
    let (kind, part, named) = match word {
        "lib" => (Some(TargetKind::Lib), "", false),
        "libTest" => (Some(TargetKind::Lib), ":lib-test", false),
        "procMacro" => (Some(TargetKind::ProcMacro), "", false),
        "procMacroTest" => (Some(TargetKind::ProcMacro), ":lib-test", false),
        "bin" => (Some(TargetKind::Bin), ":bin:", true),
        "binTest" => (Some(TargetKind::Bin), ":bin-test:", true),
        "example" => (Some(TargetKind::Example), ":example:", true),
        "exampleTest" => (Some(TargetKind::Example), ":example-test:", true),
        "test" => (Some(TargetKind::Test), ":test:", true),
        "bench" => (Some(TargetKind::Bench), ":bench:", true),
        "buildScript" => (Some(TargetKind::CustomBuild), ":build-script", false),
        "run" => (None, ":run", false),
        _ => return Err(bad()),
    };
    if named != name.is_some() {
        return Err(bad());
    }
    let suffix = format!("{part}{}", name.as_deref().unwrap_or_default());
    let mode = if test { Mode::Test } else { Mode::Build };
    Ok((Shape { kind, mode, name, suffix }, last.clone()))
}

fn step(
    facts: &FileFacts,
    platform: &Platform,
    name: &str,
    data: Data,
    place: &str,
) -> Result<(Step, Vec<Wanted>, Vec<String>), StepsError> {
    let Data::Word(word, args) = data else {
        return Err(StepsError::fact(place, "expected a kind of step"));
    };
    let (shape, data) = shape(place, &word, &args)?;
    let mut fields = Facts::of(place, data)?;
    let stated = fields.some_text("package")?;
    let key = stated.or_else(|| name.strip_suffix(&shape.suffix).map(str::to_owned));
    let key = PackageKey::new(key.unwrap_or_default());
    let package = facts.packages.get(&key).ok_or_else(|| {
        StepsError::fact(place, format!("is of the package {key}, which the plan does not have"))
    })?;
    let profile = fields.some_text("profile")?;
    let profile = profile.as_ref().or_else(|| facts.usual.get(platform));
    let profile = profile.and_then(|profile| facts.profiles.get(profile)).cloned();
    let (profile, profile_root) =
        profile.ok_or_else(|| StepsError::fact(place, "has no profile of the plan"))?;
    let edges = edges(&mut fields, platform)?;
    let kind = match shape.kind {
        Some(kind) => {
            let edition = facts.editions.get(&key).cloned();
            StepKind::Compile(compile(&mut fields, package, kind, shape, edition)?)
        }
        None => {
            let lines = fields.list("replaced")?;
            let replaced = (!lines.is_empty()).then_some(LinksOverride { lines });
            StepKind::RunScript(RunScript { replaced, profile_root })
        }
    };
    let step = Step {
        name: StepName::new(name),
        platform: platform.clone(),
        package: key,
        features: fields.names("features")?,
        profile,
        kind,
        id: String::new(),
        additions: additions(&mut fields)?,
    };
    // Programs of its package that are not built with it.
    let absent = fields.list("absentBins")?;
    fields.finish()?;
    Ok((step, edges, absent))
}

fn additions(fields: &mut Facts) -> Result<Additions, StepsError> {
    let mut additions = Additions::default();
    for part in additions.parts_mut() {
        match part.value {
            Value::List(list) => *list = fields.list(part.fact)?,
            Value::Table(table) => *table = fields.texts(part.fact)?,
            Value::Flag(flag) => *flag = fields.truth(part.fact, false)?,
        }
    }
    Ok(additions)
}

fn compile(
    fields: &mut Facts,
    package: &Package,
    kind: TargetKind,
    shape: Shape,
    edition: Option<String>,
) -> Result<Compile, StepsError> {
    let name = match (kind, shape.name) {
        (_, Some(name)) => name,
        (TargetKind::CustomBuild, None) => {
            fields.some_text("target")?.unwrap_or_else(|| "build-script-build".to_owned())
        }
        (_, None) => fields.some_text("target")?.unwrap_or_else(|| package.name.clone()),
    };
    let mut crate_types = Vec::new();
    for word in fields.list("crateTypes")? {
        crate_types.push(CrateType::from_name(&word).ok_or_else(|| {
            StepsError::fact(fields.place("crateTypes"), format!("`{word}` is no crate type"))
        })?);
    }
    if crate_types.is_empty() {
        crate_types.push(kind.usual_type());
    }
    let lto = fields.plain("lto")?;
    Ok(Compile {
        target: BuildTarget {
            kind,
            crate_types,
            name,
            root: fields.some_text("root")?.unwrap_or_else(|| kind.usual_root().to_owned()).into(),
            edition: fields.some_text("edition")?.or(edition).unwrap_or_default(),
            harness: fields.truth("harness", true)?,
        },
        mode: shape.mode,
        lto: UnitLto::from_word(&lto)
            .ok_or_else(|| StepsError::fact(fields.place("lto"), format!("`{lto}`")))?,
        primary: fields.truth("primary", false)?,
    })
}

/// The edges that the facts name, crates in the order of their names.
fn edges(fields: &mut Facts, platform: &Platform) -> Result<Vec<Wanted>, StepsError> {
    let mut externs: BTreeMap<String, (Platform, String)> = BTreeMap::new();
    for (name, on) in fields.texts("deps")? {
        externs.insert(name, (platform.clone(), on));
    }
    for (name, on) in fields.texts("macros")? {
        externs.insert(name, (Platform::Host, on));
    }
    let mut edges: Vec<Wanted> = externs
        .into_iter()
        .map(|(key, (platform, on))| Ok((extern_edge(&key)?, platform, on)))
        .collect::<Result<_, StepsError>>()?;
    let mut add = |edge, on| edges.push((edge, platform.clone(), on));
    for on in fields.list("needs")? {
        add(Edge::Unlinkable, on);
    }
    if let Some(on) = fields.some_text("script")? {
        add(Edge::ScriptOutput, on);
    }
    for (links, on) in fields.texts("links")? {
        add(Edge::Links { links }, on);
    }
    for (name, on) in fields.texts("bins")? {
        add(Edge::BinExe { name }, on);
    }
    if let Some(on) = fields.some_text("program")? {
        edges.push((Edge::ScriptProgram, Platform::Host, on));
    }
    // Plans of old state the order in which native libraries are passed; the builder knows it by itself.
    fields.list("order")?;
    Ok(edges)
}

/// The edge of a crate: `OPTIONS:NAME#NUMBER`, where all but the name may be missing.
fn extern_edge(key: &str) -> Result<Edge, StepsError> {
    let name = key.split('#').next().unwrap_or_default();
    // A name may be one of a namespace: `a::b`.
    let (options, name) = match name.find(':') {
        Some(at) if !name[at..].starts_with("::") => (&name[..at], &name[at + 1..]),
        _ => ("", name),
    };
    let option = |word: &str| {
        ExternOption::from_word(word)
            .ok_or_else(|| StepsError::fact(key.to_owned(), format!("there is no option `{word}`")))
    };
    let options = options.split(',').filter(|word| !word.is_empty()).map(option);
    Ok(Edge::Extern { name: name.to_owned(), options: options.collect::<Result<_, _>>()? })
}
