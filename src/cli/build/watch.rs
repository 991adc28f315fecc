//! `rbn-plan build --watch`: build, wait until a file changes, build again.

use std::path::PathBuf;

use camino::{Utf8Path, Utf8PathBuf};
use miette::{IntoDiagnostic as _, WrapErr as _};

use super::args::Args;
use super::prepare::{self, Prepared};
use crate::cargo::tree_files;
use crate::cli::{CommandResult, Outcome, out, times};
use crate::config::Config;
use crate::model::document::Origin;
use crate::text::words::count;
use crate::watch::{Places, Seen, Woken, wait};

/// A build, which tells what was planned before Nix starts.
pub type Once<'o> = &'o mut dyn FnMut(&mut dyn FnMut(&Prepared)) -> CommandResult;

/// Builds until a signal comes. What goes wrong is told, and the next change is waited for.
pub fn run(args: &Args, once: Once<'_>) -> CommandResult {
    let here = args.select.options()?.dir;
    let mut root = None;
    let mut told = false;
    loop {
        // Each time anew: the configuration may have changed. Without one at the start there is
        // nothing to wait for; later the build itself says what is wrong with it.
        let (place, config) = match (args.select.place(), &root) {
            (Ok(place), _) => root.insert(place).clone(),
            (Err(_), Some(known)) => known.clone(),
            (Err(report), None) => return Err(report),
        };
        let mut places = places(args, &here, &place, &config);
        // Before planning: a file that is saved while Nix builds is a change.
        let mut seen = Seen::look(&places);
        let outcome = once(&mut |prepared| {
            // Cargo writes its lock file where it lacks something.
            seen.again(place.join("Cargo.lock").as_std_path(), &places);
            for dir in elsewhere(prepared) {
                seen.again(&dir, &places);
                places.trees.insert(dir);
            }
        });
        match outcome {
            Ok(Outcome::Interrupted(signal)) => return Ok(Outcome::Interrupted(signal)),
            Ok(_) => {}
            Err(report) => out::complain(&report),
        }
        if !args.quiet {
            eprintln!("\nWaiting for a change in {}; Ctrl-C ends.", count(seen.files(), "file"));
        }
        let mut slowly = |why: &str| {
            if !std::mem::replace(&mut told, true) {
                eprintln!(
                    "note: the system does not say when a file changes: {why}; looking every 2 s"
                );
            }
        };
        let woken = wait(&places, &seen, &mut slowly);
        match woken.into_diagnostic().wrap_err("waiting for a change failed")? {
            Woken::Signal(signal) => return Ok(Outcome::Interrupted(signal)),
            Woken::Changed(files) if !args.quiet => eprintln!("{}\n", changed(&files, &here)),
            Woken::Changed(_) => {}
        }
    }
}

/// The workspace, and what Cargo reads above it; without what a build writes.
fn places(args: &Args, here: &Utf8Path, root: &Utf8Path, config: &Config) -> Places {
    let mut trees = vec![root.to_owned()];
    trees.extend(tree_files::configs(root));
    trees.extend(tree_files::toolchains(root));
    trees.extend(config.file.iter().map(|file| here.join(file)));
    let mut without = vec![
        times::target(root),
        root.join(config.nix.output.value.as_path()),
        root.join(config.nix.toolchain_file.value.as_path()),
    ];
    without.extend(args.timeline.iter().map(|dir| here.join(dir)));
    let std = |paths: Vec<Utf8PathBuf>| paths.into_iter().map(PathBuf::from).collect();
    Places { trees: std(trees), without: std(without) }
}

/// The directories of packages that lie outside of the workspace.
fn elsewhere(prepared: &Prepared) -> Vec<PathBuf> {
    let packages = prepared.document.packages.values();
    let dirs = packages.filter_map(|package| match &package.source {
        Origin::Path { dir } => Some(prepared.root.join(dir)),
        _ => None,
    });
    let real = dirs.filter_map(|dir| dir.canonicalize_utf8().ok());
    let root = prepared.root.canonicalize_utf8().unwrap_or_else(|_| prepared.root.clone());
    real.filter(|dir| !dir.starts_with(&root)).map(PathBuf::from).collect()
}

/// `src/main.rs changed`, `src/main.rs and 2 more files changed`.
fn changed(files: &[PathBuf], here: &Utf8Path) -> String {
    let first = files.first().map(|file| file.to_string_lossy().into_owned()).unwrap_or_default();
    let first = prepare::seen(Utf8Path::new(&first), here);
    match files.len() {
        0 | 1 => format!("{first} changed"),
        n => format!("{first} and {} changed", count(n - 1, "more file")),
    }
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn what_changed() {
        let files = ["/w/src/a.rs", "/w/src/b.rs", "/w/c"].map(Into::into);
        assert_eq!(changed(&files[..1], "/w".into()), "src/a.rs changed");
        assert_eq!(changed(&files[..2], "/w".into()), "src/a.rs and 1 more file changed");
        assert_eq!(changed(&files, "/w/src".into()), "a.rs and 2 more files changed");
    }
}
