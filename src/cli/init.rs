//! `rbn-plan init`: config.toml, generated/ and the flake of a project that adopts `rbn-plan`.
//!
//! First everything is decided (`init_changes`), then it is shown (`--dry-run`) or done; a second
//! run finds nothing to do.

use camino::{Utf8Path, Utf8PathBuf};
use miette::Report;
use similar::TextDiff;

use super::init_changes::{Change, decide};
use super::select::from_here;
use super::{Outcome, print};
use crate::cargo::process;
use crate::files::{is_marked, writer};
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
    of_root(&args.dir)?;
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

/// Refuses the directory of a member: plan, lock and flake are the workspace's.
fn of_root(dir: &Utf8Path) -> Result<(), Report> {
    let Ok(here) = dir.canonicalize_utf8() else { return Ok(()) };
    let mut ask = process::without_compiler("cargo", &here);
    ask.args(["locate-project", "--workspace", "--message-format=plain"]);
    // Where Cargo says nothing, what is wrong is said of the project's files.
    let Ok(said) = process::output(ask) else { return Ok(()) };
    let manifest = Utf8PathBuf::from(String::from_utf8_lossy(&said).trim());
    let root = manifest.parent().and_then(|root| root.canonicalize_utf8().ok());
    let has_manifest = here.join("Cargo.toml").is_file();
    match root.filter(|root| *root != here) {
        None => Ok(()),
        Some(root) if !has_manifest => Err(miette::miette!(
            help = format!("rbn-plan init {}", from_here(&root).unwrap_or_else(|| root.clone())),
            "there is no Cargo.toml in {here}; the project's root is {root}"
        )),
        Some(root) => {
            let root = from_here(&root).unwrap_or(root);
            Err(miette::miette!(
                help = format!("for the whole workspace: rbn-plan init {root}"),
                "{dir} is a member of the workspace in {root}, which has the plan and the flake"
            ))
        }
    }
}

fn diff(change: &Change) -> String {
    // A file that is made, and that is one text for all, is named: what matters is not lost in it.
    if change.before.is_none() && is_marked(&change.after) {
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
