//! Derivations as they lie in the store: what a `.drv` file says of itself.

use std::collections::BTreeMap;

use nix_derivation::{Derivation, store_path::StoreDir};

/// A `.drv` file, as far as it is read here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// The paths of its outputs, where they are known before it is built.
    pub outputs: Vec<String>,
    /// The `.drv` files that it needs.
    pub inputs: Vec<String>,
    /// Whether it says beforehand what it makes: a fetch.
    pub fixed: bool,
    /// Those of its structured attributes that are texts.
    pub texts: BTreeMap<String, String>,
}

/// The name of a store path: what follows the digest. Nothing for what is no store path.
#[must_use]
pub fn name(path: &str) -> Option<&str> {
    let (digest, name) = path.rsplit('/').next()?.split_at_checked(32)?;
    let is_digest = digest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.strip_prefix('-').filter(|name| is_digest && !name.is_empty())
}

impl Stored {
    /// Reads the content of the file `path`; nothing for what is no derivation.
    #[must_use]
    pub fn parse(path: &str, content: &[u8]) -> Option<Self> {
        let name = name(path)?.strip_suffix(".drv")?;
        let (dir, _) = path.rsplit_once('/')?;
        let dir = StoreDir::new(dir).ok()?;
        let derivation = Derivation::from_aterm_bytes_in(content, name, dir.clone()).ok()?;
        let outputs = derivation.outputs().iter().filter_map(|(output, kind)| {
            let path = kind.path_in(&dir, name, output).ok()??;
            Some(path.to_absolute_path_in(&dir))
        });
        let inputs = derivation.input_derivations().keys();
        let attributes = derivation.structured_attrs();
        let texts = attributes.into_iter().flat_map(|attributes| attributes.iter());
        Some(Self {
            outputs: outputs.collect(),
            inputs: inputs.map(|path| path.to_absolute_path_in(&dir)).collect(),
            fixed: derivation.outputs().values().any(|o| o.fixed_content_address().is_some()),
            texts: texts
                .filter_map(|(name, value)| Some((name.to_owned(), value.as_str()?.to_owned())))
                .collect(),
        })
    }
}
