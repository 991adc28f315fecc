//! What `bootstrap.toml` says of single targets.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;

use super::layers::Layers;
use crate::config::ConfigError;
use crate::model::Triple;

/// What one target says.
#[derive(Clone, Debug, Default)]
pub struct TargetSettings {
    /// Its LLVM, and where it is named.
    pub llvm_config: Option<(Utf8PathBuf, String)>,
    /// Whether that has rustc's patches.
    pub rust_patches: bool,
    /// Whether programs look for their libraries beside themselves.
    pub rpath: Option<bool>,
    /// Whether the C library is linked in.
    pub crt_static: Option<bool>,
    /// `off`, `packed`, `unpacked`.
    pub split_debuginfo: Option<String>,
    /// Whether there is only `core` and `alloc`.
    pub no_std: Option<bool>,
    /// The linker.
    pub linker: Option<String>,
    /// `CC`, `CXX`, `AR` of it.
    pub programs: BTreeMap<&'static str, String>,
    /// The linker that the compiler takes if nobody says.
    pub default_linker: Option<String>,
    /// Whether jemalloc is its allocator.
    pub jemalloc: Option<bool>,
    /// Built-in functions of C that were built before.
    pub builtins: Option<String>,
    /// The profiler's runtime that was built before.
    pub profiler: Option<String>,
    /// More flags.
    pub rustflags: Vec<String>,
}

/// The tables `[target.TRIPLE]`.
///
/// # Errors
/// A value that is of another kind, a name that is no triple.
pub(super) fn of_targets(layers: &Layers) -> Result<BTreeMap<Triple, TargetSettings>, ConfigError> {
    let mut all = BTreeMap::new();
    for (file, entry) in layers.all() {
        let [section, name, _] = entry.key.as_slice() else { continue };
        if section != "target" || all.contains_key(name.as_str()) {
            continue;
        }
        if Triple::new(name.as_str()).is_err() {
            return Err(file.refuse(
                entry,
                &format!("`{name}` is no target triple"),
                "`rustc --print target-list` has all",
            ));
        }
        let key = |last: &'static str| ["target", name.as_str(), last];
        let llvm = layers.find(&key("llvm-config"));
        let llvm_place = llvm.map(|(file, entry)| format!("{}:{}", file.path, entry.line));
        let llvm = layers.text(&key("llvm-config"))?.map(Utf8PathBuf::from);
        let mut programs = BTreeMap::new();
        for (variable, last) in [("AR", "ar"), ("CC", "cc"), ("CXX", "cxx")] {
            if let Some(program) = layers.text(&key(last))? {
                programs.insert(variable, program);
            }
        }
        // A path; what is no text was refused before.
        let path = |last| {
            let found = layers.find(&key(last));
            found.and_then(|(_, entry)| entry.value.as_str().map(str::to_owned))
        };
        let settings = TargetSettings {
            llvm_config: llvm.zip(llvm_place),
            rust_patches: layers.flag(&key("llvm-has-rust-patches"))?.unwrap_or(false),
            rpath: layers.flag(&key("rpath"))?,
            crt_static: layers.flag(&key("crt-static"))?,
            split_debuginfo: layers
                .word(&key("split-debuginfo"), &["off", "packed", "unpacked"])?,
            no_std: layers.flag(&key("no-std"))?,
            linker: layers.text(&key("linker"))?,
            programs,
            default_linker: layers.text(&key("default-linker"))?,
            jemalloc: layers.flag(&key("jemalloc"))?,
            builtins: path("optimized-compiler-builtins"),
            profiler: path("profiler"),
            rustflags: layers.texts(&key("rustflags"))?.unwrap_or_default(),
        };
        all.insert(name.clone(), settings);
    }
    let typed = all.into_iter().filter_map(|(name, one)| Some((Triple::new(name).ok()?, one)));
    Ok(typed.collect())
}
