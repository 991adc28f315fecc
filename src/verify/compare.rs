//! A plan against a recording.

use std::collections::{BTreeMap, BTreeSet};

use super::args;
use super::checks;
use super::environment::Variables;
use super::matching;
use super::nodes::{self, Call, RecordedGraph};
use super::normalise::{self, Arguments, Roots, STEP_DIR};
use super::planned::{Planned, PlannedAction, PlannedCompile, PlannedRun, PlannedStep};
use super::recording::Recording;
use super::relation::{EXTERN, PROGRAM, SCRIPT};
use super::report::{Difference, Place, Report, StepReport};
use super::shared_files;
use crate::model::split::SUFFIX;
use rbn_builder::effects::{self, Effects, Script, Unit};
use rbn_builder::protocol::{self, Directives};

/// Stands for what is used and made by no call.
const NO_CALL: &str = "(made by no call)";

/// Compares all that the plan would run with all that Cargo ran.
///
/// What build scripts decide (search paths, libraries, cfgs, variables) is computed for the plan
/// from what the scripts printed while Cargo was recorded, along the plan's own edges.
pub fn compare(planned: &Planned, recording: &Recording) -> Report {
    // Where the configuration stands in for a script (`links` overrides) nothing runs.
    let steps: Vec<&PlannedStep> =
        planned.steps.iter().filter(|step| replacement(step).is_none()).collect();
    let mut graph = nodes::recorded(recording);
    let (planned_nodes, planned_roots) = nodes::planned(planned, &steps);
    shared_files::settle(&graph.open, &planned_nodes, &mut graph.nodes);
    let pairs = matching::pairs(&planned_nodes, &graph.nodes);

    let mut report = Report {
        planned: steps.len() + planned.metadata.len(),
        recorded: recording.len(),
        cargo_version: recording.cargo_version.clone(),
        notes: recording.notes.clone(),
        ..Report::default()
    };
    let twins: BTreeMap<usize, usize> = pairs.iter().copied().collect();
    let names: BTreeMap<usize, &str> =
        pairs.iter().map(|&(step, call)| (call, steps[step].name.as_str())).collect();
    let said = Said::read(planned, &steps, &twins, &graph, false);
    let said_in_steps = Said::read(planned, &steps, &twins, &graph, true);
    let metadata: BTreeMap<&str, &PlannedStep> =
        planned.metadata.iter().map(|step| (step.name.as_str(), step)).collect();
    for &(step, call) in &pairs {
        let own = (steps[step], steps[step].name.clone());
        // Both steps of a library are the one call that Cargo made.
        let before = metadata.get(steps[step].name.as_str());
        let before = before.map(|step| (*step, format!("{}{SUFFIX}", step.name)));
        for (planned, name) in std::iter::once(own).chain(before) {
            let comparison = Comparison {
                step: planned,
                roots: &planned_roots[step],
                graph: &graph,
                call,
                names: &names,
                said: &said,
                said_in_steps: &said_in_steps,
                baseline: &recording.baseline.0,
            };
            let differences = comparison.differences();
            if differences.is_empty() {
                report.equal += 1;
            } else {
                report.different.push(StepReport { step: name, differences });
            }
        }
    }
    let missing = |(index, step): (usize, &&PlannedStep)| {
        (!twins.contains_key(&index)).then(|| step.name.clone())
    };
    report.only_planned = steps.iter().enumerate().filter_map(missing).collect();
    let lost = planned.metadata.iter().filter(|step| report.only_planned.contains(&step.name));
    let lost: Vec<String> = lost.map(|step| format!("{}{SUFFIX}", step.name)).collect();
    report.only_planned.extend(lost);
    report.only_recorded = (0..graph.nodes.len())
        .filter(|call| !names.contains_key(call))
        .map(|call| graph.nodes[call].subject.clone())
        .collect();
    report.different.sort_by(|a, b| a.step.cmp(&b.step));
    report.only_planned.sort();
    report.only_recorded.sort();
    report
}

/// By a step's output (`/step/GROUP/NAME`) the call that it is: units first, then runs.
pub type Pairs = BTreeMap<String, usize>;

/// Which recorded call is which step.
#[must_use]
pub fn pairs(planned: &Planned, recording: &Recording) -> Pairs {
    let steps: Vec<&PlannedStep> =
        planned.steps.iter().filter(|step| replacement(step).is_none()).collect();
    let graph = nodes::recorded(recording);
    let (nodes, _) = nodes::planned(planned, &steps);
    let pairs = matching::pairs(&nodes, &graph.nodes).into_iter();
    pairs.map(|(step, call)| (format!("{STEP_DIR}{}", steps[step].name), call)).collect()
}

fn replacement(step: &PlannedStep) -> Option<(&PlannedRun, &str)> {
    match &step.action {
        PlannedAction::Run(run) => run.replaced.as_deref().map(|lines| (run, lines)),
        PlannedAction::Compile(_) | PlannedAction::Check(_) => None,
    }
}

/// What each run step's script said, and where its `OUT_DIR` is.
struct Said<'a>(BTreeMap<&'a str, (Result<Directives, String>, String)>);

impl<'a> Said<'a> {
    fn read(
        planned: &'a Planned,
        steps: &[&'a PlannedStep],
        twins: &BTreeMap<usize, usize>,
        graph: &RecordedGraph<'a>,
        in_steps: bool,
    ) -> Self {
        let parse = |stdout: &[u8], run: &PlannedRun| {
            protocol::parse(stdout, &run.package).map_err(|error| error.to_string())
        };
        let mut said = BTreeMap::new();
        for step in &planned.steps {
            if let Some((run, lines)) = replacement(step) {
                said.insert(step.name.as_str(), (parse(lines.as_bytes(), run), String::new()));
            }
        }
        for (step, call) in twins {
            if let (PlannedAction::Run(run), Call::Run(recorded)) =
                (&steps[*step].action, graph.calls[*call])
            {
                let out_dir = recorded.env.get("OUT_DIR").map_or("", String::as_str);
                let roots = &graph.roots[*call];
                let words = match in_steps {
                    true => {
                        let placed = checks::compare::said_lines(&recorded.stdout, roots);
                        (parse(&placed, run), checks::compare::said(out_dir, roots))
                    }
                    false => (parse(&recorded.stdout, run), out_dir.to_owned()),
                };
                said.insert(&steps[*step].name, words);
            }
        }
        Self(said)
    }

    /// Whether the configuration stands in for the script: it has no `OUT_DIR` then.
    fn is_replaced(&self, step: &str) -> bool {
        self.0.get(step).is_some_and(|(_, out_dir)| out_dir.is_empty())
    }

    /// What scripts say of search paths that do not reach a call.
    fn search_paths_of_others(&self, compile: &PlannedCompile) -> BTreeSet<&str> {
        let reaches = |name: &str| compile.scripts.iter().any(|script| script == name);
        let paths = |of: bool| {
            let scripts = self.0.keys().filter(move |name| reaches(name) == of);
            let said = scripts.filter_map(|name| self.of(name));
            said.flat_map(|(directives, _)| directives.search_paths.iter().map(String::as_str))
        };
        let own: BTreeSet<&str> = paths(true).collect();
        paths(false).filter(|path| !own.contains(path)).collect()
    }

    /// The scripts that reach a call, in order.
    fn scripts(&self, compile: &PlannedCompile) -> Vec<Script<'_>> {
        let script = |name: &String| {
            let (directives, out_dir) = self.of(name)?;
            Some(Script { directives, out_dir, own: compile.script.as_ref() == Some(name) })
        };
        compile.scripts.iter().filter_map(script).collect()
    }

    /// A script's directives; none if it is not there or cannot be read, which is reported at
    /// the run itself.
    fn of(&self, step: &str) -> Option<(&Directives, &str)> {
        let (directives, out_dir) = self.0.get(step)?;
        Some((directives.as_ref().ok()?, out_dir))
    }
}

/// One step and its call.
struct Comparison<'a> {
    step: &'a PlannedStep,
    roots: &'a Roots,
    graph: &'a RecordedGraph<'a>,
    call: usize,
    names: &'a BTreeMap<usize, &'a str>,
    said: &'a Said<'a>,
    /// The same with places as steps have them, for the builder's own code.
    said_in_steps: &'a Said<'a>,
    baseline: &'a Variables,
}

impl Comparison<'_> {
    fn differences(&self) -> Vec<Difference> {
        let roots = &self.graph.roots[self.call];
        let mut found = Vec::new();
        let (cwd, env, planned) = match (&self.step.action, self.graph.calls[self.call]) {
            (PlannedAction::Compile(compile), Call::Rustc(rustc)) => {
                let effects = self.effects(compile);
                let cargo = normalise::arguments(&args::parse(&rustc.args), roots);
                let mut plan = normalise::arguments(&args::parse(&compile.args), self.roots);
                // Texts that scripts printed hold the recording's paths.
                merge(&mut plan, normalise::arguments(&args::parse(&effects.args), roots));
                normalise::settle_linker(&cargo, &mut plan);
                compare_arguments(&cargo, &plan, &mut found);
                let planned = compile
                    .externs
                    .iter()
                    .map(|dep| (format!("{EXTERN}{}", dep.name), dep.step.clone()))
                    .chain(
                        compile
                            .script
                            .iter()
                            .map(|run| self.settled((SCRIPT.to_owned(), run.clone()))),
                    );
                self.compare_needs(planned.collect(), &mut found);
                (&rustc.cwd, &rustc.env, self.planned_variables(&effects.env))
            }
            (PlannedAction::Run(run), Call::Run(recorded)) => {
                self.check_output(&mut found);
                let program = (PROGRAM.to_owned(), run.program.clone());
                self.compare_needs([program].into(), &mut found);
                (&recorded.cwd, &recorded.env, self.planned_variables(&self.dep_env(run)))
            }
            (PlannedAction::Check(check), Call::Check(recorded)) => {
                let scripts = self.said_in_steps.scripts(&check.known);
                let call = check.call(&scripts);
                let mut cargo = checks::compare::recorded(recorded, roots);
                if check.is_doctest() {
                    let others = self.said.search_paths_of_others(&check.known);
                    checks::compare::without_others(&mut cargo, &others, roots);
                }
                let mut plan = checks::compare::planned(check, &call, self.roots);
                normalise::settle_linker(&cargo, &mut plan);
                compare_arguments(&cargo, &plan, &mut found);
                let needs = check.needs().into_iter();
                self.compare_needs(needs.map(|need| self.settled(need)).collect(), &mut found);
                (&recorded.cwd, &recorded.env, checks::compare::variables(&call, self.roots))
            }
            // Subjects of steps and of runs are never equal.
            _ => return found,
        };
        let (cargo, plan) = (roots.place(cwd.as_str()), self.roots.place(&self.step.cwd));
        if cargo != plan {
            found.push(Difference { place: Place::Cwd, cargo: vec![cargo], plan: vec![plan] });
        }
        let cargo = normalise::variables(env, roots);
        self.compare_variables(&cargo, &planned, &mut found);
        found
    }

    /// The step's variables, with those that scripts give it.
    fn planned_variables(&self, dynamic: &Variables) -> Variables {
        let mut plan = normalise::variables(&self.step.env, self.roots);
        plan.extend(normalise::variables(dynamic, &self.graph.roots[self.call]));
        plan
    }

    /// Where the configuration stands in for a script, no call is needed.
    fn settled(&self, (word, on): (String, String)) -> (String, String) {
        let is_replaced = word == SCRIPT && self.said.is_replaced(&on);
        (word, if is_replaced { NO_CALL.to_owned() } else { on })
    }

    fn effects(&self, compile: &PlannedCompile) -> Effects {
        let scripts = self.said.scripts(compile);
        let unit = Unit {
            linked_as: compile.linked_as.as_linked(),
            test_mode: is_test(&compile.args),
            package_has_lib: compile.package_has_lib,
        };
        effects::effects(&unit, &scripts)
    }

    fn dep_env(&self, run: &PlannedRun) -> Variables {
        run.links
            .iter()
            .filter_map(|(links, step)| Some((links, self.said.of(step)?.0)))
            .flat_map(|(links, directives)| effects::dep_env(links, directives))
            .collect()
    }

    fn check_output(&self, found: &mut Vec<Difference>) {
        if let Some((Err(error), _)) = self.said.0.get(self.step.name.as_str()) {
            let cargo = vec!["accepted".to_owned()];
            found.push(Difference { place: Place::Directives, cargo, plan: vec![error.clone()] });
        }
    }

    /// Which units the call and the step take something from.
    fn compare_needs(&self, plan: BTreeSet<(String, String)>, found: &mut Vec<Difference>) {
        let name = |call: Option<usize>| match call {
            Some(call) => self
                .names
                .get(&call)
                .map_or_else(|| self.graph.nodes[call].subject.clone(), |name| (*name).to_owned()),
            None => NO_CALL.to_owned(),
        };
        let cargo: BTreeSet<(String, String)> = self.graph.nodes[self.call]
            .needs
            .iter()
            .map(|(word, call)| (word.clone(), name(*call)))
            .collect();
        let words: BTreeSet<&String> =
            cargo.symmetric_difference(&plan).map(|(word, _)| word).collect();
        let only = |of: &BTreeSet<(String, String)>, other: &BTreeSet<_>, word: &String| {
            let is = |need: &&(String, String)| need.0 == *word && !other.contains(*need);
            of.iter().filter(is).map(|(_, to)| to.clone()).collect::<Vec<_>>()
        };
        for word in words {
            let place = match word.as_str() {
                SCRIPT => Place::Script,
                PROGRAM => Place::Program,
                name => Place::Extern(name.trim_start_matches(EXTERN).to_owned()),
            };
            let (cargo, plan) = (only(&cargo, &plan, word), only(&plan, &cargo, word));
            found.push(Difference { place, cargo, plan });
        }
    }

    fn compare_variables(&self, cargo: &Variables, plan: &Variables, found: &mut Vec<Difference>) {
        let names: BTreeSet<&String> = cargo.keys().chain(plan.keys()).collect();
        for name in names {
            let planned = plan.get(name);
            // What Cargo did not set it has from the user, and so have its children.
            let inherited = || self.baseline.get(name).filter(|_| planned.is_some());
            let cargos = cargo.get(name).or_else(inherited);
            if cargos != planned {
                found.push(Difference {
                    place: Place::Variable(name.clone()),
                    cargo: cargos.into_iter().cloned().collect(),
                    plan: planned.into_iter().cloned().collect(),
                });
            }
        }
    }
}

/// Adds what scripts decide behind what is fixed, as Cargo does; sets stay sorted.
fn merge(arguments: &mut Arguments, more: Arguments) {
    for (group, mut values) in more {
        let all = arguments.entry(group.clone()).or_default();
        all.append(&mut values);
        if normalise::is_set(&group) {
            all.sort();
        }
    }
}

fn compare_arguments(cargo: &Arguments, plan: &Arguments, found: &mut Vec<Difference>) {
    let groups: BTreeSet<&String> = cargo.keys().chain(plan.keys()).collect();
    for group in groups {
        let of = |side: &Arguments| side.get(group).cloned().unwrap_or_default();
        let (cargo, plan) = (of(cargo), of(plan));
        if cargo == plan {
            continue;
        }
        let (only_cargo, only_plan) = (without(&cargo, &plan), without(&plan, &cargo));
        found.push(if only_cargo.is_empty() && only_plan.is_empty() {
            Difference { place: Place::Order(group.clone()), cargo, plan }
        } else {
            let place = Place::Argument(group.clone());
            Difference { place, cargo: only_cargo, plan: only_plan }
        });
    }
}

/// What is in `values` more often than in `others`.
fn without(values: &[String], others: &[String]) -> Vec<String> {
    let mut others = others.to_vec();
    let mut rest = Vec::new();
    for value in values {
        match others.iter().position(|other| other == value) {
            Some(at) => drop(others.swap_remove(at)),
            None => rest.push(value.clone()),
        }
    }
    rest
}

/// Whether a call compiles tests: with a harness, or for a program that is its own.
fn is_test(args: &[String]) -> bool {
    let cfg = |pair: &[String]| pair[0] == "--cfg" && pair[1] == "test";
    args.iter().any(|arg| arg == "--test" || arg == "--cfg=test") || args.windows(2).any(cfg)
}
