//! Tools of the tree.
//!
//! Source: `tool.rs` and `dist.rs` of x.py 1.96.

use super::facts::{Kind, Mode};
use crate::bootstrap::settings::Settings;

/// A tool.
struct Tool {
    name: &'static str,
    dir: &'static str,
    kind: Kind,
    features: &'static [&'static str],
    in_tree: bool,
    /// The programs that an installation has of it: the name that it is made by, and that it has there.
    installs: &'static [(&'static str, &'static str)],
    /// Features of the language that it may use, beside those of all tools of its kind. Nothing: what the
    /// kind says.
    allowed: &'static str,
}

/// The tools that can be planned.
const KNOWN: [Tool; 5] = [
    Tool {
        name: "cargo",
        dir: "src/tools/cargo",
        kind: Kind::ToolTarget,
        features: &[],
        in_tree: false,
        installs: &[("cargo", "cargo")],
        allowed: "min_specialization,specialization",
    },
    Tool {
        name: "clippy",
        dir: "src/tools/clippy",
        kind: Kind::ToolRustcPrivate,
        features: &[],
        in_tree: true,
        installs: &[("cargo-clippy", "cargo-clippy"), ("clippy-driver", "clippy-driver")],
        allowed: "",
    },
    Tool {
        name: "rustdoc",
        dir: "src/tools/rustdoc",
        kind: Kind::ToolRustcPrivate,
        features: &[],
        in_tree: true,
        installs: &[("rustdoc_tool_binary", "rustdoc")],
        allowed: "",
    },
    Tool {
        name: "rustfmt",
        dir: "src/tools/rustfmt",
        kind: Kind::ToolRustcPrivate,
        features: &[],
        in_tree: true,
        installs: &[("cargo-fmt", "cargo-fmt"), ("rustfmt", "rustfmt")],
        allowed: "",
    },
    Tool {
        name: "rust-analyzer",
        dir: "src/tools/rust-analyzer",
        kind: Kind::ToolRustcPrivate,
        features: &["in-rust-tree"],
        in_tree: true,
        installs: &[("rust-analyzer", "rust-analyzer")],
        allowed: RUST_ANALYZER,
    },
];

/// Their names.
pub const TOOLS: [&str; 5] = ["cargo", "clippy", "rustdoc", "rustfmt", "rust-analyzer"];

/// What rust-analyzer may use.
const RUST_ANALYZER: &str = "rustc_private,proc_macro_internals,proc_macro_diagnostic,proc_macro_span,proc_macro_span_shrink,proc_macro_def_site,new_zeroed_alloc";

/// Those language features that x.py allows tools that link nothing of the compiler.
const ALLOWED: &str =
    "binary-dep-depinfo,proc_macro_span,proc_macro_span_shrink,proc_macro_diagnostic";

pub(super) fn mode(settings: &Settings, name: &str) -> Option<Mode> {
    let tool = KNOWN.iter().find(|tool| tool.name == name)?;
    let mut features: Vec<String> = tool.features.iter().map(|name| (*name).to_owned()).collect();
    if settings.code.jemalloc && matches!(name, "clippy" | "rustdoc") {
        features.push("jemalloc".to_owned());
    }
    let of_kind = if tool.kind == Kind::ToolTarget { ALLOWED } else { "" };
    let allowed: Vec<&str> =
        [of_kind, tool.allowed].into_iter().filter(|names| !names.is_empty()).collect();
    Some(Mode {
        plan: name.to_owned(),
        kind: tool.kind,
        manifest: format!("{}/Cargo.toml", tool.dir).into(),
        packages: Vec::new(),
        features,
        profile: "release".to_owned(),
        in_tree: tool.in_tree,
        allowed: (!allowed.is_empty()).then(|| allowed.join(",")),
        static_std: "",
        installs: tool.installs,
    })
}
