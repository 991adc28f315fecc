//! What an editor looks at beside the tree, as Nix evaluates and fetches it: sources, and the compiler.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use serde::Deserialize;
use serde_json::json;

use super::build::command;
use super::build::prepare::Prepared;
use super::nix_command::NixError;
use crate::build::store::registered;
use crate::model::{PackageKey, Plan, StepId};
use crate::nix::escape;
use crate::plan::editor;

/// What is evaluated.
const EXPRESSION: &str = include_str!("../../templates/editor.nix");

/// What there is.
pub struct Sources {
    /// The compiler of the toolchain.
    pub rustc: Utf8PathBuf,
    /// Where the sources of packages lie that are not in the tree.
    pub of: BTreeMap<PackageKey, Utf8PathBuf>,
    /// The packages whose sources are not in the store.
    pub missing: Vec<PackageKey>,
}

#[derive(Deserialize)]
struct Answer {
    rustc: Utf8PathBuf,
    sources: Vec<Source>,
}

#[derive(Deserialize)]
struct Source {
    drv: Option<String>,
    out: Utf8PathBuf,
}

/// Asks Nix, and lets it unpack what is missing where `fetch` says so.
///
/// # Errors
/// Nix is not there, or cannot evaluate the plan; it has said why.
pub fn of(prepared: &Prepared, plan: &Plan, fetch: bool) -> miette::Result<Sources> {
    let steps = editor::foreign(plan);
    let answer = evaluate(prepared, plan, &steps)?;
    let is_here = |source: &Source| {
        // A derivation's output may be left of a build that failed.
        let path: &Path = source.out.as_ref();
        if source.drv.is_some() { registered(path) } else { path.exists() }
    };
    let absent = answer.sources.iter().filter(|source| !is_here(source));
    let absent: Vec<&String> = absent.filter_map(|source| source.drv.as_ref()).collect();
    if fetch && !absent.is_empty() {
        realise(prepared, &absent)?;
    }
    let mut sources = Sources { rustc: answer.rustc, of: BTreeMap::new(), missing: Vec::new() };
    for (key, source) in steps.into_keys().zip(&answer.sources) {
        if is_here(source) {
            sources.of.insert(key, source.out.clone());
        } else {
            sources.missing.push(key);
        }
    }
    Ok(sources)
}

fn evaluate(
    prepared: &Prepared,
    plan: &Plan,
    steps: &BTreeMap<PackageKey, StepId>,
) -> miette::Result<Answer> {
    let named = |id: &StepId| {
        let step = plan.step(*id);
        json!({ "group": step.platform.group(), "step": step.name.as_str() })
    };
    let wanted = serde_json::Value::from_iter(steps.values().map(named)).to_string();
    let file = absolute(&prepared.dir.join(&prepared.file));
    // An argument has a greatest length, standard input has none.
    let expression = format!(
        "{{ ... }}@args: (\n{EXPRESSION}) (args // {{ planFile = {}; wanted = {}; }})\n",
        escape::string(file.as_str()),
        escape::string(&wanted)
    );
    let mut nix = Command::new("nix-instantiate");
    nix.args(["--extra-experimental-features", command::features(&prepared.arguments)]);
    nix.args(["--eval", "--strict", "--json", "--read-write-mode", "-"]).args(&prepared.arguments);
    nix.current_dir(&prepared.dir).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = nix.spawn().map_err(NixError::Start)?;
    if let Some(mut stdin) = child.stdin.take() {
        // Who does not read to the end has said why.
        let _ = stdin.write_all(expression.as_bytes());
    }
    let output = child.wait_with_output().map_err(NixError::Start)?;
    let failed = |status| NixError::Failed { command: "nix-instantiate --eval".to_owned(), status };
    if !output.status.success() {
        return Err(failed(output.status).into());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| {
        miette::miette!("nix-instantiate answered something else than was asked for: {error}")
    })
}

/// Nix's own words are told only where something failed.
fn realise(prepared: &Prepared, absent: &[&String]) -> Result<(), NixError> {
    let mut nix = Command::new("nix-store");
    nix.args(["--realise", "--keep-going"]).args(absent).current_dir(&prepared.dir);
    let output = nix.stdin(Stdio::null()).output().map_err(NixError::Start)?;
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn absolute(path: &Utf8Path) -> Utf8PathBuf {
    path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned())
}
