//! `config.toml`: good files, bad files, layers, the reference page.

mod layers;
mod refused;
mod schema;
mod shown;
mod survived;

use std::fs;

use camino::Utf8Path;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use rbn_plan::cli::config::text;
use rbn_plan::config::{
    Config, ConfigError, Environment, Layers, Loaded, Machine, Overrides, Place,
};
use rbn_plan::model::Triple;
use rbn_plan::nix::System;

fn machine() -> Machine {
    let host = Triple::new("x86_64-unknown-linux-gnu").expect("a triple");
    Machine { system: System::X8664Linux, host }
}

fn resolve(
    input: &str,
    environment: &[(&str, &str)],
    flags: &Overrides,
) -> Result<Loaded, ConfigError> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Config::resolve(&Layers {
        file: Some((Utf8Path::new("config.toml"), input)),
        environment: &Environment::new(environment.iter().map(own)),
        flags,
        machine: &machine(),
    })
}

fn fixture(name: &str) -> String {
    let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config");
    fs::read_to_string(folder.join(name)).expect("a fixture")
}

fn rendered(error: &dyn Diagnostic) -> String {
    let mut page = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(80)
        .render_report(&mut page, error)
        .expect("a writable string");
    page.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// What `rbn-plan config` shows of `input`, or how it is refused.
fn shown(input: &str) -> String {
    match resolve(input, &[], &Overrides::default()) {
        Ok(loaded) => text(&loaded),
        Err(error) => rendered(&error),
    }
}

/// The problems of `input`: the text at the span, and the sentence.
fn problems(input: &str) -> String {
    match resolve(input, &[], &Overrides::default()) {
        Ok(loaded) => format!("no problem; notices: {:#?}", loaded.notices),
        Err(ConfigError::Invalid { problems, .. }) => problems
            .iter()
            .map(|problem| {
                let at = match &problem.place {
                    Place::Span(span) => format!("{:?}", &input[span.clone()]),
                    other => format!("{other:?}"),
                };
                let help = problem.help().map(|help| format!(" [{help}]")).unwrap_or_default();
                format!("{at}: {problem}{help}\n")
            })
            .collect(),
        Err(other) => rendered(&other),
    }
}
