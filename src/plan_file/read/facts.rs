//! What a plan's file states beside its steps: platforms, profiles, packages.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use semver::Version;

use super::bootstrap;
use super::error::StepsError;
use super::file::{FORMAT_VERSION, File};
use super::values::Facts;
use crate::model::bootstrap::Bootstrap;
use crate::model::package::{About, Ignored, PackageFiles, RunView, USUAL_EDITION};
use crate::model::plan::PlatformFacts;
use crate::model::profile::{Lto, Panic};
use crate::model::source::DEFAULT_REGISTRY;
use crate::model::step::ProfileRoot;
use crate::model::{
    Checks, CrateType, Package, PackageKey, Platform, Profile, Source, Triple, Verb,
};
use crate::nix::data::{self, Attrs, Data};

/// Everything but the steps, typed; the steps as data.
#[derive(Debug)]
pub(super) struct FileFacts {
    pub host: Option<Triple>,
    pub root_depth: usize,
    pub bootstrap: Option<Bootstrap>,
    pub env: BTreeMap<String, String>,
    pub ignored: Option<Ignored>,
    pub profiles: BTreeMap<String, (Profile, ProfileRoot)>,
    pub platforms: BTreeMap<Platform, PlatformFacts>,
    /// The profile of each platform's steps that state none.
    pub usual: BTreeMap<Platform, String>,
    pub packages: BTreeMap<PackageKey, Package>,
    /// The edition of a package's steps that state none.
    pub editions: BTreeMap<PackageKey, String>,
    pub every_target: Attrs,
    pub groups: Attrs,
    pub roots: Attrs,
    pub checks: Option<(Checks, Attrs)>,
}

/// What a platform's files are called, by crate type.
fn files(group: &mut Facts) -> Result<BTreeMap<CrateType, String>, StepsError> {
    let place = group.place("files");
    let named =
        group.texts("files")?.into_iter().map(|(word, name)| match CrateType::from_name(&word) {
            Some(kind) => Ok((kind, name)),
            None => Err(StepsError::fact(&place, format!("`{word}` is no crate type"))),
        });
    named.collect()
}

/// The facts of a file as data.
pub(super) fn attrs(file: &File<'_>) -> Result<Attrs, StepsError> {
    data::bindings(file.facts).map_err(|error| StepsError::Data {
        reason: error.to_string(),
        span: file.start + error.span.start..file.start + error.span.end,
    })
}

/// How many build machines the file has a plan for; one where it names none.
pub(super) fn machines(attrs: &Attrs) -> usize {
    match attrs.get("machines") {
        Some(Data::Attrs(machines)) => machines.len().max(1),
        _ => 1,
    }
}

/// The facts for one of the build machines, which are in the order of their names.
pub(super) fn read(attrs: Attrs, machine: usize) -> Result<FileFacts, StepsError> {
    let mut facts = Facts::new("", attrs);
    version(facts.take("formatVersion"))?;
    let host = facts.plain("hostTriple")?;
    let mut host = if host.is_empty() { None } else { Some(triple("hostTriple", host)?) };
    let root_depth = facts.number("rootDepth")?.unwrap_or(0);
    let root_depth = usize::try_from(root_depth).ok().filter(|depth| *depth < 64);
    let root_depth =
        root_depth.ok_or_else(|| StepsError::fact("rootDepth", "expected a small number"))?;
    let env = facts.texts("environment")?;
    let mut profiles = BTreeMap::new();
    for (name, data) in facts.set("profiles")? {
        let read = profile(&name, Facts::of(format!("profiles.\"{name}\""), data)?)?;
        profiles.insert(name, read);
    }
    let mut cfgs = Facts::new("cfgs", facts.set("cfgs")?);
    let mut platforms = BTreeMap::new();
    let mut usual = BTreeMap::new();
    for (name, data) in facts.set("groups")? {
        let platform = platform(&name)?;
        let mut group = Facts::of(format!("groups.{name}"), data)?;
        usual.insert(platform.clone(), group.text("profile")?);
        let settings = PlatformFacts {
            rustflags: group.list("rustflags")?,
            linker: group.some_text("linker")?,
            runner: group.list("runner")?,
            files: files(&mut group)?,
            cfg_env: cfgs.texts(&name)?,
        };
        platforms.insert(platform, settings);
        group.finish()?;
    }
    cfgs.finish()?;
    let lint_sets = facts.set("lintSets")?;
    let names: Vec<String> = lint_sets.keys().cloned().collect();
    let mut lint_sets = Facts::new("lintSets", lint_sets);
    let lint_sets: BTreeMap<String, Vec<String>> = names
        .into_iter()
        .map(|name| Ok((name.clone(), lint_sets.list(&name)?)))
        .collect::<Result<_, StepsError>>()?;
    let mut packages = BTreeMap::new();
    let mut editions = BTreeMap::new();
    for (key, data) in facts.set("crates")? {
        let mut fields = Facts::of(format!("crates.\"{key}\""), data)?;
        let key = PackageKey::new(key);
        let edition = fields.some_text("edition")?;
        editions.insert(key.clone(), edition.unwrap_or_else(|| USUAL_EDITION.to_owned()));
        packages.insert(key, package(fields, &lint_sets)?);
    }
    let bootstrap = bootstrap::read(facts.set("mode")?)?;
    let mut groups = facts.set("facts")?;
    let mut roots = facts.set("roots")?;
    let machine = facts.set("machines")?.into_iter().nth(machine);
    if let Some((name, data)) = machine {
        let place = format!("machines.{name}");
        let mut machine = Facts::of(place.clone(), data)?;
        if let Some(own) = machine.some_text("host")? {
            host = Some(triple(&place, own)?);
        }
        machine.some_text("default")?;
        let linker = machine.some_text("linker")?;
        let own_cfgs = machine.texts("cfgs")?;
        let target = host.clone().map(Platform::Target);
        let cfgs = target.and_then(|target| platforms.get(&target)).map(|facts| &facts.cfg_env);
        let cfgs = if own_cfgs.is_empty() { cfgs.cloned().unwrap_or_default() } else { own_cfgs };
        if let Some(facts) = platforms.get_mut(&Platform::Host) {
            facts.linker = facts.linker.take().or(linker);
            if facts.cfg_env.is_empty() {
                facts.cfg_env = cfgs;
            }
        }
        for (group, data) in machine.set("steps")? {
            add_steps(&mut groups, &group, data)?;
        }
        let own_roots = machine.set("roots")?;
        if !own_roots.is_empty() {
            roots = own_roots;
        }
        machine.finish()?;
    }
    let read = FileFacts {
        host,
        root_depth,
        bootstrap,
        env,
        ignored: ignored(Facts::new("ignored", facts.set("ignored")?))?,
        profiles,
        platforms,
        usual,
        packages,
        editions,
        every_target: facts.set("everyTarget")?,
        groups,
        roots,
        checks: checks(facts.take("checks"))?,
    };
    facts.finish()?;
    Ok(read)
}

/// What is checked, and the steps by group.
fn checks(data: Option<Data>) -> Result<Option<(Checks, Attrs)>, StepsError> {
    let Some(data) = data else { return Ok(None) };
    let mut facts = Facts::of("checks", data)?;
    let word = facts.text("verb")?;
    let verb = Verb::from_name(&word)
        .ok_or_else(|| StepsError::fact("checks.verb", format!("`{word}` is no check")))?;
    let number = |facts: &mut Facts, name: &str| -> Result<Option<u64>, StepsError> {
        let number = facts.number(name)?.map(u64::try_from).transpose();
        number.map_err(|_| StepsError::fact(format!("checks.{name}"), "expected a number"))
    };
    let small = |number: Option<u64>| number.and_then(|number| u32::try_from(number).ok());
    let checks = Checks {
        verb,
        directory: facts.text("directory")?,
        args: facts.list("args")?,
        skip: facts.list("skip")?,
        files: facts.paths("files")?,
        retries: small(number(&mut facts, "retries")?).unwrap_or_default(),
        timeout: small(number(&mut facts, "timeout")?),
        output: number(&mut facts, "output")?,
        partitions: partitions(&mut facts)?,
        llvm_tools: facts.some_text("llvmTools")?,
        // Whose steps are listed.
        members: BTreeSet::new(),
    };
    let steps = facts.set("steps")?;
    facts.finish()?;
    Ok(Some((checks, steps)))
}

/// Into how many parts the run of a step's program is cut.
fn partitions(facts: &mut Facts) -> Result<BTreeMap<String, u32>, StepsError> {
    let place = facts.place("partitions");
    let number = |(name, text): (String, String)| match text.parse() {
        Ok(number @ 1..) => Ok((name, number)),
        _ => Err(StepsError::fact(&place, format!("`{text}` is no number above 0"))),
    };
    facts.texts("partitions")?.into_iter().map(number).collect()
}

/// Adds a machine's own steps to those that all machines have.
fn add_steps(groups: &mut Attrs, group: &str, data: Data) -> Result<(), StepsError> {
    let place = || format!("machines.steps.{group}");
    let Data::Attrs(steps) = data else {
        return Err(StepsError::fact(place(), "expected a set of steps"));
    };
    let own = match groups.get_mut(group) {
        Some(Data::Update(_, own)) => own.as_mut(),
        Some(own) => own,
        None => return Err(StepsError::fact(place(), "no such group")),
    };
    match own {
        Data::Attrs(own) => own.extend(steps),
        _ => return Err(StepsError::fact(place(), "expected a set of steps")),
    }
    Ok(())
}

fn version(data: Option<Data>) -> Result<(), StepsError> {
    let found = match data {
        Some(Data::Number(FORMAT_VERSION)) => return Ok(()),
        Some(Data::Number(other)) => other.to_string(),
        _ => "0 (it states none)".to_owned(),
    };
    Err(StepsError::Version { found, known: FORMAT_VERSION })
}

fn triple(place: &str, text: String) -> Result<Triple, StepsError> {
    Triple::new(text).map_err(|error| StepsError::fact(place, error.to_string()))
}

pub(super) fn platform(group: &str) -> Result<Platform, StepsError> {
    match group {
        "host" => Ok(Platform::Host),
        other => Ok(Platform::Target(triple(other, other.to_owned())?)),
    }
}

/// The inverse of what is left out: see `templates/lib/profiles.nix`.
fn profile(name: &str, mut fields: Facts) -> Result<(Profile, ProfileRoot), StepsError> {
    let root = match fields.text("root")?.as_str() {
        "release" => ProfileRoot::Release,
        _ => ProfileRoot::Debug,
    };
    let opt_level = fields.some_text("optLevel")?.unwrap_or_else(|| "0".to_owned());
    let debug_assertions = fields.truth("debugAssertions", opt_level == "0")?;
    let units = fields.number("codegenUnits")?.map(u32::try_from).transpose();
    let profile = Profile {
        // `release, opt-level 0`: the name, then what tells it from the usual settings.
        name: name.split(", ").next().unwrap_or(name).to_owned(),
        lto: Lto::No,
        codegen_units: units
            .map_err(|_| StepsError::fact(fields.place("codegenUnits"), "expected a number"))?,
        debuginfo: fields.some_text("debuginfo")?.unwrap_or_else(|| "0".to_owned()),
        split_debuginfo: fields.some_text("splitDebuginfo")?,
        overflow_checks: fields.truth("overflowChecks", debug_assertions)?,
        rpath: fields.truth("rpath", false)?,
        panic: match fields.plain("panic")?.as_str() {
            "" => Panic::Unwind,
            "abort" => Panic::Abort,
            "immediate-abort" => Panic::ImmediateAbort,
            other => return Err(StepsError::fact(fields.place("panic"), format!("`{other}`"))),
        },
        strip: fields.some_text("strip")?,
        rustflags: fields.list("rustflags")?,
        opt_level,
        debug_assertions,
    };
    fields.finish()?;
    Ok((profile, root))
}

fn package(
    mut fields: Facts,
    lint_sets: &BTreeMap<String, Vec<String>>,
) -> Result<Package, StepsError> {
    let name = fields.text("name")?;
    let version = fields.text("version")?;
    let version = Version::parse(&version)
        .map_err(|error| StepsError::fact(fields.place("version"), error.to_string()))?;
    let source = source(&mut fields)?;
    let is_path = matches!(source, Source::Path { .. });
    let in_workspace = fields.truth("inWorkspace", is_path)?;
    // Plans once said where the code lies, too.
    fields.paths("code")?;
    let files = PackageFiles {
        without: fields.paths("without")?,
        also: fields.paths("also")?,
        tests_also: fields.paths("testsAlso")?,
        script: fields.paths("script")?,
        run: run_view(&mut fields)?,
        script_also: fields.paths("scriptAlso")?,
        links: path_pairs(fields.texts("linksTo")?),
    };
    let lint_flags = match fields.some_text("lintSet")? {
        None => fields.list("lints")?,
        Some(set) => lint_sets.get(&set).cloned().ok_or_else(|| {
            StepsError::fact(fields.place("lintSet"), format!("names no set of lints: `{set}`"))
        })?,
    };
    let authors = fields.plain("authors")?;
    let package = Package {
        name,
        version,
        source,
        about: About {
            authors: authors.split(':').filter(|a| !a.is_empty()).map(str::to_owned).collect(),
            description: fields.plain("description")?,
            homepage: fields.plain("homepage")?,
            license: fields.plain("license")?,
            license_file: fields.plain("licenseFile")?,
            readme: fields.plain("readme")?,
            repository: fields.plain("repository")?,
            rust_version: fields.plain("rustVersion")?,
        },
        links: fields.some_text("links")?,
        declared_features: fields.list("declares")?,
        lint_flags,
        in_workspace,
        has_lib: fields.truth("hasLib", true)?,
        default_run: fields.some_text("defaultRun")?,
        // Not stated: it serves the planner only.
        bins: Vec::new(),
        script_targets: fields.list("targets")?,
        files: is_path.then_some(files),
    };
    fields.finish()?;
    Ok(package)
}

fn run_view(fields: &mut Facts) -> Result<RunView, StepsError> {
    match fields.take("runSees") {
        None => Ok(RunView::Directory),
        Some(Data::Text(text)) if text == "package" => Ok(RunView::Package),
        Some(list @ Data::List(_)) => {
            let mut one =
                Facts::new(fields.place(""), [("runSees".to_owned(), list)].into_iter().collect());
            Ok(RunView::Only(one.paths("runSees")?))
        }
        Some(_) => Err(StepsError::fact(
            fields.place("runSees"),
            "expected \"package\" or a list of texts",
        )),
    }
}

fn path_pairs(texts: BTreeMap<String, String>) -> BTreeMap<Utf8PathBuf, Utf8PathBuf> {
    texts.into_iter().map(|(place, from)| (place.into(), from.into())).collect()
}

fn ignored(mut facts: Facts) -> Result<Option<Ignored>, StepsError> {
    let ignored = Ignored {
        prefix: facts.plain("prefix")?.into(),
        rules: facts.list("rules")?,
        kept: facts.list("kept")?,
    };
    facts.finish()?;
    Ok((ignored != Ignored::default()).then_some(ignored))
}

fn source(fields: &mut Facts) -> Result<Source, StepsError> {
    if let Some(dir) = fields.some_text("path")? {
        return Ok(Source::Path { dir: dir.into() });
    }
    if let Some(dir) = fields.some_text("vendor")? {
        return Ok(Source::Vendor { dir: dir.into() });
    }
    if let Some(git) = fields.take("git") {
        let mut git = Facts::of(fields.place("git"), git)?;
        // The repository's name is taken from its URL.
        git.plain("name")?;
        let source = Source::Git {
            url: git.text("url")?,
            rev: git.text("rev")?,
            reference: git.some_text("ref")?,
            submodules: fields.truth("submodules", false)?,
            subdir: git.plain("dir")?.into(),
        };
        git.finish()?;
        return Ok(source);
    }
    let registry = fields.some_text("registry")?;
    let registry = registry.unwrap_or_else(|| DEFAULT_REGISTRY.to_owned());
    Ok(Source::Registry { registry, sha256: fields.text("sha256")? })
}
