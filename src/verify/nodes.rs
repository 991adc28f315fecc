//! Both sides as the graphs that [`super::matching`] reads.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::args::{self, Flag};
use super::call::RustcCall;
use super::checks;
use super::checks::recorded::{RecordedCheck, Tool};
use super::environment::Variables;
use super::matching::Node;
use super::normalise::{self, Arguments, Roots};
use super::outputs;
use super::planned::{Planned, PlannedAction, PlannedStep};
use super::recording::{PackageName, RecordedRun, RecordedRustc, Recording, TARGET_DIR};
use super::relation::{EXTERN, PROGRAM, SCRIPT};
use super::shared_files::Open;

/// A call of Cargo's.
#[derive(Debug, Clone, Copy)]
pub enum Call<'a> {
    /// A rustc run.
    Rustc(&'a RecordedRustc),
    /// A build-script run.
    Run(&'a RecordedRun),
    /// What a check called.
    Check(&'a RecordedCheck),
}

/// A recording as a graph: calls in the order units, runs, checks.
pub struct RecordedGraph<'a> {
    /// The calls.
    pub calls: Vec<Call<'a>>,
    /// For each call, its node.
    pub nodes: Vec<Node>,
    /// For each call, the roots that its texts are read with.
    pub roots: Vec<Roots>,
    /// Needs that the nodes do not have yet, see [`super::shared_files`].
    pub open: Vec<Open>,
}

/// A call's or step's package, if its sources lie outside the workspace: rustc is then started in
/// the package's own root instead of the workspace's.
fn outside<'a>(cwd: &str, env: &'a Variables, workspace: &str) -> Option<&'a String> {
    env.get("CARGO_MANIFEST_DIR").filter(|dir| *dir == cwd && *dir != workspace)
}

fn subject(package: &PackageName, platform: Option<&str>, what: &str) -> String {
    format!("{package} {what} ({})", platform.unwrap_or("host"))
}

fn compile_subject(package: &PackageName, call: &RustcCall) -> String {
    let crate_name = call.crate_name.as_deref().unwrap_or_default();
    let test = if call.test { " test" } else { "" };
    let what = format!("{crate_name} {}{test}", call.crate_types.join("+"));
    subject(package, call.target.as_deref(), &what)
}

/// What a check looks at: of a test program its name, of all others the crate.
fn check_subject(
    package: &PackageName,
    tool: Tool,
    platform: Option<&str>,
    call: &RustcCall,
) -> String {
    match tool {
        Tool::Program => subject(package, platform, tool.as_str()),
        _ => format!("{} {}", compile_subject(package, call), tool.as_str()),
    }
}

/// Facts of a check that no build script touches.
fn check_facts(tool: Tool, arguments: &Arguments) -> Vec<String> {
    match tool {
        // The program is told by who made it.
        Tool::Program => arguments.values().flatten().cloned().collect(),
        _ => compile_facts(arguments),
    }
}

/// Facts of a rustc run that no build script touches.
fn compile_facts(arguments: &Arguments) -> Vec<String> {
    let mut facts: Vec<String> = arguments
        .iter()
        .filter(|(group, _)| {
            !matches!(group.as_str(), "-L" | "-l" | "-C link-arg" | "--check-cfg" | "-C linker")
        })
        .flat_map(|(_, values)| values)
        .filter(|value| !value.starts_with("--cfg=") || value.starts_with("--cfg=feature="))
        .cloned()
        .collect();
    facts.sort();
    facts
}

/// Facts of a build-script run that no other script touches.
fn run_facts(env: &Variables, roots: &Roots) -> Vec<String> {
    normalise::variables(env, roots)
        .into_iter()
        .filter(|(name, _)| !name.starts_with("DEP_"))
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

/// The platform that a run's output is for. Where host and target are the same triple only the
/// place of `OUT_DIR` tells: Cargo keeps a directory for each `--target`.
fn run_platform<'a>(run: &RecordedRun, targets: &'a [String]) -> Option<&'a str> {
    place_platform(run.env.get("OUT_DIR")?, targets)
}

/// The platform of what lies below Cargo's target directory.
fn place_platform<'a>(place: &str, targets: &'a [String]) -> Option<&'a str> {
    let first = place.strip_prefix(TARGET_DIR)?.trim_start_matches('/').split('/').next()?;
    targets.iter().map(String::as_str).find(|target| *target == first)
}

/// What `--extern` names, with its file.
fn externs(flags: &[Flag]) -> impl Iterator<Item = (&str, &str)> {
    flags.iter().filter_map(|flag| flag.value_of("extern")?.split_once('='))
}

/// Reads a recording as a graph.
pub fn recorded(recording: &Recording) -> RecordedGraph<'_> {
    let workspace = recording.workspace_root.as_str();
    let flags: Vec<Vec<Flag>> =
        recording.units.iter().map(|unit| args::parse(&unit.args)).collect();
    let calls: Vec<RustcCall> = flags.iter().map(|flags| RustcCall::from_flags(flags)).collect();

    let mut outside_dirs: BTreeSet<&String> = BTreeSet::new();
    let mut makers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut script_dirs: BTreeMap<&Utf8Path, usize> = BTreeMap::new();
    for (index, (unit, call)) in recording.units.iter().zip(&calls).enumerate() {
        outside_dirs.extend(outside(unit.cwd.as_str(), &unit.env, workspace));
        for (_, file) in outputs::artifacts(call, call.target.as_deref().unwrap_or_default()) {
            makers.entry(file.into_string()).or_default().push(index);
        }
        if let Some(dir) = call.out_dir.as_deref().filter(|_| call.is_build_script()) {
            script_dirs.insert(dir, index);
        }
    }
    let of_compilers = recording.checks.iter().filter(|check| check.tool != Tool::Program);
    outside_dirs.extend(
        of_compilers.filter_map(|check| outside(check.cwd.as_str(), &check.env, workspace)),
    );
    let count = recording.units.len();
    let run_of_out_dir: BTreeMap<&String, usize> = recording
        .runs
        .iter()
        .enumerate()
        .filter_map(|(index, run)| Some((run.env.get("OUT_DIR")?, count + index)))
        .collect();
    let roots_of = |env: &Variables| {
        let package = env.get("CARGO_MANIFEST_DIR").filter(|dir| outside_dirs.contains(dir));
        Roots::new(workspace, package.cloned())
    };

    let mut graph =
        RecordedGraph { calls: Vec::new(), nodes: Vec::new(), roots: Vec::new(), open: Vec::new() };
    for ((unit, call), flags) in recording.units.iter().zip(&calls).zip(&flags) {
        let roots = roots_of(&unit.env);
        let mut needs = BTreeSet::new();
        for (name, path) in externs(flags) {
            let word = format!("{EXTERN}{name}");
            match makers.get(path).map(Vec::as_slice) {
                Some([maker]) => drop(needs.insert((word, Some(*maker)))),
                Some(makers) => {
                    let user = graph.nodes.len();
                    graph.open.push(Open { user, word, makers: makers.to_vec() });
                }
                None => drop(needs.insert((word, None))),
            }
        }
        // Elsewhere it is a variable of the configuration's.
        let out_dir = unit.env.get("OUT_DIR").filter(|dir| dir.starts_with(TARGET_DIR));
        if let Some(out_dir) = out_dir {
            needs.insert((SCRIPT.to_owned(), run_of_out_dir.get(out_dir).copied()));
        }
        graph.nodes.push(Node {
            subject: compile_subject(&unit.package, call),
            facts: compile_facts(&normalise::arguments(flags, &roots)),
            needs: needs.into_iter().collect(),
        });
        graph.roots.push(roots);
        graph.calls.push(Call::Rustc(unit));
    }
    for run in &recording.runs {
        let roots = roots_of(&run.env);
        let program = run.program.parent().and_then(|dir| script_dirs.get(dir));
        graph.nodes.push(Node {
            subject: subject(&run.package, run_platform(run, &recording.targets), "run"),
            facts: run_facts(&run.env, &roots),
            needs: vec![(PROGRAM.to_owned(), program.copied())],
        });
        graph.roots.push(roots);
        graph.calls.push(Call::Run(run));
    }
    for check in &recording.checks {
        let roots = roots_of(&check.env);
        let arguments = checks::compare::recorded(check, &roots);
        let mut needs = BTreeSet::new();
        let flags = args::parse(&check.args);
        let call = RustcCall::from_flags(&flags);
        let platform = match check.tool {
            Tool::Program => {
                let program = check.args.first().map_or("", String::as_str);
                let maker = makers.get(program).and_then(|makers| makers.last());
                needs.insert((PROGRAM.to_owned(), maker.copied()));
                place_platform(program, &recording.targets)
            }
            _ => {
                for (name, path) in externs(&flags) {
                    let maker = makers.get(path).and_then(|makers| makers.last());
                    needs.insert((format!("{EXTERN}{name}"), maker.copied()));
                }
                call.target.as_deref()
            }
        };
        let out_dir = check.env.get("OUT_DIR").filter(|dir| dir.starts_with(TARGET_DIR));
        if let Some(out_dir) = out_dir {
            needs.insert((SCRIPT.to_owned(), run_of_out_dir.get(out_dir).copied()));
        }
        graph.nodes.push(Node {
            subject: check_subject(&check.package, check.tool, platform, &call),
            facts: check_facts(check.tool, &arguments),
            needs: needs.into_iter().collect(),
        });
        graph.roots.push(roots);
        graph.calls.push(Call::Check(check));
    }
    graph
}

/// The steps of a plan that run something, as a graph; also the roots of each.
pub fn planned<'a>(planned: &'a Planned, steps: &[&'a PlannedStep]) -> (Vec<Node>, Vec<Roots>) {
    let by_name: BTreeMap<&str, usize> =
        steps.iter().enumerate().map(|(index, step)| (step.name.as_str(), index)).collect();
    let find = |name: &str| by_name.get(name).copied();
    let workspace = planned.workspace_root.as_str();
    let outside_dirs: BTreeSet<&String> = steps
        .iter()
        .filter(|step| match &step.action {
            PlannedAction::Compile(_) => true,
            PlannedAction::Check(check) => check.tool != Tool::Program,
            PlannedAction::Run(_) => false,
        })
        .filter_map(|step| outside(&step.cwd, &step.env, workspace))
        .collect();
    let node = |step: &&PlannedStep| {
        let package = step.env.get("CARGO_MANIFEST_DIR").filter(|dir| outside_dirs.contains(dir));
        let roots = Roots::new(workspace, package.cloned());
        let node = match &step.action {
            PlannedAction::Compile(compile) => {
                let flags = args::parse(&compile.args);
                let mut needs: BTreeSet<(String, Option<usize>)> = compile
                    .externs
                    .iter()
                    .map(|dep| (format!("{EXTERN}{}", dep.name), find(&dep.step)))
                    .collect();
                needs.extend(compile.script.iter().map(|run| (SCRIPT.to_owned(), find(run))));
                Node {
                    subject: compile_subject(&step.package, &RustcCall::from_flags(&flags)),
                    facts: compile_facts(&normalise::arguments(&flags, &roots)),
                    needs: needs.into_iter().collect(),
                }
            }
            PlannedAction::Run(run) => Node {
                subject: subject(&step.package, step.platform.as_deref(), "run"),
                facts: run_facts(&step.env, &roots),
                needs: vec![(PROGRAM.to_owned(), find(&run.program))],
            },
            PlannedAction::Check(check) => {
                let call = RustcCall::parse(&check.known.args);
                let arguments = checks::compare::known(check, &roots);
                let needs: BTreeSet<_> =
                    check.needs().into_iter().map(|(word, on)| (word, find(&on))).collect();
                let platform = step.platform.as_deref();
                Node {
                    subject: check_subject(&step.package, check.tool, platform, &call),
                    facts: check_facts(check.tool, &arguments),
                    needs: needs.into_iter().collect(),
                }
            }
        };
        (node, roots)
    };
    steps.iter().map(node).unzip()
}
