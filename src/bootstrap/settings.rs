//! What `bootstrap.toml` says of a plan, as types.

use std::collections::BTreeMap;

use camino::{Utf8Component, Utf8Path};

use super::error::BootstrapError;
use super::keys;
use super::layers::Layers;
pub use super::targets::TargetSettings;
use super::targets::of_targets;
use super::tree::{Commit, Tree};
use crate::config::ConfigError;
use crate::model::Triple;

/// How much debug information: rustc's words.
const LEVELS: [&str; 7] =
    ["0", "1", "2", "line-tables-only", "line-directives-only", "limited", "full"];

/// Everything that has an effect on a plan.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `dev`, `nightly`, `beta` or `stable`.
    pub channel: String,
    /// The commit that the compiler names, where it names one.
    pub commit: Option<Commit>,
    /// What its version has behind it, in brackets.
    pub description: Option<String>,
    /// The stage that is meant where nobody says.
    pub stage: u32,
    /// The compiler to begin with, and where it is named.
    pub rustc: Option<(String, String)>,
    /// Its Cargo.
    pub cargo: Option<String>,
    /// Whether that compiler may be of the tree's own version.
    pub local_rebuild: bool,
    /// Whether the second stage's library is built, and not taken from the first.
    pub full_bootstrap: bool,
    /// The build machine.
    pub build: Option<Triple>,
    /// Machines that compilers are for.
    pub hosts: Vec<Triple>,
    /// Machines that standard libraries are for.
    pub targets: Vec<Triple>,
    /// The tools that are planned.
    pub tools: Vec<String>,
    /// What each target says.
    pub of_target: BTreeMap<Triple, TargetSettings>,
    /// Features of the standard library.
    pub std_features: Vec<String>,
    /// Code generation, as Cargo's profiles say it.
    pub code: CodeSettings,
    /// LLVM's.
    pub llvm: LlvmSettings,
    /// The layout of an installation.
    pub install: BTreeMap<&'static str, String>,
    /// What of it all changes nothing: where, the key, the reason.
    pub without_effect: Vec<(String, String, &'static str)>,
}

/// Code generation.
#[derive(Clone, Debug, Default)]
pub struct CodeSettings {
    /// `rust.optimize`, where it says a level.
    pub optimize: Option<String>,
    /// Units, of the compiler and its tools.
    pub units: Option<u32>,
    /// Of the standard library.
    pub units_std: Option<u32>,
    /// Debug information of compiler, library and tools.
    pub debuginfo: [String; 3],
    /// Debug assertions of the same.
    pub assertions: [bool; 3],
    /// Overflow checks of the compiler and of the library.
    pub overflow: [bool; 2],
    /// Whether symbols go.
    pub strip: bool,
    /// `off`, `thin-local`, `thin`, `fat`.
    pub lto: String,
    /// Whether programs look for their libraries beside themselves.
    pub rpath: bool,
    /// Whether the compiler may log all that it can.
    pub debug_logging: bool,
    /// Whether paths in debug information are those of a release.
    pub remap: bool,
    /// Whether jemalloc is its allocator.
    pub jemalloc: bool,
    /// `off`, `packed`, `unpacked`.
    pub split_debuginfo: Option<String>,
    /// Of symbols.
    pub new_mangling: Option<bool>,
    /// The smallest value of which moves are told.
    pub moves_limit: Option<u32>,
    /// rustc's threads.
    pub threads: Option<u32>,
    /// Of the optimiser of MIR, to be checked.
    pub validate_mir: Option<u32>,
    /// Of ThinLTO.
    pub import_limit: Option<u32>,
    /// `all`, `strong`, `basic`.
    pub stack_protector: Option<String>,
    /// Whether layouts are shuffled.
    pub randomize_layout: bool,
    /// Whether code keeps frame pointers.
    pub frame_pointers: bool,
    /// Whether the compiler checks LLVM's code.
    pub verify_llvm_ir: bool,
    /// Whether the library's panics have backtraces.
    pub backtrace: bool,
    /// The linker that the compiler takes if nobody says.
    pub default_linker: Option<String>,
    /// More flags.
    pub rustflags: Vec<String>,
}

/// LLVM's.
#[derive(Clone, Debug, Default)]
pub struct LlvmSettings {
    /// Whether it is linked as one shared library.
    pub shared: bool,
    /// Whether it is LLVM's own.
    pub libcxx: bool,
    /// More of the linker's flags.
    pub ldflags: Option<String>,
    /// Whether LLVM was built with assertions.
    pub assertions: bool,
}

impl Settings {
    /// Understands what `layers` say of `tree`; `here` is this machine, `commit` the tree's.
    ///
    /// # Errors
    /// A value that is wrong or that no plan can have, with its place.
    pub fn read(
        tree: &Tree,
        layers: &Layers,
        here: &Triple,
        commit: impl FnOnce() -> Option<Commit>,
    ) -> Result<Self, BootstrapError> {
        keys::check(layers)?;
        let channels = ["auto-detect", "dev", "nightly", "beta", "stable"];
        let channel = layers.word(&["rust", "channel"], &channels)?;
        let channel = match channel.as_deref() {
            Some("auto-detect") => tree.channel.clone().unwrap_or_else(|| "dev".to_owned()),
            None if tree.archived.is_some() => {
                tree.channel.clone().unwrap_or_else(|| "dev".to_owned())
            }
            None => "dev".to_owned(),
            Some(word) => word.to_owned(),
        };
        let builtins = layers.find(&["build", "optimized-compiler-builtins"]);
        if channel != "dev" && builtins.is_none() {
            return Err(BootstrapError::Builtins { channel });
        }
        let omits = layers.flag(&["rust", "omit-git-hash"])?.unwrap_or(channel == "dev");
        let triple = |key: &[&str], text: &str| match Triple::new(text) {
            Ok(triple) => Ok(triple),
            Err(_) => Err(refused(
                layers,
                key,
                "it is no target triple",
                "`rustc --print target-list` has all",
            )),
        };
        let triples = |key: &[&str]| -> Result<Option<Vec<Triple>>, ConfigError> {
            let texts = layers.texts(key)?;
            texts.map(|texts| texts.iter().map(|text| triple(key, text)).collect()).transpose()
        };
        let build = layers.text(&["build", "build"])?;
        let build = build.map(|text| triple(&["build", "build"], &text)).transpose()?;
        let machine = build.clone().unwrap_or_else(|| here.clone());
        let hosts = triples(&["build", "host"])?.unwrap_or_else(|| vec![machine]);
        let targets = triples(&["build", "target"])?.unwrap_or_else(|| hosts.clone());
        let extended = layers.flag(&["build", "extended"])?.unwrap_or(false);
        let tools = layers.texts(&["build", "tools"])?;
        let install = ["prefix", "bindir", "datadir", "docdir", "libdir", "mandir", "sysconfdir"];
        let mut layout = BTreeMap::new();
        for name in install {
            if let Some(text) = layers.text(&["install", name])? {
                if Utf8Path::new(&text).components().any(|part| part == Utf8Component::ParentDir) {
                    let cure = "name the directory without `..`";
                    let reason = "it leads out of the installation";
                    return Err(refused(layers, &["install", name], reason, cure).into());
                }
                layout.insert(name, text);
            }
        }
        let rustc = layers.find(&["build", "rustc"]);
        let named = rustc.map(|(file, entry)| format!("{}:{}", file.path, entry.line));
        let rustc = layers.text(&["build", "rustc"])?;
        let stages = ["0", "1", "2", "3"];
        let stage = layers.word(&["build", "build-stage"], &stages)?;
        let description = layers.text(&["rust", "description"])?;
        Ok(Self {
            commit: if omits { None } else { tree.archived.clone().or_else(commit) },
            description: layers.text(&["build", "description"])?.or(description),
            stage: stage.and_then(|text| text.parse().ok()).unwrap_or(1),
            rustc: rustc.zip(named),
            cargo: layers.text(&["build", "cargo"])?,
            local_rebuild: layers.flag(&["build", "local-rebuild"])?.unwrap_or(false),
            full_bootstrap: layers.flag(&["build", "full-bootstrap"])?.unwrap_or(false),
            build,
            hosts,
            targets,
            tools: tools.filter(|_| extended).unwrap_or_default(),
            of_target: of_targets(layers)?,
            std_features: layers
                .texts(&["rust", "std-features"])?
                .unwrap_or_else(|| vec!["panic-unwind".to_owned()]),
            code: CodeSettings::read(layers)?,
            llvm: LlvmSettings {
                shared: layers.flag(&["llvm", "link-shared"])?.unwrap_or(false),
                libcxx: layers.flag(&["llvm", "use-libcxx"])?.unwrap_or(false),
                ldflags: layers.text(&["llvm", "ldflags"])?,
                assertions: layers.flag(&["llvm", "assertions"])?.unwrap_or(false),
            },
            install: layout,
            without_effect: keys::without_effect(layers),
            channel,
        })
    }

    /// What a target says.
    #[must_use]
    pub fn target(&self, triple: &Triple) -> TargetSettings {
        self.of_target.get(triple).cloned().unwrap_or_default()
    }

    /// Whether code of a target looks for its libraries beside itself.
    #[must_use]
    pub fn rpath(&self, triple: &Triple) -> bool {
        self.target(triple).rpath.unwrap_or(self.code.rpath)
    }

    /// `CFG_RELEASE`.
    #[must_use]
    pub fn release(&self, version: &str) -> String {
        match self.channel.as_str() {
            "stable" => version.to_owned(),
            word @ ("beta" | "nightly") => format!("{version}-{word}"),
            _ => format!("{version}-dev"),
        }
    }

    /// `CFG_VERSION`.
    #[must_use]
    pub fn version(&self, version: &str) -> String {
        let mut text = self.release(version);
        if let Some(commit) = &self.commit {
            text.push_str(&format!(" ({} {})", commit.short, commit.date));
        }
        if let Some(description) = self.description.as_ref().filter(|text| !text.is_empty()) {
            text.push_str(&format!(" ({description})"));
        }
        text
    }
}

fn refused(layers: &Layers, key: &[&str], reason: &str, cure: &str) -> ConfigError {
    match layers.find(key) {
        Some((file, entry)) => file.refuse(entry, reason, cure),
        None => unreachable!("only what is set is refused"),
    }
}

impl CodeSettings {
    fn read(layers: &Layers) -> Result<Self, ConfigError> {
        let rust = |name: &'static str| ["rust", name];
        let flag = |name| layers.flag(&rust(name));
        let debug = flag("debug")?.unwrap_or(false);
        let level = layers.word(&rust("debuginfo-level"), &LEVELS)?;
        let usual = level.unwrap_or_else(|| if debug { "1" } else { "0" }.to_owned());
        let level = |name| -> Result<String, ConfigError> {
            Ok(layers.word(&rust(name), &LEVELS)?.unwrap_or_else(|| usual.clone()))
        };
        let asserts = flag("debug-assertions")?;
        let of_rustc = asserts.unwrap_or(debug);
        let overflow = flag("overflow-checks")?;
        let splits = ["off", "packed", "unpacked"];
        let optimize =
            layers.word(&rust("optimize"), &["true", "false", "0", "1", "2", "3", "s", "z"])?;
        Ok(Self {
            optimize: match optimize.as_deref() {
                Some("false") => Some("0".to_owned()),
                Some("true") | None => None,
                Some(level) => Some(level.to_owned()),
            },
            units: layers.number(&rust("codegen-units"))?,
            units_std: layers.number(&rust("codegen-units-std"))?,
            debuginfo: [
                level("debuginfo-level-rustc")?,
                level("debuginfo-level-std")?,
                level("debuginfo-level-tools")?,
            ],
            assertions: [
                of_rustc,
                flag("debug-assertions-std")?.unwrap_or(of_rustc),
                flag("debug-assertions-tools")?.unwrap_or(of_rustc),
            ],
            overflow: [
                overflow.unwrap_or(debug),
                flag("overflow-checks-std")?.or(overflow).unwrap_or(debug),
            ],
            strip: flag("strip")?.unwrap_or(false),
            lto: layers
                .word(&rust("lto"), &["off", "thin-local", "thin", "fat"])?
                .unwrap_or_else(|| "thin-local".to_owned()),
            rpath: flag("rpath")?.unwrap_or(true),
            debug_logging: flag("debug-logging")?.unwrap_or(of_rustc),
            remap: flag("remap-debuginfo")?.unwrap_or(false),
            jemalloc: flag("jemalloc")?.unwrap_or(false),
            split_debuginfo: layers.word(&rust("split-debuginfo"), &splits)?,
            new_mangling: flag("new-symbol-mangling")?,
            moves_limit: layers.number(&rust("annotate-moves-size-limit"))?,
            threads: layers.number(&rust("parallel-frontend-threads"))?,
            validate_mir: layers.number(&rust("validate-mir-opts"))?,
            import_limit: layers.number(&rust("thin-lto-import-instr-limit"))?,
            stack_protector: layers
                .word(&rust("stack-protector"), &["all", "strong", "basic", "none"])?,
            randomize_layout: flag("randomize-layout")?.unwrap_or(false),
            frame_pointers: flag("frame-pointers")?.unwrap_or(false),
            verify_llvm_ir: flag("verify-llvm-ir")?.unwrap_or(false),
            backtrace: flag("backtrace")?.unwrap_or(true),
            default_linker: layers.text(&rust("default-linker"))?,
            rustflags: layers.texts(&rust("rustflags"))?.unwrap_or_default(),
        })
    }
}
