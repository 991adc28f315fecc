//! The program that builds a step: Nix starts it in the place of a shell.
//!
//! In: the derivation's structured attributes, `$NIX_BUILD_TOP/.attrs.json`; all that is ours stands
//! in one of them, `facts`.
//!
//! Out of a compile step:  lib/ or bin/   what rustc made
//!                         crate.json     what dependents have to know
//! Out of a run step:      out/           `OUT_DIR`
//!                         left/          what the script wrote elsewhere, from the build directory
//!                         carried/       what lies below other paths that the script named
//!                         run.json       what it said, and what others have to know

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::archive; // bootstrap
use crate::assemble; // bootstrap
use crate::facts::Facts;
use crate::failure::Failure;
use crate::here::{Here, TMP, say};
use crate::json::Value;
use crate::package::BUILD;
use crate::shim; // bootstrap
use crate::step::{Action, Step};
use crate::tools::{self, Tools};
use crate::{collect, compile, jobserver, native, run, stand_in};

/// Builds the step of this sandbox.
#[must_use]
pub fn main() -> ExitCode {
    // Where sccache works, it is given this program in rustc's place.
    let called = std::env::args_os().next().unwrap_or_default();
    if Path::new(&called).file_name().is_some_and(|name| name == "rustc") {
        shim::answer(); // bootstrap
        return stand_in::main();
    }
    start(act)
}

/// Does what the derivation of this sandbox asks for, and says what went wrong.
pub(crate) fn start(act: fn(&str, Facts, PathBuf) -> Result<(), Failure>) -> ExitCode {
    let mut label = String::new();
    match build(&mut label, act) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say("");
            say(&format!("rbn-plan: {label}failed: {}", failure.what));
            for line in failure.lines {
                say(&format!("  {line}"));
            }
            ExitCode::FAILURE
        }
    }
}

fn build(
    label: &mut String,
    act: fn(&str, Facts, PathBuf) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let top = std::env::var("NIX_BUILD_TOP").unwrap_or_default();
    if top != BUILD {
        return Err(Failure::new(format!("the build directory is {top} and not {BUILD}"))
            .with("Plans are built in Nix's sandbox: set `sandbox = true` in nix.conf."));
    }
    let path = Path::new(BUILD).join(".attrs.json");
    let text = fs::read_to_string(&path)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))?;
    let (mut facts, out) = attributes(&text, label)?;
    let action = facts.needed("action")?;
    act(&action, facts, out)?;
    clear();
    Ok(())
}

/// Removes what lies in the build directory of a step that is done. Nix would do it, file by file, by the one
/// thread that also starts all steps and takes in what they made; here steps do it side by side.
fn clear() {
    for entry in Path::new(BUILD).read_dir().into_iter().flatten().flatten() {
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        // What cannot be removed here is left to Nix.
        let _ = match is_directory {
            true => fs::remove_dir_all(entry.path()),
            false => fs::remove_file(entry.path()),
        };
    }
}

fn act(action: &str, facts: Facts, out: PathBuf) -> Result<(), Failure> {
    match action {
        "archive" => archive::archive(facts, &out), // bootstrap
        "assemble" => assemble::assemble(facts, &out), // bootstrap
        "collect" => collect::collect(facts, &out),
        "runners" => collect::runners(facts, &out),
        "step" => step(facts, out),
        "tools" => tools::keep(facts, &out),
        word => Err(Failure::new(format!("this builder does nothing that is called `{word}`"))),
    }
}

/// The facts among a derivation's attributes, and the path of its output; `label` becomes the step's
/// name in messages.
fn attributes(text: &str, label: &mut String) -> Result<(Facts, PathBuf), Failure> {
    let Value::Object(mut attributes) = Value::parse(text)? else {
        return Err(Failure::new("the derivation has no attributes"));
    };
    let mut take = |name: &str| attributes.remove(name).unwrap_or(Value::Null);
    if let (Value::Text(step), Value::Text(platform)) = (take("step"), take("platform")) {
        *label = format!("step \"{step}\" ({platform}) ");
    }
    let mut outputs = Facts::new("outputs", take("outputs"))?;
    let out = PathBuf::from(outputs.needed("out")?);
    Ok((Facts::new("derivation", take("facts"))?, out))
}

fn step(facts: Facts, out: PathBuf) -> Result<(), Failure> {
    let here = here(facts, out)?;
    match &here.step.action {
        Action::Compile(unit) => compile::compile(&here, unit),
        Action::Run(script) => {
            fs::create_dir_all(&here.out).map_err(|error| Failure::new(error.to_string()))?;
            run::run(&here, script)
        }
    }
}

/// The step of this sandbox, made ready: its tools are those that the hash names.
pub(crate) fn here(mut facts: Facts, out: PathBuf) -> Result<Here, Failure> {
    let tools = Tools::load(Path::new(&facts.needed("tools")?))?;
    let mut step = Step::take(facts.facts("of")?)?;
    facts.done()?;
    step.added.libraries = native::with_propagated(&step.added.libraries);
    for (name, value) in native::variables(&step) {
        step.added.env.entry(name).or_insert(value);
    }
    let cores = std::env::var("NIX_BUILD_CORES").ok();
    let here = Here { step, tools, out, jobs: jobserver::allowed(cores.as_deref()) };
    if !here.tools.rustc.exists() {
        return Err(Failure::new(format!(
            "the sandbox does not show {}",
            here.tools.rustc.display()
        ))
        .with("`rbn-plan doctor` names the line that nix.conf needs."));
    }
    here.tools.check()?;
    fs::create_dir_all(TMP).map_err(|error| Failure::new(format!("cannot make {TMP}: {error}")))?;
    give_shell(&here);
    Ok(here)
}

/// Scripts and makefiles of C libraries run /bin/sh, which not every Nix puts into its sandbox. Where the
/// builder may write there, it makes one; elsewhere nix.conf must name it.
fn give_shell(here: &Here) {
    let shell = Path::new("/bin/sh");
    if shell.exists() {
        return;
    }
    let found = here.shell();
    if found.is_absolute() && fs::create_dir_all("/bin").is_ok() {
        let _ = symlink(found, shell);
    }
}
