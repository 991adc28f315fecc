//! `rbn-plan init`: config.toml, generated/ and the flake of a project that adopts `rbn-plan`.
//!
//! First everything is decided, then it is shown (`--dry-run`) or done; a second run finds nothing
//! to do.

use std::fs;
use std::io::{self, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use miette::{Context as _, IntoDiagnostic as _, Report};
use similar::TextDiff;

use super::Outcome;
use crate::input::flake::{Wired, Wiring, new_flake, wire};

/// Where the plan goes, as flake.nix names it.
const STEPS: &str = "./generated/steps.nix";

/// The systems that plans are made for.
const SYSTEMS: [&str; 2] = ["x86_64-linux", "aarch64-linux"];

/// A config.toml that changes nothing yet.
const CONFIG: &str = "\
# Settings of rbn-plan; `rbn-plan config` shows every value and where it comes from.

[build]
";

/// Arguments of `rbn-plan init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of the project
    #[arg(default_value = ".")]
    dir: Utf8PathBuf,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// One file to write.
#[derive(Debug)]
struct Change {
    /// Relative to the project.
    path: &'static str,
    /// What is there now, if anything.
    before: Option<String>,
    after: String,
}

/// What `init` would do.
#[derive(Debug, Default)]
struct Plan {
    changes: Vec<Change>,
    /// The reason and the text of what has to be pasted by hand.
    snippet: Option<(String, String)>,
    /// What there is to say about a change.
    remarks: Vec<String>,
}

/// Writes what is missing, or shows it.
///
/// # Errors
///
/// A directory that is not there, or files that cannot be read or written.
pub fn run(args: &Args) -> Result<Outcome, Report> {
    let plan = decide(&args.dir)?;
    let mut out = io::stdout().lock();
    for change in &plan.changes {
        if args.dry_run {
            write!(out, "{}", diff(change)).into_diagnostic()?;
        } else {
            write_whole(&args.dir.join(change.path), &change.after)?;
            let verb = if change.before.is_some() { "changed" } else { "wrote" };
            eprintln!("{verb} {}", change.path);
        }
    }
    if !args.dry_run {
        let generated = args.dir.join("generated");
        fs::create_dir_all(&generated)
            .into_diagnostic()
            .wrap_err_with(|| format!("failed to create {generated}"))?;
    }
    for remark in &plan.remarks {
        eprintln!("{remark}");
    }
    if let Some((reason, text)) = &plan.snippet {
        eprintln!("flake.nix is not edited: {reason}; add this to its outputs:");
        write!(out, "{text}").into_diagnostic()?;
    }
    if plan.changes.is_empty() && plan.snippet.is_none() {
        eprintln!("nothing to do");
    } else if !args.dry_run {
        eprintln!("next: rbn-plan -o generated/steps.nix");
    }
    Ok(Outcome::Done)
}

fn decide(dir: &Utf8Path) -> Result<Plan, Report> {
    if !dir.is_dir() {
        return Err(miette::miette!(
            help = "name the directory of a project",
            "no directory {dir}"
        ));
    }
    let mut plan = Plan::default();
    if text(&dir.join("config.toml"))?.is_none() {
        let after = CONFIG.to_owned();
        plan.changes.push(Change { path: "config.toml", before: None, after });
    }
    let wiring = Wiring {
        steps: STEPS.to_owned(),
        arguments: Vec::new(),
        systems: SYSTEMS.map(str::to_owned).to_vec(),
    };
    let Some(flake) = text(&dir.join("flake.nix"))? else {
        let name = dir.canonicalize_utf8().into_diagnostic()?;
        let name = name.file_name().unwrap_or("a project").to_owned();
        let after = new_flake(&format!("{name}, built one compilation step at a time"), &wiring);
        plan.changes.push(Change { path: "flake.nix", before: None, after });
        return Ok(plan);
    };
    match wire(&flake, &wiring) {
        Wired::Unchanged => {}
        Wired::Edited { text, package, .. } => {
            if package != "default" {
                let remark = format!(
                    "flake.nix has a default package already; the plan's is `{package}`: \
                     nix build .#{package}"
                );
                plan.remarks.push(remark);
            }
            plan.changes.push(Change { path: "flake.nix", before: Some(flake), after: text });
        }
        Wired::Snippet { reason, text } => plan.snippet = Some((reason, text)),
    }
    Ok(plan)
}

fn diff(change: &Change) -> String {
    let before = change.before.as_deref().unwrap_or("");
    let old = match change.before {
        Some(_) => format!("a/{}", change.path),
        None => "/dev/null".to_owned(),
    };
    let diff = TextDiff::from_lines(before, &change.after);
    diff.unified_diff().header(&old, &format!("b/{}", change.path)).to_string()
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

/// Replaces the file in one moment: a reader sees the old text or the new one, whole.
fn write_whole(path: &Utf8Path, text: &str) -> Result<(), Report> {
    let failed = || format!("failed to write {path}");
    // A link is kept: the file that it leads to is replaced.
    let real = match fs::canonicalize(path) {
        Ok(real) => real,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.as_std_path().to_owned(),
        Err(error) => return Err(error).into_diagnostic().wrap_err_with(failed),
    };
    let dir = real.parent().filter(|dir| !dir.as_os_str().is_empty());
    let dir = dir.unwrap_or_else(|| ".".as_ref());
    let mut file = tempfile::NamedTempFile::new_in(dir).into_diagnostic().wrap_err_with(failed)?;
    file.write_all(text.as_bytes()).into_diagnostic().wrap_err_with(failed)?;
    let mode = match fs::metadata(&real) {
        Ok(metadata) => metadata.permissions(),
        // What an ordinary new file gets; temporary ones are for their owner alone.
        Err(_) => std::os::unix::fs::PermissionsExt::from_mode(0o644),
    };
    file.as_file().set_permissions(mode).into_diagnostic().wrap_err_with(failed)?;
    file.as_file().sync_all().into_diagnostic().wrap_err_with(failed)?;
    file.persist(&real).into_diagnostic().wrap_err_with(failed)?;
    Ok(())
}
