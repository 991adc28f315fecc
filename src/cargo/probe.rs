//! What rustc says about itself and a platform.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use camino::{Utf8Path, Utf8PathBuf};
use cargo_platform::Cfg;

use super::error::CargoError;
use super::options::Options;
use super::probe_cache::Answers;
use super::versions::Cargo;
use super::{process, shim};
use crate::model::{CrateType, Triple};
use crate::text::spelling;

/// The compiler, from `rustc -vV`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rustc {
    /// The program as started.
    pub program: String,
    /// The whole answer: the fingerprint of the compiler.
    pub verbose_version: String,
    /// The triple of the machine it runs on.
    pub host: Triple,
}

/// What a platform is, from `rustc --print`.
#[derive(Clone, Debug, Default)]
pub struct PlatformProbe {
    /// The platform's cfgs, stable ones only, in rustc's order.
    pub cfgs: Vec<Cfg>,
    /// The values of `-C split-debuginfo` that it supports on stable.
    pub split_debuginfo: BTreeSet<String>,
    /// What it calls the files of a crate type, as in [`PlatformFacts::files`].
    ///
    /// [`PlatformFacts::files`]: crate::model::plan::PlatformFacts::files
    pub files: BTreeMap<CrateType, String>,
    /// Where the compiler looks for the platform's standard library, be there one or not. Nothing
    /// where another machine's compiler is meant, of which this one does not know.
    pub library: Option<Utf8PathBuf>,
}

/// Crate types whose files are not called the same everywhere. In this order: a platform has
/// the first, the first two, or all of them (`invalid_output_for_target` of rustc 1.95).
const FILES: [CrateType; 3] = [CrateType::Bin, CrateType::Cdylib, CrateType::Dylib];

/// What rustc says of a triple that it does not know (1.95, and before).
const UNKNOWN: [&str; 2] =
    ["could not find specification for target", "failed to find data for target"];

/// What is asked for behind them: an end that every platform has; and, as Cargo asks, for proc
/// macros, because with them rustc leaves `crt-static` out of the cfgs of a target like musl.
const AFTER: [CrateType; 2] = [CrateType::Staticlib, CrateType::ProcMacro];

/// What the end is called where it is not as on Linux: by the linker of Visual C++ (MSVC).
const OTHER_END: &str = "NAME.lib";

/// Whether `dir` holds a standard library: of a target without an operating system, `core` is all.
#[must_use]
pub fn is_standard_library(dir: &Utf8Path) -> bool {
    let entries = dir.read_dir_utf8().into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().starts_with("libcore-"))
}

/// Asks `program`, in `dir`, who it is: which compiler a proxy starts depends on where.
///
/// # Errors
/// [`CargoError`] if it cannot be started, fails, or names no host.
pub fn rustc(program: &str, dir: &Utf8Path, answers: &Answers) -> Result<Rustc, CargoError> {
    let mut command = process::program(program, dir);
    command.arg("-vV");
    let text = answers.ask(command)?.trim().to_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    let answer = |reason: String| CargoError::Answer { command: "rustc -vV".to_owned(), reason };
    let host = host.ok_or_else(|| answer("no line `host:`".to_owned()))?;
    let host = Triple::new(host).map_err(|error| answer(error.to_string()))?;
    Ok(Rustc { program: program.to_owned(), verbose_version: text, host })
}

impl Rustc {
    /// The same compiler on a machine `host`.
    #[must_use]
    pub fn on(&self, host: &Triple) -> Self {
        let verbose_version = shim::version_on(&self.verbose_version, host.as_str());
        let verbose_version = verbose_version.trim_end().to_owned();
        Self { program: self.program.clone(), verbose_version, host: host.clone() }
    }
}

/// Asks `rustc`, in `dir`, about `triple`, compiled with `rustflags`, and with the variables `env` of
/// Cargo's configuration.
///
/// # Errors
/// [`CargoError`] if rustc does not know the triple or a flag.
pub fn platform(
    rustc: &str,
    dir: &Utf8Path,
    answers: &Answers,
    triple: &Triple,
    rustflags: &[String],
    env: &BTreeMap<String, String>,
) -> Result<PlatformProbe, CargoError> {
    let mut command = process::program(rustc, dir);
    command.args(["-", "--crate-name", "___", "--print=split-debuginfo", "--print=cfg"]);
    command.args(["--print=target-libdir", "--print=file-names"]);
    for kind in FILES.into_iter().chain(AFTER) {
        command.args(["--crate-type", kind.as_str()]);
    }
    command.args(["--target", triple.as_str()]).args(rustflags);
    // A crate type that the target has not is worth a warning, whatever the flags make of those.
    command.arg("-Wwarnings");
    // The user's own `RUSTC_BOOTSTRAP` is among them: with it, rustc lists cfgs that are not stable.
    command.envs(env);
    parse_platform(&answers.ask(command)?)
}

/// What to say in the place of `failed`, where rustc has failed for one of `triples` that it does
/// not know: Cargo's words are of a command that nobody typed.
#[must_use]
pub fn unknown_target(
    rustc: &str,
    dir: &Utf8Path,
    answers: &Answers,
    triples: &[Triple],
    failed: CargoError,
) -> CargoError {
    let CargoError::Failed { stderr, .. } = &failed else { return failed };
    if !UNKNOWN.iter().any(|words| stderr.contains(words)) {
        return failed;
    }
    let mut command = process::program(rustc, dir);
    command.args(["--print", "target-list"]);
    let Ok(known) = answers.ask(command) else { return failed };
    let Some(triple) = triples.iter().find(|triple| !known.lines().any(|t| t == triple.as_str()))
    else {
        return failed;
    };
    let all = "`rustc --print target-list` has all of them";
    let help = match spelling::nearest(triple.as_str(), known.lines()) {
        Some(near) => format!("did you mean `{near}`? {all}"),
        None => format!("check its spelling: {all}"),
    };
    CargoError::UnknownTarget { triple: triple.clone(), help }
}

fn parse_platform(text: &str) -> Result<PlatformProbe, CargoError> {
    let mut probe = PlatformProbe::default();
    let mut files = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        // `split-debuginfo` prints its values first; none of them is a cfg.
        if matches!(line, "off" | "packed" | "unpacked") {
            probe.split_debuginfo.insert(line.to_owned());
        } else if line.starts_with('/') {
            probe.library = Some(Utf8PathBuf::from(line));
        } else if line.contains("___") {
            files.push(line);
        // Said of the question, not of the platform (`not_user_specific_cfg` of Cargo 1.95).
        } else if line != "proc_macro" {
            probe.cfgs.push(Cfg::from_str(line).map_err(|error| CargoError::Answer {
                command: "rustc --print=cfg".to_owned(),
                reason: error.to_string(),
            })?);
        }
    }
    let usual_end = CrateType::Staticlib.usual_file();
    let files: Vec<String> = files.into_iter().map(|file| file.replace("___", "NAME")).collect();
    let end = files.iter().position(|file| file == usual_end || file == OTHER_END);
    let (had, rest) = files.split_at(end.unwrap_or(files.len()));
    let named = FILES.into_iter().enumerate().map(|(at, kind)| (kind, had.get(at)));
    for (kind, name) in named.chain([(CrateType::Staticlib, rest.first())]) {
        let name = name.cloned().unwrap_or_default();
        if name != kind.usual_file() {
            probe.files.insert(kind, name);
        }
    }
    Ok(probe)
}

impl PlatformProbe {
    /// `CARGO_CFG_*`, without `feature` and `debug_assertions`, which are a unit's own.
    ///
    /// Source: `build_work` of Cargo 1.95: names alone give the empty string, several values are
    /// joined with commas in rustc's order.
    #[must_use]
    pub fn cfg_env(&self) -> BTreeMap<String, String> {
        let mut values: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for cfg in &self.cfgs {
            match cfg {
                Cfg::Name(name) if name.as_str() == "debug_assertions" => {}
                Cfg::Name(name) => {
                    values.insert(name.as_str().to_owned(), Vec::new());
                }
                Cfg::KeyPair(key, value) => {
                    values.entry(key.as_str().to_owned()).or_default().push(value);
                }
            }
        }
        let name = |key: &str| format!("CARGO_CFG_{}", key.to_uppercase().replace('-', "_"));
        values.into_iter().map(|(key, list)| (name(&key), list.join(","))).collect()
    }
}

impl Cargo {
    /// Asks `cargo`, in `dir`, who it is.
    ///
    /// # Errors
    /// As [`Answers::ask`]; and for an answer without a version.
    pub fn ask(cargo: &str, dir: &Utf8Path, answers: &Answers) -> Result<Self, CargoError> {
        let text = Self::said(cargo, dir, answers)?;
        Self::parse(&text).ok_or_else(|| CargoError::Answer {
            command: "cargo -V".to_owned(),
            reason: format!("no version in `{}`", text.trim()),
        })
    }

    /// What `cargo`, in `dir`, says of its version.
    ///
    /// # Errors
    /// As [`Answers::ask`].
    pub fn said(cargo: &str, dir: &Utf8Path, answers: &Answers) -> Result<String, CargoError> {
        let mut command = process::program(cargo, dir);
        command.arg("-V");
        answers.ask(command)
    }
}

impl Options {
    /// Asks the compiler who it is.
    ///
    /// # Errors
    /// As [`rustc()`].
    pub fn compiler(&self) -> Result<Rustc, CargoError> {
        rustc(&self.rustc, &self.dir, &self.answers)
    }
}
