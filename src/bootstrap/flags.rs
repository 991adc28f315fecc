//! rustflags that x.py gives, in its order: `Builder::cargo`, `rustc_cargo` and the shim `bin/rustc.rs`
//! of 1.96.

use super::llvm::Llvm;
use super::mode::{Kind, Mode};
use super::settings::Settings;
use super::tree::Tree;
use super::versions::Rules;
use crate::model::Triple;
use crate::model::bootstrap::{Bootstrap, first_built_by};

/// What all of the tree is linted with.
const IN_TREE: [&str; 2] = ["-Wrust_2018_idioms", "-Wunused_lifetimes"];

/// What the compiler is linted with.
const OF_COMPILER: [&str; 6] = [
    "-Wrustc::internal",
    "-Drustc::symbol_intern_string_literal",
    "-Wkeyword_idents_2024",
    "-Wunreachable_pub",
    "-Wunsafe_op_in_unsafe_fn",
    "-Wunused_crate_dependencies",
];

/// What a mode adds to its plan, beside what single targets do.
#[must_use]
pub fn of_mode(tree: &Tree, rules: Rules, settings: &Settings, mode: &Mode) -> Bootstrap {
    let code = &settings.code;
    let is_std = mode.kind == Kind::Std;
    let mut first = Vec::new();
    if !is_std {
        first.push("--cfg=windows_raw_dylib".to_owned());
    }
    let mangling = code.new_mangling.or((!is_std).then_some(true));
    if let Some(new) = mangling {
        let version = if new { "v0" } else { "legacy" };
        first.push(format!("-Csymbol-mangling-version={version}"));
    }
    let later = match (rules.annotates_moves, code.moves_limit) {
        (false, _) => Vec::new(),
        (true, None) => vec!["-Zannotate-moves".to_owned()],
        (true, Some(limit)) => vec![format!("-Zannotate-moves={limit}")],
    };
    let mut last = Vec::new();
    if mode.kind == Kind::Rustc && matches!(code.lto.as_str(), "thin" | "fat") {
        last.extend(["-Zdylib-lto".to_owned(), format!("-Clto={}", code.lto)]);
        last.push("-Cembed-bitcode=yes".to_owned());
    }
    let mut shim = Vec::new();
    if mode.in_tree {
        shim.extend(IN_TREE.map(str::to_owned));
    }
    if mode.kind == Kind::Rustc {
        shim.extend(OF_COMPILER.map(str::to_owned));
    }
    if mode.kind == Kind::ToolRustcPrivate {
        shim.push("-Zon-broken-pipe=kill".to_owned());
    }
    let mut end = Vec::new();
    if code.remap {
        let scheme = if mode.kind == Kind::Rustc { "rustc-dev" } else { "rustc" };
        let commit =
            settings.commit.as_ref().map_or(tree.version.as_str(), |one| one.hash.as_str());
        let map = format!("/{scheme}/{commit}");
        let dir = if mode.kind == Kind::Rustc { "compiler" } else { "library" };
        end.push(format!("--remap-path-prefix={dir}/={map}/{dir}"));
        end.push(format!(
            "--remap-path-prefix={}={map}",
            rbn_builder::package::workspace(0).display()
        ));
    }
    if mode.kind.is_unstable() {
        end.push("-Zforce-unstable-if-unmarked".to_owned());
    }
    if let Some(allowed) = &mode.allowed {
        end.push(format!("-Zallow-features={allowed}"));
    }
    let knows_stages = matches!(mode.kind, Kind::Rustc | Kind::ToolRustcPrivate);
    Bootstrap {
        mode: mode.kind.name().to_owned(),
        built_by: first_built_by(mode.kind.name()),
        version: tree.version.clone(),
        channel: settings.channel.clone(),
        kin: mode.kind.kin().to_owned(),
        first_compiler_on_host: is_std,
        split: is_std && rules.splits_metadata,
        keep: mode.kind == Kind::Rustc,
        static_std: mode.static_std.to_owned(),
        first_flags: first,
        later_flags: later,
        last_flags: last,
        shim,
        host_shim: if knows_stages {
            vec!["--check-cfg=cfg(bootstrap)".to_owned()]
        } else {
            Vec::new()
        },
        end,
        tls: (!mode.kind.loads_late()).then(|| load_late(tree)),
    }
}

/// x.py looks a crate's name up by bisection in the list as it stands: a name of it with a dash is never a
/// crate's, and the list's order decides whether another is found.
fn load_late(tree: &Tree) -> Vec<String> {
    let list = &tree.load_late;
    list.iter()
        .filter(|name| list.binary_search(name).is_ok() && !name.contains('-'))
        .cloned()
        .collect()
}

/// The rustflags of a target, after those of the mode and before its last ones.
#[must_use]
pub fn of_target(
    tree: &Tree,
    settings: &Settings,
    mode: &Mode,
    target: &Triple,
    llvm: Option<&Llvm>,
) -> Vec<String> {
    let (code, own) = (&settings.code, settings.target(target));
    let kind = mode.kind;
    let mut flags = Vec::new();
    let mut flag = |text: String| flags.push(text);
    if code.randomize_layout && kind != Kind::ToolRustcPrivate {
        flag("-Zrandomize-layout".to_owned());
    }
    if kind == Kind::Std {
        flag("--check-cfg=cfg(feature,values(any()))".to_owned());
    }
    flag("-Zunstable-options".to_owned());
    if let Some(threads) = code.threads {
        flag(format!("-Zthreads={threads}"));
    }
    if matches!(kind, Kind::Rustc | Kind::ToolRustcPrivate) {
        flag("--check-cfg=cfg(bootstrap)".to_owned());
    }
    if kind == Kind::ToolRustcPrivate {
        flag("--check-cfg=cfg(rust_analyzer)".to_owned());
    }
    flag("-Zmacro-backtrace".to_owned());
    if let Some(protector) = &code.stack_protector {
        flag(format!("-Zstack-protector={protector}"));
    }
    let split = own.split_debuginfo.as_ref().or(code.split_debuginfo.as_ref());
    flag(format!("-Csplit-debuginfo={}", split.map_or("off", String::as_str)));
    if let Some(is_static) = own.crt_static {
        let sign = if is_static { '+' } else { '-' };
        flag(format!("-Ctarget-feature={sign}crt-static"));
    }
    if kind == Kind::ToolRustcPrivate
        && let Some(llvm) = llvm
    {
        flag(format!("-Clink-arg=-L{}", llvm.libdir));
    }
    if code.frame_pointers {
        flag("-Cforce-frame-pointers=true".to_owned());
    }
    if kind == Kind::Std {
        flag("-Cprefer-dynamic".to_owned());
    }
    if let Some(limit) = code.import_limit {
        flag(format!("-Cllvm-args=-import-instr-limit={limit}"));
    }
    if kind == Kind::Std {
        if let Some(level) = code.validate_mir {
            flag("-Zvalidate-mir".to_owned());
            flag(format!("-Zmir-opt-level={level}"));
        }
        if code.randomize_layout {
            flag("--cfg=randomized_layouts".to_owned());
        }
        for text in [
            "-Zinline-mir",
            "-Zinline-mir-preserve-debug",
            "-Zmir_strip_debuginfo=locals-in-tiny-functions",
        ] {
            flag(text.to_owned());
        }
    }
    if settings.rpath(target) && target.as_str().contains("linux") {
        flag("-Clink-args=-Wl,-z,origin".to_owned());
        flag("-Clink-args=-Wl,-rpath,$ORIGIN/../lib".to_owned());
    }
    if kind == Kind::Rustc {
        flag("-Zon-broken-pipe=kill".to_owned());
        if code.lto == "off" {
            flag("-Clto=off".to_owned());
        }
    }
    if kind == Kind::Std {
        if code.lto == "off" {
            flag("-Clto=off".to_owned());
        }
        let url = format!("https://doc.rust-lang.org/{}/", doc_channel(tree, settings));
        flag(format!("-Zcrate-attr=doc(html_root_url=\"{url}\")"));
    }
    if kind.is_tool() {
        // A second time, for lints of the compiler's own (`prepare_tool_cargo`).
        flag("-Zunstable-options".to_owned());
    }
    // A table of the target has them all, and be it none.
    let has_own = settings.of_target.contains_key(target);
    flags.extend(if has_own { own.rustflags } else { code.rustflags.clone() });
    flags
}

/// The documentation's address has the channel, or a stable version.
pub(super) fn doc_channel<'a>(tree: &'a Tree, settings: &'a Settings) -> &'a str {
    match settings.channel.as_str() {
        "stable" => &tree.version,
        "beta" => "beta",
        _ => "nightly",
    }
}
