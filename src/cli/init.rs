//! `rbn-plan init`: config.toml, generated/ and the flake of a project that adopts `rbn-plan`.
//!
//! First everything is decided (`init_changes`), then it is shown (`--dry-run`) or done; a second
//! run finds nothing to do.

use std::fs;
use std::io::{self, Write as _};

use camino::{Utf8Path, Utf8PathBuf};
use miette::{Context as _, IntoDiagnostic as _, Report};
use similar::TextDiff;

use super::Outcome;
use super::init_changes::{Change, decide};

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

/// Writes what is missing, or shows it.
///
/// # Errors
///
/// A directory that is not there, or files that cannot be read or written.
pub fn run(args: &Args) -> Result<Outcome, Report> {
    let plan = decide(&args.dir)?;
    let mut out = io::stdout().lock();
    if let Some((reason, text)) = &plan.snippet {
        eprintln!("flake.nix is not edited: {reason}; add this to its outputs:");
        write!(out, "{text}").into_diagnostic()?;
    }
    for change in &plan.changes {
        if args.dry_run {
            write!(out, "{}", diff(change)).into_diagnostic()?;
        } else {
            write_whole(&args.dir.join(&change.path), &change.after)?;
            let verb = if change.before.is_some() { "changed" } else { "wrote" };
            eprintln!("{verb} {}", change.path);
        }
    }
    if plan.changes.is_empty() && plan.snippet.is_none() {
        eprintln!("nothing to do");
        return Ok(Outcome::Done);
    }
    for remark in &plan.remarks {
        eprintln!("{remark}");
    }
    for step in &plan.next {
        eprintln!("next: {step}");
    }
    Ok(Outcome::Done)
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
    fs::create_dir_all(dir).into_diagnostic().wrap_err_with(failed)?;
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
