//! The plan's file made anew, and what that changes.

use camino::{Utf8Path, Utf8PathBuf};
use miette::IntoDiagnostic as _;

use super::check_plans;
use super::document::{self, PlanFileError, PlanText};
use super::select::{Again, OtherSelection, SelectArgs, from_here};
use super::shell;
use crate::cargo::paths;
use crate::config::Config;
use crate::files::reader;
use crate::files::writer::{self, Ours};
use crate::model::Plan;
use crate::plan_file::write::nix;
use crate::review::report as emit;
use crate::review::{Diff, Plans, Times};

/// What became of the plan's file.
#[derive(Debug)]
pub enum Replanned {
    /// It is what it was.
    Current,
    /// It was written; what that means.
    Written(String),
    /// There is none: nobody asked for a plan here yet.
    Absent,
    /// It was made of another selection, which its header says: it stays.
    OtherSelection(OtherSelection),
}

/// What `select` asks for, where the workspace has a plan: that plan's own selection, unless flags
/// ask for another.
///
/// # Errors
/// What is wrong in config.toml, the flags or the plan's header.
pub fn selected(select: &SelectArgs) -> miette::Result<SelectArgs> {
    let (root, config) = select.place()?;
    let own = reader::text(root.join(config.nix.output.value.as_path())).ok();
    let (Again::Same(select) | Again::Other(select, _)) = select.again(own.as_deref())?;
    Ok(select)
}

/// Makes the plan of `file`, inside of `root`, anew, where it is there.
///
/// # Errors
/// Whatever planning ran into; a file that is no plan.
pub fn replan(select: &SelectArgs, root: &Utf8Path, file: &Utf8Path) -> miette::Result<Replanned> {
    let old = match document::file_text(file) {
        Ok(old) => old,
        Err(PlanFileError::Read(error)) if error.is_absent() => return Ok(Replanned::Absent),
        Err(error) => return Err(error.into()),
    };
    let select = match select.again(Some(&old.text))? {
        Again::Same(select) => select,
        Again::Other(_, other) => return Ok(Replanned::OtherSelection(other)),
    };
    let (plans, _) = select.plans()?;
    let text = nix::render(&plans).into_diagnostic()?;
    if old.text == text {
        return Ok(Replanned::Current);
    }
    let meaning = meaning(&old, &plans);
    writer::write_within(root, file, &text, Ours::Marked)?;
    Ok(Replanned::Written(meaning.unwrap_or_default()))
}

/// Tells plans which file they are for: it names the workspace, whose root is `root`, from where it lies.
pub fn lie_at(plans: &mut [Plan], root: &Utf8Path, file: &Utf8Path) {
    // What goes to a pipe or a device is for the usual place.
    if file.exists() && !file.is_file() {
        return;
    }
    let dir = file.parent().filter(|dir| !dir.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let real = |dir: &Utf8Path| dir.canonicalize_utf8().ok();
    let Some((dir, root)) = real(dir).zip(real(root)) else { return };
    let way = paths::relative(&dir, &root);
    plans.iter_mut().for_each(|plan| plan.to_root = Some(way.clone()));
}

/// As [`replan`], told on stderr; what the change means is left to the caller to show.
///
/// # Errors
/// As [`replan`].
pub fn replan_aloud(
    select: &SelectArgs,
    root: &Utf8Path,
    config: &Config,
) -> miette::Result<Option<String>> {
    let file = root.join(config.nix.output.value.as_path());
    let shown = shown(&file);
    match replan(select, root, &file)? {
        Replanned::Current => {
            eprintln!("{shown} is up to date");
            checks(select, root, config)?;
        }
        Replanned::Absent => {
            let (Again::Same(select) | Again::Other(select, _)) = select.again(None)?;
            eprintln!("there is no {shown} yet: `{}` makes it", cure(&select, &file));
        }
        Replanned::OtherSelection(OtherSelection { was, is }) => {
            eprintln!(
                "{shown} was planned with {was}; asked for now: {is}. It stays: leave the flags out to have it follow"
            );
        }
        Replanned::Written(meaning) => {
            eprintln!("wrote {shown}");
            checks(select, root, config)?;
            return Ok(Some(meaning));
        }
    }
    Ok(None)
}

/// Makes the plans of checks that config.toml names anew, and says which files it wrote.
///
/// # Errors
/// Whatever planning ran into; a file of somebody else.
pub fn checks(select: &SelectArgs, root: &Utf8Path, config: &Config) -> miette::Result<()> {
    for (path, plan) in check_plans::places(config)? {
        let (_, text) = check_plans::made(select, root, config, plan)?;
        let path = root.join(path);
        if reader::text_if_there(&path)?.as_ref() != Some(&text) {
            writer::write_within(root, &path, &text, Ours::Marked)?;
            eprintln!("wrote {}", shown(&path));
        }
    }
    Ok(())
}

/// What lies between an old plan, where it can be read, and the plans that are made now.
#[must_use]
pub fn meaning(old: &PlanText, plans: &[Plan]) -> Option<String> {
    Some(words(&difference(old, plans)?))
}

/// What a difference between a plan's file and the plan means, where their texts differ.
#[must_use]
pub fn words(difference: &Difference) -> String {
    let Difference { diff, ignored } = difference;
    match (diff.is_empty(), ignored) {
        (false, _) => emit::text::diff(diff),
        (true, true) => "Nothing that is built changes: git ignores other files now.\n".to_owned(),
        (true, false) => {
            "Nothing that is built changes: another rbn-plan made it, or somebody edited it.\n"
                .to_owned()
        }
    }
}

/// What lies between a plan's file and the plan.
#[derive(Debug)]
pub struct Difference {
    /// What is built otherwise.
    pub diff: Diff,
    /// Whether git ignores other files.
    pub ignored: bool,
}

/// As [`meaning`], for those who put it in words of their own.
#[must_use]
pub fn difference(old: &PlanText, plans: &[Plan]) -> Option<Difference> {
    let (old, new) = (document::parse_all(old).ok()?, document::fresh(plans));
    let diff = document::compare(&old, &new, &Times::default()).ok()?;
    let ignored = |plans: &Plans| plans.on("").and_then(|plan| plan.ignored.clone());
    let ignored = ignored(&old) != ignored(&new);
    Some(Difference { diff, ignored })
}

/// The command that makes the plan of `select` in `file`, as it is typed here.
#[must_use]
pub fn cure(select: &SelectArgs, file: &Utf8Path) -> String {
    let mut words = vec!["rbn-plan".to_owned()];
    words.extend(select.seen_from_here().flags());
    words.extend(["-o".to_owned(), shown(file).to_string()]);
    shell::line(words.iter().map(String::as_str))
}

/// The path as one would type it here.
#[must_use]
pub fn shown(path: &Utf8Path) -> Utf8PathBuf {
    from_here(path).unwrap_or_else(|| path.to_owned())
}
