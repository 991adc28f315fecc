//! What `templates/lib/` reads of its argument `toolchain`.

use std::collections::BTreeMap;

use nix_derivation::StorePath;

use crate::emit::toolchain::sandbox_names;
use crate::input::toolchain::HostToolchain;
use crate::model::Triple;
use crate::nix::derivation::{DerivationError, Derivations, Structured};
use crate::nix::value::{Reference, Text, Value};

/// The values of a toolchain, each with the store paths that it names.
#[derive(Clone, Debug, Default)]
pub struct Toolchain {
    /// Nix's name of the build machine.
    pub system: String,
    /// The triple of the build machine; the plan's own without it.
    pub host: Option<Triple>,
    /// The program that runs the builder.
    pub shell: Text,
    /// The compiler.
    pub rustc: Text,
    /// Its sibling for documentation.
    pub rustdoc: Text,
    /// Cargo, for build scripts that ask for it.
    pub cargo: Text,
    /// Where the compiler's own libraries are, `:` between; empty for none.
    pub library_path: Text,
    /// Directories of programs.
    pub path: Vec<Text>,
    /// What the tools say of themselves.
    pub fingerprint: Vec<Text>,
    /// Variables of every step.
    pub env: BTreeMap<String, Text>,
    /// Variables of the steps of a target; they win.
    pub target_env: BTreeMap<Triple, BTreeMap<String, Text>>,
    /// Linkers by target; they stand for a C compiler that the plan names.
    pub linkers: BTreeMap<Triple, Text>,
    /// Programs and libraries that steps may name, each of one output; nested sets with dots.
    pub inputs: BTreeMap<String, Text>,
    /// Where a target has programs of its own: all of its programs.
    pub native_inputs: BTreeMap<Triple, BTreeMap<String, Text>>,
    /// The libraries of targets other than the build machine.
    pub target_inputs: BTreeMap<Triple, BTreeMap<String, Text>>,
    /// `dl` of each registry, with its markers.
    pub registries: BTreeMap<String, String>,
}

impl Toolchain {
    /// The toolchain that the host provider gives for the same machine.
    ///
    /// # Errors
    /// [`DerivationError`] for what Nix would refuse of the provider.
    pub fn of_host(
        tools: &HostToolchain,
        derivations: &mut Derivations,
    ) -> Result<Self, DerivationError> {
        let text = |path: &camino::Utf8PathBuf| Text::from(path.as_str());
        let stored = |path: &camino::Utf8PathBuf| {
            Text::naming(path.as_str(), in_store(path).map(Reference::Source))
        };
        let links = derivations.structured(host_links(tools))?;
        let mut path = vec![links.text().followed_by("/bin")];
        path.extend(tools.path.iter().map(text));
        let sysroot = &tools.sysroot;
        let registries = tools.registries.iter();
        Ok(Self {
            system: tools.system.clone(),
            host: Some(tools.host.clone()),
            shell: text(&tools.shell),
            rustc: stored(&tools.rustc),
            rustdoc: stored(&tools.rustdoc),
            cargo: stored(&tools.cargo),
            library_path: stored(sysroot)
                .followed_by(&format!("/lib:{sysroot}/lib/rustlib/{}/lib", tools.host)),
            path,
            fingerprint: tools.fingerprint.iter().map(|line| line.as_str().into()).collect(),
            target_env: tools
                .target_env
                .iter()
                .map(|(triple, env)| {
                    let env = env.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
                    (triple.clone(), env.collect())
                })
                .collect(),
            linkers: tools
                .linkers
                .iter()
                .map(|(triple, path)| (triple.clone(), text(path)))
                .collect(),
            registries: registries
                .filter_map(|(name, registry)| Some((name.clone(), registry.dl.clone()?)))
                .collect(),
            ..Self::default()
        })
    }
}

/// The store path that `path` lies in.
fn in_store(path: &camino::Utf8Path) -> Option<StorePath> {
    let inside = path.as_str().strip_prefix("/nix/store/")?;
    StorePath::from_basename(inside.split('/').next()?.as_bytes()).ok()
}

/// The provider's derivation of links to the machine's programs.
fn host_links(tools: &HostToolchain) -> Structured {
    let path: Vec<&str> = tools.path.iter().map(|dir| dir.as_str()).collect();
    let path = path.join(":");
    let script = format!(
        ". \"$NIX_BUILD_TOP/.attrs.sh\"; out=${{outputs[out]}}; PATH={path}; mkdir -p $out/bin; \
         for name in \"${{!programs[@]}}\"; do ln -s \"${{programs[$name]}}\" $out/bin/$name; done"
    );
    let mut name = "host-tools-need-extra-sandbox-paths".to_owned();
    for path in sandbox_names(tools) {
        name.push('-');
        name.push_str(&path);
    }
    let programs = tools.links.iter().map(|(name, path)| (name, path.as_str()));
    Structured {
        name,
        system: tools.system.clone(),
        builder: tools.shell.as_str().into(),
        args: vec!["-c".into(), script.into()],
        attributes: [
            ("fingerprint".to_owned(), Value::list(tools.fingerprint.iter().map(String::as_str))),
            ("programs".to_owned(), Value::set(programs)),
        ]
        .into(),
    }
}

/// The URL of a crate, by the markers of a registry's `dl`; without any, the scheme that Cargo began with.
///
/// Source: the Cargo book, "Registry Index", `dl`.
#[must_use]
pub fn crate_url(dl: &str, name: &str, version: &str, sha256: &str) -> String {
    let markers = [
        ("{crate}", name.to_owned()),
        ("{version}", version.to_owned()),
        ("{prefix}", prefix(name)),
        ("{lowerprefix}", prefix(&name.to_ascii_lowercase())),
        ("{sha256-checksum}", sha256.to_owned()),
    ];
    let mut url = dl.to_owned();
    for (marker, value) in &markers {
        url = url.replace(marker, value);
    }
    if url == dl { format!("{dl}/{name}/{version}/download") } else { url }
}

/// The directory of a crate's name in an index.
fn prefix(name: &str) -> String {
    match name.len() {
        length @ (0..=2) => length.to_string(),
        3 => format!("3/{}", &name[..1]),
        _ => format!("{}/{}", &name[..2], &name[2..4]),
    }
}
