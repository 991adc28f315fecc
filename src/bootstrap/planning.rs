//! Planning one mode: Cargo asked as x.py asks it, and the rules of x.py added to what it says.

use camino::{Utf8Path, Utf8PathBuf};

use super::c_compilers;
use super::environment;
use super::error::BootstrapError;
use super::flags;
use super::llvm::Llvm;
use super::mode::{Kind, Mode};
use super::settings::Settings;
use super::tree::Tree;
use super::versions::Rules;
use crate::cargo::Options;
use crate::cargo::probe::Rustc;
use crate::cargo::{self, CargoError, Machines, Selection};
use crate::model::{Plan, Platform, Triple};
use crate::plan;

/// Everything that is the same for all modes.
#[derive(Debug)]
pub struct Ground {
    /// The tree.
    pub tree: Tree,
    /// What is known of its version's x.py.
    pub rules: Rules,
    /// The file of the configuration, where there is one.
    pub config: Option<Utf8PathBuf>,
    /// What `bootstrap.toml` says.
    pub settings: Settings,
    /// LLVM.
    pub llvm: Option<Llvm>,
    /// Where Cargo is started, and which.
    pub options: Options,
    /// The compiler to begin with.
    pub rustc: Rustc,
}

/// Whether the compiler to begin with is the one that the tree is built with.
///
/// # Errors
/// [`BootstrapError::Stage0`]: it is of another version.
pub fn stage0(tree: &Tree, settings: &Settings, rustc: &Rustc) -> Result<(), BootstrapError> {
    let lines = rustc.verbose_version.lines();
    let found = lines.into_iter().find_map(|line| line.strip_prefix("release: "));
    let found = found.unwrap_or_default().trim();
    // A beta of the version is what a nightly tree begins with.
    let version = found.split('-').next().unwrap_or_default();
    let is_own = settings.local_rebuild && version == tree.version;
    if version == tree.stage0 || is_own {
        return Ok(());
    }
    let named = settings.rustc.as_ref().map(|(_, place)| format!(" (named in {place})"));
    let wanted = &tree.stage0;
    Err(BootstrapError::Stage0 {
        rustc: format!("{}{}", rustc.program, named.unwrap_or_default()),
        found: found.to_owned(),
        wanted_by: "src/stage0".to_owned(),
        wanted: wanted.clone(),
        cure: match version == tree.version {
            true => format!(
                "a compiler of the tree's own version is taken where `build.local-rebuild` is true; else `rustup toolchain install {wanted}`"
            ),
            false => format!(
                "`rustup toolchain install {wanted}`, and name it: `build.rustc` of bootstrap.toml, or RUSTC"
            ),
        },
    })
}

impl Ground {
    /// The targets of a mode: those that have a library, or the machines that a compiler runs on.
    #[must_use]
    pub fn targets(&self, mode: &Mode) -> Vec<Triple> {
        let settings = &self.settings;
        match mode.kind {
            Kind::Std => {
                let mut all = settings.hosts.clone();
                all.extend(
                    settings.targets.iter().filter(|one| !settings.hosts.contains(one)).cloned(),
                );
                all
            }
            _ => settings.hosts.clone(),
        }
    }

    /// Cargo's profile settings, as x.py gives them by variables.
    fn profile(&self, mode: &Mode) -> Vec<String> {
        let code = &self.settings.code;
        let part = mode.kind.part();
        let is_std = mode.kind == Kind::Std;
        let table = mode.profile.as_str();
        let mut flags = Vec::new();
        let mut set = |key: &str, value: String| {
            flags.push(format!("--config=profile.{table}.{key}={value}"));
        };
        set("strip", code.strip.to_string());
        let level = &code.debuginfo[part];
        let is_number = level.parse::<u32>().is_ok();
        set("debug", if is_number { level.clone() } else { format!("\"{level}\"") });
        if let Some(level) = &code.optimize {
            let is_number = level.parse::<u32>().is_ok();
            set("opt-level", if is_number { level.clone() } else { format!("\"{level}\"") });
        }
        set("debug-assertions", code.assertions[part].to_string());
        set("overflow-checks", code.overflow[usize::from(is_std)].to_string());
        let units = if is_std { code.units_std.or(code.units) } else { code.units };
        if let Some(units) = units {
            set("codegen-units", units.to_string());
        }
        if !matches!(mode.kind, Kind::Rustc | Kind::Std)
            && matches!(code.lto.as_str(), "thin" | "fat" | "off")
        {
            set("lto", format!("\"{}\"", code.lto));
        }
        flags
    }

    fn selection(&self, mode: &Mode) -> Selection {
        Selection {
            packages: mode.packages.clone(),
            features: mode.features.clone(),
            profile: mode.profile.clone(),
            targets: self.targets(mode),
            cargo_flags: self.profile(mode),
            ..Selection::default()
        }
    }

    /// The plans of a mode, one for each build machine.
    ///
    /// # Errors
    /// What Cargo refuses, and what no step can express.
    pub fn plan(&self, mode: &Mode, machines: &Machines) -> Result<Vec<Plan>, BootstrapError> {
        let manifest = self.tree.root.join(&mode.manifest);
        let options = Options {
            dir: self.tree.root.clone(),
            manifest_path: Some(manifest.clone()),
            root: Some(self.tree.root.clone()),
            ..self.options.clone()
        };
        let stale = |error| match error {
            CargoError::StaleLock { path } => {
                BootstrapError::Lock { lock: path, manifest: manifest.clone() }
            }
            CargoError::NoLock { dir } => {
                BootstrapError::Lock { lock: dir.join("Cargo.lock"), manifest: manifest.clone() }
            }
            other => other.into(),
        };
        let loaded = cargo::load_on(&options, &self.rustc, self.selection(mode), machines);
        let mut plans = Vec::new();
        for workspace in loaded.map_err(stale)? {
            let mut plan = plan::lower(&workspace)?;
            self.add(&mut plan, mode);
            plans.push(plan);
        }
        Ok(plans)
    }

    /// Adds to a plan what x.py adds to Cargo's calls.
    fn add(&self, plan: &mut Plan, mode: &Mode) {
        let llvm = self.llvm.as_ref();
        let settings = &self.settings;
        for (platform, facts) in &mut plan.platforms {
            let Platform::Target(triple) = platform else { continue };
            facts.rustflags.extend(flags::of_target(&self.tree, settings, mode, triple, llvm));
            if mode.kind != Kind::Std {
                facts.cfg_env.insert("CARGO_CFG_WINDOWS_RAW_DYLIB".to_owned(), String::new());
            }
            // Builder::linker of x.py: a foreign target's C compiler links, where no linker is named.
            let own = settings.target(triple);
            let compiler = own.programs.get("CC").filter(|_| *triple != self.rustc.host);
            if let Some(linker) = own.linker.as_ref().or(compiler) {
                facts.linker = Some(linker.clone());
            }
        }
        plan.env.insert("RUSTC_BOOTSTRAP".to_owned(), "1".to_owned());
        for triple in plan.targets.iter().chain(&plan.host) {
            for (variable, program) in settings.target(triple).programs {
                let name = format!("{variable}_{}", triple.env_lower());
                plan.env.insert(name, program);
            }
        }
        let host = plan.targets.first().cloned().unwrap_or_else(|| self.rustc.host.clone());
        let variables = environment::of_mode(&self.tree, settings, mode, &host, llvm);
        environment::give(plan, &self.tree, &variables);
        c_compilers::give(plan, &self.rustc.host, settings);
        for (package, files) in read_through_macros(&self.tree.root) {
            for id in plan.graph.node_indices() {
                let step = &plan.graph[id];
                let is_code = step.compile().is_some_and(|c| c.target.is_lib());
                if is_code && plan.packages[&step.package].name == package {
                    plan.graph[id].additions.files.extend(files.iter().map(ToString::to_string));
                }
            }
        }
        plan.bootstrap = Some(flags::of_mode(&self.tree, self.rules, settings, mode));
    }
}

/// Files outside of their packages that code reads by names which a macro puts together, so that they
/// cannot be found in it.
fn read_through_macros(root: &Utf8Path) -> Vec<(&'static str, Vec<Utf8PathBuf>)> {
    let known: [(&str, &[&str]); 3] = [
        (
            "core",
            &["library/portable-simd/crates/core_simd/src", "library/stdarch/crates/core_arch/src"],
        ),
        (
            "std",
            &["library/std/src/os/raw", "library/core/src/ffi", "library/core/src/primitive_docs"],
        ),
        ("rustc_errors", &["compiler/rustc_error_codes/src"]),
    ];
    let there = |(package, paths): (&'static str, &[&str])| {
        let paths = paths.iter().map(|path| Utf8PathBuf::from(*path));
        (package, paths.filter(|path| root.join(path).exists()).collect())
    };
    known.into_iter().map(there).collect()
}
