//! Instantiating without Nix: the store paths that `derivation { ... }` has.
//!
//! Source: the Nix manual's chapter on derivations and store paths. The formats and hashes are
//! nix-derivation's; here is only what `derivationStrict` makes of an attribute set.
//!
//! One difference is known: Nix 2.8 writes the control characters U+0008 and U+000C into
//! structured attributes as `\u0008` and `\u000c`, later versions (and this) as `\b` and `\f`.

use std::collections::{BTreeMap, BTreeSet};

use nix_derivation::{
    CAHash, DerivationBuilder, InputDerivation, InputDerivationHash, NixHash, Output, StorePath,
    StructuredAttrs, ValidatedDerivation, store_path,
};
use thiserror::Error;

use super::value::{Attributes, Reference, Text, Value};

/// Why there is no such derivation.
#[derive(Debug, Error)]
pub enum DerivationError {
    /// Nix would refuse it.
    #[error("the derivation `{name}` is not valid")]
    Invalid {
        /// Its name.
        name: String,
        /// The reason.
        #[source]
        source: nix_derivation::Error,
    },
    /// A store path has a name that Nix does not allow.
    #[error("`{name}` cannot be a name in the store")]
    Name {
        /// The name.
        name: String,
        /// The reason.
        #[source]
        source: store_path::Error,
    },
    /// A checksum is not one.
    #[error("`{0}` is not a SHA-256 checksum of 64 hexadecimal digits")]
    Checksum(String),
    /// The derivation names another that was not made by the same [`Derivations`].
    #[error("the derivation `{name}` needs {path}, which is not known")]
    UnknownInput {
        /// Its name.
        name: String,
        /// What it needs.
        path: StorePath,
    },
}

/// A derivation in the store: its own path and its output's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The `.drv` file.
    pub drv: StorePath,
    /// The output `out`.
    pub out: StorePath,
    /// The file's content.
    pub aterm: Vec<u8>,
}

impl Instance {
    /// The output's path as a text, as `"${drv}"` gives it.
    #[must_use]
    pub fn text(&self) -> Text {
        Text::naming(self.out.to_absolute_path(), [Reference::Output(self.drv.clone())])
    }
}

impl From<&Instance> for Text {
    fn from(instance: &Instance) -> Self {
        instance.text()
    }
}

/// The arguments of `derivation` with `__structuredAttrs = true` and one output.
#[derive(Clone, Debug)]
pub struct Structured {
    /// `name`.
    pub name: String,
    /// `system`.
    pub system: String,
    /// `builder`.
    pub builder: Text,
    /// `args`: the only attribute that does not reach the builder as JSON.
    pub args: Vec<Text>,
    /// All others.
    pub attributes: Attributes,
}

/// The arguments of a fetch by Nix's own `builtin:fetchurl`.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// `name`: the file's name in the store.
    pub name: String,
    /// `url`.
    pub url: String,
    /// `outputHash`: SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
}

/// Derivations in the making: each may name those that were made before it.
#[derive(Debug, Default)]
pub struct Derivations {
    /// The identity of each derivation for those that need it, where a fetch counts by its
    /// content only (the manual's "derivation modulo").
    hashes: BTreeMap<StorePath, InputDerivationHash>,
}

impl Derivations {
    /// `derivation { __structuredAttrs = true; ... }`.
    ///
    /// # Errors
    /// [`DerivationError`] for what Nix refuses too, and for inputs made elsewhere.
    pub fn structured(&mut self, call: Structured) -> Result<Instance, DerivationError> {
        let name = call.name.clone();
        let invalid = |source| DerivationError::Invalid { name: name.clone(), source };
        let mut attributes = call.attributes;
        attributes.insert("name".to_owned(), call.name.as_str().into());
        attributes.insert("system".to_owned(), call.system.as_str().into());
        attributes.insert("builder".to_owned(), Value::Text(call.builder.clone()));
        let set = Value::Set(attributes);

        let mut references = BTreeSet::new();
        set.collect_references(&mut references);
        let mut builder = DerivationBuilder::new(&call.name, &call.system, call.builder.as_str())
            .input_addressed_output("out");
        for arg in &call.args {
            builder = builder.argument(arg.as_str());
            references.extend(arg.references().iter().cloned());
        }
        for reference in references {
            builder = match reference {
                Reference::Source(path) => builder.input_source(path),
                Reference::Output(drv) if self.hashes.contains_key(&drv) => {
                    builder.input_derivation(drv, InputDerivation::new(["out"]))
                }
                Reference::Output(path) => {
                    return Err(DerivationError::UnknownInput { name, path });
                }
            };
        }
        let json = serde_json::to_vec(&set).expect("texts, lists and sets are always JSON");
        let json = StructuredAttrs::from_json_bytes(json).map_err(invalid)?;
        let derivation = builder
            .structured_attrs(json)
            .build_with_input_hashes(|path| self.hash(path))
            .map_err(invalid)?;
        self.add(&derivation)
    }

    /// `derivation` of a fixed-output fetch of one file, as the toolchain providers call it.
    ///
    /// # Errors
    /// [`DerivationError`] for a name or checksum that Nix refuses too.
    pub fn fetch(&mut self, call: &Fetch) -> Result<Instance, DerivationError> {
        let checksum = || DerivationError::Checksum(call.sha256.clone());
        if call.sha256.len() != 64 {
            return Err(checksum());
        }
        let hash = NixHash::parse(&format!("sha256:{}", call.sha256)).map_err(|_| checksum())?;
        let mut builder = DerivationBuilder::new(&call.name, "builtin", "builtin:fetchurl")
            .output("out", Output::Fixed { ca: CAHash::Flat(hash) });
        // Nix's spelling of a truth value in an environment: "1" or nothing.
        for (name, value) in [
            ("name", call.name.as_str()),
            ("system", "builtin"),
            ("builder", "builtin:fetchurl"),
            ("url", call.url.as_str()),
            ("outputHash", call.sha256.as_str()),
            ("outputHashAlgo", "sha256"),
            ("outputHashMode", "flat"),
            ("preferLocalBuild", "1"),
        ] {
            builder = builder.environment(name, value);
        }
        let derivation = builder
            .build()
            .map_err(|source| DerivationError::Invalid { name: call.name.clone(), source })?;
        self.add(&derivation)
    }

    fn hash(&self, path: &StorePath) -> InputDerivationHash {
        *self.hashes.get(path).expect("inputs are looked up before they are added")
    }

    fn add(&mut self, derivation: &ValidatedDerivation) -> Result<Instance, DerivationError> {
        let name = derivation.name().to_owned();
        let invalid = |source| DerivationError::Invalid { name: name.clone(), source };
        let drv = derivation.drv_path();
        let hash = derivation
            .as_derivation()
            .hash_input_derivation_modulo(|path| self.hash(path))
            .map_err(invalid)?;
        self.hashes.insert(drv.clone(), hash);
        let out = derivation
            .resolved_outputs()
            .get("out")
            .and_then(|output| output.path.clone())
            .expect("both kinds of derivation have an output `out` of a known path");
        Ok(Instance { drv, out, aterm: derivation.to_aterm_bytes() })
    }
}

/// `builtins.toFile name content`, for a content that names nothing.
///
/// # Errors
/// A name that the store does not take.
pub fn text_file(name: &str, content: &str) -> Result<StorePath, DerivationError> {
    store_path::build_text_path(name, content.as_bytes(), [])
        .map_err(|source| DerivationError::Name { name: name.to_owned(), source })
}

/// `builtins.placeholder "out"`: what stands for the output's path inside its own derivation.
#[must_use]
pub fn placeholder() -> String {
    store_path::hash_placeholder("out")
}
