//! The list of what may differ between Cargo's calls and the plan's steps, each with its reason.
//!
//! Everything that is not named in this file is compared to the letter.
//!
//! **Arguments**
//!
//! | what | why |
//! |---|---|
//! | spelling (`-C x`, `--codegen=x`), and the order of options that do not see each other | rustc reads them alike; order counts within one option, among lints, and among link arguments |
//! | order of `--cfg`, `--check-cfg`, `--emit` kinds | sets for rustc |
//! | value of `-C metadata`, `-C extra-filename` | the plan's own hash, free of paths; that they are there is compared |
//! | `--out-dir`, `-L dependency=` | each step has its own output; that all dependencies are found shows when it is built |
//! | path of `--extern` | likewise; compared is *which unit* it names |
//! | `--error-format`, `--json`, `--color`, `--diagnostic-width` | Cargo reads diagnostics, a user does |
//! | `[lints]` beside `--cap-lints allow`, `-Z embed-metadata=no`, the suffix where each unit has a directory | versions of Cargo differ; see [`super::dialect`] |
//! | `-Z binary-dep-depinfo`, `-Z checksum-hash-algorithm=`, `--force-warn=unused_crate_dependencies` | what Cargo asks for itself: files read, a lint of its own |
//! | `-o`, `--test-runtool` of rustdoc, the runner of a test program | where pages go; the runner is the machine's, and recording has one of its own |
//! | `-L` in the call of a doctest, of scripts that do not reach its crate | Cargo gives it those of the whole build; nothing is linked by them |
//! | place of a test program | compared are the platform and the name, without the hash |
//! | `-C linker` | its place is the toolchain's; the plan may name one where Cargo leaves the choice to rustc, but must where Cargo does |
//!
//! **Variables**
//!
//! | what | why |
//! |---|---|
//! | values of [`PLACES`] | places and numbers of a machine; that they are set is compared |
//! | `CARGO_BIN_EXE_*` | a place; compared are the platform and the program's name |
//! | [`OURS`] | recording sets them for Cargo, so that nothing can be told of them |
//! | [`LEFT_OUT`] | the jobserver is Cargo's, the library path names its target directory |
//! | variables that Cargo takes away | a derivation starts without any |
//! | `SSL_CERT_DIR`, `SSL_CERT_FILE` | Cargo sets them for its own OpenSSL, and all that it starts gets them |
//! | the user's own variables | not Cargo's; if the plan sets one (`[env]`), its value must be the same |
//!
//! **Everywhere**: the workspace's root reads `<workspace>`; the root of a package outside it (one
//! that rustc is started in) reads `<package>`.

use std::collections::BTreeMap;

use super::args::Flag;
use super::dialect;
use super::environment::{LEFT_OUT, OURS, Variables};
use rbn_builder::package::TARGET;

/// Stands in every recorded text for the private target directory of the recording.
pub const TARGET_DIR: &str = "<target-dir>";

/// Variables whose value is a place or a number of the machine.
pub const PLACES: [&str; 7] =
    ["CARGO", "CARGO_TARGET_TMPDIR", "NUM_JOBS", "OUT_DIR", "RUSTC", "RUSTC_LINKER", "RUSTDOC"];

/// What stands for a value that may differ.
pub const ANY: &str = "<set>";

/// What stands for a value that is not there.
const NONE: &str = "(nothing)";

/// Below this, paths of steps are `PLATFORM/NAME/...`.
pub const STEP_DIR: &str = "/step/";

/// Arguments by option; the order within an option is kept where it counts.
pub type Arguments = BTreeMap<String, Vec<String>>;

/// Where one side has the sources of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots {
    workspace: String,
    package: Option<String>,
}

impl Roots {
    /// `package` is the directory of the step's package, if it lies outside the workspace.
    pub fn new(workspace: impl Into<String>, package: Option<String>) -> Self {
        Self { workspace: workspace.into(), package }
    }

    /// `text` with the roots replaced by what stands for them.
    pub fn place(&self, text: &str) -> String {
        let text = match &self.package {
            Some(package) => replace_path(text, package, "<package>"),
            None => text.to_owned(),
        };
        replace_path(&text, &self.workspace, "<workspace>")
    }
}

/// Replaces the directory `from`, but not a longer name that begins like it.
pub(super) fn replace_path(text: &str, from: &str, to: &str) -> String {
    if from.is_empty() || !text.contains(from) {
        return text.to_owned();
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let after = &rest[at + from.len()..];
        let longer =
            after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
        result.push_str(&rest[..at]);
        result.push_str(if longer { from } else { to });
        rest = after;
    }
    result.push_str(rest);
    result
}

/// Replaces `from` in what need not be text.
pub(super) fn replace_bytes(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    if from.is_empty() {
        return text.to_vec();
    }
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix(from) {
            result.extend_from_slice(to);
            rest = tail;
        } else {
            result.push(rest[0]);
            rest = &rest[1..];
        }
    }
    result
}

/// What options may differ in.
enum Rule {
    /// Compared in this group, in order.
    Ordered(String),
    /// Compared in this group, in any order.
    Set(&'static str),
    /// Only that it is there.
    Present(String),
    /// Not compared.
    Skip,
}

fn rule(flag: &Flag) -> Rule {
    let Flag::Option { name, value } = flag else {
        return match flag {
            Flag::Input(_) => Rule::Ordered("crate root".to_owned()),
            _ => Rule::Ordered("other arguments".to_owned()),
        };
    };
    let value = value.as_deref().unwrap_or_default();
    match *name {
        "out-dir" | "error-format" | "json" | "color" | "diagnostic-width" => Rule::Skip,
        "L" if value.starts_with("dependency=") => Rule::Skip,
        "extern" if value.contains('=') => Rule::Skip,
        "cfg" => Rule::Set("--cfg"),
        "check-cfg" => Rule::Set("--check-cfg"),
        "extern" => Rule::Set("--extern"),
        "allow" | "warn" | "deny" | "forbid" | "force-warn" | "cap-lints" => {
            Rule::Ordered("lints".to_owned())
        }
        "codegen" => match value.split_once('=').map_or(value, |(key, _)| key) {
            // One list for the linker.
            "link-arg" | "link-args" => Rule::Ordered("-C link-arg".to_owned()),
            key @ ("metadata" | "extra-filename" | "linker") => Rule::Present(format!("-C {key}")),
            key => Rule::Ordered(format!("-C {key}")),
        },
        name if name.len() == 1 => Rule::Ordered(format!("-{name}")),
        name => Rule::Ordered(format!("--{name}")),
    }
}

/// Groups arguments by option, without what may differ.
pub fn arguments(flags: &[Flag], roots: &Roots) -> Arguments {
    let mut groups = Arguments::new();
    for flag in &dialect::plain(flags) {
        if let Some(kinds) = flag.value_of("emit") {
            let mut kinds: Vec<_> = kinds.split(',').map(str::to_owned).collect();
            groups.entry("--emit".to_owned()).or_default().append(&mut kinds);
            continue;
        }
        let text = roots.place(&flag.to_string());
        match rule(flag) {
            Rule::Ordered(group) => groups.entry(group).or_default().push(text),
            Rule::Set(group) => groups.entry(group.to_owned()).or_default().push(text),
            Rule::Present(group) => {
                let is_empty = text.ends_with('=');
                groups.insert(group, vec![if is_empty { NONE } else { ANY }.to_owned()]);
            }
            Rule::Skip => {}
        }
    }
    for (_, values) in groups.iter_mut().filter(|(group, _)| is_set(group)) {
        values.sort();
    }
    groups
}

/// Whether the values of a group are a set for rustc.
pub fn is_set(group: &str) -> bool {
    matches!(group, "--cfg" | "--check-cfg" | "--emit" | "--extern")
}

/// Variables without what may differ.
pub fn variables(env: &Variables, roots: &Roots) -> Variables {
    env.iter()
        .filter(|(name, _)| !LEFT_OUT.contains(&name.as_str()) && !OURS.contains(&name.as_str()))
        .map(|(name, value)| {
            let value = if PLACES.contains(&name.as_str()) {
                ANY.to_owned()
            } else if name.starts_with("CARGO_BIN_EXE_") {
                program(value)
            } else {
                roots.place(value)
            };
            (name.clone(), value)
        })
        .collect()
}

/// A program's platform and name. Both sides have a directory for each platform: Cargo's target
/// directory, and the names of steps.
fn program(path: &str) -> String {
    let below = [TARGET_DIR, STEP_DIR, TARGET].iter().find_map(|dir| path.strip_prefix(dir));
    let mut parts = below.unwrap_or(path).split('/').filter(|part| !part.is_empty());
    let platform = parts.next().unwrap_or_default();
    format!("{platform}/../{}", parts.next_back().unwrap_or_default())
}

/// Of a program whose file name may end in a hash.
pub fn program_of_hash(path: &str) -> String {
    let is_hash = |part: &str| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit());
    match path.rsplit_once('-') {
        Some((path, hash)) if is_hash(hash) => program(path),
        _ => program(path),
    }
}

/// Takes out of the plan's arguments what Cargo leaves open: the linker, where rustc chooses, and the
/// suffix of file names, where each unit has a directory.
pub fn settle_linker(cargo: &Arguments, plan: &mut Arguments) {
    for group in ["-C linker", "-C extra-filename"] {
        if !cargo.contains_key(group) {
            plan.remove(group);
        }
    }
}
