//! What a key of the compile cache is to say, and whether it says all.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::call::Call;
use crate::package::TARGET;
use crate::sources::At;
use crate::stand_in::Known;
use crate::step::{Action, Part};

/// What sccache is asked, and what its compiler knows.
pub(crate) struct Asked {
    pub(crate) args: Vec<String>,
    pub(crate) known: Known,
}

/// Words a call for sccache.
pub(crate) fn asked(call: &Call<'_>) -> Asked {
    let mut args = Vec::new();
    let mut rest = call.args.iter().peekable();
    while let Some(arg) = rest.next() {
        // The linker changes nothing in what is kept, but it is another one with every new wrapper.
        match rest.peek() {
            Some(value) if arg == "-C" && value.starts_with("linker=") => drop(rest.next()),
            _ => args.push(arg.clone()),
        }
    }
    let value = |option: &str| {
        args.windows(2).find(|pair| pair[0] == option).map_or("", |pair| pair[1].as_str())
    };
    let name = value("--crate-name").to_owned();
    let suffix =
        args.iter().find_map(|arg| arg.strip_prefix("extra-filename=")).unwrap_or_default();
    let emit = args.iter().find(|arg| arg.starts_with("--emit=")).cloned().unwrap_or_default();
    let types: Vec<&String> =
        args.windows(2).filter(|pair| pair[0] == "--crate-type").map(|pair| &pair[1]).collect();
    let version = describe_compiler(call).map(|words| format!("{words}{emit}\n"));
    let mut known = Known {
        rustc: call.here.tools.rustc.display().to_string(),
        version: version.unwrap_or_default(),
        directory: Path::new(TARGET).join("empty").display().to_string(),
        ..Known::default()
    };
    // The files of other types rustc had better name itself. The metadata beside a library, a fifth of
    // all, is dropped by the step, so sccache does not learn of it. rustc makes it all the same, and the
    // key, by way of the compiler's version, says so.
    let is_plain = matches!(types[..], [kind] if kind == "lib" || kind == "rlib");
    // Where another step wrote it before, the two are compared.
    let is_whole_step =
        matches!(&call.here.step.action, Action::Compile(compile) if compile.part == Part::Whole);
    let is_whole_step = is_whole_step && !call.here.step.keeps_metadata(); // bootstrap
    if !known.version.is_empty() && emit.contains("link") && is_plain && is_whole_step {
        known.files = format!("lib{name}{suffix}.rlib");
        for arg in &mut args {
            if arg.starts_with("--emit=dep-info,metadata,link") {
                *arg = "--emit=dep-info,link".to_owned();
            }
        }
    }
    if !known.version.is_empty() && is_whole(call) {
        known.sources = sources(call);
    }
    Asked { args, known }
}

/// What a key is to say of the compiler: the path, where that is a hash; else what the derivation's own
/// hash knows of it. Nothing where that is nothing.
fn describe_compiler(call: &Call<'_>) -> Option<String> {
    let tools = &call.here.tools;
    let store = std::env::var("NIX_STORE").unwrap_or_default();
    if !store.is_empty() && tools.rustc.starts_with(&store) {
        return Some(format!("rustc {}\nhost: {}\n", tools.rustc.display(), call.here.step.group));
    }
    let tells = |line: &&String| {
        ["rustc ", "binary:", "commit-", "host:", "release:", "LLVM version:"]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let mut lines: Vec<String> = tools.fingerprint.iter().filter(tells).cloned().collect();
    if !lines.first()?.starts_with("rustc ") {
        return None;
    }
    lines.extend(tools.compiler_seals.values().cloned());
    Some(lines.join("\n") + "\n")
}

/// Whether a crate's archive and the arguments say all that is compiled: it is a registry's, and its
/// build script, if there is one, gave nothing but flags.
fn is_whole(call: &Call<'_>) -> bool {
    let step = &call.here.step;
    let is_archive = matches!(&step.sources[..], [source] if source.at == At::Archive);
    // A macro that is run here may read what was placed for it.
    let has_macros = matches!(&step.action, Action::Compile(compile) if !compile.macros.is_empty());
    is_archive && call.is_whole && !(has_macros && has_placed_more(call))
}

/// Whether more than the own archive lies in the build directory.
fn has_placed_more(call: &Call<'_>) -> bool {
    let own = call.here.step.package.source_root(call.here.step.root_depth);
    let known = [Path::new(TARGET), Path::new(crate::here::TMP), own.as_path()];
    let entries = Path::new(crate::package::BUILD).read_dir().into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| path.is_dir() && !known.contains(&path.as_path()))
}

fn sources(call: &Call<'_>) -> String {
    let path = call.here.step.sources.first().map_or("", |source| source.path.as_str());
    let mut text = format!("sources: {path}\n");
    for (name, value) in call.cargo.iter().filter(|(name, _)| !name.starts_with("CARGO_")) {
        text.push_str(&format!("# env-dep:{name}={}\n", value.replace('\n', "\\n")));
    }
    text
}

/// Whether all that rustc read is in the key: files of the crate's archive (which holds no links), and
/// variables that the key has. Where sccache was told of the archive alone, rustc says it after it compiled.
pub(crate) fn is_keyed(call: &Call<'_>, asked: &Asked) -> bool {
    if asked.known.sources.is_empty() {
        return true;
    }
    let Ok(text) = fs::read_to_string(&call.dep_info) else { return false };
    let tools = call.here.tools.env.keys().filter(|name| !call.cargo.contains_key(*name));
    let unkeyed: BTreeSet<&str> =
        ["PATH", "LD_LIBRARY_PATH", "CARGO"].into_iter().chain(tools.map(String::as_str)).collect();
    let place = call.here.step.package.source_root(call.here.step.root_depth);
    text.lines().all(|line| {
        if let Some(variable) = line.strip_prefix("# env-dep:") {
            return !unkeyed.contains(variable.split('=').next().unwrap_or_default());
        }
        let Some(path) = line.strip_suffix(':') else { return true };
        if path.contains("../") {
            let real = fs::canonicalize(path.replace("\\ ", " "));
            return real.is_ok_and(|real| real.starts_with(&place));
        }
        !path.starts_with('/') || Path::new(path).starts_with(&place)
    })
}
