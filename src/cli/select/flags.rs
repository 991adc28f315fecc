//! The selection flags, in Cargo's own words.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use crate::cargo::selection::{Command, IGNORE_RUST_VERSION, told_from};
use crate::cargo::{Selection, paths};
use crate::config::{Config, Overrides};
use crate::model::Triple;
use crate::model::package::Ignored;

/// Which of Cargo's commands is planned.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Mode {
    /// What `cargo build` would run
    #[default]
    Build,
    /// What `cargo check` would run
    Check,
    /// What `cargo test` would run, each test program's run too
    Test,
    /// What `cargo test --tests` would run, instrumented
    Coverage,
    /// What `cargo bench` would run, each benchmark's run too
    Bench,
    /// What `cargo clippy` would run
    Clippy,
    /// What `cargo doc` would run
    Doc,
    /// What `cargo fmt --check` would run
    Fmt,
}

impl Mode {
    fn command(self) -> Command {
        match self {
            Self::Build => Command::Build,
            Self::Check => Command::Check,
            Self::Test => Command::Test,
            Self::Coverage => Command::Coverage,
            Self::Bench => Command::Bench,
            Self::Clippy => Command::Clippy,
            Self::Doc => Command::Doc,
            Self::Fmt => Command::Fmt,
        }
    }
}

/// What a check leaves out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Only {
    /// All but the tests in documentation: `cargo test --doc`.
    pub doc: bool,
    /// Pages of dependencies: `cargo doc --no-deps`.
    pub no_deps: bool,
}

/// What to plan.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct SelectArgs {
    /// Plan what this Cargo command would run
    #[arg(long, value_enum, default_value_t, help_heading = "Selection")]
    mode: Mode,
    /// Package to plan (may be given several times)
    #[arg(short, long = "package", value_name = "SPEC", help_heading = "Selection")]
    package: Vec<String>,
    /// Plan all packages of the workspace
    #[arg(long, help_heading = "Selection")]
    workspace: bool,
    /// Leave a package out
    #[arg(long, value_name = "SPEC", help_heading = "Selection")]
    exclude: Vec<String>,
    /// Plan only the library
    #[arg(long, help_heading = "Selection")]
    lib: bool,
    /// Plan all binaries
    #[arg(long, help_heading = "Selection")]
    bins: bool,
    /// Plan only this binary
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    bin: Vec<String>,
    /// Plan all examples
    #[arg(long, help_heading = "Selection")]
    examples: bool,
    /// Plan only this example
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    example: Vec<String>,
    /// Plan everything that has tests, as test programs
    #[arg(long, help_heading = "Selection")]
    tests: bool,
    /// Plan only this integration test
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    test: Vec<String>,
    /// Plan all benchmarks
    #[arg(long, help_heading = "Selection")]
    benches: bool,
    /// Plan only this benchmark
    #[arg(long, value_name = "NAME", help_heading = "Selection")]
    bench: Vec<String>,
    /// What git ignored where the plan was made that is there, and there is no git here
    #[arg(skip)]
    pub(super) ignored: Option<Ignored>,
    /// Plan only the tests in documentation; a flag of `rbn-plan test`
    #[arg(skip)]
    doc: bool,
    /// Plan no pages of dependencies; a flag of `rbn-plan doc`
    #[arg(skip)]
    no_deps: bool,
    /// Arguments for what a check runs; they follow `--`
    #[arg(skip)]
    pub(super) check_args: Vec<String>,
    /// Plan all build targets
    #[arg(long, help_heading = "Selection")]
    all_targets: bool,
    /// Plan what an editor sees, which never begins the committed plan
    #[arg(skip)]
    editor: bool,
    /// Features to enable, separated by commas or spaces
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = "Features")]
    features: Vec<String>,
    /// Enable all features
    #[arg(long, help_heading = "Features")]
    all_features: bool,
    /// Do not enable `default`
    #[arg(long, help_heading = "Features")]
    no_default_features: bool,
    /// The release profile (the default)
    #[arg(short, long, conflicts_with = "profile", help_heading = "Compilation")]
    release: bool,
    /// The profile [default: release]
    #[arg(long, value_name = "NAME", help_heading = "Compilation")]
    profile: Option<String>,
    /// The target triple (may be given several times) [default: build.target, else this machine]
    #[arg(long, value_name = "TRIPLE", value_parser = triple, help_heading = "Compilation")]
    target: Vec<Triple>,
    /// A build machine, in Nix's words (may be given several times) [default: this machine]
    #[arg(long, value_name = "SYSTEM", help_heading = "Compilation")]
    system: Vec<String>,
    /// The configuration file [default: rbn-plan.toml beside Cargo.lock, else config.toml there]
    #[arg(id = "config-file", long, value_name = "FILE", help_heading = "Manifest")]
    pub(super) file: Option<Utf8PathBuf>,
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH", help_heading = "Manifest")]
    pub(super) manifest_path: Option<Utf8PathBuf>,
    /// Change to this directory first
    #[arg(short = 'C', value_name = "DIR", help_heading = "Manifest")]
    pub(super) directory: Option<Utf8PathBuf>,
    /// Nothing to add: a plan is always made from a lock that is up to date
    #[arg(long, help_heading = "Manifest")]
    pub(super) locked: bool,
    /// Let Cargo use no network
    #[arg(long, help_heading = "Manifest")]
    pub(super) offline: bool,
    /// As --locked --offline
    #[arg(long, help_heading = "Manifest")]
    pub(super) frozen: bool,
    /// Execute nothing that the tree names: wrappers, a toolchain of its own, credential providers
    /// are passed over, or refused by name. For pull requests of others; also RBN_PLAN_UNTRUSTED=1
    #[arg(long, help_heading = "Manifest")]
    pub(super) untrusted: bool,
    /// Plan for a compiler that is older than a package's `rust-version`, too
    #[arg(long, help_heading = "Manifest")]
    ignore_rust_version: bool,
    /// A setting of Cargo's, or a file of them (may be given several times)
    #[arg(long, value_name = "KEY=VALUE|FILE", help_heading = "Cargo")]
    pub(super) config: Vec<String>,
    /// A flag of a nightly Cargo, such as `-Z bindeps` (may be given several times)
    #[arg(short = 'Z', value_name = "FLAG", help_heading = "Cargo")]
    unstable: Vec<String>,
}

fn triple(text: &str) -> Result<Triple, String> {
    Triple::new(text).map_err(|error| error.to_string())
}

impl SelectArgs {
    /// The flags that config.toml knows too, as its strongest layer.
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            targets: self.target.iter().map(ToString::to_string).collect(),
            systems: self.system.clone(),
            profile: self.profile.clone().or_else(|| self.usual_profile()),
            release: self.release,
            packages: self.package.clone(),
            workspace: self.workspace,
            features: self.features.clone(),
            all_features: self.all_features,
            no_default_features: self.no_default_features,
        }
    }

    /// Cargo's own for a check; what `build.profile` says is of what is built for use.
    fn usual_profile(&self) -> Option<String> {
        let usual = self.mode.command().usual_profile().map(str::to_owned);
        usual.filter(|_| !self.release)
    }

    /// The configuration's selection, with what only flags can say.
    pub(super) fn selection(&self, config: &Config) -> Selection {
        let offline = self.offline || self.frozen;
        Selection {
            command: self.mode.command(),
            exclude: self.exclude.clone(),
            build_targets: self.build_targets(),
            resolve_flags: given(&[
                ("--offline", offline),
                (IGNORE_RUST_VERSION, self.ignore_rust_version),
            ]),
            cargo_flags: self.cargo_flags(),
            ..config.build.selection()
        }
    }

    /// The flags that decide about everything that Cargo does.
    pub(in crate::cli) fn cargo_flags(&self) -> Vec<String> {
        let mut flags = each("--config", self.config.iter().map(|value| self.placed_value(value)));
        flags.extend(self.unstable.iter().map(|flag| format!("-Z{flag}")));
        flags
    }

    /// A `--config`, its file by the whole path: Cargo may be started elsewhere.
    pub(super) fn placed_value(&self, value: &str) -> String {
        let here = self.options().map(|options| options.dir).unwrap_or_default();
        let given = here.join(value);
        if !given.is_file() {
            return value.to_owned();
        }
        // Without `..`, where that is the same file: a link may lead elsewhere.
        let plain = paths::normal(&given);
        let is_same = plain.canonicalize_utf8().ok() == given.canonicalize_utf8().ok();
        if is_same { plain.into_string() } else { given.into_string() }
    }

    /// What is only a flag, never a setting: exclusions and build targets.
    pub(super) fn only_flags(&self) -> Vec<String> {
        let mut flags = each("--exclude", &self.exclude);
        flags.extend(self.build_targets());
        flags
    }

    /// Cargo's own, with files as they are named from `root`.
    pub(super) fn cargo_flags_from(&self, root: &Utf8Path) -> Vec<String> {
        let mut flags = given(&[(IGNORE_RUST_VERSION, self.ignore_rust_version)]);
        flags.extend(self.cargo_flags().into_iter().map(|flag| told_from(root, flag)));
        flags
    }

    /// The flag for what another command than `cargo build` would run.
    pub(super) fn mode_flag(&self) -> Option<String> {
        self.mode.command().flag().map(str::to_owned)
    }

    /// Whether it asks for more than what is built.
    #[must_use]
    pub fn is_check(&self) -> bool {
        self.mode.command().usual_profile().is_some()
    }

    /// The same selection for one of Cargo's checks.
    #[must_use]
    pub fn for_check(&self, command: Command, only: Only, args: &[String]) -> Self {
        let mode = match command {
            Command::Build => Mode::Build,
            Command::Check => Mode::Check,
            Command::Test => Mode::Test,
            Command::Coverage => Mode::Coverage,
            Command::Bench => Mode::Bench,
            Command::Clippy => Mode::Clippy,
            Command::Doc => Mode::Doc,
            Command::Fmt => Mode::Fmt,
        };
        let Only { doc, no_deps } = only;
        let mut select = Self { mode, doc, no_deps, check_args: args.to_vec(), ..self.clone() };
        // `cargo fmt` knows no build targets: it takes them all.
        select.all_targets |= command == Command::Fmt;
        select
    }

    /// The same selection of all packages.
    #[must_use]
    pub fn of_all(&self) -> Self {
        Self { workspace: true, ..self.clone() }
    }

    /// The same selection for an editor: all build targets, where none is named.
    #[must_use]
    pub fn for_editor(&self) -> Self {
        let all_targets = self.all_targets || self.build_targets().is_empty();
        Self { editor: true, all_targets, ..self.clone() }
    }

    /// Whether it is for an editor.
    #[must_use]
    pub fn is_for_editor(&self) -> bool {
        self.editor
    }

    /// The same selection in another directory.
    #[must_use]
    pub fn in_directory(&self, dir: Utf8PathBuf) -> Self {
        Self { directory: Some(dir), manifest_path: None, ..self.clone() }
    }

    /// The flags that pick build targets, as Cargo takes them.
    fn build_targets(&self) -> Vec<String> {
        let switches = [
            ("--lib", self.lib),
            ("--bins", self.bins),
            ("--examples", self.examples),
            ("--tests", self.tests),
            ("--benches", self.benches),
            ("--all-targets", self.all_targets),
            ("--doc", self.doc),
            ("--no-deps", self.no_deps),
        ];
        let names = [
            ("--bin", &self.bin),
            ("--example", &self.example),
            ("--test", &self.test),
            ("--bench", &self.bench),
        ];
        let mut flags = given(&switches);
        flags.extend(names.iter().flat_map(|(flag, names)| each(flag, *names)));
        // Tests in documentation are compiled by rustdoc, which instruments nothing on a stable toolchain.
        if flags.is_empty() && matches!(self.mode, Mode::Coverage) {
            flags.push("--tests".to_owned());
        }
        flags
    }

    /// The flags again, as they would be typed.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        let mut flags = self.asked();
        flags.extend(each("--config-file", &self.file));
        flags.extend(each("--manifest-path", &self.manifest_path));
        if let Some(directory) = &self.directory {
            flags.extend(["-C".to_owned(), directory.to_string()]);
        }
        flags
    }

    /// Those of them that say what is planned, not where.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        let mut flags = each("--package", &self.package);
        flags.extend(self.only_flags());
        flags.extend(each("--features", &self.features));
        flags.extend(each("--profile", &self.profile));
        flags.extend(each("--target", &self.target));
        flags.extend(each("--system", &self.system));
        flags.extend(self.mode_flag());
        flags.extend(given(&[
            ("--workspace", self.workspace),
            ("--all-features", self.all_features),
            ("--no-default-features", self.no_default_features),
            ("--release", self.release),
            (IGNORE_RUST_VERSION, self.ignore_rust_version),
        ]));
        flags.extend(each("--config", &self.config));
        flags.extend(self.unstable.iter().map(|flag| format!("-Z{flag}")));
        flags
    }

    /// Whether packages are named, so that the directory decides nothing.
    pub(in crate::cli) fn names_packages(&self) -> bool {
        self.workspace || !self.package.is_empty()
    }

    /// The same selection, with Cargo kept from the network.
    #[must_use]
    pub fn without_network(&self) -> Self {
        Self { offline: true, ..self.clone() }
    }
}

/// A flag for each value.
pub(super) fn each<T: ToString>(flag: &str, values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| format!("{flag}={}", value.to_string())).collect()
}

/// The flags that are given.
pub(super) fn given(switches: &[(&str, bool)]) -> Vec<String> {
    switches.iter().filter(|(_, given)| *given).map(|(flag, _)| (*flag).to_owned()).collect()
}
