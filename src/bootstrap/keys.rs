//! What of `bootstrap.toml` no plan can have, and what of it changes nothing of a plan.
//!
//! What has an effect is read in [`super::settings`]. All others stand here, each with its reason, so that
//! nothing that is set is passed over in silence.

use toml::Value;

use super::layers::Layers;
use crate::config::ConfigError;

/// A key, the value that is refused, the reason and the cure.
type Refused = (&'static str, Refuses, &'static str, &'static str);

enum Refuses {
    /// `true`.
    Yes,
    /// Anything but `false`.
    Any,
    /// A list with this word in it.
    With(&'static str),
}

/// In a key `*` stands for a target.
const REFUSED: [Refused; 21] = [
    (
        "build.vendor",
        Refuses::Yes,
        "a plan takes crates by their checksums, not from `vendor`",
        "take it away: what Cargo has downloaded serves a build without a network",
    ),
    (
        "build.sanitizers",
        Refuses::Yes,
        "sanitizers are built by CMake of LLVM's compiler-rt, which is no step of a plan",
        "take it away, or build them with x.py",
    ),
    (
        "target.*.sanitizers",
        Refuses::Yes,
        "sanitizers are built by CMake of LLVM's compiler-rt, which is no step of a plan",
        "take it away, or build them with x.py",
    ),
    (
        "build.profiler",
        Refuses::Yes,
        "the profiler's runtime is compiled of LLVM's compiler-rt, whose sources are not of this tree",
        "name its library: `target.TRIPLE.profiler = \"/path/libclang_rt.profile.a\"`, or take it away",
    ),
    (
        "target.*.profiler",
        Refuses::Yes,
        "the profiler's runtime is compiled of LLVM's compiler-rt, whose sources are not of this tree",
        "name its library: `profiler = \"/path/libclang_rt.profile.a\"`, or take it away",
    ),
    (
        "build.optimized-compiler-builtins",
        Refuses::Yes,
        "C builtins are compiled of LLVM's compiler-rt, whose sources are not of this tree",
        "name the library: `\"/path/libclang_rt.builtins.a\"`, or take it away",
    ),
    (
        "target.*.optimized-compiler-builtins",
        Refuses::Yes,
        "C builtins are compiled of LLVM's compiler-rt, whose sources are not of this tree",
        "name the library: `\"/path/libclang_rt.builtins.a\"`, or take it away",
    ),
    (
        "llvm.enzyme",
        Refuses::Yes,
        "Enzyme is built by CMake with LLVM, which is no step of a plan",
        "take it away",
    ),
    (
        "llvm.offload",
        Refuses::Yes,
        "offloading is built by CMake with LLVM, which is no step of a plan",
        "take it away",
    ),
    (
        "llvm.libzstd",
        Refuses::Yes,
        "it is a setting of a build of LLVM, which is no step of a plan",
        "take it away: the LLVM that `llvm-config` names is as it is",
    ),
    (
        "llvm.thin-lto",
        Refuses::Yes,
        "it is a setting of a build of LLVM, which is no step of a plan",
        "take it away: the LLVM that `llvm-config` names is as it is",
    ),
    (
        "rust.lld",
        Refuses::Yes,
        "LLD is built by CMake of LLVM's sources, which is no step of a plan",
        "take it away, and put an `ld.lld` beside the toolchain where one is wanted",
    ),
    (
        "rust.use-lld",
        Refuses::Any,
        "which linker links the compiler is the toolchain's in a plan",
        "take it away, and name a linker in `target.TRIPLE.linker`",
    ),
    (
        "rust.bootstrap-override-lld",
        Refuses::Any,
        "which linker links the compiler is the toolchain's in a plan",
        "take it away, and name a linker in `target.TRIPLE.linker`",
    ),
    (
        "rust.llvm-libunwind",
        Refuses::With("in-tree"),
        "libunwind is built of LLVM's sources, which is no step of a plan",
        "write \"system\", or take it away",
    ),
    (
        "target.*.llvm-libunwind",
        Refuses::With("in-tree"),
        "libunwind is built of LLVM's sources, which is no step of a plan",
        "write \"system\", or take it away",
    ),
    (
        "rust.codegen-backends",
        Refuses::With("gcc"),
        "libgccjit is built by its own makefiles, which is no step of a plan",
        "leave \"gcc\" out",
    ),
    (
        "rust.codegen-backends",
        Refuses::With("cranelift"),
        "the Cranelift backend is not planned yet",
        "leave \"cranelift\" out, or build it with x.py",
    ),
    (
        "rust.profile-use",
        Refuses::Any,
        "a profile of another build is no input of a plan yet",
        "take it away",
    ),
    (
        "rust.profile-generate",
        Refuses::Any,
        "code that writes profiles is not planned yet",
        "take it away",
    ),
    (
        "rust.llvm-bitcode-linker",
        Refuses::Yes,
        "the bitcode linker is not assembled into a toolchain yet",
        "take it away, or set it to false where a profile has it",
    ),
];

/// Keys that change nothing of a plan, with the reason; the first whose beginning fits counts.
const NO_EFFECT: [(&str, &str); 46] = [
    ("change-id", "it is between you and x.py"),
    ("changelog-seen", "it is between you and x.py"),
    ("build.docs", "a plan makes no documentation"),
    ("build.compiler-docs", "a plan makes no documentation"),
    ("build.library-docs", "a plan makes no documentation"),
    ("build.jobs", "how much runs at once is Nix's to decide (`max-jobs`, `cores`)"),
    ("build.verbose", "what is said is Nix's to decide"),
    ("build.ccache", "the compile cache is rbn-plan's (`[sccache]` in rbn-plan.toml)"),
    ("build.submodules", "a plan reads the tree as it is"),
    ("build.patch-binaries-for-nix", "a plan downloads no program, and has none to patch"),
    ("build.print-", "Nix says how long a step took (`rbn-plan build`)"),
    ("build.metrics", "Nix says how long a step took (`rbn-plan build`)"),
    ("build.low-priority", "how much runs at once is Nix's to decide"),
    ("build.build-dir", "steps are built in Nix's sandbox"),
    ("build.bootstrap-cache-path", "a plan downloads no compiler"),
    ("build.reuse", "what was built before is found by Nix"),
    ("build.test-stage", "a plan makes no tests"),
    ("build.bench-stage", "a plan makes no tests"),
    ("build.check-stage", "a plan makes what `x build` makes"),
    ("build.doc-stage", "a plan makes no documentation"),
    ("build.dist-stage", "a plan makes what `x build` makes"),
    ("build.install-stage", "a plan makes what `x build` makes"),
    ("build.compiletest-", "a plan makes no tests"),
    ("build.tidy-", "a plan makes no tests"),
    ("build.cargo-native-static", "Cargo links the libraries that the toolchain has"),
    ("build.tool.", "further features of a tool are not planned yet"),
    ("build.", "x.py's own, which no step sees"),
    ("dist.", "x.py's archives; `rbn-plan bootstrap` has `dist` and `tarball`"),
    ("gcc.", "libgccjit is no step of a plan"),
    ("llvm.download-ci-llvm", "LLVM is the one that `llvm-config` names"),
    ("llvm.static-libstdcpp", "the C++ library is linked as `llvm-config` says"),
    ("llvm.", "it is a setting of a build of LLVM; the LLVM that `llvm-config` names is as it is"),
    ("rust.codegen-backends", "LLVM's is the one that is planned"),
    ("rust.deny-warnings", "warnings are not compiled into anything"),
    ("rust.incremental", "a step is built anew; what did not change is not built at all"),
    ("rust.download-rustc", "the compiler is built, not downloaded"),
    ("rust.codegen-tests", "a plan makes no tests"),
    ("rust.verbose-tests", "a plan makes no tests"),
    ("rust.optimize-tests", "a plan makes no tests"),
    ("rust.debuginfo-level-tests", "a plan makes no tests"),
    ("rust.test-compare-mode", "a plan makes no tests"),
    ("rust.dist-src", "the source is not assembled into a toolchain"),
    ("rust.save-toolstates", "it is between you and x.py"),
    ("rust.backtrace-on-ice", "it is for x.py's own run of the compiler"),
    ("rust.break-on-ice", "it is for x.py's own run of the compiler"),
    ("rust.parallel-compiler", "rustc has not had it since 1.82"),
];

/// Keys that have an effect: those that [`super::settings`] reads. `*` stands for a target.
const EFFECTS: [&str; 69] = [
    "include",
    "profile",
    "build.build",
    "build.build-stage",
    "build.cargo",
    "build.description",
    "build.extended",
    "build.full-bootstrap",
    "build.host",
    "build.local-rebuild",
    "build.locked-deps",
    "build.optimized-compiler-builtins",
    "build.profiler",
    "build.rustc",
    "build.sanitizers",
    "build.target",
    "build.tools",
    "build.vendor",
    "install.bindir",
    "install.datadir",
    "install.docdir",
    "install.libdir",
    "install.mandir",
    "install.prefix",
    "install.sysconfdir",
    "llvm.assertions",
    "llvm.enzyme",
    "llvm.ldflags",
    "llvm.libzstd",
    "llvm.link-shared",
    "llvm.offload",
    "llvm.thin-lto",
    "llvm.use-libcxx",
    "rust.annotate-moves-size-limit",
    "rust.backtrace",
    "rust.bootstrap-override-lld",
    "rust.channel",
    "rust.codegen-units",
    "rust.codegen-units-std",
    "rust.debug",
    "rust.debug-assertions",
    "rust.debug-assertions-std",
    "rust.debug-assertions-tools",
    "rust.debug-logging",
    "rust.debuginfo-level",
    "rust.debuginfo-level-rustc",
    "rust.debuginfo-level-std",
    "rust.debuginfo-level-tools",
    "rust.default-linker",
    "rust.description",
    "rust.frame-pointers",
    "rust.jemalloc",
    "rust.lld",
    "rust.llvm-bitcode-linker",
    "rust.llvm-libunwind",
    "rust.lto",
    "rust.new-symbol-mangling",
    "rust.omit-git-hash",
    "rust.optimize",
    "rust.overflow-checks",
    "rust.overflow-checks-std",
    "rust.parallel-frontend-threads",
    "rust.profile-generate",
    "rust.profile-use",
    "rust.randomize-layout",
    "rust.remap-debuginfo",
    "rust.rpath",
    "rust.rustflags",
    "rust.split-debuginfo",
];

/// The rest of them.
const MORE_EFFECTS: [&str; 23] = [
    "rust.stack-protector",
    "rust.std-features",
    "rust.strip",
    "rust.thin-lto-import-instr-limit",
    "rust.use-lld",
    "rust.validate-mir-opts",
    "rust.verify-llvm-ir",
    "target.*.ar",
    "target.*.cc",
    "target.*.crt-static",
    "target.*.cxx",
    "target.*.default-linker",
    "target.*.jemalloc",
    "target.*.linker",
    "target.*.llvm-config",
    "target.*.llvm-has-rust-patches",
    "target.*.llvm-libunwind",
    "target.*.no-std",
    "target.*.optimized-compiler-builtins",
    "target.*.profiler",
    "target.*.rpath",
    "target.*.rustflags",
    "target.*.sanitizers",
];

/// Whether `pattern` names `key`.
fn fits(pattern: &str, key: &[String]) -> bool {
    let mut parts = pattern.split('.');
    key.iter().all(|part| parts.next().is_some_and(|one| one == "*" || one == part))
        && parts.next().is_none()
}

/// Refuses what no plan can have.
///
/// # Errors
/// The first such value, with its place, its reason and its cure.
pub fn check(layers: &Layers) -> Result<(), ConfigError> {
    for (file, entry) in layers.all() {
        for (pattern, refuses, reason, cure) in &REFUSED {
            if !fits(pattern, &entry.key) {
                continue;
            }
            let is_refused = match refuses {
                Refuses::Yes => entry.value == Value::Boolean(true),
                Refuses::Any => entry.value != Value::Boolean(false),
                Refuses::With(word) => match &entry.value {
                    Value::String(text) => text == word,
                    Value::Array(items) => items.iter().any(|item| item.as_str() == Some(word)),
                    _ => false,
                },
            };
            if is_refused {
                return Err(file.refuse(entry, reason, cure));
            }
        }
    }
    Ok(())
}

/// What is set and changes nothing: where, the key, the reason.
#[must_use]
pub fn without_effect(layers: &Layers) -> Vec<(String, String, &'static str)> {
    let mut found = Vec::new();
    for (file, entry) in layers.all() {
        let has_effect = EFFECTS.iter().chain(&MORE_EFFECTS).any(|one| fits(one, &entry.key));
        if has_effect {
            continue;
        }
        let written = entry.written();
        let known = NO_EFFECT.iter().find(|(begin, _)| written.starts_with(begin));
        let reason = known.map_or("a plan does not have it", |(_, reason)| *reason);
        found.push((format!("{}:{}", file.path, entry.line), written, reason));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_a_target() {
        let key = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        assert!(fits("target.*.cc", &key("target/a-b-c.d/cc")));
        assert!(!fits("target.*.cc", &key("target/x")));
        assert!(!fits("build", &key("build/x")));
    }
}
