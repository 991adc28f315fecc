//! `rbn-plan init`: config.toml, generated/ and the flake of a project that adopts `rbn-plan`.
//!
//! First everything is decided (`init_changes`), then it is shown (`--dry-run`) or done; a second
//! run finds nothing to do.

use camino::Utf8PathBuf;
use miette::Report;
use similar::TextDiff;

use super::init_changes::{Change, decide};
use super::{Outcome, print};
use crate::files::{GENERATED, writer};
use crate::text::words::{count, wrap};

/// What prints the file that `init` takes over as it is.
const SAME: &str = "what `rbn-plan toolchain nixpkgs` prints";

/// Arguments of `rbn-plan init`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Directory of the project
    #[arg(default_value = ".")]
    dir: Utf8PathBuf,
    /// Have `nix flake check` run the tests, clippy and rustfmt, too: plans of checks in config.toml
    #[arg(long)]
    checks: bool,
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
    let plan = decide(&args.dir, args.checks)?;
    for (why, text) in &plan.snippets {
        eprintln!("{why}. Paste this into it:");
        print(text)?;
    }
    for change in &plan.changes {
        if args.dry_run {
            print(&diff(change))?;
        } else {
            writer::edit_within(&args.dir, &args.dir.join(&change.path), &change.after)?;
            let verb = if change.before.is_some() { "changed" } else { "wrote" };
            eprintln!("{verb} {}", change.path);
        }
    }
    if plan.changes.is_empty() && plan.snippets.is_empty() {
        eprintln!("nothing to do");
        return Ok(Outcome::Done);
    }
    for remark in &plan.remarks {
        eprintln!("{}", wrap("", remark, 2));
    }
    if !plan.snippets.is_empty() {
        eprintln!("next: paste the text above into flake.nix, as its first line says");
    }
    for step in &plan.next {
        eprintln!("next: {step}");
    }
    Ok(Outcome::Done)
}

fn diff(change: &Change) -> String {
    // A file that is made, and that is one text for all, is named: what matters is not lost in it.
    if change.before.is_none() && change.after.contains(GENERATED) {
        let lines = count(change.after.lines().count(), "line");
        return format!("--- /dev/null\n+++ b/{}\n@@ new, {lines}: {SAME} @@\n", change.path);
    }
    let before = change.before.as_deref().unwrap_or("");
    let old = match change.before {
        Some(_) => format!("a/{}", change.path),
        None => "/dev/null".to_owned(),
    };
    let diff = TextDiff::from_lines(before, &change.after);
    diff.unified_diff().header(&old, &format!("b/{}", change.path)).to_string()
}
