//! What config.toml adds to steps: Cargo does not know of it, so it is taken out before the comparison.
//!
//! Not unseen: Nix has to give each step exactly what the file says, and the report tells what was taken out.

use std::collections::BTreeMap;

use rbn_builder::step::{Action, Step};

use super::error::EvaluateError;
use super::normalise::STEP_DIR;
use crate::model::{Plan, split};

/// Steps by their outputs.
pub type Steps = BTreeMap<String, Step>;

/// A plan without programs and libraries: their names are the toolchain's, and none is asked here.
#[must_use]
pub fn without_programs(plan: &Plan) -> Plan {
    let mut plan = plan.clone();
    for id in plan.graph.node_indices() {
        let additions = &mut plan.graph[id].additions;
        additions.native_inputs.clear();
        additions.build_inputs.clear();
    }
    plan
}

/// Takes out of `known` all that `stated` has and `bare` has not, and says what that was: a line for each
/// thing, with its steps.
///
/// # Errors
/// A step has other things than what `stated` says.
pub fn taken_out(
    known: &mut Steps,
    stated: &Steps,
    bare: &Steps,
) -> Result<Vec<String>, EvaluateError> {
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (output, step) in known {
        let whole = split::whole(output);
        let (Some(stated), Some(bare)) = (stated.get(whole), bare.get(whole)) else { continue };
        if flags(step) != flags(stated) {
            return Err(EvaluateError::Added { step: output.clone() });
        }
        let name = output.strip_prefix(STEP_DIR).unwrap_or(output);
        for line in lines(stated, bare).into_iter().filter(|_| whole == output) {
            found.entry(line).or_default().push(name);
        }
        step.added.clone_from(&bare.added);
        step.environment.clone_from(&bare.environment);
        step.platform.rustflags.clone_from(&bare.platform.rustflags);
        step.platform.linker.clone_from(&bare.platform.linker);
    }
    Ok(found.into_iter().map(|(line, steps)| format!("{line}: {}", named(&steps))).collect())
}

/// All that decides about a command and that config.toml can change.
fn flags(step: &Step) -> [Vec<String>; 4] {
    let pairs = |table: &BTreeMap<String, String>| {
        table.iter().map(|(name, value)| format!("{name}={value}")).collect()
    };
    let platform = step.platform.rustflags.iter().chain(&step.platform.linker);
    [
        step.added.rustflags.clone(),
        pairs(&step.added.env),
        pairs(&step.environment),
        platform.cloned().collect(),
    ]
}

/// What `stated` has more than `bare`, a thing a line.
fn lines(stated: &Step, bare: &Step) -> Vec<String> {
    let mut lines = Vec::new();
    let more = |own: &[String], base: &[String]| {
        own.strip_prefix(base).map_or_else(|| own.to_vec(), <[String]>::to_vec)
    };
    let mut rustflags = more(&stated.platform.rustflags, &bare.platform.rustflags);
    rustflags.extend(more(&stated.added.rustflags, &bare.added.rustflags));
    // A run only hears of them.
    let is_run = matches!(stated.action, Action::Run(_));
    if !rustflags.is_empty() && !is_run {
        lines.push(format!("rustflags {}", rustflags.join(" ")));
    }
    if let Some(linker) = stated.platform.linker.as_ref().filter(|_| !is_run)
        && stated.platform.linker != bare.platform.linker
    {
        lines.push(format!("linker {linker}"));
    }
    let of = |table: &BTreeMap<String, String>, base: &BTreeMap<String, String>| {
        let new = table.iter().filter(|(name, value)| base.get(*name) != Some(*value));
        new.map(|(name, value)| format!("variable {name}={value}")).collect::<Vec<_>>()
    };
    lines.extend(of(&stated.environment, &bare.environment));
    lines.extend(of(&stated.added.env, &bare.added.env));
    lines
}

/// The first few names, and how many more there are.
fn named(steps: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown = steps.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match steps.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
