//! The checks of a plan as their builder knows them.
//!
//! The library of plans of checks (`templates/lib/checks.nix`) makes the same facts; a test holds that what
//! Nix evaluates is what is said here.

use std::collections::BTreeMap;

use rbn_builder::attempt::Check;
use rbn_builder::facts::Facts;
use rbn_builder::json::Value;
use rbn_builder::step;

use super::facts;
use crate::model::{Mode, Plan, StepId, Verb};

/// A check, and the step that it looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What is done.
    pub check: Check,
    /// The facts of the step.
    pub of: step::Step,
}

/// Checks by their outputs: `/step/GROUP/NAME`.
pub type Checks = BTreeMap<String, Checked>;

/// The checks of `plan`, without the places of tools and the crates that a documented one links to, which
/// are Nix's to say.
///
/// # Errors
/// What the builder does not take: a fault of this program's.
pub fn checks(plan: &Plan) -> Result<Checks, String> {
    let mut all = Checks::new();
    for id in plan.checked() {
        let checks = plan.checks.as_ref();
        let parts = checks.and_then(|checks| checks.partitions.get(plan.step(id).name.as_str()));
        match parts {
            None => all.extend([one(plan, id, None)?]),
            Some(of) => {
                for part in 1..=*of {
                    all.extend([one(plan, id, Some((part, *of)))?]);
                }
            }
        }
    }
    Ok(all)
}

fn one(plan: &Plan, id: StepId, part: Option<(u32, u32)>) -> Result<(String, Checked), String> {
    let step = plan.step(id);
    let Some(checks) = &plan.checks else { return Err("a plan without checks".to_owned()) };
    let of_rustdoc = match step.compile().map(|compile| compile.mode) {
        Some(Mode::Doctest) => Some("doctest"),
        Some(Mode::Doc) => Some("doc"),
        _ => None,
    };
    let action = of_rustdoc.unwrap_or(checks.verb.action());
    let runs = matches!(action, "test" | "bench" | "doctest");
    let mut of = facts::step(plan, id);
    let output = facts::output(step);
    let name = if of_rustdoc.is_some() { output.clone() } else { format!("{output}:{action}") };
    let name = match part {
        Some((part, of)) => format!("{name}:{part}-of-{of}"),
        None => name,
    };
    if action == "fmt" {
        without_dependencies(&mut of);
    }
    let texts = |texts: &[String]| Value::texts(texts.iter().map(String::as_str));
    let number = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let runner = plan.platforms.get(&step.platform).filter(|_| runs);
    let runner = runner.map(|facts| facts.runner.as_slice()).unwrap_or_default();
    let mut check = vec![
        ("runner", texts(runner)),
        ("directory", Value::Text(checks.directory.clone())),
        ("args", texts(&checks.args)),
        ("skip", texts(if runs { &checks.skip } else { &[] })),
        ("retries", number(if runs { checks.retries.into() } else { 0 })),
        ("timeout", number(checks.timeout.unwrap_or(3600).into())),
        ("output", number(checks.output.unwrap_or(1 << 20))),
    ];
    if runs && of_rustdoc.is_none() {
        check.push(("program", Value::Text(output)));
        check.push(("coverage", Value::Bool(checks.verb == Verb::Coverage)));
    }
    if let Some((part, of)) = part {
        check.extend([("part", number(part.into())), ("parts", number(of.into()))]);
    }
    let check = Check::read(action, Facts::new("check", Value::object(check))?)?;
    Ok((name, Checked { check, of }))
}

/// Code is formatted whatever it depends on.
fn without_dependencies(of: &mut step::Step) {
    if let step::Action::Compile(compile) = &mut of.action {
        compile.deps.clear();
        compile.macros.clear();
        compile.needs.clear();
        compile.bins.clear();
        compile.script = None;
    }
}
