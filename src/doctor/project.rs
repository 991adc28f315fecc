//! Checks of the project.

use super::facts::{Facts, PlanState, ToolchainState};
use super::{Finding, State};
use crate::text::words;

const OUTSIDE: &str = "no project here";

/// Whether config.toml can be used.
pub(super) fn configuration(facts: &Facts) -> Finding {
    let check = "config.toml";
    match &facts.project {
        None => Finding::new(check, State::Note, OUTSIDE),
        Some(project) => match &project.config_error {
            None if !project.has_config => {
                Finding::new(check, State::Good, "none, so all has its default")
            }
            None => Finding::new(check, State::Good, "no mistakes in it"),
            Some(error) => Finding::new(check, State::Missing, error.as_str())
                .cure("`rbn-plan config` shows the places"),
        },
    }
}

/// Whether flake.nix and flake.lock agree.
pub(super) fn lock(facts: &Facts) -> Finding {
    let check = "flake.lock";
    let Some(project) = &facts.project else { return Finding::new(check, State::Note, OUTSIDE) };
    if !project.has_flake {
        return Finding::new(check, State::Note, "no flake.nix here").cure("rbn-plan init");
    }
    match &project.drift {
        Err(reason) => Finding::new(check, State::Missing, reason.as_str())
            .cure("`rbn-plan flake` shows the places"),
        Ok(drift) => match drift.first() {
            None => Finding::new(check, State::Good, "agrees with flake.nix"),
            Some((_, cure)) => {
                let said: Vec<&str> = drift.iter().map(|(said, _)| said.as_str()).collect();
                Finding::new(check, State::Weak, said.join("; ")).cure(cure)
            }
        },
    }
}

/// Whether the toolchain's file is for the tools that this machine has.
pub(super) fn toolchain(facts: &Facts) -> Finding {
    let check = "toolchain.nix";
    let Some(project) = &facts.project else { return Finding::new(check, State::Note, OUTSIDE) };
    let file = &project.toolchain_file;
    let make = format!("rbn-plan toolchain host -o {file}");
    let made = |state, found: String| Finding::new(check, state, found);
    match &project.toolchain {
        _ if !project.host_toolchain => match &project.lacks {
            Some((found, cure)) => made(State::Missing, found.clone()).cure(cure),
            None => made(State::Good, "the flake's inputs provide the toolchain".to_owned()),
        },
        ToolchainState::Unknown if !matches!(facts.host, Some(Ok(_))) => {
            made(State::Note, "cannot be told without a toolchain".to_owned())
        }
        ToolchainState::Unknown => {
            made(State::Note, format!("{file} is not of `rbn-plan toolchain host`"))
        }
        ToolchainState::Store => made(State::Good, format!("{file} is a toolchain in the store")),
        ToolchainState::Absent => {
            made(State::Note, format!("there is no {file}; `rbn-plan build` renders it")).cure(make)
        }
        ToolchainState::Current if project.toolchain_is_taken => {
            let found = "is for this machine's tools, and no other's; git does not ignore it";
            made(State::Weak, format!("{file} {found}")).cure(format!(
                "echo /{file} >> .gitignore; git rm --cached --ignore-unmatch {file}"
            ))
        }
        ToolchainState::Current => made(State::Good, format!("{file} is for this machine's tools")),
        ToolchainState::Stale(gone) => {
            let others = words::shortened(gone.iter().collect(), 2);
            let found = format!("{file} is for other tools than this machine's ({others})");
            made(State::Weak, format!("{found}; steps refuse to work with these")).cure(make)
        }
    }
}

/// Whether the plan is what would be made now.
pub(super) fn plan(facts: &Facts) -> Finding {
    let check = "plan";
    let Some(project) = &facts.project else { return Finding::new(check, State::Note, OUTSIDE) };
    let file = &project.plan_file;
    match &project.plan {
        PlanState::Unknown => Finding::new(check, State::Note, "not looked at"),
        PlanState::Absent(make) => {
            Finding::new(check, State::Weak, format!("there is no {file}")).cure(make)
        }
        PlanState::Current => Finding::new(check, State::Good, format!("{file} is up to date")),
        PlanState::Outdated(again) => {
            Finding::new(check, State::Weak, format!("{file} is not what would be made now"))
                .cure(again)
        }
        PlanState::OtherSelection(selection) => Finding::new(
            check,
            State::Note,
            format!("{file} was made of another selection: {selection}"),
        ),
        PlanState::Failed(reason) => {
            Finding::new(check, State::Missing, format!("no plan can be made: {reason}"))
                .cure("`rbn-plan` says more")
        }
    }
}
