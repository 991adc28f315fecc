//! The attributes of a step's derivation: `mkStep`, `mkCompile` and `mkRun` of
//! `templates/lib/`. Command line and environment are `plan`'s, with what only the toolchain
//! knows put in.

use std::collections::BTreeMap;

use super::Implied;
use super::edges::Edges;
use super::error::DrvError;
use super::sources::{StepSource, store_name};
use crate::model::step::{Compile, RunScript};
use crate::model::{CrateType, Package, Plan, Step, StepId, StepKind, TargetKind, Triple};
use crate::nix::derivation::{Instance, Structured, placeholder};
use crate::nix::value::{Attributes, Text, Value};
use crate::plan::{args, env, places};

/// What an attribute says for yes and no.
fn yes(yes: bool) -> Value {
    if yes { "1".into() } else { "".into() }
}

/// A step whose derivation is made.
struct Making<'a> {
    implied: &'a Implied<'a>,
    plan: &'a Plan,
    id: StepId,
    step: &'a Step,
    package: &'a Package,
    edges: Edges,
}

/// The arguments of the step's `derivation`, whose inputs are in `implied` already.
pub(super) fn call(
    implied: &Implied<'_>,
    id: StepId,
    source: StepSource,
) -> Result<Structured, DrvError> {
    let plan = &implied.plan;
    let (step, package) = (plan.step(id), plan.package(id));
    let edges = Edges::of(plan, id);
    Making { implied, plan, id, step, package, edges }.call(source)
}

impl Making<'_> {
    fn call(&self, source: StepSource) -> Result<Structured, DrvError> {
        let tools = self.implied.tools;
        let mut attributes = self.common()?;
        attributes.extend(source.attributes);
        attributes.insert("extra_files".to_owned(), Value::set(source.extra_files));
        attributes.insert("env".to_owned(), Value::set(self.env()?));
        attributes.extend(match &self.step.kind {
            StepKind::Compile(compile) => self.compile(compile),
            StepKind::RunScript(run) => self.run(run),
        });
        Ok(Structured {
            name: store_name(self.step.name.as_str()),
            system: tools.system.clone(),
            builder: tools.shell.clone(),
            args: vec![self.implied.builder.clone()],
            attributes,
        })
    }

    fn common(&self) -> Result<Attributes, DrvError> {
        let tools = self.implied.tools;
        let depth = self.plan.root_depth;
        let native = named_inputs(self.programs(), &self.step.additions.native_inputs)?;
        let native: Vec<Text> = native.into_iter().map(|input| input.followed_by("/bin")).collect();
        let mut tools_env = tools.env.clone();
        let own = self.triple().and_then(|triple| tools.target_env.get(triple));
        tools_env.extend(own.cloned().unwrap_or_default());
        Ok(named([
            ("step", self.step.name.as_str().into()),
            ("platform", self.step.platform.group().into()),
            ("package_name", self.package.name.as_str().into()),
            ("cwd", places::working_directory(self.package, depth).as_str().into()),
            ("package_place", places::package(self.package, depth).as_str().into()),
            ("fingerprint", Value::list(tools.fingerprint.iter().cloned())),
            ("tools_path", Value::Text(Text::join(":", native.iter().chain(&tools.path)))),
            ("tools_env", Value::set(tools_env)),
            ("library_path", Value::Text(tools.library_path.clone())),
            ("rustc", Value::Text(tools.rustc.clone())),
            ("cargo", Value::Text(tools.cargo.clone())),
        ]))
    }

    fn compile(&self, compile: &Compile) -> Attributes {
        let target = &compile.target;
        let is_test = compile.mode.is_test();
        let has = |kind: CrateType| target.crate_types.contains(&kind);
        let place = args::out_dir(compile);
        let in_lib = place == "lib";
        let mut made = target.crate_name();
        if args::has_extra_filename(compile, self.package.source.is_local()) {
            made.push_str(&format!("-{}", self.step.id));
        }
        let is_macro = target.kind == TargetKind::ProcMacro;

        let mut classes = vec!["all".to_owned()];
        match target.kind {
            TargetKind::Lib if !is_test && has(CrateType::Cdylib) => classes.push("cdylib".into()),
            TargetKind::Bin => classes.extend(["bins".into(), format!("bin {}", target.name)]),
            TargetKind::Test => classes.push("tests".into()),
            TargetKind::Bench => classes.push("benches".into()),
            TargetKind::Example if has(CrateType::Bin) => classes.push("examples".into()),
            _ => {}
        }
        let outputs = |ids: &[StepId]| Value::list(ids.iter().map(|id| self.output(*id)));
        let script = self.edges.script.map(|id| self.output(id)).unwrap_or_default();
        named([
            ("action", "compile".into()),
            ("kind", place.into()),
            ("program", if in_lib { "".into() } else { target.name.as_str().into() }),
            ("made_name", made.into()),
            ("is_macro", yes(is_macro)),
            ("argv", Value::list(self.argv())),
            ("crates", outputs(&self.edges.crates)),
            ("native_crates", outputs(&self.edges.native)),
            ("script", Value::Text(script)),
            ("out_dir", places::out_dir(&self.step.package).as_str().into()),
            ("links_libs", yes(target.is_lib() || !self.package.has_lib)),
            ("link_classes", Value::set(classes.into_iter().map(|class| (class, "1")))),
        ])
    }

    fn run(&self, run: &RunScript) -> Attributes {
        let place = places::package(self.package, self.plan.root_depth);
        let replaced = run.replaced.as_ref().map(|replaced| replaced.lines.as_slice());
        let replaced = replaced.unwrap_or_default();
        let program = match self.edges.program {
            Some(id) if replaced.is_empty() => {
                let target = self.plan.step(id).compile().map(|compile| &compile.target.name);
                let name = target.map(String::as_str).unwrap_or_default();
                self.output(id).followed_by(&format!("/bin/{name}"))
            }
            _ => Text::default(),
        };
        let links = self.edges.links.iter();
        named([
            ("action", "run".into()),
            ("rustdoc", Value::Text(self.implied.tools.rustdoc.clone())),
            ("cwd", place.as_str().into()),
            ("out_dir", places::out_dir(&self.step.package).as_str().into()),
            ("program", Value::Text(program)),
            ("replaced", Value::list(replaced.iter().map(String::as_str))),
            ("linked", Value::set(links.map(|(name, id)| (name.as_str(), self.output(*id))))),
        ])
    }

    /// The command line, with the output's place and the toolchain's linker.
    fn argv(&self) -> Vec<Text> {
        let linker = self.linker();
        let mut after_out_dir = false;
        args::rustc(self.plan, self.id)
            .into_iter()
            .map(|arg| {
                if std::mem::replace(&mut after_out_dir, arg == "--out-dir") {
                    return arg.replacen(args::OUT, &placeholder(), 1).into();
                }
                match (arg.strip_prefix("linker="), linker) {
                    (Some(path), Some(linker)) if path == linker.as_str() => {
                        Text::naming(arg, linker.references().iter().cloned())
                    }
                    _ => arg.into(),
                }
            })
            .collect()
    }

    /// The environment: what the plan says, and below its last words what the store says.
    fn env(&self) -> Result<BTreeMap<String, Text>, DrvError> {
        let said = env::of(self.plan, self.id);
        let mut env: BTreeMap<String, Text> =
            said.into_iter().map(|(name, value)| (name, value.into())).collect();
        if let (StepKind::RunScript(_), Some(linker)) = (&self.step.kind, self.linker()) {
            let own = "RUSTC_LINKER";
            if env.get(own).is_some_and(|value| value.as_str() == linker.as_str()) {
                env.insert(own.to_owned(), linker.clone());
            }
        }
        let additions = &self.step.additions;
        for (bin, id) in &self.edges.bins {
            // `[env]` and additions are in already, and win.
            let file = self.plan.file_name(*id, CrateType::Bin, bin).unwrap_or_default();
            let path = self.output(*id).followed_by(&format!("/bin/{file}"));
            env.entry(format!("CARGO_BIN_EXE_{bin}")).or_insert(path);
        }
        let libraries = self.libraries()?;
        if !libraries.is_empty() {
            let paths = |tails: &[&str]| {
                let mut all = Vec::new();
                for tail in tails {
                    all.extend(libraries.iter().cloned().map(|input| input.followed_by(tail)));
                }
                Text::join(":", &all)
            };
            if self.is_foreign() {
                env.entry("PKG_CONFIG_ALLOW_CROSS".to_owned()).or_insert_with(|| "1".into());
            }
            for (name, tails) in [
                ("PKG_CONFIG_PATH", ["/lib/pkgconfig", "/share/pkgconfig"].as_slice()),
                ("LIBRARY_PATH", &["/lib"]),
                ("CPATH", &["/include"]),
            ] {
                if !additions.env.contains_key(name) {
                    env.insert(name.to_owned(), paths(tails));
                }
            }
        }
        Ok(env)
    }

    /// Libraries are linked into what is made: those of its platform.
    fn libraries(&self) -> Result<Vec<Text>, DrvError> {
        let tools = self.implied.tools;
        let none = BTreeMap::new();
        let inputs = match self.triple() {
            Some(triple) if self.is_foreign() => tools.target_inputs.get(triple).unwrap_or(&none),
            _ => self.programs(),
        };
        named_inputs(inputs, &self.step.additions.build_inputs)
    }

    /// Programs that run on the build machine; some have a build for each target.
    fn programs(&self) -> &BTreeMap<String, Text> {
        let tools = self.implied.tools;
        let own = self.triple().and_then(|triple| tools.native_inputs.get(triple));
        own.unwrap_or(&tools.inputs)
    }

    fn is_foreign(&self) -> bool {
        self.triple() != self.plan.host.as_ref()
    }

    fn triple(&self) -> Option<&Triple> {
        self.implied.triple(&self.step.platform)
    }

    fn linker(&self) -> Option<&Text> {
        self.implied.tools.linkers.get(self.triple()?)
    }

    /// What `"${step}"` is.
    fn output(&self, id: StepId) -> Text {
        let made = self.implied.made.get(&id);
        made.map(Instance::text).expect("steps are made after what they need")
    }
}

/// Programs or libraries: absolute paths, or names in a set of the toolchain's.
fn named_inputs(inputs: &BTreeMap<String, Text>, names: &[String]) -> Result<Vec<Text>, DrvError> {
    let input = |name: &String| match inputs.get(name) {
        _ if name.starts_with('/') => Ok(name.as_str().into()),
        Some(input) => Ok(input.clone()),
        None => Err(DrvError::UnknownInput(name.clone())),
    };
    names.iter().map(input).collect()
}

fn named<const N: usize>(attributes: [(&str, Value); N]) -> Attributes {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
