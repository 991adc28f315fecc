//! `generated/steps.nix`: the plan's facts, with the library and the builder that act on them.

use std::collections::BTreeMap;

use camino::Utf8Path;
use serde::Serialize;

use super::bootstrap;
use super::checks::{self, Section};
use super::library;
use super::machines::{self, Machine, Steps};
use super::packages::{editions, ignored_facts, lint_sets, package_facts};
use super::profiles::ProfileNames;
use super::sections::{Group, Named, StepFacts};
use super::steps::step_facts;
use crate::model::{Plan, Platform, header};
use crate::nix::escape;
use crate::nix::fields::{Entry, Fields, entries_of};
use crate::template::{self, Template};

#[derive(Serialize)]
struct StepsFile {
    version: &'static str,
    format_version: i64,
    selection: String,
    /// Empty where config.toml says all of the selection.
    flags: String,
    counts: Vec<String>,
    systems: String,
    /// The flake input that the toolchain is pinned by; empty without one.
    toolchain: String,
    /// The first build machine's triple.
    host: String,
    /// Whether there are several machines, each of which states its own.
    several: bool,
    root_depth: usize,
    environment: Vec<Entry>,
    ignored: Fields,
    cfgs: Vec<Cfgs>,
    profiles: Vec<Named>,
    groups: Vec<Group>,
    packages: Vec<Named>,
    lint_sets: Vec<Fields>,
    shared: Vec<StepFacts>,
    machines: Vec<Machine>,
    roots: Vec<Named>,
    checks: Option<Section>,
    default: String,
    library: String,
    /// Facts of rustc's own build; none in other plans.
    bootstrap: Option<Fields>,
    /// The workspace root, from the plan's file.
    src: String,
    builder: String,
}

impl Template for StepsFile {
    const NAME: &'static str = "steps.nix";
}

#[derive(Serialize)]
struct Cfgs {
    group: String,
    entries: Vec<Entry>,
}

/// Renders a plan for each of several build machines as one file; they are of one workspace.
///
/// # Errors
/// tera's own, which a plan cannot cause.
pub fn render(plans: &[Plan]) -> Result<String, tera::Error> {
    // By the machine's name, not in the order in which they were planned.
    let mut plans: Vec<&Plan> = plans.iter().collect();
    plans.sort_by_key(|plan| machines::name(plan));
    let nothing = Plan::default();
    let plan = *plans.first().unwrap_or(&&nothing);
    let editions = editions(&plans);
    let names = ProfileNames::of(&plans);
    let defaults = names.usual(&plans);
    let mut rendered: Vec<Steps> = Vec::new();
    for plan in &plans {
        let groups = plan.groups().into_iter();
        let steps = groups.map(|(platform, steps)| {
            let usual = &defaults[&platform];
            let facts = steps.iter().map(|id| step_facts(plan, *id, &names, usual, &editions));
            (platform, facts.collect())
        });
        rendered.push(steps.collect());
    }
    let counts = counts(&plans, &rendered);
    let (common, own) = machines::split(rendered);
    let used: Vec<Platform> = common.keys().cloned().collect();
    let shared = shared_steps(&common);
    let mut file_groups = Vec::new();
    for (platform, steps) in common {
        let mut fields = Fields::default();
        fields.text("profile", &defaults[&platform]);
        if let Some(facts) = plan.platforms.get(&platform) {
            if !platform.is_host() || machines::same(&plans, machines::linker) {
                fields.some_text("linker", facts.linker.as_deref().unwrap_or_default());
            }
            fields.list("rustflags", &facts.rustflags);
            fields.list("runner", &facts.runner);
            fields.attrs("files", facts.files.iter().map(|(kind, name)| (kind.as_str(), name)));
        }
        let uses_shared = !platform.is_host() && !shared.is_empty();
        let own = steps.into_iter().filter(|step| !uses_shared || !shared.contains(step));
        file_groups.push(Group {
            name: platform.group().to_owned(),
            fields,
            base: if uses_shared { "everyTarget // " } else { "" },
            steps: own.collect(),
        });
    }
    let host_first = |group: &Group| (group.name != "host", group.name.clone());
    file_groups.sort_by_key(host_first);
    let one_cfgs = machines::same(&plans, machines::cfg_env);
    let stated = |platform: &Platform| match platform {
        Platform::Host => one_cfgs && used.contains(platform),
        Platform::Target(_) => used.contains(platform),
    };
    let roots: Vec<Vec<Named>> = plans.iter().map(|plan| roots(plan, &used)).collect();
    let packages: BTreeMap<_, _> = plans.iter().flat_map(|plan| &plan.packages).collect();
    let lint_sets = lint_sets(packages.values().copied());
    template::render(&StepsFile {
        version: env!("CARGO_PKG_VERSION"),
        format_version: crate::plan_file::read::FORMAT_VERSION,
        selection: header::line(&plan.selection),
        flags: header::line(&plan.flags),
        counts,
        systems: plans.iter().map(|plan| machines::name(plan)).collect::<Vec<_>>().join(", "),
        toolchain: plan.toolchain.as_ref().map(ToString::to_string).unwrap_or_default(),
        host: plan.host.as_ref().map(ToString::to_string).unwrap_or_default(),
        several: plans.len() > 1,
        root_depth: plan.root_depth,
        environment: entries_of(&plan.env),
        ignored: ignored_facts(plan.ignored.as_ref()),
        cfgs: plan
            .platforms
            .iter()
            .filter(|(platform, _)| stated(platform))
            .map(|(platform, facts)| Cfgs {
                group: platform.group().to_owned(),
                entries: entries_of(&facts.cfg_env),
            })
            .collect(),
        profiles: names.fields(),
        groups: file_groups,
        packages: packages
            .iter()
            .map(|(key, package)| package_facts(key, package, editions.get(key), &lint_sets))
            .collect(),
        lint_sets: lint_sets
            .iter()
            .map(|(flags, name)| {
                let mut fields = Fields::default();
                fields.packed(name, *flags);
                fields
            })
            .collect(),
        shared,
        roots: roots.first().cloned().unwrap_or_default(),
        machines: machines::section(&plans, own, roots),
        checks: checks::section(&plans),
        default: plan.targets.first().map(ToString::to_string).unwrap_or_default(),
        library: library::library(plan.bootstrap.is_some()),
        builder: library::builder(plan.bootstrap.is_some()),
        src: src(plan),
        bootstrap: plan.bootstrap.as_ref().map(bootstrap::fields),
    })
}

/// The way from the plan's file to the workspace root, as Nix writes it.
fn src(plan: &Plan) -> String {
    let usual = if plan.bootstrap.is_some() { "../.." } else { ".." };
    let way = plan.to_root.as_deref().unwrap_or(Utf8Path::new(usual));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    match way.as_str() {
        "" => "./.".to_owned(),
        way if way.ends_with("..") => format!("{way}/."),
        way if way.chars().all(is_plain) && way.contains('/') => way.to_owned(),
        way if way.chars().all(is_plain) => format!("./{way}"),
        // A path in Nix's own spelling has no other letters.
        way => format!("./. + {}", escape::string(&format!("/{way}"))),
    }
}

/// How many steps each platform has; by machine where they differ.
fn counts(plans: &[&Plan], rendered: &[Steps]) -> Vec<String> {
    let count = |steps: &Steps| {
        let parts = steps.iter().map(|(platform, steps)| format!("{} {platform}", steps.len()));
        parts.collect::<Vec<_>>().join(", ")
    };
    let mut lines: Vec<String> = rendered.iter().map(count).collect();
    if lines.windows(2).all(|pair| pair[0] == pair[1]) {
        lines.truncate(1);
        return lines;
    }
    let named = plans.iter().zip(lines);
    named.map(|(plan, line)| format!("{line} (built on {})", machines::name(plan))).collect()
}

/// Steps that every target has in the same words; none where there is one target.
fn shared_steps(rendered: &Steps) -> Vec<StepFacts> {
    let mut targets = rendered.iter().filter(|(platform, _)| !platform.is_host());
    let Some((_, first)) = targets.next() else { return Vec::new() };
    let others: Vec<BTreeMap<&str, &StepFacts>> = targets
        .map(|(_, steps)| steps.iter().map(|step| (step.name.as_str(), step)).collect())
        .collect();
    if others.is_empty() {
        return Vec::new();
    }
    let everywhere =
        |step: &&StepFacts| others.iter().all(|other| other.get(step.name.as_str()) == Some(step));
    first.iter().filter(everywhere).cloned().collect()
}

fn roots(plan: &Plan, platforms: &[Platform]) -> Vec<Named> {
    let mut by_group: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for platform in platforms {
        by_group.entry(platform.group()).or_default();
    }
    for id in &plan.roots {
        let step = plan.step(*id);
        if step.compile().is_some_and(|compile| !compile.mode.is_rustdoc()) {
            let packages = by_group.entry(step.platform.group()).or_default();
            let names = packages.entry(plan.package(*id).name.as_str()).or_default();
            names.push(step.name.as_str());
        }
    }
    by_group
        .into_iter()
        .map(|(group, packages)| {
            let mut fields = Fields::default();
            for (package, mut steps) in packages {
                steps.sort_unstable();
                fields.list(package, steps);
            }
            Named { name: group.to_owned(), fields }
        })
        .collect()
}
