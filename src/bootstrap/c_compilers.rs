//! What x.py says of a target's C compilers to all that it starts.
//!
//! Build scripts read it by the crate `cc`, which takes the variables of a target before all others; so they are given
//! to the runs of those scripts that are made with that crate.
//!
//! Source: `Builder::cargo` and `cc_detect.rs` of x.py 1.96.

use super::environment::Variables;
use super::settings::Settings;
use crate::graph;
use crate::model::{Edge, Plan, Platform, StepId, Triple};

/// The crate that reads them.
const READER: &str = "cc";

/// The programs that a machine's own target has where bootstrap.toml names no others.
const OWN: [(&str, &str); 3] = [("AR", "ar"), ("CC", "cc"), ("CXX", "c++")];

/// The variables of `triple`.
fn of_target(settings: &Settings, triple: &Triple) -> Variables {
    let named = settings.target(triple).programs;
    let program = |(name, usual): (&str, &str)| {
        (name.to_owned(), named.get(name).cloned().unwrap_or_else(|| usual.to_owned()))
    };
    let mut all: Variables = OWN.into_iter().map(program).collect();
    all.insert("RANLIB".to_owned(), format!("{} s", all["AR"]));
    // What it adds to their arguments is nothing on Linux. But it is set.
    all.extend(["CFLAGS", "CXXFLAGS"].map(|name| (name.to_owned(), String::new())));
    let triple = triple.env_lower();
    all.into_iter().map(|(name, value)| (format!("{name}_{triple}"), value)).collect()
}

/// Gives the variables of the machine's own target, `host`, to the runs for it that read them. What another target is
/// made with, x.py finds on the machine, and a plan has it of its toolchain.
pub fn give(plan: &mut Plan, host: &Triple, settings: &Settings) {
    if !plan.targets.contains(host) {
        return;
    }
    let is_own = |platform: &Platform| match platform {
        Platform::Host => true,
        Platform::Target(triple) => triple == host,
    };
    let all = plan.graph.node_indices();
    let runs: Vec<StepId> =
        all.filter(|id| is_own(&plan.step(*id).platform) && reads(plan, *id)).collect();
    let variables = of_target(settings, host);
    for run in runs {
        let own = variables.iter().map(|(name, value)| (name.clone(), value.clone()));
        plan.graph[run].additions.env.extend(own);
    }
}

/// Whether a step is the run of a script that is made with [`READER`].
fn reads(plan: &Plan, step: StepId) -> bool {
    if plan.step(step).run().is_none() {
        return false;
    }
    let program = plan.dependencies(step).filter(|(edge, _)| **edge == Edge::ScriptProgram);
    let made_of = graph::dependencies(&plan.graph, program.map(|(_, id)| id));
    made_of.into_iter().any(|id| plan.package(id).name == READER)
}
