//! Paths in Cargo's settings, as they are on every machine.

use camino::Utf8Path;

use crate::cargo::Workspace;
use crate::cargo::settings::Origin;
use crate::plan::error::PlanError;
use crate::plan::sandbox_paths;

/// A workspace, and how many levels above its root the source tree starts.
pub(super) struct Places<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// The levels.
    pub depth: usize,
}

impl Places<'_> {
    /// `value` with places in the sandbox for paths of this machine.
    ///
    /// # Errors
    /// [`PlanError::MachinePath`] for a path that the sandbox has no place for: below a home, or
    /// where the file that says it lies above the workspace.
    pub(super) fn everywhere(&self, value: &str) -> Result<String, PlanError> {
        let mut text = value.to_owned();
        let above = self.workspace.root.ancestors().take(self.depth + 1);
        let mut place = sandbox_paths::workspace(self.depth);
        for dir in above.filter(|dir| dir.parent().is_some()) {
            text = replace_path(&text, dir.as_str(), place.as_str());
            place.pop();
        }
        let settings = &self.workspace.settings;
        let taken = settings.taken.iter().find(|taken| taken.value == value);
        let origin = taken.map(|taken| &taken.origin);
        let own = origin.map(|origin| origin.root(Utf8Path::new("")));
        let homes = settings.homes.iter().map(AsRef::as_ref);
        let foreign = own.into_iter().chain(homes).filter(|dir| dir.parent().is_some());
        for dir in foreign.filter(|dir| !dir.as_str().is_empty()) {
            if let Some(at) = find_path(&text, dir.as_str()) {
                let rest = &text[at..];
                let end = rest.find([',', ':', ' ', '"', '\'', '\u{1f}']).unwrap_or(rest.len());
                return Err(PlanError::MachinePath {
                    setting: match taken {
                        Some(taken) => format!("`{}` {}", taken.key, said_in(&taken.origin)),
                        None => "Cargo's configuration".to_owned(),
                    },
                    path: rest[..end].to_owned(),
                });
            }
        }
        Ok(text)
    }
}

fn said_in(origin: &Origin) -> String {
    match origin {
        Origin::File(path) | Origin::CommandLine(Some(path)) => format!("in {path}"),
        Origin::Variable(name) => format!("of the variable {name}"),
        Origin::CommandLine(None) => "of --config".to_owned(),
    }
}

/// Where the directory `dir` stands in `text`, and not a longer name that begins or ends like it.
fn find_path(text: &str, dir: &str) -> Option<usize> {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let places = text.match_indices(dir).map(|(at, _)| at);
    places
        .into_iter()
        .find(|at| !text[at + dir.len()..].starts_with(name) && !text[..*at].ends_with(['.', '_']))
}

fn replace_path(text: &str, dir: &str, place: &str) -> String {
    let Some(at) = find_path(text, dir) else { return text.to_owned() };
    let rest = replace_path(&text[at + dir.len()..], dir, place);
    format!("{}{place}{rest}", &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_name_is_another_directory() {
        let replaced = |text: &str| replace_path(text, "/w/app", "/build");
        assert_eq!(replaced("-L/w/app/lib:/w/app"), "-L/build/lib:/build");
        assert_eq!(replaced("/w/app-two/lib,/w/app/x"), "/w/app-two/lib,/build/x");
        assert_eq!(replaced("../w/app"), "../w/app");
    }
}
