//! What `rbn-plan init` has to change: nothing is written here.

use std::fs;
use std::io;

use camino::Utf8Path;
use miette::{Context as _, IntoDiagnostic as _, Report};

use super::machine::this_machine;
use crate::config::{
    self, Config, Environment, FILE_NAME, OTHER_NAME, Origin, Overrides, Toolchain,
    ToolchainVersion, usual_file,
};
use crate::files::GENERATED;
use crate::flake::{
    Flake, FlakeCompiler, FlakeToolchain, ToolchainLibrary, Wired, Wiring, new_flake, read, wire,
};
use crate::nix::System;
use crate::toolchain::pinned;
use crate::toolchain::provider::render_nixpkgs;

/// The provider for nixpkgs; not the plan's default one, which names paths of one machine.
const PROVIDER: &str = "generated/nixpkgs.nix";

/// The systems of the file below.
const SYSTEMS: [System; 2] = [System::X8664Linux, System::Aarch64Linux];

/// A config.toml that says what a new flake does anyway, and what else there is to say.
const CONFIG: &str = "\
# Settings of rbn-plan. All keys: `rbn-plan config --reference`; their values: `rbn-plan config`.

[build]
# The machines that build.
systems = [\"x86_64-linux\", \"aarch64-linux\"]
# What is built beside this machine's own target.
# targets = [\"x86_64-unknown-linux-gnu\", \"aarch64-unknown-linux-gnu\"]
# profile = \"release\"
# features = []

[toolchain]
# Where rustc comes from: \"nixpkgs\" and \"input\" (another input of flake.nix), or \"host\", this machine's.
provider = \"nixpkgs\"
# input = \"rust-overlay\"
# version = \"1.95.0\"
";

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
    /// The reason and the text of what has to be pasted by hand.
    pub(super) snippet: Option<(String, String)>,
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

/// Decides what the project in `dir` lacks.
///
/// # Errors
/// A directory that is not there, a file that cannot be read, a config.toml that is wrong.
pub(super) fn decide(dir: &Utf8Path) -> Result<Changes, Report> {
    if !dir.is_dir() {
        return Err(miette::miette!(
            help = "name the directory of a project",
            "no directory {dir}"
        ));
    }
    let mut plan = Changes::default();
    let file = usual_file(dir);
    let has_config = file.is_some();
    // Beside an application's own file of the usual name, ours has the other one.
    let taken = !has_config && dir.join(OTHER_NAME).exists();
    let file = file.unwrap_or(if taken { FILE_NAME } else { OTHER_NAME });
    let config = configuration(dir)?;
    let flake = text(&dir.join("flake.nix"))?;
    // A flake that is wrong is mended first: the edit would be a guess.
    let known = flake.as_deref().map(|flake| read(flake, "flake.nix")).transpose()?;
    if let Some(flake) = &known {
        let toolchain = &config.toolchain;
        pinned::declared(&toolchain.value, &toolchain.origin, &flake.inputs)?;
    }
    let toolchain = toolchain(&config, known.as_ref());
    let from_inputs = toolchain.is_some();
    if !has_config {
        let host = || CONFIG.replace("provider = \"nixpkgs\"", "provider = \"host\"");
        plan.write(file, None, if from_inputs { CONFIG.to_owned() } else { host() });
    }
    // The flake may name no machine that the plan is not for.
    let systems = if has_config { config.build.systems.value.clone() } else { SYSTEMS.to_vec() };
    let ignore = text(&dir.join(".gitignore"))?;
    // What is this machine's own: its toolchain, and the link to what Nix built.
    let own = [format!("/{}", config.nix.toolchain_file.value.as_path()), "/result".to_owned()];
    let mut after = ignore.clone().unwrap_or_default();
    for entry in own {
        if !after.lines().any(|line| ignores(line, &entry)) {
            if !after.is_empty() && !after.ends_with('\n') {
                after.push('\n');
            }
            after.push_str(&format!("{entry}\n"));
        }
    }
    if after != ignore.as_deref().unwrap_or_default() {
        plan.write(".gitignore", ignore, after);
    }
    let steps = config.nix.output.value.as_path().to_string();
    let wiring = Wiring {
        steps: format!("./{steps}"),
        arguments: Vec::new(),
        toolchain,
        systems: systems.iter().map(|system| system.as_str().to_owned()).collect(),
    };
    wire_flake(dir, flake, &wiring, &config, &mut plan)?;
    if from_inputs {
        let provider = render_nixpkgs().into_diagnostic()?;
        match text(&dir.join(PROVIDER))? {
            Some(own) if !own.contains(GENERATED) => {
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
    if lock {
        plan.next.extend(add(&format!(".gitignore {file} flake.nix generated")));
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
        plan.next.extend(add(&format!(".gitignore {file} flake.nix generated")));
    }
    plan.next.push(if from_inputs { "nix build" } else { "nix build path:." }.to_owned());
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
        let name = dir.canonicalize_utf8().into_diagnostic()?;
        let name = name.file_name().unwrap_or("a project").to_owned();
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
    match wire(&flake, wiring) {
        Wired::Unchanged => {}
        Wired::Edited { text, package, .. } => {
            if package != "default" {
                let remark = format!(
                    "flake.nix has, or may have, a default package already; the plan's is \
                     `{package}`: nix build .#{package}"
                );
                plan.remarks.push(remark);
            }
            plan.write("flake.nix", Some(flake), text);
        }
        Wired::Snippet { reason, text } => plan.snippet = Some((reason, text)),
    }
    Ok(())
}

/// The configuration, without asking a compiler which machine this is.
fn configuration(dir: &Utf8Path) -> Result<Config, Report> {
    let environment = Environment::of_process();
    Ok(config::load(dir, None, &environment, &Overrides::default(), &this_machine()?)?.config)
}

/// Where the flake takes its toolchain from: what config.toml says; without a word of it, from
/// nixpkgs if the flake has that. `flake` is `None` for one that is yet to be written.
fn toolchain(config: &Config, flake: Option<&Flake>) -> Option<FlakeToolchain> {
    let has = |input: &str| flake.is_none_or(|flake| flake.inputs.inputs.contains_key(input));
    let call = |nixpkgs: &str, compiler| {
        let (file, nixpkgs) = (format!("./{PROVIDER}"), nixpkgs.to_owned());
        Some(FlakeToolchain { file, nixpkgs, compiler })
    };
    let chosen = &config.toolchain;
    match &chosen.value {
        Toolchain::Host if chosen.origin == Origin::Default && has("nixpkgs") => {
            call("nixpkgs", None)
        }
        Toolchain::Host | Toolchain::Store { .. } => None,
        Toolchain::Nixpkgs { input } => call(input.value.as_str(), None),
        Toolchain::Input { input, channel, version, components } => {
            let input = input.value.to_string();
            let fenix = input.contains("fenix");
            let version = match &version.value {
                ToolchainVersion::Latest => None,
                version => Some(version.to_string()),
            };
            let compiler = FlakeCompiler {
                library: if fenix {
                    ToolchainLibrary::Fenix
                } else {
                    ToolchainLibrary::RustOverlay
                },
                input,
                channel: channel.value.to_string(),
                version,
                components: components.value.iter().map(ToString::to_string).collect(),
                targets: match config.build.targets.origin {
                    Origin::Default => Vec::new(),
                    _ => config.build.targets.value.iter().map(ToString::to_string).collect(),
                },
            };
            call("nixpkgs", Some(compiler))
        }
    }
}

/// Whether a line of .gitignore names the file, or a directory above it.
fn ignores(line: &str, entry: &str) -> bool {
    let line = line.trim_end().trim_start_matches('/').trim_end_matches('/');
    let entry = entry.trim_start_matches('/');
    !line.is_empty()
        && (line == entry || entry.strip_prefix(line).is_some_and(|r| r.starts_with('/')))
}

fn text(path: &Utf8Path) -> Result<Option<String>, Report> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(error).into_diagnostic().wrap_err_with(|| format!("failed to read {path}"))
        }
    }
}
