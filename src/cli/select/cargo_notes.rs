//! What Cargo reads here, and a colleague's plan or a step would not have.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use crate::cargo::Workspace;
use crate::cargo::files::relative;
use crate::cargo::left_out::is_version_control;
use crate::cargo::settings::taken;
use crate::cli::out;
use crate::config::Config;
use crate::text::words::shortened;

/// Says which settings stand outside of what is committed, and which flags mean this machine.
pub(super) fn report(workspaces: &[Workspace]) {
    let mut outside: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let mut native = BTreeSet::new();
    for workspace in workspaces {
        let tree = tree(&workspace.root);
        for (file, keys) in taken::outside(&workspace.taken, tree) {
            outside.entry(file).or_default().extend(keys);
        }
        let flags = &workspace.settings.rustflags;
        native.extend(flags.iter().filter(|(_, flags)| taken::is_native(flags)).map(|(t, _)| t));
    }
    for (file, keys) in outside {
        let keys = keys.into_iter().collect::<Vec<_>>().join(", ");
        out::note(&format!(
            "note: settings of {file} take part in this plan: {keys} (for everyone: .cargo/config.toml of the workspace)"
        ));
    }
    for triple in native {
        out::note(&format!(
            "note: rustflags of {triple} have `target-cpu=native`: each machine that builds makes code for its own processor, and a cache may give it to another"
        ));
    }
}

/// Says which program Cargo puts before rustc: Cargo's own build may differ by it.
pub(super) fn report_wrappers(workspaces: &[Workspace]) {
    // The same in each workspace: it does not depend on the machine.
    let wrappers = workspaces.first().map(|workspace| &workspace.wrappers);
    for (variable, program) in wrappers.into_iter().flatten().filter(|(_, p)| !is_cache(p)) {
        out::note(&format!(
            "note: Cargo compiles through {program} ({variable}); a plan's steps run rustc itself, so what that program adds is missing. Flags belong into `rustflags`"
        ));
    }
}

/// Whether a wrapper keeps what rustc makes, and changes nothing of it: `[sccache]` does that for steps.
fn is_cache(program: &str) -> bool {
    let name = Utf8Path::new(program).file_stem().unwrap_or(program);
    ["sccache", "cachepot", "ccache", "kache"].contains(&name)
}

/// Says which files a search finds under Cargo, and in no step: the code may go on without them.
pub(super) fn unseen(workspace: &Workspace, config: &Config) {
    for (package, files) in &workspace.files.unseen {
        let given = config.overrides.iter().filter(|one| one.package.to_string() == *package);
        let given: Vec<&Utf8Path> =
            given.flat_map(|one| &one.files.value).map(|path| path.as_path()).collect();
        let paths = files.iter().map(|file| (file, relative(&workspace.root, file)));
        let paths = paths.filter(|(_, path)| !given.iter().any(|given| path.starts_with(given)));
        let (of_control, others): (Vec<_>, Vec<_>) = paths
            .partition(|(_, path)| path.components().any(|part| is_version_control(part.as_str())));
        for (file, path) in others {
            let code = format!(
                "code that builds {package} searches for {}",
                path.file_name().unwrap_or_default()
            );
            match path.starts_with("..") {
                true => out::note(&format!(
                    "note: {code}; Cargo's processes find {file}, which no step sees: it is not of this source tree"
                )),
                false => out::note(&format!(
                    "note: {code}; Cargo's processes find {path}, which no step sees: git ignores it (to give it to them: [override.{package}] files = [\"{path}\"] in config.toml)"
                )),
            }
        }
        if !of_control.is_empty() {
            let names: Vec<String> =
                of_control.into_iter().map(|(_, path)| path.to_string()).collect();
            out::tell(&format!(
                "note: code that builds {package} reads {}, which no step sees: it finds no repository, as in a source archive",
                shortened(names, 3)
            ));
        }
    }
}

/// What is committed together: the repository, else the workspace.
fn tree(root: &Utf8Path) -> &Utf8Path {
    root.ancestors().find(|dir| dir.join(".git").exists()).unwrap_or(root)
}
