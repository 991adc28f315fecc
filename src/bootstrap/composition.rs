//! The file that wires modes to stages: `generated/bootstrap/default.nix`.

use camino::Utf8PathBuf;
use serde::Serialize;

use super::installation::{Installed, Layout};
use super::mode::Kind;
use super::mode::Mode;
use super::planning::Ground;
use crate::model::Plan;
use crate::template::{self, Template};

#[derive(Serialize)]
struct Composition {
    version: &'static str,
    tree_version: String,
    channel: String,
    /// The version of the compiler that it begins with.
    stage0: String,
    /// All versions that it may have.
    first: Vec<String>,
    host: String,
    hosts: Vec<String>,
    targets: Vec<String>,
    full: bool,
    local_rebuild: bool,
    strip: bool,
    stage: u32,
    /// The stage of the compiler that makes the tools.
    tools_by: u32,
    modes: Vec<ModeFacts>,
    tools: Vec<Tool>,
    bindir: Utf8PathBuf,
    libdir: Utf8PathBuf,
    /// What an installation has of the tree.
    files: Vec<Installed>,
}

#[derive(Serialize)]
struct ModeFacts {
    name: String,
    steps: usize,
}

#[derive(Serialize)]
struct Tool {
    name: String,
    private: bool,
    /// What an installation has of it.
    programs: Vec<Installed>,
}

impl Template for Composition {
    const NAME: &'static str = "bootstrap.nix";
}

/// Renders the composition of `plans`, of which the default is `stage`.
///
/// # Errors
/// tera's own, which this template cannot cause.
pub fn render(ground: &Ground, plans: &[(Mode, Plan)], stage: u32) -> Result<String, tera::Error> {
    let settings = &ground.settings;
    let stage = stage.clamp(1, 3);
    let hosts: Vec<String> = settings.hosts.iter().map(ToString::to_string).collect();
    let host = hosts.first().cloned().unwrap_or_else(|| ground.rustc.host.to_string());
    let mut targets = hosts.clone();
    let more = settings.targets.iter().map(ToString::to_string);
    targets.extend(more.filter(|target| !hosts.contains(target)));
    let stage0 = &ground.tree.stage0;
    let mut first = vec![stage0.clone()];
    if settings.local_rebuild {
        first.push(ground.tree.version.clone());
    }
    let layout = Layout::new(settings);
    let tool = |(mode, _): &(Mode, Plan)| Tool {
        name: mode.plan.clone(),
        private: mode.kind == Kind::ToolRustcPrivate,
        programs: layout.programs(mode),
    };
    let is_tool = |(mode, _): &&(Mode, Plan)| mode.kind.is_tool();
    let tools: Vec<&Mode> = plans.iter().filter(is_tool).map(|(mode, _)| mode).collect();
    template::render(&Composition {
        version: env!("CARGO_PKG_VERSION"),
        tree_version: ground.tree.version.clone(),
        channel: settings.channel.clone(),
        stage0: stage0.clone(),
        first,
        // `strip_debug` of x.py 1.96.
        strip: host == "x86_64-unknown-linux-gnu" && settings.code.debuginfo[0] == "0",
        host,
        hosts,
        targets,
        full: settings.full_bootstrap,
        local_rebuild: settings.local_rebuild,
        stage,
        tools_by: stage - 1,
        modes: plans
            .iter()
            .map(|(mode, plan)| ModeFacts {
                name: mode.plan.clone(),
                steps: plan.graph.node_count(),
            })
            .collect(),
        tools: plans.iter().filter(is_tool).map(tool).collect(),
        files: layout.files(&ground.tree, &tools),
        bindir: layout.bin.clone(),
        libdir: layout.lib.clone(),
    })
}
