//! The toolchain argument of a plan, in the words of the flake that calls it.

use std::collections::BTreeSet;

use super::super::outputs::Parameters;
use super::super::span::{Span, Spanned};
use crate::nix::escape;

/// A toolchain from the flake's own inputs, through the provider file for nixpkgs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlakeToolchain {
    /// The provider, as flake.nix names it: `./generated/nixpkgs.nix`.
    pub file: String,
    /// The flake input that package sets come from.
    pub nixpkgs: String,
    /// Another compiler than that of the package set.
    pub compiler: Option<FlakeCompiler>,
}

/// A compiler from a flake input that knows many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlakeCompiler {
    /// What kind of flake it is.
    pub library: ToolchainLibrary,
    /// The flake input.
    pub input: String,
    /// `stable`, `beta` or `nightly`.
    pub channel: String,
    /// A release or a date; `None` is the latest that the input knows.
    pub version: Option<String>,
    /// Components beside rustc, cargo and rust-std.
    pub components: Vec<String>,
    /// Targets whose standard library is wanted beside the build machine's.
    pub targets: Vec<String>,
}

/// The flakes that know many compilers, by how they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolchainLibrary {
    /// oxalica/rust-overlay.
    RustOverlay,
    /// nix-community/fenix.
    Fenix,
}

/// Why a toolchain cannot be named inside the outputs; completes "flake.nix is not edited: ...".
pub type Unnameable = String;

/// How a place in the outputs of a flake names its inputs.
pub(super) struct InputNames<'p> {
    /// What the outputs take.
    pub(super) parameters: &'p Parameters,
    /// Names that mean something else at that place.
    pub(super) rebound: BTreeSet<String>,
}

impl InputNames<'_> {
    fn expression(&self, input: &str) -> Result<String, Unnameable> {
        let Parameters { names, whole, open } = self.parameters;
        let (name, expression) = match whole {
            _ if names.iter().any(|name| name.value == input) => (input, input.to_owned()),
            Some(whole) if *open => {
                (whole.value.as_str(), format!("{}.{}", whole.value, escape::attr(input)))
            }
            _ => return Err(format!("its outputs do not take the input `{input}`")),
        };
        if self.rebound.contains(name) {
            return Err(format!("`{name}` means something else where the package would be"));
        }
        Ok(expression)
    }
}

impl FlakeToolchain {
    /// The toolchain, where all inputs are in the set `inputs`, for the system that the expression
    /// `system` evaluates to.
    ///
    /// # Errors
    /// Why it cannot be asked for.
    pub fn call_from(&self, inputs: &str, system: &str) -> Result<String, Unnameable> {
        let whole = Some(Spanned::new(inputs.to_owned(), Span::new(0, 0)));
        let parameters = Parameters { names: Vec::new(), open: true, whole };
        self.call(system, &InputNames { parameters: &parameters, rebound: BTreeSet::new() })
    }

    /// The argument `toolchain`, for the system that the expression `system` evaluates to.
    pub(super) fn call(&self, system: &str, names: &InputNames) -> Result<String, Unnameable> {
        let pkgs = match system {
            // There `pkgs` is in scope, and it is that system's.
            "pkgs.stdenv.hostPlatform.system" => "pkgs".to_owned(),
            _ => format!("{}.legacyPackages.{}", names.expression(&self.nixpkgs)?, below(system)),
        };
        let compiler = match &self.compiler {
            None => String::new(),
            Some(compiler) => {
                let input = names.expression(&compiler.input)?;
                format!(" toolchain = {};", compiler.expression(&input, &pkgs, system)?)
            }
        };
        let pkgs = if pkgs == "pkgs" { "inherit pkgs;".into() } else { format!("pkgs = {pkgs};") };
        Ok(format!("import {} {{ {pkgs}{compiler} }}", self.file))
    }
}

impl FlakeCompiler {
    fn expression(&self, input: &str, pkgs: &str, system: &str) -> Result<String, Unnameable> {
        match self.library {
            ToolchainLibrary::RustOverlay => Ok(self.rust_overlay(input, pkgs)),
            ToolchainLibrary::Fenix if self.version.is_some() => Err(format!(
                "fenix wants a hash for a version, which config.toml has not: leave out \
                 `toolchain.version`, or write `{input}.packages.SYSTEM.toolchainOf` yourself"
            )),
            ToolchainLibrary::Fenix => Ok(self.fenix(input, system)),
        }
    }

    fn rust_overlay(&self, input: &str, pkgs: &str) -> String {
        let version = self.version.as_deref().unwrap_or("latest");
        let (channel, version) = (escape::attr(&self.channel), escape::attr(version));
        let mut wanted = String::new();
        for (name, values) in [("extensions", &self.components), ("targets", &self.targets)] {
            if !values.is_empty() {
                wanted.push_str(&format!(" {name} = {};", list(values)));
            }
        }
        let set = format!(
            "({pkgs}.extend {input}.overlays.default).rust-bin.{channel}.{version}.minimal"
        );
        if wanted.is_empty() { set } else { format!("{set}.override {{{wanted} }}") }
    }

    fn fenix(&self, input: &str, system: &str) -> String {
        // fenix calls the newest nightly `latest`.
        let channel = if self.channel == "nightly" { "latest" } else { &self.channel };
        let packages = format!("{input}.packages.{}", below(system));
        let mut components = vec!["cargo".to_owned(), "rust-std".to_owned(), "rustc".to_owned()];
        components.extend(self.components.iter().cloned());
        let own = format!("{packages}.{channel}.withComponents {}", list(&components));
        let others = self.targets.iter().map(|target| {
            format!(" {packages}.targets.{}.{channel}.rust-std", escape::attr(target))
        });
        let others: String = others.collect();
        if others.is_empty() { own } else { format!("{packages}.combine [ ({own}){others} ]") }
    }
}

fn list(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| escape::string(word)).collect();
    format!("[ {} ]", words.join(" "))
}

/// The attribute that `system` is, below a set by system.
fn below(system: &str) -> String {
    match system.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(name) if escape::attr(name) == name => name.to_owned(),
        Some(_) => system.to_owned(),
        None => format!("${{{system}}}"),
    }
}
