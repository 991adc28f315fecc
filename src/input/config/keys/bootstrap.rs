//! The keys of the Rust compiler's own `bootstrap.toml`, by name (as of Rust 1.96, with a few
//! that earlier releases had). They are recognised, so that a compiler's configuration is not
//! taken for a heap of spelling mistakes; a plan does not use them yet.

use std::borrow::Cow;

use super::super::schema::{Key, Role, Shape};

/// A section's name, and the names in it. Keys that have a meaning of ours are in the other tables.
const SECTIONS: [(&str, &[&str]); 7] = [
    ("", &["change-id", "changelog-seen", "include", "profile"]),
    (
        "build",
        &[
            "android-ndk", "bench-stage", "bootstrap-cache-path", "build", "build-dir", "build-stage",
            "cargo-clippy", "cargo-native-static", "ccache", "check-stage", "compiler-docs",
            "compiletest-diff-tool", "configure-args", "description", "dist-stage", "doc-stage", "docs",
            "docs-minification", "exclude", "extended", "full-bootstrap", "gdb", "host", "install-stage",
            "jobs", "library-docs-private-items", "lldb", "local-rebuild", "locked-deps", "low-priority",
            "metrics", "nodejs", "npm", "optimized-compiler-builtins", "print-step-rusage",
            "print-step-timings", "profiler", "python", "reuse", "rustdoc", "rustfmt", "sanitizers",
            "submodules", "test-stage", "tidy-extra-checks", "tool", "tools", "verbose", "windows-rc",
            "yarn",
        ],
    ),
    (
        "dist",
        &[
            "compression-formats", "compression-profile", "gpg-password-file", "include-mingw-linker",
            "missing-tools", "sign-folder", "src-tarball", "upload-addr", "vendor",
        ],
    ),
    ("gcc", &["download-ci-gcc", "libgccjit-libs-dir"]),
    (
        "llvm",
        &[
            "allow-old-toolchain", "assertions", "build-config", "ccache", "cflags", "clang", "clang-cl",
            "cxxflags", "download-ci-llvm", "enable-warnings", "enzyme", "experimental-targets",
            "ldflags", "libzstd", "link-jobs", "link-shared", "ninja", "offload", "offload-clang-dir",
            "optimize", "plugins", "polly", "release-debuginfo", "static-libstdcpp", "targets", "tests",
            "thin-lto", "use-libcxx", "use-linker", "version-suffix",
        ],
    ),
    (
        "rust",
        &[
            "annotate-moves-size-limit", "backtrace", "backtrace-on-ice", "bootstrap-override-lld",
            "break-on-ice", "codegen-backends", "codegen-tests", "codegen-units", "codegen-units-std",
            "control-flow-guard", "debug", "debug-assertions", "debug-assertions-std",
            "debug-assertions-tools", "debug-logging", "debuginfo-level", "debuginfo-level-rustc",
            "debuginfo-level-std", "debuginfo-level-tests", "debuginfo-level-tools", "default-linker",
            "deny-warnings", "description", "dist-src", "download-rustc", "ehcont-guard",
            "frame-pointers", "incremental", "jemalloc", "lld", "llvm-bitcode-linker", "llvm-libunwind",
            "llvm-tools", "lto", "musl-root", "new-symbol-mangling", "omit-git-hash", "optimize",
            "optimize-tests", "overflow-checks", "overflow-checks-std", "parallel-compiler",
            "parallel-frontend-threads", "profile-generate", "profile-use", "randomize-layout",
            "remap-debuginfo", "rpath", "rustflags", "save-toolstates", "split-debuginfo",
            "stack-protector", "std-features", "strip", "test-compare-mode",
            "thin-lto-import-instr-limit", "use-lld", "validate-mir-opts", "verbose-tests",
            "verify-llvm-ir",
        ],
    ),
    (
        "target.<triple>",
        &[
            "codegen-backends", "crt-static", "cxx", "default-linker", "default-linker-linux-override",
            "jemalloc", "llvm-config", "llvm-filecheck", "llvm-has-rust-patches", "llvm-libunwind",
            "musl-libdir", "musl-root", "no-std", "optimized-compiler-builtins", "profiler",
            "qemu-rootfs", "ranlib", "rpath", "sanitizers", "split-debuginfo", "wasi-root",
        ],
    ),
];

/// The keys, as schema entries.
pub(in super::super) fn keys() -> impl Iterator<Item = Key> {
    SECTIONS.iter().flat_map(|(section, names)| {
        names.iter().map(move |name| Key {
            path: if section.is_empty() {
                Cow::Borrowed(*name)
            } else {
                Cow::Owned(format!("{section}.{name}"))
            },
            shape: Shape::Any,
            role: Role::Bootstrap,
            default: "",
            effect: "",
            example: "",
        })
    })
}
