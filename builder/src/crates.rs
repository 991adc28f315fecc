//! What a crate's step knows of the crates below it, and tells those above.

use std::collections::{BTreeMap, BTreeSet};

use crate::identity::Unit;
use crate::note::{Crate, Run};
use crate::of_bootstrap; // bootstrap
use crate::package::version_key;
use crate::step::{Compile, Part, Step};
use crate::target::{CrateType, Kind, Mode};

/// Notes by the paths of the outputs that they are of.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Of crates.
    pub crates: BTreeMap<String, Crate>,
    /// Of runs of build scripts.
    pub runs: BTreeMap<String, Run>,
}

impl Notes {
    /// A program keeps some link arguments (`-rpath`) for the time when it runs: what they name in an
    /// `OUT_DIR` has to be where it stays, in the output of the run.
    pub(crate) fn keep_for_linkers(&mut self) {
        let stays: Vec<(String, String)> = self
            .runs
            .iter()
            .filter(|(_, run)| !run.out_dir.is_empty())
            .map(|(path, run)| (run.out_dir.clone(), format!("{path}/out")))
            .collect();
        for (_, arg) in self.runs.values_mut().flat_map(|run| &mut run.directives.link_args) {
            for (out_dir, output) in &stays {
                *arg = moved(arg, out_dir, output);
            }
        }
    }
}

/// `text` with the directory `from` read as `to`, but not a longer name that begins like it.
fn moved(text: &str, from: &str, to: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let after = &rest[at + from.len()..];
        let is_longer = after.starts_with(|c: char| c.is_alphanumeric() || "._+~-".contains(c));
        result.push_str(&rest[..at]);
        result.push_str(if is_longer { from } else { to });
        rest = after;
    }
    result + rest
}

/// The identity of a step, when those of the crates below it are known.
#[must_use]
pub fn identity(step: &Step, compile: &Compile, notes: &Notes) -> String {
    let step = &step.salted(); // bootstrap
    Unit {
        name: &step.package.name,
        version: &step.package.version,
        origin: &step.package.identity(),
        suffix: &compile.suffix,
        group: &step.group,
        features: &step.features,
        profile: &step.profile,
        dependencies: linked(compile, notes).map(|(_, note)| note.id.as_str()).collect(),
    }
    .identity()
}

fn linked<'a>(
    compile: &'a Compile,
    notes: &'a Notes,
) -> impl Iterator<Item = (&'a str, &'a Crate)> {
    compile.crates().filter_map(|path| Some((path, notes.crates.get(path)?)))
}

/// The runs of build scripts that reach a step's link arguments: the own one, then those that reach
/// its dependencies in the order of Cargo's package ids, without repetition. Macros pass none on.
/// `speaks` says which count: [`Run::speaks_of_linking`], or all, where it is not known yet what they say.
///
/// Source: `build_map` of Cargo 1.95's `custom_build.rs`.
#[must_use]
pub fn natives(compile: &Compile, notes: &Notes, speaks: fn(&Run) -> bool) -> Vec<String> {
    let own = |path: &&String| notes.runs.get(*path).is_some_and(speaks);
    let mut natives: Vec<String> = compile.script.iter().filter(own).cloned().collect();
    let mut below: Vec<(&str, &Crate)> = compile
        .deps
        .values()
        .filter_map(|path| Some((path.as_str(), notes.crates.get(path)?)))
        .filter(|(_, note)| !note.is_macro)
        .collect();
    below.sort_by_cached_key(|(path, note)| {
        let (name, version, origin) = &note.package;
        (name.clone(), version_key(version), origin.clone(), (*path).to_owned())
    });
    let mut known: BTreeSet<String> = natives.iter().cloned().collect();
    for native in below.iter().flat_map(|(_, note)| &note.natives) {
        if known.insert(native.clone()) {
            natives.push(native.clone());
        }
    }
    natives
}

/// What the step whose output will be at `out` tells of its crate, as far as that is known before it
/// is compiled: what rustc puts into the crate comes later. `speaks` as for [`natives`].
#[must_use]
pub fn note(
    step: &Step,
    compile: &Compile,
    notes: &Notes,
    out: &str,
    speaks: fn(&Run) -> bool,
) -> Crate {
    let id = identity(step, compile, notes);
    let mut name = compile.crate_name();
    if compile.has_extra_filename(&step.package) {
        name.push_str(&format!("-{id}"));
    }
    let is_macro = compile.kind == Kind::ProcMacro;
    let mut files = BTreeMap::new();
    let mut links = Vec::new();
    if compile.mode.is_check() || compile.part == Part::Metadata {
        let file = format!("lib{name}.rmeta");
        files.insert("rmeta".to_owned(), file.clone());
        links.push(file);
    } else {
        // A test is a program, whatever its crate is otherwise.
        let types =
            if compile.mode == Mode::Test { &[CrateType::Bin][..] } else { &compile.crate_types };
        for kind in types {
            if let Some(file) = step.file_name(*kind, &name) {
                if kind.is_linkable() {
                    links.push(file.clone());
                }
                files.insert(kind.as_str().to_owned(), file);
            }
        }
    }
    links.extend(compile.metadata_file(&name)); // bootstrap
    let mut note = Crate {
        id,
        package: (step.package.name.clone(), step.package.version.clone(), step.package.identity()),
        is_macro,
        links,
        files,
        natives: if is_macro { Vec::new() } else { natives(compile, notes, speaks) },
        ..Crate::default()
    };
    for (_, below) in linked(compile, notes) {
        for placed in &below.baked {
            let list = if below.is_macro { &mut note.macros_baked } else { &mut note.baked };
            if !list.contains(placed) {
                list.push(placed.clone());
            }
        }
        for placed in &below.macros_baked {
            if !note.macros_baked.contains(placed) {
                note.macros_baked.push(placed.clone());
            }
        }
    }
    let own = note.links.iter().map(|file| format!("{out}/{}/{file}", compile.directory()));
    // A macro brings its own crates with it; everything else needs those below it.
    let mut below = if is_macro { BTreeSet::new() } else { below(compile, notes) };
    if compile.part == Part::Full {
        // Who compiles against the crate has its metadata's step; who links it is told of all below.
        below.retain(|file| !is_metadata(file));
    }
    note.closure = own.chain(below).collect();
    note
}

/// The files of all crates that rustc may need.
#[must_use]
pub fn below(compile: &Compile, notes: &Notes) -> BTreeSet<String> {
    let more = compile.below.iter().filter_map(|path| notes.crates.get(path));
    let notes = linked(compile, notes).map(|(_, note)| note).chain(more);
    let mut files: BTreeSet<String> = notes.flat_map(|note| note.closure.iter().cloned()).collect();
    let all = files.clone(); // bootstrap
    if !compile.mode.is_check() && !compile.is_of_metadata() {
        // A linker has the whole library of each.
        files.retain(|file| !is_metadata(file));
    }
    // Where the metadata stands in files of its own alone, rustc has both.
    let files = if compile.splits { of_bootstrap::once(all) } else { files }; // bootstrap
    files
}

fn is_metadata(file: &str) -> bool {
    file.ends_with(".rmeta")
}

#[cfg(test)]
mod tests {
    use super::{Notes, moved, natives};
    use crate::json::Value;
    use crate::note::{Crate, Run};
    use crate::step::{Action, Compile, Step};

    fn compile(facts: &str) -> Compile {
        let facts = format!(
            r#"{{"name":"a","group":"host","host":"h","kind":"lib",
                "package":{{"name":"a","version":"1.0.0"}},{facts}}}"#
        );
        let step = Step::read(Value::parse(&facts).expect("JSON")).expect("facts");
        match step.action {
            Action::Compile(compile) => *compile,
            Action::Run(_) => panic!("a compile step"),
        }
    }

    fn below(name: &str, version: &str, natives: &[&str]) -> Crate {
        Crate {
            package: (name.to_owned(), version.to_owned(), "crates-io".to_owned()),
            natives: natives.iter().map(|run| (*run).to_owned()).collect(),
            ..Crate::default()
        }
    }

    #[test]
    fn scripts_reach_in_the_order_of_package_ids() {
        let compile = compile(r#""script":"own","deps":{"z":"x10","y":"x9","b":"b","m":"m"}"#);
        let mut notes = Notes::default();
        notes.runs.insert("own".to_owned(), Run::default());
        notes.crates.insert("x10".to_owned(), below("x", "10.0.0", &["n10", "shared"]));
        notes.crates.insert("x9".to_owned(), below("x", "9.0.0", &["n9", "shared"]));
        notes.crates.insert("b".to_owned(), below("b", "1.0.0", &["shared"]));
        let its_own = Crate { is_macro: true, ..below("a", "1.0.0", &["a-macros-own"]) };
        notes.crates.insert("m".to_owned(), its_own);
        assert_eq!(natives(&compile, &notes, |_| true), ["own", "shared", "n9", "n10"]);
        // A script that says nothing of linking reaches nobody.
        assert_eq!(natives(&compile, &notes, Run::speaks_of_linking), ["shared", "n9", "n10"]);
    }

    #[test]
    fn a_directory_is_moved_and_a_longer_name_stays() {
        let check = |text: &str, wanted: &str| assert_eq!(moved(text, "/b/out", "/s"), wanted);
        check("-Wl,-rpath,/b/out/lib:/b/out", "-Wl,-rpath,/s/lib:/s");
        check("/b/output/b/out-1", "/b/output/b/out-1");
        check("nothing", "nothing");
    }

    #[test]
    fn a_fact_that_is_not_known_is_refused_by_name() {
        let facts = r#"{"name":"a","group":"host","host":"h","kind":"lib","nice":"5",
            "package":{"name":"a","version":"1.0.0"}}"#;
        let refused = Step::read(Value::parse(facts).expect("JSON")).expect_err("refused");
        assert!(refused.starts_with("this builder knows no fact step.nice"), "{refused}");
    }
}
