//! The `cfg`s of a step.

use std::collections::BTreeSet;

use rbn_builder::note;

use crate::model::{Panic, Plan, StepId};

/// The prefix of a platform's `cfg`s in the environment of build scripts.
const PREFIX: &str = "CARGO_CFG_";

/// As rustc spells them: `unix`, `target_os="linux"`; those of its platform, profile, features, flags, and what
/// its build script said. `test` is for the editor to set.
pub fn of(plan: &Plan, id: StepId, run: Option<&note::Run>) -> BTreeSet<String> {
    let step = plan.step(id);
    let mut cfgs = BTreeSet::new();
    let facts = plan.platforms.get(&step.platform);
    let flags = facts.map_or(&[][..], |facts| facts.rustflags.as_slice()).iter();
    let flags = flags.chain(&step.profile.rustflags).chain(&step.additions.rustflags);
    let given = of_flags(&flags.map(String::as_str).collect::<Vec<_>>());
    // What flags give is in the environment, too, in capital letters.
    let capitals: BTreeSet<String> = given
        .iter()
        .filter_map(|cfg| cfg.split('=').next())
        .map(|name| name.trim().to_uppercase())
        .collect();
    for (variable, value) in facts.iter().flat_map(|facts| &facts.cfg_env) {
        let Some(name) = variable.strip_prefix(PREFIX) else { continue };
        if !capitals.contains(name) {
            cfgs.extend(of_variable(&name.to_lowercase(), value));
        }
    }
    let panic = if step.profile.panic == Panic::Unwind { "unwind" } else { "abort" };
    cfgs.insert(format!("panic=\"{panic}\""));
    if step.profile.debug_assertions {
        cfgs.insert("debug_assertions".to_owned());
    }
    cfgs.extend(step.features.iter().map(|feature| format!("feature=\"{feature}\"")));
    cfgs.extend(given);
    cfgs.extend(run.into_iter().flat_map(|run| run.directives.cfgs.iter().cloned()));
    cfgs
}

/// A variable says less than rustc did: an empty one is a name alone, or a key without a value.
fn of_variable(name: &str, value: &str) -> Vec<String> {
    let is_key = name.starts_with("target_") && name != "target_thread_local";
    match (name, value) {
        // The profile says it.
        ("panic", _) => Vec::new(),
        (_, "") if !is_key => vec![name.to_owned()],
        _ => value.split(',').map(|value| format!("{name}=\"{value}\"")).collect(),
    }
}

/// `--cfg X` and `--cfg=X` among rustc's flags.
fn of_flags(flags: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        match flag.strip_prefix("--cfg") {
            Some("") => found.extend(flags.next().map(|cfg| (*cfg).to_owned())),
            Some(rest) => found.extend(rest.strip_prefix('=').map(str::to_owned)),
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{of_flags, of_variable};

    #[test]
    fn variables_and_flags_are_read_as_rustc_spells_them() {
        assert_eq!(of_variable("unix", ""), ["unix"]);
        assert_eq!(of_variable("target_abi", ""), ["target_abi=\"\""]);
        assert_eq!(
            of_variable("target_feature", "fxsr,sse"),
            ["target_feature=\"fxsr\"", "target_feature=\"sse\""]
        );
        assert_eq!(
            of_flags(&["--cfg", "a", "-C", "x", "--cfg=b=\"c\"", "--cfg"]),
            ["a", "b=\"c\""]
        );
    }
}
