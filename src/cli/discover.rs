//! rust-analyzer's discover command: which project a file is of, told as lines of JSON.
//!
//! rust-analyzer starts what `rust-analyzer.workspace.discoverConfig.command` names, with its question in the place of
//! `{arg}`, and reads standard output: `progress` as it comes, then `finished` or `error`.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::select::SelectArgs;
use super::{CommandResult, Outcome, out, print_json};

/// What rust-analyzer asks.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    /// A source file.
    Path(Utf8PathBuf),
    /// A manifest.
    Buildfile(Utf8PathBuf),
    /// A label of the document, which is of the workspace where one stands.
    Label(String),
}

/// A line of the answer.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Line<'a> {
    Progress { message: &'a str },
    Finished { buildfile: Utf8PathBuf, project: Value },
    Error { error: String, source: Option<String> },
}

impl Line<'_> {
    fn print(&self) -> CommandResult {
        let text = serde_json::to_string(self).map_err(|error| miette::miette!("{error}"))?;
        print_json(&format!("{text}\n"))
    }
}

/// What was made for an editor.
pub struct Made {
    /// The workspace root.
    pub root: Utf8PathBuf,
    /// Where the command was started.
    pub dir: Utf8PathBuf,
    /// The document; none where a signal came.
    pub project: Option<Value>,
    /// How it ended.
    pub outcome: Outcome,
}

/// Makes the document for a selection, and tells what it does.
pub type Make<'m> = &'m mut dyn FnMut(&SelectArgs, &mut dyn FnMut(&str)) -> miette::Result<Made>;

/// Answers `question`. What goes wrong is told in the answer, too: an editor shows no standard error.
pub fn answer(question: &str, select: &SelectArgs, make: Make<'_>) -> CommandResult {
    let made = directory(question).and_then(|dir| {
        let select = dir.map_or_else(|| select.clone(), |dir| select.in_directory(dir));
        let mut tell = |message: &str| drop(Line::Progress { message }.print());
        make(&select, &mut tell)
    });
    match made {
        Ok(Made { root, project: Some(project), .. }) => {
            Line::Finished { buildfile: root.join("Cargo.toml"), project }.print()
        }
        Ok(Made { outcome, .. }) => {
            let error = "stopped by a signal".to_owned();
            Line::Error { error, source: None }.print()?;
            Ok(outcome)
        }
        Err(report) => {
            let source = Some(out::uncoloured(&report));
            Line::Error { error: report.to_string(), source }.print()?;
            Ok(Outcome::BadInput)
        }
    }
}

/// The directory that a question is about; none: where one stands.
fn directory(question: &str) -> miette::Result<Option<Utf8PathBuf>> {
    let read: Question = serde_json::from_str(question).map_err(|error| {
        miette::miette!(
            help = "rust-analyzer puts its question in the place of `{arg}`: \
                    \"command\": [\"rbn-plan\", \"rust-project\", \"--discover\", \"{arg}\"]",
            "`{question}` is no question of rust-analyzer's: {error}"
        )
    })?;
    match read {
        Question::Label(label) if label.contains('/') => Ok(None),
        Question::Label(label) => Err(miette::miette!(
            help = "labels are PLATFORM/STEP, as `rbn-plan steps` lists them",
            "`{label}` is no label of this program's rust-project.json"
        )),
        Question::Path(path) | Question::Buildfile(path) => {
            // A file that was just named in an editor may not be there yet.
            let above = path.ancestors().skip(usize::from(!path.is_dir()));
            let found = above.into_iter().find(|dir| dir.join("Cargo.toml").is_file());
            let found = found.map(Utf8Path::to_owned);
            found.map(Some).ok_or_else(|| {
                miette::miette!(
                    help = "open a file of a Cargo package",
                    "there is no Cargo.toml above {path}"
                )
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rust_analyzer_asks_is_understood() {
        let here = env!("CARGO_MANIFEST_DIR");
        let file = format!("{{\"path\":\"{here}/src/not/yet.rs\"}}");
        assert_eq!(directory(&file).unwrap().unwrap(), here);
        let file = format!("{{\"buildfile\":\"{here}/Cargo.toml\"}}");
        assert_eq!(directory(&file).unwrap().unwrap(), here);
        assert_eq!(directory(r#"{"label":"host/a-1.0.0"}"#).unwrap(), None);
        for wrong in [
            "",
            "{arg}",
            r#"{"label":"x"}"#,
            "[]",
            r#"{"file":"x"}"#,
            r#"{"path":"/"}"#,
            r#"{"path":1}"#,
        ] {
            assert!(directory(wrong).is_err(), "{wrong}");
        }
    }
}
