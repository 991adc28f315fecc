//! `rbn-plan status`: what is here, what is in a binary cache, what must be built, and for how long.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;

use clap::ValueEnum;
use petgraph::graph::NodeIndex;

use super::build::prepare;
use super::planned_checks::PlannedChecks;
use super::select::SelectArgs;
use super::{CommandResult, outputs, print, print_json, times};
use crate::build::BuildError;
use crate::build::caches::{self, Answers, Met};
use crate::build::outputs::{Places, ReportPlaces};
use crate::build::store::Store;
use crate::doctor::gather;
use crate::review::StepGraph;

/// The command's flags.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A binary cache to ask, as Nix names it (may be given several times) [default: the substituters of
    /// nix.conf]
    #[arg(long, value_name = "URL")]
    cache: Vec<String>,
    /// Ask no cache: what is not here must be built
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,
    /// How it is shown
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    select: SelectArgs,
}

/// How it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// Looks, and builds and writes nothing that is committed.
pub fn run(args: &Args) -> CommandResult {
    // What caches say of themselves takes some answers' time: they are met while the plan is made.
    let (named, no_cache) = (args.cache.clone(), args.no_cache);
    let caches = thread::spawn(move || Caches::meet(named, no_cache));
    let prepared = prepare::prepare(&args.select, &[], true)?;
    let graph = StepGraph::of(&prepared.document)?;
    prepared.write(true)?;
    let planned = PlannedChecks::of(&args.select, &prepared)?;
    planned.write(&prepared)?;
    let known = outputs::evaluate(&prepared, &graph, false)?;
    let here = outputs::here(&known);
    let missing = known.iter().filter(|(id, _)| !here.contains(id));
    let wanted: BTreeMap<&str, NodeIndex> =
        missing.map(|(id, output)| (output.out.as_str(), *id)).collect();
    let checks = planned.evaluate(&prepared, false)?;
    let mut reports = ReportPlaces::of(&checks.found);
    let missing = reports.missing();
    let of_checks = missing.iter().map(String::as_str);
    let paths: Vec<&str> = wanted.keys().copied().chain(of_checks).collect();
    let answers = if paths.is_empty() {
        // Nobody waits for a cache that does not answer.
        Answers::default()
    } else {
        let caches = caches.join().unwrap_or_else(|panic| resume_unwind(panic))?;
        caches::ask(&caches.met, &paths, caches.is_signed)?
    };
    for warning in &answers.warnings {
        eprintln!("warning: {warning}");
    }
    reports.answered(&answers.found);
    let found = answers.found.into_iter();
    let cached = found.filter_map(|(path, cache)| Some((*wanted.get(path.as_str())?, cache)));
    let places = Places::of(&graph, here, cached.collect(), prepared.tops(&graph));
    let file = times::directory(&prepared.root, &prepared.config).join(times::FILE);
    let recorded = times::earlier(&file, &mut Store::new(&graph));
    match args.format {
        Format::Text => print(&format!("{}{}", places.text(&graph, &recorded), reports.text())),
        Format::Json => {
            let mut json = places.json(&graph, &recorded, &known);
            if !reports.is_empty() {
                json["checks"] = reports.json();
            }
            print_json(&format!("{json:#}\n"))
        }
    }
}

/// The caches that are asked.
struct Caches {
    met: Vec<Met>,
    /// Whether a build takes only what a trusted key has signed.
    is_signed: bool,
}

impl Caches {
    fn meet(named: Vec<String>, no_cache: bool) -> Result<Self, BuildError> {
        if no_cache {
            return Ok(Self { met: Vec::new(), is_signed: true });
        }
        let settings = gather::nix_settings();
        let is = |name: &str, value: &str| settings.get(name).is_some_and(|set| set == value);
        let caches = match named {
            // Nix may be told to take nothing from anywhere.
            named if named.is_empty() && is("substitute", "false") => Vec::new(),
            named if named.is_empty() => substituters(&settings),
            named => named,
        };
        Ok(Self { met: caches::meet(&caches)?, is_signed: !is("require-sigs", "false") })
    }
}

/// The caches of nix.conf.
fn substituters(settings: &BTreeMap<String, String>) -> Vec<String> {
    let words = settings.get("substituters").map(String::as_str).unwrap_or_default();
    words.split_whitespace().map(str::to_owned).collect()
}
