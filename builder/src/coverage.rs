//! What of the members' code ran: the profiles of all test programs of a platform, joined and put in words
//! by LLVM's own tools.
//!
//! Out: lcov.info   the lines, with paths from the workspace root
//!      html/       pages, one for each file

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::attempt::{LACKS, make};
use crate::facts::Facts;
use crate::failure::Failure;
use crate::here::{TMP, say, write};
use crate::package::{TARGET, workspace};
use crate::sources;
use crate::step::Step;

/// Where a report keeps what its program counted.
pub(crate) const PROFILES: &str = "profiles";

/// The variable that says where a program leaves what it counted.
pub(crate) const VARIABLE: &str = "LLVM_PROFILE_FILE";

/// The file's name: one for each program, into which all processes of it add. How many there are, and what
/// the system calls them, is no part of it.
pub(crate) const PATTERN: &str = "%m.profraw";

/// The section of a program that says what its counters count.
const MAP: &[u8] = b"__llvm_covmap";

/// What is not looked at: what scripts made, and the tests themselves, as cargo-llvm-cov has it.
const OTHERS: &str = "/(tests|examples|benches)/";

struct Tools {
    directory: String,
    env: BTreeMap<String, String>,
}

/// Joins the profiles of `reports`, and says what of the code of the `programs` they are of.
pub(crate) fn coverage(mut facts: Facts, out: &Path) -> Result<(), Failure> {
    let reports = facts.texts("reports")?;
    let programs = facts.texts("programs")?;
    let tools = Tools { directory: facts.needed("llvmTools")?, env: facts.table("env")? };
    let steps = facts.list("of")?.into_iter().map(Step::take);
    let steps = steps.collect::<Result<Vec<Step>, String>>()?;
    facts.done()?;
    let (profdata, cov) = (tools.find("llvm-profdata")?, tools.find("llvm-cov")?);
    make(out)?;
    make(Path::new(TMP))?;

    let mut profiles = Vec::new();
    for report in &reports {
        profiles.extend(files(&Path::new(report).join(PROFILES))?);
    }
    let mut objects = Vec::new();
    for program in &programs {
        for file in files(&Path::new(program).join("bin"))? {
            if counts(&file)? {
                objects.push(file);
            }
        }
    }
    let lcov = out.join("lcov.info");
    if profiles.is_empty() || objects.is_empty() {
        say("no program left a profile: nothing ran that is counted");
        return write(&lcov, "");
    }
    sources::place(steps.iter().flat_map(Step::placed).collect(), OsStr::new(""))?;

    let (list, joined) = (Path::new(TMP).join("profiles"), Path::new(TMP).join("joined.profdata"));
    let lines: Vec<String> = profiles.iter().map(|path| format!("{}\n", path.display())).collect();
    write(&list, &lines.concat())?;
    let words = ["merge", "--sparse", "--failure-mode=all"].map(str::to_owned);
    let places =
        [format!("--input-files={}", list.display()), format!("--output={}", joined.display())];
    // A program that was ended by a signal may have left a torn one.
    tools.run(&profdata, words.into_iter().chain(places))?;

    let mut common = vec![
        format!("--instr-profile={}", joined.display()),
        format!("--ignore-filename-regex=^{TARGET}/|{OTHERS}"),
    ];
    for (number, object) in objects.iter().enumerate() {
        let object = object.display();
        common.push(if number == 0 { object.to_string() } else { format!("--object={object}") });
    }
    let export = ["export", "--format=lcov"].map(str::to_owned);
    let text = tools.run(&cov, export.into_iter().chain(common.clone()))?;
    let root = workspace(steps.first().map_or(0, |step| step.root_depth));
    write(&lcov, &from_root(&text, &root))?;
    let show = ["show", "--format=html", "--show-created-time=false", "--show-line-counts"];
    let directory = format!("--output-dir={}", out.join("html").display());
    let show = show.map(str::to_owned).into_iter().chain([directory]);
    tools.run(&cov, show.chain(common))?;
    Ok(())
}

impl Tools {
    fn find(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = Path::new(&self.directory).join(name);
        if path.exists() {
            return Ok(path);
        }
        Err(lacking(format!("{name} at {}", path.display())))
    }

    fn run(&self, program: &Path, words: impl Iterator<Item = String>) -> Result<String, Failure> {
        let mut command = Command::new(program);
        command.args(words).envs(&self.env).current_dir(TMP);
        let cannot = |why: String| Failure::new(format!("cannot run {}: {why}", program.display()));
        let output = command.output().map_err(|error| cannot(error.to_string()))?;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            words.lines().for_each(say);
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        // Each LLVM reads the profiles of its own major version.
        match words.contains("version") {
            true => Err(lacking(format!("{} that reads what its rustc writes", program.display()))
                .with(words)),
            false => Err(cannot(output.status.to_string()).with(words)),
        }
    }
}

fn lacking(what: String) -> Failure {
    Failure::new(format!("{LACKS} {what}"))
        .with("`rustup component add llvm-tools` has it. Where that cannot be had,")
        .with("`checks.llvm-tools` in config.toml names the directory of another LLVM's:")
        .with("it must be of the major version that `rustc -vV` tells.")
}

/// The files of a directory, in the order of their names; none where it is not there.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |error: std::io::Error| {
        Failure::new(format!("cannot read {}: {error}", directory.display()))
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        files.push(entry.map_err(failed)?.path());
    }
    files.retain(|path| path.is_file());
    files.sort();
    Ok(files)
}

/// Whether a program has counters.
fn counts(program: &Path) -> Result<bool, Failure> {
    let bytes = fs::read(program)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", program.display())))?;
    Ok(bytes.windows(MAP.len()).any(|window| window == MAP))
}

/// The paths of the workspace's files count from its root.
fn from_root(lcov: &str, root: &Path) -> String {
    let (from, root) = (format!("SF:{}/", root.display()), "SF:");
    let line = |line: &str| match line.strip_prefix(from.as_str()) {
        Some(rest) => format!("{root}{rest}\n"),
        None => format!("{line}\n"),
    };
    lcov.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::from_root;

    #[test]
    fn paths_count_from_the_workspace() {
        let text = "SF:/build/workspace/app/src/lib.rs\nDA:1,2\nSF:/build/other.rs\n";
        let root = Path::new("/build/workspace");
        assert_eq!(from_root(text, root), "SF:app/src/lib.rs\nDA:1,2\nSF:/build/other.rs\n");
    }
}
