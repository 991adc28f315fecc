//! What a build script said, as a note that other steps read.

use std::path::Path;

use crate::facts::Facts;
use crate::json::Value;

/// Build targets that a link argument is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkArgFor {
    /// `rustc-link-arg`: everything that is linked.
    All,
    /// `rustc-link-arg-cdylib`, `rustc-cdylib-link-arg`.
    Cdylib,
    /// `rustc-link-arg-bins`.
    Bins,
    /// `rustc-link-arg-bin=NAME=`.
    Bin(String),
    /// `rustc-link-arg-tests`.
    Tests,
    /// `rustc-link-arg-benches`.
    Benches,
    /// `rustc-link-arg-examples`.
    Examples,
}

/// How serious a script's message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Shown.
    Warning,
    /// Shown, and the run has failed, whatever its exit code.
    Error,
}

/// All that a script said, each list in the order of the lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directives {
    /// `-L` values, with their `native=` and the like if the script wrote one.
    pub search_paths: Vec<String>,
    /// `-l` values.
    pub libraries: Vec<String>,
    /// Link arguments and whom they are for.
    pub link_args: Vec<(LinkArgFor, String)>,
    /// `--cfg` values.
    pub cfgs: Vec<String>,
    /// `--check-cfg` values.
    pub check_cfgs: Vec<String>,
    /// Variables for rustc; of two with one name the later one counts.
    pub env: Vec<(String, String)>,
    /// What becomes `DEP_<LINKS>_<KEY>`.
    pub metadata: Vec<(String, String)>,
    /// `rerun-if-changed`.
    pub rerun_if_changed: Vec<String>,
    /// `rerun-if-env-changed`.
    pub rerun_if_env_changed: Vec<String>,
    /// Messages for the user, of the script and about it.
    pub messages: Vec<(Severity, String)>,
}

impl Directives {
    /// The script's `cargo::error` messages: with any, Cargo takes the run as failed.
    pub fn errors(&self) -> impl Iterator<Item = &str> {
        self.messages
            .iter()
            .filter(|(severity, _)| *severity == Severity::Error)
            .map(|(_, text)| text.as_str())
    }
}

impl LinkArgFor {
    fn word(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Cdylib => "cdylib".to_owned(),
            Self::Bins => "bins".to_owned(),
            Self::Bin(name) => format!("bin {name}"),
            Self::Tests => "tests".to_owned(),
            Self::Benches => "benches".to_owned(),
            Self::Examples => "examples".to_owned(),
        }
    }

    fn parse(word: &str) -> Result<Self, String> {
        Ok(match word {
            "all" => Self::All,
            "cdylib" => Self::Cdylib,
            "bins" => Self::Bins,
            "tests" => Self::Tests,
            "benches" => Self::Benches,
            "examples" => Self::Examples,
            _ => match word.strip_prefix("bin ") {
                Some(name) => Self::Bin(name.to_owned()),
                None => return Err(format!("link arguments are for no `{word}`")),
            },
        })
    }
}

/// Pairs as a flat list: first, second, first, second.
fn flat<A: Into<String> + Clone, B: Into<String> + Clone>(pairs: &[(A, B)]) -> Value {
    let texts = pairs.iter().flat_map(|(a, b)| [a.clone().into(), b.clone().into()]);
    Value::texts(texts.collect::<Vec<String>>())
}

fn paired(texts: &[String]) -> Vec<(String, String)> {
    texts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

impl Directives {
    pub(crate) fn write(&self) -> Value {
        let texts = |list: &[String]| Value::texts(list.iter().map(String::as_str));
        let link_args: Vec<(String, String)> =
            self.link_args.iter().map(|(to, arg)| (to.word(), arg.clone())).collect();
        let message = |(severity, text): &(Severity, String)| {
            let word = if *severity == Severity::Error { "error" } else { "warning" };
            (word.to_owned(), text.clone())
        };
        let messages: Vec<(String, String)> = self.messages.iter().map(message).collect();
        Value::object([
            ("searchPaths", texts(&self.search_paths)),
            ("libraries", texts(&self.libraries)),
            ("linkArgs", flat(&link_args)),
            ("cfgs", texts(&self.cfgs)),
            ("checkCfgs", texts(&self.check_cfgs)),
            ("env", flat(&self.env)),
            ("metadata", flat(&self.metadata)),
            ("rerunIfChanged", texts(&self.rerun_if_changed)),
            ("rerunIfEnvChanged", texts(&self.rerun_if_env_changed)),
            ("messages", flat(&messages)),
        ])
    }

    pub(crate) fn read(mut facts: Facts) -> Result<Self, String> {
        let link_args = paired(&facts.texts("linkArgs")?).into_iter();
        let messages = paired(&facts.texts("messages")?).into_iter();
        let severity =
            |word: &str| if word == "error" { Severity::Error } else { Severity::Warning };
        let directives = Self {
            search_paths: facts.texts("searchPaths")?,
            libraries: facts.texts("libraries")?,
            link_args: link_args
                .map(|(word, arg)| Ok((LinkArgFor::parse(&word)?, arg)))
                .collect::<Result<_, String>>()?,
            cfgs: facts.texts("cfgs")?,
            check_cfgs: facts.texts("checkCfgs")?,
            env: paired(&facts.texts("env")?),
            metadata: paired(&facts.texts("metadata")?),
            rerun_if_changed: facts.texts("rerunIfChanged")?,
            rerun_if_env_changed: facts.texts("rerunIfEnvChanged")?,
            messages: messages.map(|(word, text)| (severity(&word), text)).collect(),
        };
        facts.done()?;
        Ok(directives)
    }
}

/// Whether a `-L` value lies in the script's own `OUT_DIR`: such paths come before all others.
/// What the configuration says in a script's place has none (empty), and lies outside.
pub fn is_inside(search_path: &str, out_dir: &str) -> bool {
    let path = match search_path.split_once('=') {
        Some(("native" | "crate" | "dependency" | "framework" | "all", path)) => path,
        _ => search_path,
    };
    !out_dir.is_empty() && Path::new(path).starts_with(out_dir)
}
