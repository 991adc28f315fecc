//! Tools of the tree.
//!
//! Source: `tool.rs` of x.py 1.96.

use super::facts::{Kind, Mode};
use crate::bootstrap::settings::Settings;

/// A tool.
struct Tool {
    name: &'static str,
    dir: &'static str,
    kind: Kind,
    features: &'static [&'static str],
    in_tree: bool,
}

/// The tools that can be planned.
const KNOWN: [Tool; 5] = [
    Tool {
        name: "cargo",
        dir: "src/tools/cargo",
        kind: Kind::ToolTarget,
        features: &[],
        in_tree: false,
    },
    Tool {
        name: "clippy",
        dir: "src/tools/clippy",
        kind: Kind::ToolRustcPrivate,
        features: &[],
        in_tree: true,
    },
    Tool {
        name: "rustdoc",
        dir: "src/tools/rustdoc",
        kind: Kind::ToolRustcPrivate,
        features: &[],
        in_tree: true,
    },
    Tool {
        name: "rustfmt",
        dir: "src/tools/rustfmt",
        kind: Kind::ToolRustcPrivate,
        features: &[],
        in_tree: true,
    },
    Tool {
        name: "rust-analyzer",
        dir: "src/tools/rust-analyzer",
        kind: Kind::ToolRustcPrivate,
        features: &["in-rust-tree"],
        in_tree: true,
    },
];

/// Their names.
pub const TOOLS: [&str; 5] = ["cargo", "clippy", "rustdoc", "rustfmt", "rust-analyzer"];

/// Those language features that x.py allows tools.
const ALLOWED: &str =
    "binary-dep-depinfo,proc_macro_span,proc_macro_span_shrink,proc_macro_diagnostic";

pub(super) fn mode(settings: &Settings, name: &str) -> Option<Mode> {
    let tool = KNOWN.iter().find(|tool| tool.name == name)?;
    let mut features: Vec<String> = tool.features.iter().map(|name| (*name).to_owned()).collect();
    if settings.code.jemalloc && matches!(name, "clippy" | "rustdoc") {
        features.push("jemalloc".to_owned());
    }
    Some(Mode {
        plan: name.to_owned(),
        kind: tool.kind,
        manifest: format!("{}/Cargo.toml", tool.dir).into(),
        packages: Vec::new(),
        features,
        profile: "release".to_owned(),
        in_tree: tool.in_tree,
        allowed: (tool.kind == Kind::ToolTarget).then(|| ALLOWED.to_owned()),
        static_std: "",
    })
}
