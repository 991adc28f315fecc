//! Variables that x.py sets for all it starts, given to those alone that read them.
//!
//! A derivation's environment is part of its hash. A commit's hash, given to every step, would have all of
//! the compiler built anew with each commit; three of its crates read it. Who reads what is not listed here:
//! the tree's own code is searched for the names, so that a crate that begins to read one is given it.
//!
//! Source: `rustc_cargo_env`, `rustc_llvm_env`, `prepare_tool_cargo` and `Builder::cargo` of x.py 1.96.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::flags;
use super::llvm::Llvm;
use super::mode::{Kind, Mode};
use super::settings::Settings;
use super::tree::Tree;
use crate::files::reader;
use crate::model::{Plan, Source, StepKind, TargetKind, Triple};

/// Variables and their values.
pub type Variables = BTreeMap<String, String>;

/// A macro of the compiler that reads a variable in the name of its caller.
const THROUGH: [(&str, &str); 1] = [("current_rustc_version!", "CFG_RELEASE")];

/// Crates of a registry, and what their build scripts read.
const OF_REGISTRIES: [(&str, &str); 2] =
    [("libc", "LIBC_CHECK_CFG"), ("tikv-jemalloc-sys", "JEMALLOC_SYS_WITH_LG_PAGE")];

/// All that x.py sets for a mode, and that is not Cargo's or its shim's alone.
#[must_use]
pub fn of_mode(
    tree: &Tree,
    settings: &Settings,
    mode: &Mode,
    target: &Triple,
    llvm: Option<&Llvm>,
) -> Variables {
    let mut all = Variables::new();
    let mut set = |name: &str, value: &str| drop(all.insert(name.to_owned(), value.to_owned()));
    set("CFG_RELEASE_CHANNEL", &settings.channel);
    set("LIBC_CHECK_CFG", "1");
    set("REAL_LIBRARY_PATH_VAR", "LD_LIBRARY_PATH");
    set("RUSTC_INSTALL_BINDIR", settings.install.get("bindir").map_or("bin", |dir| relative(dir)));
    let own = settings.target(target);
    if mode.kind == Kind::Std {
        if let Some(library) = &own.builtins {
            set("LLVM_COMPILER_RT_LIB", library);
        }
        if let Some(library) = &own.profiler {
            set("LLVM_PROFILER_RT_LIB", library);
        }
        return all;
    }
    set("CFG_RELEASE", &settings.release(&tree.version));
    set("CFG_VERSION", &settings.version(&tree.version));
    if own.jemalloc.unwrap_or(settings.code.jemalloc) && target.as_str().starts_with("aarch64") {
        // Its pages may be as large as 64 KiB.
        set("JEMALLOC_SYS_WITH_LG_PAGE", "16");
    }
    if mode.kind != Kind::Rustc {
        set("CFG_RELEASE_NUM", &tree.version);
        let channel = flags::doc_channel(tree, settings);
        set("DOC_RUST_LANG_ORG_CHANNEL", &format!("https://doc.rust-lang.org/{channel}"));
        if let Some(description) = &settings.description {
            set("CFG_VER_DESCRIPTION", description);
        }
        if let Some(commit) = &settings.commit {
            for name in ["CFG_COMMIT_HASH", "CFG_VER_HASH"] {
                set(name, &commit.hash);
            }
            set("CFG_SHORT_COMMIT_HASH", &commit.short);
            for name in ["CFG_COMMIT_DATE", "CFG_VER_DATE"] {
                set(name, &commit.date);
            }
        }
        return all;
    }
    if settings.commit.is_none() {
        set("CFG_OMIT_GIT_HASH", "1");
    }
    set("CFG_DEFAULT_CODEGEN_BACKEND", "llvm");
    set("CFG_LIBDIR_RELATIVE", settings.install.get("libdir").map_or("lib", |dir| relative(dir)));
    set("CFG_COMPILER_HOST_TRIPLE", target.as_str());
    if let Some(commit) = &settings.commit {
        set("CFG_VER_DATE", &commit.date);
        set("CFG_VER_HASH", &commit.hash);
    }
    if matches!(settings.channel.as_str(), "stable" | "beta") {
        set("CFG_DISABLE_UNSTABLE_FEATURES", "1");
    }
    if let Some(linker) = own.default_linker.as_ref().or(settings.code.default_linker.as_ref()) {
        set("CFG_DEFAULT_LINKER", linker);
    }
    if settings.code.verify_llvm_ir {
        set("RUSTC_VERIFY_LLVM_IR", "1");
    }
    if settings.code.remap {
        let commit =
            settings.commit.as_ref().map_or(tree.version.as_str(), |one| one.hash.as_str());
        set("CFG_VIRTUAL_RUST_SOURCE_BASE_DIR", &format!("/rustc/{commit}"));
        set("CFG_VIRTUAL_RUSTC_DEV_SOURCE_BASE_DIR", &format!("/rustc-dev/{commit}"));
    }
    if let Some(llvm) = llvm {
        set("LLVM_CONFIG", llvm.config.as_str());
        // x.py does not ask: it links LLVM's archives where nobody says otherwise.
        if settings.llvm.shared {
            set("LLVM_LINK_SHARED", "1");
        }
    }
    let llvm = [
        ("LLVM_RUSTLLVM", own.rust_patches),
        ("LLVM_USE_LIBCXX", settings.llvm.libcxx),
        ("LLVM_ASSERTIONS", settings.llvm.assertions),
    ];
    for (name, _) in llvm.iter().filter(|(_, on)| *on) {
        set(name, "1");
    }
    if let Some(flags) = &settings.llvm.ldflags {
        set("LLVM_LINKER_FLAGS", flags);
    }
    all
}

/// The last part of a directory of an installation.
fn relative(dir: &str) -> &str {
    let dir = dir.trim_end_matches('/');
    if dir.starts_with('/') { dir.rsplit('/').next().unwrap_or(dir) } else { dir }
}

/// Gives each step of `plan` those of `variables` that its code reads.
pub fn give(plan: &mut Plan, tree: &Tree, variables: &Variables) {
    let mut read: BTreeMap<String, [BTreeSet<String>; 2]> = BTreeMap::new();
    for (key, package) in &plan.packages {
        let found = match &package.source {
            Source::Path { dir } => {
                let mut found = [BTreeSet::new(), BTreeSet::new()];
                search(&tree.root.join(dir), true, variables, &mut found);
                found
            }
            _ => {
                let own = OF_REGISTRIES.iter().filter(|(name, _)| *name == package.name);
                let own = own.map(|(_, variable)| (*variable).to_owned());
                [BTreeSet::new(), own.collect()]
            }
        };
        read.insert(key.to_string(), found);
    }
    for id in plan.graph.node_indices() {
        let step = &plan.graph[id];
        let Some([code, script]) = read.get(step.package.as_str()) else { continue };
        let own = match &step.kind {
            StepKind::RunScript(_) => script,
            StepKind::Compile(compile) if compile.target.kind == TargetKind::CustomBuild => {
                continue;
            }
            StepKind::Compile(_) => code,
        };
        let given: Vec<_> = own
            .iter()
            .filter_map(|name| Some((name.clone(), variables.get(name)?.clone())))
            .collect();
        plan.graph[id].additions.env.extend(given);
    }
}

/// Looks for the names of `variables` in the code below `dir`, and in its build script.
fn search(dir: &Utf8Path, is_top: bool, variables: &Variables, found: &mut [BTreeSet<String>; 2]) {
    for entry in dir.read_dir_utf8().into_iter().flatten().flatten() {
        let path = entry.path();
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let name = entry.file_name();
        if is_dir
            && is_top
            && !matches!(name, "tests" | "benches" | "target" | "vendor")
            && !path.join("Cargo.toml").is_file()
            || is_dir && !is_top && !path.join("Cargo.toml").is_file()
        {
            search(path, false, variables, found);
        }
        if path.extension() != Some("rs") {
            continue;
        }
        let Ok(text) = reader::text(path) else { continue };
        let place = usize::from(is_top && name == "build.rs");
        for variable in variables.keys().filter(|name| text.contains(&format!("\"{name}\""))) {
            found[place].insert(variable.clone());
        }
        for (call, variable) in THROUGH.iter().filter(|(call, _)| text.contains(call)) {
            let _ = call;
            found[place].insert((*variable).to_owned());
        }
    }
}
