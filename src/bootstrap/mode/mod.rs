//! The modes: what x.py builds of the tree, each as data.

mod facts;
mod rustc;
mod std;
mod tool;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::BootstrapError;
use super::settings::Settings;
use super::tree::Tree;
use crate::model::Triple;

pub use facts::{Kind, Mode};
pub use tool::TOOLS;

/// All that is planned for `settings`: the compiler, the library for `targets`, the tools that were asked for.
///
/// # Errors
/// [`BootstrapError::NoTool`]: a tool without sources.
pub fn all(tree: &Tree, settings: &Settings, host: &Triple) -> Result<Vec<Mode>, BootstrapError> {
    let mut modes = vec![rustc::mode(settings, host), std::mode(settings, host)];
    for name in &settings.tools {
        if let Some(mode) = tool::mode(settings, name) {
            if !tree.root.join(&mode.manifest).is_file() {
                let path = mode.manifest.parent().map_or_else(Utf8PathBuf::new, Utf8Path::to_owned);
                return Err(BootstrapError::NoTool { tool: name.clone(), path });
            }
            modes.push(mode);
        }
    }
    Ok(modes)
}
