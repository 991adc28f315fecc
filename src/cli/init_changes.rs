//! What `rbn-plan init` has to change: nothing is written here.

use camino::Utf8Path;
use miette::{IntoDiagnostic as _, Report};

use super::check_plans;
use super::flake_toolchain::{self, PROVIDER};
use super::ignored;
use super::init_config::NewConfig;
use super::machine::this_machine;
use crate::config::{
    self, Config, Environment, FILE_NAME, OTHER_NAME, Origin, Overrides, usual_file,
};
use crate::files::{is_marked, reader};
use crate::flake::{Wired, WiredChecks, Wiring, new_flake, read, wire, wire_checks};
use crate::toolchain::provider::render_nixpkgs;
use crate::toolchain::{Wanted, pinned};

/// One file to write.
#[derive(Debug)]
pub(super) struct Change {
    /// Relative to the project.
    pub(super) path: String,
    /// What is there now, if anything.
    pub(super) before: Option<String>,
    pub(super) after: String,
}

/// What `init` would do.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) changes: Vec<Change>,
    /// What has to be pasted by hand: why, as a sentence, and the text.
    pub(super) snippets: Vec<(String, String)>,
    /// The package's name in the flake, where it is not the default.
    package: Option<String>,
    /// What there is to say about a change.
    pub(super) remarks: Vec<String>,
    /// The commands that come after.
    pub(super) next: Vec<String>,
}

impl Changes {
    fn write(&mut self, path: &str, before: Option<String>, after: String) {
        if before.as_ref() != Some(&after) {
            self.changes.push(Change { path: path.to_owned(), before, after });
        }
    }
}

/// Decides what the project in `dir` lacks; with `checks` it is to have plans of them.
///
/// # Errors
/// A directory that is not there, a file that cannot be read, a config.toml that is wrong.
pub(super) fn decide(dir: &Utf8Path, checks: bool) -> Result<Changes, Report> {
    if !dir.is_dir() {
        return Err(miette::miette!(
            help = "name the directory of a project",
            "no directory {dir}"
        ));
    }
    if !dir.join("Cargo.toml").is_file() {
        return Err(miette::miette!(
            help = "name the directory of a Cargo workspace's root: `rbn-plan init DIR`",
            "there is no Cargo.toml in {dir}"
        ));
    }
    let mut plan = Changes::default();
    let file = usual_file(dir);
    let has_config = file.is_some();
    // Beside an application's own file of the usual name, ours has the other one.
    let taken = !has_config && dir.join(OTHER_NAME).exists();
    let file = file.unwrap_or(if taken { FILE_NAME } else { OTHER_NAME });
    let flake = text(&dir.join("flake.nix"))?;
    // A flake that is wrong is mended first: the edit would be a guess.
    let known = flake.as_deref().map(|flake| read(flake, "flake.nix")).transpose()?;
    let config = match has_config {
        true => {
            let before = configuration(dir)?;
            let text = reader::text(dir.join(file))?;
            match NewConfig::with_checks(&text)?.filter(|_| checks) {
                Some(new) => {
                    let config = new.read()?;
                    plan.write(file, Some(text), new.text);
                    config
                }
                None => before,
            }
        }
        // What is written now is what counts from now on.
        false => {
            let new = NewConfig::of(known.as_ref(), Wanted::read(dir), checks);
            plan.remarks.extend(new.remark.clone());
            let config = new.read()?;
            plan.write(file, None, new.text);
            config
        }
    };
    if let Some(flake) = &known {
        let toolchain = &config.toolchain;
        pinned::declared(&toolchain.value, &toolchain.origin, &flake.inputs)?;
    }
    let toolchain = flake_toolchain::of(&config, known.as_ref());
    let from_inputs = toolchain.is_some();
    // The flake may name no machine that the plan is not for.
    let systems = &config.build.systems.value;
    let ignore = text(&dir.join(".gitignore"))?;
    // What is this machine's own: its toolchain, and the link to what Nix built.
    let mut own =
        vec![format!("/{}", config.nix.toolchain_file.value.as_path()), "/result".to_owned()];
    let mut after = ignore.clone().unwrap_or_default();
    let steps = config.nix.output.value.as_path().to_string();
    // A flake sees only what Git tracks, and the plan is committed.
    if let Some(place) = ignored::by(dir, &steps) {
        let parent = config.nix.output.value.as_path().parent();
        let parent = parent.filter(|parent| !parent.as_str().is_empty());
        let back = parent.map_or(format!("!/{steps}"), |parent| format!("!/{parent}/"));
        plan.remarks.push(format!("Git ignored {steps} ({place}): .gitignore has `{back}` now"));
        own.insert(0, back);
        // Behind that line again: what is this machine's own stays ignored.
        after =
            after.lines().filter(|line| *line != own[1]).map(|line| format!("{line}\n")).collect();
    }
    for entry in own {
        // A line that takes something back undoes those before it.
        let mut last = after.lines().rev().take_while(|line| !line.starts_with('!'));
        let is_there = last.any(|line| ignores(line, &entry));
        if entry.starts_with('!') || !is_there {
            if !after.is_empty() && !after.ends_with('\n') {
                after.push('\n');
            }
            after.push_str(&format!("{entry}\n"));
        }
    }
    if after != ignore.as_deref().unwrap_or_default() {
        plan.write(".gitignore", ignore, after);
    }
    let wiring = Wiring {
        steps: format!("./{steps}"),
        checks: check_plans::joined_place(&config)?.map(|path| format!("./{path}")),
        arguments: Vec::new(),
        toolchain,
        systems: systems.iter().map(|system| system.as_str().to_owned()).collect(),
    };
    wire_flake(dir, flake, &wiring, &config, &mut plan)?;
    if from_inputs {
        let provider = render_nixpkgs().into_diagnostic()?;
        match text(&dir.join(PROVIDER))? {
            Some(own) if !is_marked(&own) => {
                plan.remarks.push(format!("{PROVIDER} is your own: it stays as it is"));
            }
            before => plan.write(PROVIDER, before, provider),
        }
    }
    let git =
        dir.canonicalize_utf8().into_diagnostic()?.ancestors().any(|up| up.join(".git").exists());
    // A plan says which toolchain it is for, where the flake is locked.
    let names_input = !has_config || config.toolchain.origin != Origin::Default;
    let lock = from_inputs && names_input && !dir.join("flake.lock").exists();
    let add = |files: &str| git.then(|| format!("git add {files}"));
    // A plan is made from locked versions.
    let mut first = format!(".gitignore {file} flake.nix generated");
    if !dir.join("Cargo.lock").exists() {
        plan.next.push("cargo generate-lockfile".to_owned());
        first.insert_str(0, "Cargo.lock ");
    }
    if lock {
        plan.next.extend(add(&first));
        plan.next.push("nix flake lock".to_owned());
    }
    plan.next.push(format!("rbn-plan -o {steps}"));
    if !from_inputs {
        let file = config.nix.toolchain_file.value.as_path();
        plan.next.push(format!("rbn-plan toolchain host -o {file}"));
        let remark = format!(
            "the toolchain is this machine's: Git does not track {file}, so build the directory \
             itself: nix build path:."
        );
        plan.remarks.push(remark);
    } else if lock {
        plan.next.extend(add("flake.lock generated"));
    } else {
        plan.next.extend(add(&first));
    }
    // Where the flake had a default before, the plan's package has a name.
    let build = if from_inputs { "nix build" } else { "nix build path:" };
    plan.next.push(match (&plan.package, from_inputs) {
        (Some(package), true) => format!("{build} .#{package}"),
        (Some(package), false) => format!("{build}.#{package}"),
        (None, true) => build.to_owned(),
        (None, false) => format!("{build}."),
    });
    if config.checks.plans.is_some() {
        let check = if from_inputs { "nix flake check" } else { "nix flake check path:." };
        plan.next.push(check.to_owned());
    }
    // What somebody wrote himself comes first, and what is generated last.
    plan.changes.sort_by_key(|change| match change.path.as_str() {
        "flake.nix" => 0,
        FILE_NAME | OTHER_NAME => 1,
        ".gitignore" => 2,
        _ => 3,
    });
    Ok(plan)
}

fn wire_flake(
    dir: &Utf8Path,
    flake: Option<String>,
    wiring: &Wiring,
    config: &Config,
    plan: &mut Changes,
) -> Result<(), Report> {
    let Some(flake) = flake else {
        let name = match package_name(dir)? {
            Some(name) => name,
            None => {
                let dir = dir.canonicalize_utf8().into_diagnostic()?;
                dir.file_name().unwrap_or("a project").to_owned()
            }
        };
        let references = config.nix.inputs.iter();
        let references: Vec<_> = references
            .map(|(name, reference)| (name.to_string(), reference.value.as_str().to_owned()))
            .collect();
        let description = format!("{name}, built one compilation step at a time");
        let after = new_flake(&description, wiring, &references)
            .map_err(|reason| miette::miette!("flake.nix is not written: {reason}"))?;
        plan.write("flake.nix", None, after);
        return Ok(());
    };
    let mut after = flake.clone();
    let mut brings_checks = false;
    match wire(&flake, wiring) {
        Wired::Unchanged => {}
        Wired::Edited { text, package, .. } => {
            if package != "default" {
                plan.package = Some(package.clone());
                let remark = format!(
                    "flake.nix has, or may have, a default package already; the plan's is \
                     `{package}`: nix build .#{package}"
                );
                plan.remarks.push(remark);
            }
            after = text;
        }
        Wired::Snippet { reason, text } => {
            plan.package = Some("rbn-plan".to_owned());
            plan.snippets.push((format!("flake.nix is not edited: {reason}"), text));
            brings_checks = true;
        }
    }
    if !brings_checks {
        match wire_checks(&after, wiring) {
            WiredChecks::Unchanged => {}
            WiredChecks::Edited(text) => after = text,
            WiredChecks::Snippet { reason, text } => {
                plan.snippets
                    .push((format!("flake.nix does not get the planned checks: {reason}"), text));
            }
        }
    }
    plan.write("flake.nix", Some(flake), after);
    Ok(())
}

/// The configuration, without asking a compiler which machine this is.
fn configuration(dir: &Utf8Path) -> Result<Config, Report> {
    let environment = Environment::of_process();
    Ok(config::load(dir, None, &environment, &Overrides::default(), &this_machine()?)?.config)
}

/// Whether a line of .gitignore names the file, or a directory above it.
fn ignores(line: &str, entry: &str) -> bool {
    let line = line.trim_end().trim_start_matches('/').trim_end_matches('/');
    let entry = entry.trim_start_matches('/');
    !line.is_empty()
        && (line == entry || entry.strip_prefix(line).is_some_and(|r| r.starts_with('/')))
}

fn text(path: &Utf8Path) -> Result<Option<String>, Report> {
    Ok(reader::text_if_there(path)?)
}

/// The name of the package in `dir`; a workspace may have none there.
fn package_name(dir: &Utf8Path) -> Result<Option<String>, Report> {
    let text = reader::text_if_there(dir.join("Cargo.toml"))?.unwrap_or_default();
    let manifest: toml::Table = toml::from_str(&text).unwrap_or_default();
    let name = manifest.get("package").and_then(|package| package.get("name"));
    Ok(name.and_then(toml::Value::as_str).map(str::to_owned))
}
