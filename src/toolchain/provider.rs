//! Toolchain providers: the attribute set that a plan takes as `toolchain`.

use serde::Serialize;

use crate::nix::fields::{Entry, entries_of};
use crate::template::{self, Template};
use crate::toolchain::HostToolchain;

#[derive(Serialize)]
struct HostFile {
    version: &'static str,
    store: bool,
    system: String,
    host: String,
    shell: String,
    rustc: String,
    rustdoc: String,
    cargo: String,
    library_path: String,
    path: Vec<String>,
    path_list: String,
    fingerprint: Vec<String>,
    compiler_seals: Vec<Entry>,
    linker_seals: Vec<Entry>,
    foreign: Vec<ForeignFacts>,
    sandbox_paths: Vec<String>,
    sandbox_names: Vec<String>,
    links: Vec<Entry>,
    linkers: Vec<Entry>,
    runners: Vec<Runner>,
    targets: Vec<String>,
    target_env: Vec<TargetEnv>,
    registries: Vec<RegistryFacts>,
}

#[derive(Serialize)]
struct TargetEnv {
    name: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct ForeignFacts {
    name: String,
    fingerprint: Vec<String>,
    compiler_seals: Vec<Entry>,
    linker_seals: Vec<Entry>,
}

#[derive(Serialize)]
struct Runner {
    name: String,
    words: Vec<String>,
}

#[derive(Serialize)]
struct RegistryFacts {
    name: String,
    dl: String,
    cache: String,
}

impl Template for HostFile {
    const NAME: &'static str = "toolchain-host.nix";
}

#[derive(Serialize)]
struct NixpkgsFile {
    version: &'static str,
}

impl Template for NixpkgsFile {
    const NAME: &'static str = "toolchain-nixpkgs.nix";
}

/// Renders the nixpkgs provider: the same text for every project.
///
/// # Errors
/// tera's own, which this template cannot cause.
pub fn render_nixpkgs() -> Result<String, tera::Error> {
    template::render(&NixpkgsFile { version: env!("CARGO_PKG_VERSION") })
}

/// Renders the host provider.
///
/// # Errors
/// tera's own, which a toolchain cannot cause.
pub fn render_host(tools: &HostToolchain) -> Result<String, tera::Error> {
    let mut sandbox_paths = texts(&tools.sandbox_paths);
    sandbox_paths.push(tools.shown_script_shell());
    render(tools, sandbox_paths)
}

/// Renders the provider of a toolchain that lies in the store whole.
///
/// # Errors
/// tera's own, which a toolchain cannot cause.
pub fn render_store(tools: &HostToolchain) -> Result<String, tera::Error> {
    render(tools, Vec::new())
}

fn texts(paths: &[camino::Utf8PathBuf]) -> Vec<String> {
    paths.iter().map(ToString::to_string).collect()
}

/// One that needs no sandbox path is one of the store.
fn render(tools: &HostToolchain, sandbox_paths: Vec<String>) -> Result<String, tera::Error> {
    template::render(&HostFile {
        version: env!("CARGO_PKG_VERSION"),
        store: sandbox_paths.is_empty(),
        system: tools.system.clone(),
        host: tools.host.to_string(),
        shell: tools.shell.to_string(),
        rustc: tools.rustc.to_string(),
        rustdoc: tools.rustdoc.to_string(),
        cargo: tools.cargo.to_string(),
        library_path: format!("{0}/lib:{0}/lib/rustlib/{1}/lib", tools.sysroot, tools.host),
        path: texts(&tools.path),
        path_list: texts(&tools.path).join(":"),
        fingerprint: tools.fingerprint.clone(),
        compiler_seals: entries_of(&tools.compiler_seals),
        linker_seals: entries_of(&tools.linker_seals),
        foreign: tools
            .foreign
            .iter()
            .map(|(triple, needs)| ForeignFacts {
                name: triple.to_string(),
                fingerprint: needs.fingerprint.clone(),
                compiler_seals: entries_of(&needs.compiler_seals),
                linker_seals: entries_of(&needs.linker_seals),
            })
            .collect(),
        sandbox_paths,
        sandbox_names: sandbox_names(tools),
        links: entries_of(&tools.links),
        linkers: entries_of(&tools.linkers),
        runners: tools
            .runners
            .iter()
            .map(|(triple, words)| Runner { name: triple.to_string(), words: words.clone() })
            .collect(),
        targets: tools.targets.iter().cloned().collect(),
        target_env: tools
            .target_env
            .iter()
            .map(|(triple, env)| TargetEnv { name: triple.to_string(), entries: entries_of(env) })
            .collect(),
        registries: tools
            .registries
            .iter()
            .map(|(name, registry)| RegistryFacts {
                name: name.clone(),
                dl: registry.dl.clone().unwrap_or_default(),
                cache: registry.cache.as_ref().map(ToString::to_string).unwrap_or_default(),
            })
            .collect(),
    })
}

/// The sandbox paths as they stand in the name of a derivation, where they are short enough. The
/// sentence that a missing one fails with is a store name: its alphabet is small.
pub(super) fn sandbox_names(tools: &HostToolchain) -> Vec<String> {
    let plain = |path: &camino::Utf8PathBuf| -> String {
        let legal = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        path.as_str().trim_matches('/').chars().map(legal).collect()
    };
    tools.sandbox_paths.iter().map(plain).filter(|name| name.len() < 40).collect()
}
