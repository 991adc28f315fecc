//! `generated/steps.nix`: the plan's facts, with the library and the builder that act on them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::facts::{Entry, Fields, entries_of};
use super::machines::{self, Machine, Steps};
use super::template::{self, Template};
use crate::model::package::USUAL_EDITION;
use crate::model::profile::{Lto, Panic};
use crate::model::step::{ProfileRoot, UnitLto};
use crate::model::{
    CrateType, Edge, Mode, Package, PackageKey, Plan, Platform, Profile, Source, Step, StepId,
    StepKind, TargetKind, ToolchainPin,
};
use crate::nix::{digest, escape};

#[derive(Serialize)]
struct StepsFile {
    version: &'static str,
    format_version: i64,
    selection: String,
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
    cfgs: Vec<Cfgs>,
    profiles: Vec<Named>,
    groups: Vec<Group>,
    packages: Vec<Named>,
    lint_sets: Vec<Fields>,
    shared: Vec<StepFacts>,
    machines: Vec<Machine>,
    roots: Vec<Named>,
    default: String,
    library: &'static str,
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

#[derive(Clone, PartialEq, Serialize)]
pub(super) struct Named {
    name: String,
    fields: Fields,
}

#[derive(Serialize)]
pub(super) struct Group {
    name: String,
    fields: Fields,
    /// What the group's own steps are added to: `everyTarget // `, or nothing.
    base: &'static str,
    steps: Vec<StepFacts>,
}

impl Group {
    /// Steps without settings.
    pub(super) fn plain(name: &str, steps: Vec<StepFacts>) -> Self {
        Self { name: name.to_owned(), fields: Fields::default(), base: "", steps }
    }
}

#[derive(Clone, PartialEq, Serialize)]
pub(super) struct StepFacts {
    name: String,
    /// What makes a step of the facts: `lib `, `check (bin "x" `.
    open: String,
    close: &'static str,
    fields: Fields,
}

impl StepFacts {
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

fn pin_line(pin: &ToolchainPin) -> String {
    let rev = pin.rev.as_deref().map(|rev| format!(" at {rev}")).unwrap_or_default();
    let line = format!("{}{rev}, {}", pin.input, pin.nar_hash);
    // It stands in a comment, which a line's end would end.
    line.replace(char::is_control, "")
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
        format_version: crate::input::steps::FORMAT_VERSION,
        selection: plan.selection.join(" "),
        counts,
        systems: plans.iter().map(|plan| machines::name(plan)).collect::<Vec<_>>().join(", "),
        toolchain: plan.toolchain.as_ref().map(pin_line).unwrap_or_default(),
        host: plan.host.as_ref().map(ToString::to_string).unwrap_or_default(),
        several: plans.len() > 1,
        root_depth: plan.root_depth,
        environment: entries_of(&plan.env),
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
        default: plan.targets.first().map(ToString::to_string).unwrap_or_default(),
        library: LIBRARY,
        builder: builder(),
    })
}

const LIBRARY: &str = include_str!("../../templates/lib.nix");

/// The builder of every step, in one text: the cache's part first, because the other one acts.
pub(super) const BUILDER: &str =
    concat!(include_str!("../../templates/cache.sh"), include_str!("../../templates/builder.sh"));

fn builder() -> String {
    escape::indented(BUILDER, 4)
}

/// A digest of the library and the builder, as they stand in every plan.
#[must_use]
pub fn recipe() -> String {
    crate::input::steps::recipe(&format!("{LIBRARY}\n  builderText = {};", builder()))
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
        if step.compile().is_some() {
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

/// The edition that a package's steps have, of its first step by name; others state theirs.
fn editions<'p>(plans: &[&'p Plan]) -> BTreeMap<&'p PackageKey, &'p str> {
    let mut editions = BTreeMap::new();
    for plan in plans {
        for id in plan.groups().into_values().flatten() {
            let step = plan.step(id);
            if let Some(compile) = step.compile() {
                editions.entry(&step.package).or_insert(compile.target.edition.as_str());
            }
        }
    }
    editions
}

/// Lints that several packages share (their workspace's), under a few digits of their own digest.
fn lint_sets<'p>(packages: impl Iterator<Item = &'p Package>) -> BTreeMap<&'p [String], String> {
    let mut counts: BTreeMap<&[String], usize> = BTreeMap::new();
    for package in packages.filter(|package| package.lint_flags.len() > 2) {
        *counts.entry(&package.lint_flags).or_default() += 1;
    }
    let shared = counts.into_iter().filter(|(_, count)| *count > 1);
    shared.map(|(flags, _)| (flags, format!("set-{}", digest::short(&flags.join(" "))))).collect()
}

fn package_facts(
    key: &PackageKey,
    package: &Package,
    edition: Option<&&str>,
    lint_sets: &BTreeMap<&[String], String>,
) -> Named {
    let mut fields = Fields::default();
    fields.text("name", &package.name);
    fields.text("version", package.version.to_string());
    match &package.source {
        Source::Registry { registry, sha256 } => {
            if registry != crate::plan::packages::DEFAULT_REGISTRY {
                fields.text("registry", registry);
            }
            fields.text("sha256", sha256);
        }
        Source::Git { url, rev, reference, submodules, subdir } => {
            let repository = url.trim_end_matches('/').rsplit('/').next().unwrap_or("repository");
            let mut git = vec![
                ("name", repository.trim_end_matches(".git").to_owned()),
                ("url", url.clone()),
                ("rev", rev.clone()),
            ];
            git.extend(reference.clone().map(|reference| ("ref", reference)));
            if !subdir.as_str().is_empty() {
                git.push(("dir", subdir.to_string()));
            }
            fields.attrs("git", git);
            fields.yes("submodules", *submodules);
        }
        Source::Path { dir } => fields.text("path", dir.as_str()),
        Source::Vendor { dir } => fields.text("vendor", dir.as_str()),
    }
    if package.source.is_local() && !package.in_workspace {
        fields.bare("inWorkspace", false);
    }
    if let Some(files) = &package.files {
        fields.list("code", &files.code);
        fields.list("script", &files.script);
        fields.list("without", &files.without);
        fields.list("also", &files.also);
        fields.list("scriptAlso", &files.script_also);
    }
    fields.some_text("links", package.links.as_deref().unwrap_or_default());
    if !package.has_lib {
        fields.bare("hasLib", false);
    }
    match edition {
        Some(&USUAL_EDITION) | None => {}
        Some(edition) => fields.text("edition", *edition),
    }
    let about = &package.about;
    fields.some_text("authors", &about.authors.join(":"));
    fields.some_text("description", &about.description);
    fields.some_text("homepage", &about.homepage);
    fields.some_text("license", &about.license);
    fields.some_text("licenseFile", &about.license_file);
    fields.some_text("readme", &about.readme);
    fields.some_text("repository", &about.repository);
    fields.some_text("rustVersion", &about.rust_version);
    fields.packed("declares", &package.declared_features);
    match lint_sets.get(package.lint_flags.as_slice()) {
        Some(name) => fields.text("lintSet", name),
        None => fields.list("lints", &package.lint_flags),
    }
    Named { name: key.to_string(), fields }
}

fn step_facts(
    plan: &Plan,
    id: StepId,
    names: &ProfileNames,
    usual: &str,
    editions: &BTreeMap<&PackageKey, &str>,
) -> StepFacts {
    let step = plan.step(id);
    let package = plan.package(id);
    let mut fields = Fields::default();
    if step.name.as_str().contains('~') {
        fields.text("package", step.package.as_str());
    }
    let (open, close) = match &step.kind {
        StepKind::Compile(compile) => {
            let target = &compile.target;
            let named = matches!(target.kind, TargetKind::Lib | TargetKind::ProcMacro);
            // Of a library's name only the crate's name counts, which has no dashes.
            if named && target.crate_name() != package.name.replace('-', "_") {
                fields.text("target", &target.name);
            }
            let default_root = match target.kind {
                TargetKind::Lib | TargetKind::ProcMacro => "src/lib.rs",
                TargetKind::CustomBuild => "build.rs",
                _ => "",
            };
            if target.kind == TargetKind::CustomBuild && target.name != "build-script-build" {
                fields.text("target", &target.name);
            }
            if target.root != default_root {
                fields.text("root", target.root.as_str());
            }
            if editions.get(&step.package) != Some(&target.edition.as_str()) {
                fields.text("edition", &target.edition);
            }
            let usual_types = match target.kind {
                TargetKind::Lib => CrateType::Lib,
                TargetKind::ProcMacro => CrateType::ProcMacro,
                _ => CrateType::Bin,
            };
            if target.crate_types != [usual_types] {
                fields.list("crateTypes", target.crate_types.iter().map(|kind| kind.as_str()));
            }
            if !target.harness && compile.mode.is_test() {
                fields.bare("harness", false);
            }
            fields.yes("primary", compile.primary);
            fields.some_text("lto", lto_word(&compile.lto).as_str());
            constructor(target.kind, &target.name, compile.mode)
        }
        StepKind::RunScript(_) => ("run ".to_owned(), ""),
    };
    let profile = names.name(step);
    if profile != usual {
        fields.text("profile", profile);
    }
    fields.list("features", &step.features);
    edges(plan, id, &mut fields);
    if let Some(replaced) = step.run().and_then(|run| run.replaced.as_ref()) {
        fields.list("replaced", &replaced.lines);
    }
    let additions = &step.additions;
    fields.list("nativeInputs", &additions.native_inputs);
    fields.list("buildInputs", &additions.build_inputs);
    fields.attrs("extraEnv", &additions.env);
    fields.list("extraFiles", &additions.files);
    fields.list("extraRustflags", &additions.rustflags);
    StepFacts { name: step.name.to_string(), open, close, fields }
}

fn constructor(kind: TargetKind, name: &str, mode: Mode) -> (String, &'static str) {
    let name = escape::string(name);
    let test = mode.is_test();
    let plain = match kind {
        TargetKind::Lib if test => "libTest ".to_owned(),
        TargetKind::Lib => "lib ".to_owned(),
        TargetKind::ProcMacro if test => "procMacroTest ".to_owned(),
        TargetKind::ProcMacro => "procMacro ".to_owned(),
        TargetKind::Bin if test => format!("binTest {name} "),
        TargetKind::Bin => format!("bin {name} "),
        TargetKind::Example if test => format!("exampleTest {name} "),
        TargetKind::Example => format!("example {name} "),
        TargetKind::Test => format!("test {name} "),
        TargetKind::Bench => format!("bench {name} "),
        TargetKind::CustomBuild => "buildScript ".to_owned(),
    };
    if mode.is_check() { (format!("check ({plain}"), ")") } else { (plain, "") }
}

/// The word for a unit's part in LTO; empty for the usual one.
fn lto_word(lto: &UnitLto) -> String {
    match lto {
        UnitLto::OnlyObject => String::new(),
        UnitLto::Run(None) => "run".to_owned(),
        UnitLto::Run(Some(kind)) => format!("run-{kind}"),
        UnitLto::Off => "off".to_owned(),
        UnitLto::OnlyBitcode => "bitcode".to_owned(),
        UnitLto::ObjectAndBitcode => "object-and-bitcode".to_owned(),
    }
}

fn edges(plan: &Plan, id: StepId, fields: &mut Fields) {
    let step = plan.step(id);
    let mut deps = BTreeMap::new();
    let mut macros = BTreeMap::new();
    let mut needs = Vec::new();
    let mut links = BTreeMap::new();
    let mut bins = BTreeMap::new();
    let mut order = Vec::new();
    for (edge, on) in plan.dependencies(id) {
        let dependency = plan.step(on);
        let name = dependency.name.as_str();
        match edge {
            Edge::Extern { name: extern_name } if dependency.platform == step.platform => {
                deps.insert(extern_name.as_str(), name);
                if !matches!(
                    dependency.compile().map(|c| c.target.kind),
                    Some(TargetKind::ProcMacro)
                ) {
                    let package = plan.package(on);
                    order.push(((&package.name, &package.version), name));
                }
            }
            Edge::Extern { name: extern_name } => {
                macros.insert(extern_name.as_str(), name);
            }
            Edge::Unlinkable => needs.push(name),
            Edge::ScriptOutput => fields.text("script", name),
            Edge::ScriptProgram => fields.text("program", name),
            Edge::Links { links: key } => {
                links.insert(key.as_str(), name);
            }
            Edge::BinExe { name: bin } => {
                bins.insert(bin.as_str(), name);
            }
        }
    }
    fields.attrs("deps", &deps);
    fields.attrs("macros", &macros);
    fields.list("needs", &needs);
    fields.attrs("links", &links);
    fields.attrs("bins", &bins);
    fields.list("absentBins", crate::plan::env::absent_bins(plan, id));
    // Cargo visits dependencies by package; the library visits them by name. Where that is not
    // the same order, it is stated.
    order.sort();
    let cargo: Vec<&str> = order.into_iter().map(|(_, name)| name).collect();
    let mut by_name: Vec<&str> = deps.values().copied().collect();
    by_name.sort_unstable();
    by_name.retain(|name| cargo.contains(name));
    if cargo != by_name {
        fields.list("order", cargo);
    }
}

/// Names for the different code generation settings of a plan.
struct ProfileNames {
    names: BTreeMap<Profile, String>,
    roots: BTreeMap<String, ProfileRoot>,
}

impl ProfileNames {
    /// The most used settings of a profile bear its name; others say what differs.
    fn of(plans: &[&Plan]) -> Self {
        let mut counts: BTreeMap<Profile, usize> = BTreeMap::new();
        let mut roots = BTreeMap::new();
        for step in plans.iter().flat_map(|plan| plan.graph.node_weights()) {
            match step.run() {
                None => *counts.entry(without_lto(&step.profile)).or_default() += 1,
                Some(run) => {
                    roots.insert(step.profile.name.clone(), run.profile_root);
                }
            }
        }
        // Runs only show a few of the settings, so they borrow a profile that shows the same.
        let steps = plans.iter().flat_map(|plan| plan.graph.node_weights());
        for step in steps.filter(|step| step.run().is_some()) {
            if !counts.keys().any(|profile| shows_the_same(profile, &step.profile)) {
                counts.insert(without_lto(&step.profile), 0);
            }
        }
        let mut by_name: BTreeMap<&str, Vec<(usize, &Profile)>> = BTreeMap::new();
        for (profile, count) in &counts {
            by_name.entry(profile.name.as_str()).or_default().push((*count, profile));
        }
        let mut names = BTreeMap::new();
        for (name, mut variants) in by_name {
            variants.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
            let usual = variants[0].1;
            for (_, profile) in variants {
                let differences = differences(usual, profile);
                let name = match differences.is_empty() {
                    true => name.to_owned(),
                    false => format!("{name}, {}", differences.join(", ")),
                };
                names.insert(profile.clone(), name);
            }
        }
        Self { names, roots }
    }

    fn name(&self, step: &Step) -> &str {
        if step.run().is_some() {
            let found =
                self.names.iter().find(|(profile, _)| shows_the_same(profile, &step.profile));
            return found.map_or("", |(_, name)| name);
        }
        self.names.get(&without_lto(&step.profile)).map_or("", String::as_str)
    }

    /// The profile that most steps of each platform have.
    fn usual(&self, plans: &[&Plan]) -> BTreeMap<Platform, String> {
        let mut counts: BTreeMap<Platform, BTreeMap<&str, usize>> = BTreeMap::new();
        for step in plans.iter().flat_map(|plan| plan.graph.node_weights()) {
            let names = counts.entry(step.platform.clone()).or_default();
            *names.entry(self.name(step)).or_default() += 1;
        }
        let most = |names: BTreeMap<&str, usize>| {
            let most = names.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)));
            most.map(|(name, _)| name.to_owned()).unwrap_or_default()
        };
        counts.into_iter().map(|(platform, names)| (platform, most(names))).collect()
    }

    fn fields(&self) -> Vec<Named> {
        let mut list: Vec<Named> = self
            .names
            .iter()
            .map(|(profile, name)| {
                let mut fields = Fields::default();
                let root = self.roots.get(&profile.name).copied();
                fields.text(
                    "root",
                    match root.unwrap_or(ProfileRoot::Debug) {
                        ProfileRoot::Release => "release",
                        ProfileRoot::Debug => "debug",
                    },
                );
                profile_fields(profile, &mut fields);
                Named { name: name.clone(), fields }
            })
            .collect();
        list.sort_by(|a, b| a.name.cmp(&b.name));
        list
    }
}

/// LTO is a fact of each step, not of its profile.
fn without_lto(profile: &Profile) -> Profile {
    Profile { lto: Lto::No, ..profile.clone() }
}

fn shows_the_same(a: &Profile, b: &Profile) -> bool {
    a.name == b.name
        && a.opt_level == b.opt_level
        && (a.debuginfo == "0") == (b.debuginfo == "0")
        && a.debug_assertions == b.debug_assertions
}

fn profile_fields(profile: &Profile, fields: &mut Fields) {
    fields.text("optLevel", &profile.opt_level);
    if profile.debuginfo != "0" {
        fields.text("debuginfo", &profile.debuginfo);
    }
    if let Some(units) = profile.codegen_units {
        fields.bare("codegenUnits", units);
    }
    fields.some_text("splitDebuginfo", profile.split_debuginfo.as_deref().unwrap_or_default());
    let implied = profile.opt_level == "0";
    if profile.debug_assertions != implied {
        fields.bare("debugAssertions", profile.debug_assertions);
    }
    if profile.overflow_checks != profile.debug_assertions {
        fields.bare("overflowChecks", profile.overflow_checks);
    }
    match profile.panic {
        Panic::Unwind => {}
        Panic::Abort => fields.text("panic", "abort"),
        Panic::ImmediateAbort => fields.text("panic", "immediate-abort"),
    }
    fields.yes("rpath", profile.rpath);
    fields.some_text("strip", profile.strip.as_deref().unwrap_or_default());
    fields.list("rustflags", &profile.rustflags);
}

/// What tells `other` from `usual`, as the manifest would say it.
fn differences(usual: &Profile, other: &Profile) -> Vec<String> {
    let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let mut list = Vec::new();
    let mut differ = |name: &str, a: String, b: String| {
        if a != b {
            list.push(format!("{name} {b}"));
        }
    };
    differ("opt-level", usual.opt_level.clone(), other.opt_level.clone());
    differ("debug", usual.debuginfo.clone(), other.debuginfo.clone());
    let units = |profile: &Profile| {
        profile.codegen_units.map_or_else(|| "default".to_owned(), |units| units.to_string())
    };
    differ("codegen-units", units(usual), units(other));
    differ("split-debuginfo", show(&usual.split_debuginfo), show(&other.split_debuginfo));
    differ("assertions", usual.debug_assertions.to_string(), other.debug_assertions.to_string());
    differ("overflow-checks", usual.overflow_checks.to_string(), other.overflow_checks.to_string());
    differ(
        "panic",
        format!("{:?}", usual.panic).to_lowercase(),
        format!("{:?}", other.panic).to_lowercase(),
    );
    differ("rpath", usual.rpath.to_string(), other.rpath.to_string());
    differ("strip", show(&usual.strip), show(&other.strip));
    differ("rustflags", usual.rustflags.join(" "), other.rustflags.join(" "));
    list
}
