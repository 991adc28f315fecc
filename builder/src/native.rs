//! Libraries that no crate makes: those that overrides name (`build-inputs`).
//!
//! A step is told their places. Each is a directory with `lib`, `include` and `lib/pkgconfig`, as a path of
//! the store is; what it needs in turn stands in a file of nixpkgs'. A crate's note passes them on to all that
//! link it, and what is linked remembers where shared ones are: no loader looks into the store by itself.

use std::collections::BTreeSet;
use std::path::Path;

use crate::crates::Notes;
use crate::environment::Variables;
use crate::step::{Compile, HOST, Step};
use crate::target::{CrateType, Mode};

/// What nixpkgs writes into a library whose users need others, too.
const PROPAGATED: &str = "nix-support/propagated-build-inputs";

/// The libraries at `places`, and those that they name in turn, each once.
pub(crate) fn with_propagated(places: &[String]) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    let mut waiting: Vec<String> = places.iter().rev().cloned().collect();
    while let Some(place) = waiting.pop() {
        if known.insert(place.clone()) {
            let text = std::fs::read_to_string(Path::new(&place).join(PROPAGATED));
            waiting.extend(text.unwrap_or_default().split_whitespace().rev().map(str::to_owned));
            found.push(place);
        }
    }
    found
}

/// What tells pkg-config and the C compiler of the libraries of `step`.
pub(crate) fn variables(step: &Step) -> Variables {
    let places = &step.added.libraries;
    if places.is_empty() {
        return Variables::new();
    }
    let below = |tail: &str| {
        let places: Vec<String> = places.iter().map(|place| format!("{place}/{tail}")).collect();
        places.join(":")
    };
    let pkg_config = format!("{}:{}", below("lib/pkgconfig"), below("share/pkgconfig"));
    let mut variables = Variables::from([
        ("PKG_CONFIG_PATH".to_owned(), pkg_config),
        ("LIBRARY_PATH".to_owned(), below("lib")),
        ("CPATH".to_owned(), below("include")),
    ]);
    if step.group != HOST && step.triple() != step.host {
        variables.insert("PKG_CONFIG_ALLOW_CROSS".to_owned(), "1".to_owned());
    }
    variables
}

/// The libraries that the step's crate needs: its own, then those of the crates that it links.
pub(crate) fn needed(step: &Step, compile: &Compile, notes: &Notes) -> Vec<String> {
    let crates = compile.crates().filter_map(|path| notes.crates.get(path));
    let below = crates.flat_map(|note| &note.libraries);
    let mut known = BTreeSet::new();
    let all = step.added.libraries.iter().chain(below);
    all.filter(|place| known.insert((*place).clone())).cloned().collect()
}

/// rustc's arguments for `libraries`: where they are, and for what is linked, where they will be.
pub(crate) fn args(step: &Step, compile: &Compile, libraries: &[String]) -> Vec<String> {
    let is_linked = is_linked(compile);
    let own = &step.added.libraries;
    let mut args = Vec::new();
    for place in libraries.iter().filter(|place| is_linked || own.contains(place)) {
        let dir = format!("{place}/lib");
        let names = names(&dir);
        if names.iter().any(|name| name.ends_with(".a") || is_shared(name)) {
            args.extend(["-L".to_owned(), format!("native={dir}")]);
        }
        if is_linked && step.triple().contains("-linux-") && names.iter().any(|n| is_shared(n)) {
            let word = if is_direct(step) { "-rpath=" } else { "-Wl,-rpath," };
            args.extend(["-C".to_owned(), format!("link-arg={word}{dir}")]);
        }
    }
    args
}

/// Whether a linker runs, and not for an archive alone.
fn is_linked(compile: &Compile) -> bool {
    let is_program =
        |kind: &CrateType| kind.requires_upstream_objects() && *kind != CrateType::Staticlib;
    match compile.mode {
        Mode::Build => compile.crate_types.iter().any(is_program),
        Mode::Test => true,
        _ => false,
    }
}

/// Whether the linker is called by itself and not by a C compiler, as rustc tells by its name.
fn is_direct(step: &Step) -> bool {
    let linker = step.platform.linker.as_deref().map(Path::new);
    let name = linker.and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    name == "ld" || name.starts_with("ld.") || name.ends_with("-ld") || name.contains("lld")
}

fn is_shared(name: &str) -> bool {
    name.starts_with("lib") && (name.ends_with(".so") || name.contains(".so."))
}

fn names(dir: &str) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::with_propagated;

    #[test]
    fn libraries_name_others_once_and_in_order() {
        let dir = std::env::temp_dir().join(format!("rbn-native-{}", std::process::id()));
        let place = |name: &str| dir.join(name).to_string_lossy().into_owned();
        for (name, names) in [("a", vec!["b", "c"]), ("b", vec!["d"]), ("d", vec!["a"])] {
            let support = dir.join(name).join("nix-support");
            std::fs::create_dir_all(&support).expect("a directory");
            let text: Vec<String> = names.into_iter().map(place).collect();
            std::fs::write(support.join("propagated-build-inputs"), text.join(" "))
                .expect("a file");
        }
        let found = with_propagated(&[place("a"), place("c")]);
        assert_eq!(found, ["a", "b", "d", "c"].map(place));
        assert!(with_propagated(&[]).is_empty());
        std::fs::remove_dir_all(&dir).expect("removed");
    }
}
