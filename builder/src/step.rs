//! A step: every fact of one rustc run or one build-script run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::bootstrap::Bootstrap; // bootstrap
use crate::facts::Facts;
use crate::json::Value;
use crate::package::{Package, TARGET};
use crate::profile::Profile;
use crate::sources::{Placed, Source};
use crate::target::{CrateType, Kind, Lto, Mode};

/// The group of steps that run on the build machine.
pub const HOST: &str = "host";

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name in its group.
    pub name: String,
    /// Where its output runs: [`HOST`], or a target triple.
    pub group: String,
    /// The build machine's triple.
    pub host: String,
    /// How far the source tree's root lies above the workspace root.
    pub root_depth: usize,
    /// Its package.
    pub package: Package,
    /// Its code generation settings.
    pub profile: Profile,
    /// What holds for all steps of its group.
    pub platform: Platform,
    /// Features that are on, sorted.
    pub features: Vec<String>,
    /// The `[env]` table of Cargo's configuration.
    pub environment: BTreeMap<String, String>,
    /// What overrides add.
    pub added: Added,
    /// Its files.
    pub sources: Vec<Source>,
    /// What rustc's own build asks of it.
    pub bootstrap: Bootstrap, // bootstrap
    /// What it does.
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Runs rustc.
    Compile(Box<Compile>),
    /// Runs a build script.
    Run(Run),
}

/// A rustc run. Other steps are named by the paths of their outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compile {
    /// What kind of build target it is.
    pub kind: Kind,
    /// What rustc is asked for.
    pub mode: Mode,
    /// What tells the step from others of its package: `:bin:rg`; enters the identity.
    pub suffix: String,
    /// The build target's name in the manifest.
    pub target: String,
    /// What rustc makes in one run.
    pub crate_types: Vec<CrateType>,
    /// The crate root, counted from the package's directory.
    pub root: String,
    /// The edition.
    pub edition: String,
    /// Whether a test of it has libtest's harness.
    pub harness: bool,
    /// Whether its package was selected.
    pub primary: bool,
    /// Its part in LTO.
    pub lto: Lto,
    /// Crates by the names that code has for them, with options before a colon (`priv:serde`); what
    /// follows a `#` only tells apart two crates of one name.
    pub deps: BTreeMap<String, String>,
    /// Crates of the build machine, likewise: procedural macros.
    pub macros: BTreeMap<String, String>,
    /// Dependencies that cannot be linked.
    pub needs: Vec<String>,
    /// The run of its package's build script.
    pub script: Option<String>,
    /// Programs of the package that a test may start, by their names.
    pub bins: BTreeMap<String, String>,
    /// Those that are not built with it.
    pub absent_bins: Vec<String>,
    /// Whether its metadata stands in a file of its own alone.
    pub splits: bool, // bootstrap
    /// Whether the file name of a dynamic library carries the identity, too.
    pub hashed: bool, // bootstrap
    /// Libraries below those of `deps` that a linker needs too, where a plan's steps are split: a
    /// library then does not name the ones below it itself.
    pub below: Vec<String>,
    /// The steps that wrote the metadata of libraries that it links: what others were compiled against.
    pub metadata: Vec<String>,
    /// Which part of rustc's run it is.
    pub part: Part,
}

/// Which part of rustc's run a step is. Of a library whose metadata others wait for there are two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it, in one step.
    Whole,
    /// Up to where the metadata is written.
    Metadata,
    /// All of it, beside a step that writes the metadata alone. It does not wait for that one.
    Full,
}

/// The run of a build script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The step that made the script.
    pub program: Option<String>,
    /// What Cargo's configuration says in the script's place, one directive a line.
    pub replaced: Option<Vec<String>>,
    /// The runs of direct dependencies with a `links` key, by that key.
    pub links: BTreeMap<String, String>,
}

/// What holds for all steps of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Platform {
    /// rustflags of the environment and of Cargo's configuration.
    pub rustflags: Vec<String>,
    /// The linker that is asked for.
    pub linker: Option<String>,
    /// What rustc calls the file of a crate type, where that is not as on Linux.
    pub files: BTreeMap<String, String>,
    /// `CARGO_CFG_*`, for runs of build scripts.
    pub cfgs: BTreeMap<String, String>,
}

/// What overrides add to a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Directories before all others in PATH.
    pub path: Vec<String>,
    /// Arguments of rustc, after all others.
    pub rustflags: Vec<String>,
    /// Variables.
    pub env: BTreeMap<String, String>,
    /// Places of libraries for what is linked.
    pub libraries: Vec<String>,
}

impl Step {
    /// Reads the facts of a step, without those of the tools.
    ///
    /// # Errors
    /// A fact that is missing, unknown, or of another kind, by its name.
    pub fn read(value: Value) -> Result<Self, String> {
        Self::take(Facts::new("step", value)?)
    }

    pub(crate) fn take(mut facts: Facts) -> Result<Self, String> {
        let mut package = facts.facts("package")?;
        // A plan states it once for all steps of a package.
        let edition = package.some_text("edition")?.unwrap_or_else(|| "2021".to_owned());
        let package = Package::read(package)?;
        let mut platform = facts.facts("platform")?;
        let platform_facts = Platform {
            rustflags: platform.texts("rustflags")?,
            linker: platform.some_text("linker")?,
            files: platform.table("files")?,
            cfgs: platform.table("cfgs")?,
        };
        platform.done()?;
        let mut added = facts.facts("added")?;
        let added_facts = Added {
            path: added.texts("path")?,
            rustflags: added.texts("rustflags")?,
            env: added.table("env")?,
            libraries: added.texts("libraries")?,
        };
        added.done()?;
        let sources = facts.list("sources")?.into_iter().map(Source::read);
        let kind = facts.needed("kind")?;
        let action = match kind.as_str() {
            "run" => Action::Run(Run {
                program: facts.some_text("program")?,
                replaced: if facts.has("replaced") { Some(facts.texts("replaced")?) } else { None },
                links: facts.table("links")?,
            }),
            word => Action::Compile(Box::new(Compile::take(
                &mut facts,
                Kind::parse(word)?,
                &package,
                edition,
            )?)),
        };
        let bootstrap = Bootstrap::read(facts.facts("bootstrap")?)?; // bootstrap
        let action = action.settled(&bootstrap); // bootstrap
        let step = Self {
            bootstrap, // bootstrap
            name: facts.needed("name")?,
            group: facts.needed("group")?,
            host: facts.needed("host")?,
            root_depth: usize::try_from(facts.some_int("rootDepth")?.unwrap_or(0))
                .map_err(|_| "the fact step.rootDepth is below 0".to_owned())?,
            profile: Profile::read(facts.facts("profile")?)?,
            features: facts.set("features")?,
            environment: facts.table("environment")?,
            sources: sources.collect::<Result<_, _>>()?,
            platform: platform_facts,
            added: added_facts,
            package,
            action,
        };
        facts.done()?;
        Ok(step)
    }

    /// The triple of what its output runs on.
    #[must_use]
    pub fn triple(&self) -> &str {
        if self.group == HOST { &self.host } else { &self.group }
    }

    /// Its files and their places.
    pub(crate) fn placed(&self) -> impl Iterator<Item = Placed> + '_ {
        self.sources.iter().map(|source| source.placed(&self.package, self.root_depth))
    }

    /// Where it is started.
    #[must_use]
    pub fn working_directory(&self) -> PathBuf {
        match self.action {
            Action::Compile(_) => self.package.working_directory(self.root_depth),
            Action::Run(_) => self.package.place(self.root_depth),
        }
    }

    /// `OUT_DIR` of a run: as with Cargo one for each platform and run, and two levels below a
    /// directory of its own, because some scripts look there.
    #[must_use]
    pub fn out_dir(&self) -> PathBuf {
        let mut place = PathBuf::from(TARGET);
        if self.group != HOST {
            place.push(&self.group);
        }
        place.join("build").join(self.name.replacen(":run", "", 1)).join("out")
    }

    /// The file of a crate type; none where the platform has no such type.
    #[must_use]
    pub fn file_name(&self, kind: CrateType, name: &str) -> Option<String> {
        let stated = self.platform.files.get(kind.as_str()).map(String::as_str);
        let pattern = stated.unwrap_or_else(|| kind.usual_file());
        (!pattern.is_empty()).then(|| pattern.replace("NAME", name))
    }
}

impl Compile {
    fn take(
        facts: &mut Facts,
        kind: Kind,
        package: &Package,
        edition: String,
    ) -> Result<Self, String> {
        let types = facts.texts("crateTypes")?;
        let types =
            types.iter().map(|word| CrateType::parse(word)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            kind,
            mode: Mode::parse(&facts.text("mode")?)?,
            suffix: facts.text("suffix")?,
            target: facts.some_text("target")?.unwrap_or_else(|| package.name.clone()),
            crate_types: if types.is_empty() { vec![kind.usual_type()] } else { types },
            root: facts.some_text("root")?.unwrap_or_else(|| kind.usual_root().to_owned()),
            edition: facts.some_text("edition")?.unwrap_or(edition),
            harness: facts.some_flag("harness")?.unwrap_or(true),
            primary: facts.flag("primary")?,
            lto: Lto::parse(&facts.text("lto")?)?,
            deps: facts.table("deps")?,
            macros: facts.table("macros")?,
            needs: facts.texts("needs")?,
            script: facts.some_text("script")?,
            bins: facts.table("bins")?,
            absent_bins: facts.texts("absentBins")?,
            splits: false, // bootstrap
            hashed: false, // bootstrap
            below: facts.texts("below")?,
            metadata: facts.texts("metadata")?,
            part: match facts.text("part")?.as_str() {
                "" => Part::Whole,
                "metadata" => Part::Metadata,
                "full" => Part::Full,
                word => return Err(format!("there is no part of a step `{word}`")),
            },
        })
    }

    /// The name rustc knows it by.
    #[must_use]
    pub fn crate_name(&self) -> String {
        self.target.replace('-', "_")
    }

    /// Whether one of its crate types is `kind`.
    #[must_use]
    pub fn makes(&self, kind: CrateType) -> bool {
        self.crate_types.contains(&kind)
    }

    /// Whether it is a program for `CARGO_BIN_NAME`: a bin, or an example that is no library.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        self.kind == Kind::Bin || (self.kind == Kind::Example && self.makes(CrateType::Bin))
    }

    /// Where below its output its files are: libraries in `lib`, programs in `bin`.
    #[must_use]
    pub fn directory(&self) -> &'static str {
        if self.kind.is_lib() && self.mode != Mode::Test { "lib" } else { "bin" }
    }

    /// Whether the file name carries the identity: all but dynamic libraries of path packages, whose
    /// names are written into programs (`use_extra_filename` of Cargo 1.95).
    #[must_use]
    pub fn has_extra_filename(&self, package: &Package) -> bool {
        let dynamic = self.kind == Kind::Lib
            && (self.makes(CrateType::Dylib) || self.makes(CrateType::Cdylib));
        let dynamic = dynamic && !self.hashed; // bootstrap
        self.mode != Mode::Build || !(dynamic && package.is_local())
    }

    /// Whether rustc makes it of the metadata of the crates below, and tells when its own is written:
    /// a library that no linker has a part in (`only_requires_rmeta` of Cargo 1.95).
    #[must_use]
    pub fn is_of_metadata(&self) -> bool {
        self.mode == Mode::Build
            && self.kind == Kind::Lib
            && !self.crate_types.iter().any(|kind| kind.requires_upstream_objects())
    }

    /// The outputs of the crates that it may link.
    pub fn crates(&self) -> impl Iterator<Item = &str> {
        self.deps.values().chain(self.macros.values()).chain(&self.needs).map(String::as_str)
    }

    /// Whether the path of the crate root is one that rustc is given from the workspace root.
    #[must_use]
    pub fn root_argument(&self, package: &Package, depth: usize) -> String {
        let place = package.place(depth).join(&self.root);
        let seen = match package.in_workspace {
            true => place.strip_prefix(crate::package::workspace(depth)).unwrap_or(&place),
            false => Path::new(&place),
        };
        seen.to_string_lossy().into_owned()
    }
}
