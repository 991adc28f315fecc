//! Two build targets that end in one file, as Cargo warns of them.

use std::collections::BTreeMap;

use crate::model::{Mode, Plan, TargetKind};

/// A sentence for each file of the plan's packages that several build targets are.
#[must_use]
pub fn collisions(plan: &Plan) -> Vec<String> {
    let mut files: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for id in &plan.roots {
        let step = plan.step(*id);
        let Some(compile) = step.compile().filter(|compile| compile.mode == Mode::Build) else {
            continue;
        };
        let target = &compile.target;
        let package = plan.package(*id);
        let made = match target.kind {
            TargetKind::Bin => vec![format!("bin/{}", target.name)],
            TargetKind::Example => vec![format!("examples/{}", target.name)],
            TargetKind::Lib => {
                let libraries = target.crate_types.iter().filter(|kind| !kind.is_linkable());
                let names =
                    libraries.filter_map(|kind| plan.file_name(*id, *kind, &target.crate_name()));
                names.map(|name| format!("lib/{name}")).collect()
            }
            _ => Vec::new(),
        };
        for file in made {
            let platform = step.platform.group().to_owned();
            let who = format!("`{}` of {} {}", target.name, package.name, package.version);
            files.entry((platform, file)).or_default().push(who);
        }
    }
    let sentence = |((platform, file), who): ((String, String), Vec<String>)| {
        let who = who.join(" and ");
        format!(
            "{who} are both {file} ({platform}): only one of them is in `default`; give them names of their own, or build packages.{platform}.NAME"
        )
    };
    files.into_iter().filter(|(_, who)| who.len() > 1).map(sentence).collect()
}
