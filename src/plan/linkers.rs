//! Linkers that are files of the workspace, such as a script around a compiler.

use camino::Utf8PathBuf;

use super::sandbox_paths;
use crate::model::{CrateType, Mode, Plan, Step, StepKind};

/// Gives every step that links the linker which its platform names, where that is a file of the
/// workspace: no package holds it.
pub fn ship(plan: &mut Plan) {
    let root = sandbox_paths::workspace(plan.root_depth);
    let own = |linker: &String| {
        let path = Utf8PathBuf::from(linker);
        path.strip_prefix(&root).map(ToOwned::to_owned).ok()
    };
    for id in plan.graph.node_indices() {
        let linker = plan.platforms.get(&plan.graph[id].platform).and_then(|f| f.linker.as_ref());
        if let Some(file) = linker.and_then(own).filter(|_| links(&plan.graph[id])) {
            plan.graph[id].additions.files.push(file.to_string());
        }
    }
}

fn links(step: &Step) -> bool {
    let StepKind::Compile(compile) = &step.kind else { return false };
    let archive =
        |kind: &CrateType| matches!(kind, CrateType::Lib | CrateType::Rlib | CrateType::Staticlib);
    match compile.mode {
        Mode::Build => !compile.target.crate_types.iter().all(archive),
        Mode::Test | Mode::Doctest => true,
        Mode::Check | Mode::CheckTest | Mode::Doc => false,
    }
}
