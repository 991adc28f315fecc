//! One site of the pages of many crates, with one search index.
//!
//! A stable rustdoc writes what crates share (the index, the list of crates, who implements a trait)
//! by changing the files that the crate before it left. Steps cannot do that. So each crate's step
//! leaves its share in a part, and this joins the parts: rustdoc's own way for build systems, which
//! has no stable flags yet. Cargo uses it with `-Zrustdoc-mergeable-info` (rust-lang/cargo#16306).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::attempt::make;
use crate::facts::Facts;
use crate::failure::Failure;
use crate::here::{TMP, say, write};
use crate::report::{REPORT, Report};
use crate::sources;

/// What lets a stable rustdoc take flags that are not stable.
pub(crate) const UNLOCK: (&str, &str) = ("RUSTC_BOOTSTRAP", "1");

/// Whether this rustdoc knows the flags: those of 1.85 to 1.98 do. Later ones spell them otherwise.
fn joins(rustdoc: &str) -> bool {
    let (name, value) = UNLOCK;
    let mut help = Command::new(rustdoc);
    let help = help.args(["-Zunstable-options", "--help"]).env(name, value).output();
    help.is_ok_and(|help| String::from_utf8_lossy(&help.stdout).contains("--parts-out-dir"))
}

/// The arguments by which rustdoc leaves a crate's share in `parts`; none where it cannot.
pub(crate) fn to_parts(rustdoc: &str, parts: &Path) -> Option<Vec<String>> {
    let place = format!("--parts-out-dir={}", parts.display());
    let words = ["-Zunstable-options".to_owned(), "--merge=none".to_owned(), place];
    joins(rustdoc).then(|| words.to_vec())
}

/// Joins the pages of the reports at `pages`.
pub(crate) fn site(mut facts: Facts, out: &Path) -> Result<(), Failure> {
    let pages = facts.texts("pages")?;
    let rustdoc = facts.needed("rustdoc")?;
    let env = facts.table("env")?;
    facts.done()?;
    make(out)?;
    make(Path::new(TMP))?;
    let (mut parts, mut last) = (Vec::new(), None);
    for path in pages {
        let path = PathBuf::from(path);
        let text = fs::read_to_string(path.join(REPORT))
            .map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))?;
        let report = Report::read(&text)?;
        if !report.passed() {
            say(&format!("{} has no pages: rustdoc found something", report.step));
            continue;
        }
        add(&path.join("doc"), out)?;
        let mut after = report.call.words.iter().skip_while(|word| *word != "--crate-name");
        last = after.nth(1).cloned().or(last);
        parts.push(path.join("parts"));
    }
    let Some(last) = last else { return Ok(()) };
    if !parts.iter().all(|part| part.is_dir()) {
        say("this rustdoc cannot join pages: each crate has an index of its own");
        return Ok(());
    }
    let mut words = vec!["-Zunstable-options".to_owned(), "--merge=finalize".to_owned()];
    words.push(format!("--out-dir={}", out.display()));
    words.extend(parts.iter().map(|part| format!("--include-parts-dir={}", part.display())));
    run(&rustdoc, &words, &env)?;
    help(&rustdoc, &last, out, &env)?;
    let _ = fs::remove_file(out.join(".lock"));
    Ok(())
}

/// The pages on rustdoc itself, which joining does not make. They name the crate that came last.
fn help(
    rustdoc: &str,
    last: &str,
    out: &Path,
    env: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let (root, other) = (Path::new(TMP).join("empty.rs"), Path::new(TMP).join("help"));
    write(&root, "")?;
    let words = ["--crate-name", last, "--crate-type", "lib", "--cap-lints", "allow", "--out-dir"];
    let mut words: Vec<String> = words.map(str::to_owned).to_vec();
    words.extend([&other, &root].map(|path| path.to_string_lossy().into_owned()));
    run(rustdoc, &words, env)?;
    for name in ["help.html", "settings.html"] {
        if !out.join(name).exists() && other.join(name).exists() {
            add(&other.join(name), &out.join(name))?;
        }
    }
    Ok(())
}

fn run(rustdoc: &str, words: &[String], env: &BTreeMap<String, String>) -> Result<(), Failure> {
    let (name, value) = UNLOCK;
    let cannot = |why: String| Failure::new(format!("cannot run {rustdoc}: {why}"));
    let mut command = Command::new(rustdoc);
    let output = command.args(words).envs(env).env(name, value).output();
    let output = output.map_err(|error| cannot(error.to_string()))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(cannot(output.status.to_string())
            .with(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

/// Copies a file, or what a directory holds to what is there already.
fn add(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::new(format!("cannot copy {}: {error}", from.display()));
    if !from.is_dir() {
        return match to.exists() {
            true => Ok(()),
            false => sources::copy(from, to).map_err(failed),
        };
    }
    make(to)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        add(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}
