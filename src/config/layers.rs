//! The layers above the file: the environment, and the command line's flags.

use super::invalid::Invalid;
use super::notice::Notice;
use super::origin::Origin;
use super::problem::{Fault, Place, Problem};
use super::raw_value::{Found, Piece, Raw, Source};
use crate::text::spelling;

/// A variable that is read, the setting that it is for, and how its value is understood.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The setting's path.
    pub key: &'static str,
    /// How its text becomes a value.
    pub form: Form,
}

/// How the text of a variable becomes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `true`, `false`, `1` or `0`.
    Bool,
    /// As it is.
    Text,
    /// Words between commas or white space.
    Words,
}

const fn variable(name: &'static str, key: &'static str, form: Form) -> Variable {
    Variable { name, key, form }
}

/// The variable that names the configuration file.
pub const FILE_VARIABLE: &str = "RBN_PLAN_CONFIG";

/// The variable that is as `--untrusted`, for every command that plans.
pub const UNTRUSTED_VARIABLE: &str = "RBN_PLAN_UNTRUSTED";

/// The variables that are read. Empty ones count as not set.
pub const VARIABLES: [Variable; 6] = [
    variable("RBN_PLAN_TARGETS", "build.targets", Form::Words),
    variable("RBN_PLAN_SYSTEMS", "build.systems", Form::Words),
    variable("RBN_PLAN_PROFILE", "build.profile", Form::Text),
    variable("RBN_PLAN_OUTPUT", "nix.output", Form::Text),
    variable("RBN_PLAN_SCCACHE", "sccache.enable", Form::Bool),
    variable("RBN_PLAN_SCCACHE_SOCKET", "sccache.socket", Form::Text),
];

/// Variables with this beginning are the program's own business between its processes.
const INTERNAL: &str = "RBN_PLAN_INTERNAL_";

/// The `RBN_PLAN_*` variables of an environment.
#[derive(Clone, Debug, Default)]
pub struct Environment(Vec<(String, String)>);

impl Environment {
    /// Those of `variables` that concern the configuration, in the order of their names.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = |(name, value): &(String, String)| {
            name.starts_with("RBN_PLAN_") && !name.starts_with(INTERNAL) && !value.is_empty()
        };
        let mut kept: Vec<_> = variables.into_iter().filter(ours).collect();
        kept.sort();
        Self(kept)
    }

    /// This process's. A name or value that is not Unicode is read with replacement characters.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self::new(std::env::vars_os().map(|(name, value)| (text(name), text(value))))
    }

    /// The value of the variable `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn found(
        &self,
        notices: &mut Vec<Notice>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Found> {
        let mut found = Vec::new();
        for (name, text) in &self.0 {
            if [FILE_VARIABLE, UNTRUSTED_VARIABLE].contains(&name.as_str()) {
                continue;
            }
            let Some(variable) = VARIABLES.iter().find(|variable| variable.name == name) else {
                let names = VARIABLES.iter().map(|variable| variable.name);
                let message = match spelling::nearest(name, names) {
                    Some(near) => format!("no effect: no such variable; did you mean {near}?"),
                    None => "no effect: no such variable".to_owned(),
                };
                notices.push(Notice { key: format!("${name}"), message, origin: Origin::Default });
                continue;
            };
            let source = Source::Variable(variable.name);
            let raw = match (variable.form, text.as_str()) {
                (Form::Bool, "true" | "1") => Raw::Bool(true),
                (Form::Bool, "false" | "0") => Raw::Bool(false),
                (Form::Bool, _) => {
                    let why = Invalid::Boolean(text.clone());
                    let what = Fault::BadValue { key: variable.key.to_owned(), why };
                    problems.push(Problem { what, place: Place::Variable(variable.name) });
                    continue;
                }
                (Form::Text, _) => Raw::Text(piece(text)),
                (Form::Words, _) => Raw::Texts(words(text)),
            };
            found.push(layered(variable.key, raw, source));
        }
        found
    }
}

/// What the command line says, unparsed; what is empty or `false` was not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--target`, each.
    pub targets: Vec<String>,
    /// `--system`, each.
    pub systems: Vec<String>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--release`.
    pub release: bool,
    /// `--package`, each.
    pub packages: Vec<String>,
    /// `--workspace`: wins over `--package`, as in Cargo.
    pub workspace: bool,
    /// `--features`, each; one may hold several between commas or white space.
    pub features: Vec<String>,
    /// `--all-features`.
    pub all_features: bool,
    /// `--no-default-features`.
    pub no_default_features: bool,
}

impl Overrides {
    pub(super) fn found(&self) -> Vec<Found> {
        let mut found = Vec::new();
        let mut list = |key, flag, texts: Vec<Piece>| {
            if !texts.is_empty() {
                found.push(layered(key, Raw::Texts(texts), Source::Flag(flag)));
            }
        };
        let pieces = |texts: &[String]| texts.iter().map(|text| piece(text)).collect();
        list("build.targets", "--target", pieces(&self.targets));
        list("build.systems", "--system", pieces(&self.systems));
        if !self.workspace {
            list("build.packages", "--package", pieces(&self.packages));
        }
        let features = self.features.iter().flat_map(|text| words(text)).collect();
        list("build.features", "--features", features);
        for (on, key, flag) in [
            (self.workspace, "build.workspace", "--workspace"),
            (self.all_features, "build.all-features", "--all-features"),
            (self.no_default_features, "build.no-default-features", "--no-default-features"),
        ] {
            if on {
                found.push(layered(key, Raw::Bool(true), Source::Flag(flag)));
            }
        }
        if let Some(profile) = &self.profile {
            found.push(layered(
                "build.profile",
                Raw::Text(piece(profile)),
                Source::Flag("--profile"),
            ));
        } else if self.release {
            found.push(layered(
                "build.profile",
                Raw::Text(piece("release")),
                Source::Flag("--release"),
            ));
        }
        found
    }
}

fn piece(text: &str) -> Piece {
    Piece { text: text.to_owned(), span: None }
}

fn words(text: &str) -> Vec<Piece> {
    text.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .map(piece)
        .collect()
}

fn layered(key: &'static str, raw: Raw, source: Source) -> Found {
    let path = key.split('.').map(str::to_owned).collect();
    Found { path, index: 0, written: key.to_owned(), raw, lenient: false, source }
}
