//! The selection of a plan that is there already, which its header states.
//!
//! A committed plan belongs to the whole workspace: whoever makes it anew, wherever in the tree,
//! asks the same question again. Another question is another plan, and has to be meant.

use std::fmt;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Parser;

use super::SelectArgs;
use super::header_flags::FILE;
use super::workspace_dir::workspace_root;
use crate::cli::machine::this_machine;
use crate::config::{self, Environment};
use crate::files::is_marked;
use crate::model::header;
use crate::model::package::Ignored;
use crate::plan_file::read;

/// How the command line stands to a plan that is there.
#[derive(Clone, Debug)]
pub enum Again {
    /// It asks for the same plan: the selection that makes it anew.
    Same(SelectArgs),
    /// It asks for another: that one's selection, and what tells them apart.
    Other(SelectArgs, OtherSelection),
}

/// Two selections, each as the flags beside config.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherSelection {
    /// Of the plan that is there.
    pub was: Flags,
    /// Of the command line.
    pub is: Flags,
}

/// Flags as they are told: none are told, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flags(pub Vec<String>);

impl Flags {
    /// The configuration file that they name.
    fn config(&self) -> Option<&String> {
        self.0.iter().find(|flag| flag.starts_with(FILE))
    }

    /// Whether they say what is planned, beside where.
    fn asks(&self) -> bool {
        let place = if self.0.first().is_some_and(|flag| flag == "-C") { 2 } else { 0 };
        self.0.iter().skip(place).any(|flag| !flag.starts_with(FILE))
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => f.write_str("no flags"),
            flags => write!(f, "`{}`", header::line(flags)),
        }
    }
}

/// The words of a header, read as a command line is.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Header {
    #[command(flatten)]
    select: SelectArgs,
}

/// Whether the workspace lies in a repository: not so an unpacked release, or a flake's source in Nix's store.
fn has_git(root: &Utf8Path) -> bool {
    root.ancestors().any(|dir| dir.join(".git").exists())
}

/// What git ignored where a plan was made.
fn ignored_of(plan: &str) -> Option<Ignored> {
    read::read_all(plan).ok()?.0.into_iter().next()?.ignored
}

impl SelectArgs {
    /// What to plan where `old` is the text of the plan that is there. Without flags that say
    /// what is planned, that is what its header says; the directory where one stands decides
    /// nothing.
    ///
    /// # Errors
    /// What is wrong in config.toml, the environment, the flags or the header.
    pub fn again(&self, old: Option<&str>) -> miette::Result<Again> {
        let root = workspace_root(&self.options()?);
        // A file of somebody else has a guardian of its own, where it would be written.
        let old = old.filter(|text| text.lines().take(3).any(is_marked));
        let words = old.map(read::flags_of).unwrap_or_default();
        let words: Vec<String> = words.into_iter().map(|word| today(word, &root)).collect();
        let header = Header::try_parse_from(&words).map_err(|_| {
            miette::miette!(
                help = "make it again with flags that this program knows: `rbn-plan -o FILE`",
                "the plan's header has flags that are not understood: {}",
                header::line(&words)
            )
        })?;
        let dir = header.select.directory.clone().unwrap_or_default();
        let config = header.select.file.as_ref().map(|file| root.join(file));
        let mut asks = self.clone();
        asks.ignored = old.filter(|_| !has_git(&root)).and_then(ignored_of);
        asks.again_at(&root, &header.select, &dir, config, old.is_some())
    }

    fn again_at(
        &self,
        root: &Utf8Path,
        header: &Self,
        dir: &Utf8Path,
        config: Option<Utf8PathBuf>,
        is_there: bool,
    ) -> miette::Result<Again> {
        let mut there = self.placed(header, root, dir, config.clone());
        // Packages that are named are the workspace's, wherever one stands.
        let own = if self.names_packages() { Utf8Path::new("") } else { dir };
        let here = self.placed(self, root, own, self.config_file().or(config));
        // What was planned, the environment of today knows nothing of.
        let was = there.told(dir, &Environment::default())?;
        let is = here.told(own, &Environment::of_process())?;
        if was == is || !is_there {
            return Ok(Again::Same(here));
        }
        // Of the environment there may be flags, too.
        let asks = is.asks() || !self.asked().is_empty() || is.config() != was.config();
        if asks {
            return Ok(Again::Other(here, OtherSelection { was, is }));
        }
        there.file = here.file;
        Ok(Again::Same(there))
    }

    /// What `asked` asks for, in a directory of the workspace, and by the other flags as here.
    pub(super) fn placed(
        &self,
        asked: &Self,
        root: &Utf8Path,
        dir: &Utf8Path,
        config: Option<Utf8PathBuf>,
    ) -> Self {
        let at_root = dir.as_str().is_empty();
        let mut placed = asked.clone();
        (placed.directory, placed.manifest_path) = match &self.manifest_path {
            // Who names the manifest has Cargo read the configuration of where he stands.
            Some(_) if at_root => (self.directory.clone(), Some(root.join("Cargo.toml"))),
            _ if at_root => (Some(root.to_owned()), None),
            _ => (Some(root.join(dir)), None),
        };
        (placed.locked, placed.offline, placed.frozen) = (self.locked, self.offline, self.frozen);
        placed.untrusted = self.untrusted;
        placed.ignored.clone_from(&self.ignored);
        placed.file = config;
        // The files that Cargo is given are named from where the flags are.
        placed.config = match std::ptr::eq(asked, self) {
            true => self.config.iter().map(|value| self.placed_value(value)).collect(),
            false => asked.config.iter().map(|value| below(root, value)).collect(),
        };
        placed
    }

    /// The flags beside config.toml, in a directory of the workspace.
    fn told(&self, dir: &Utf8Path, environment: &Environment) -> miette::Result<Flags> {
        let root = workspace_root(&self.options()?);
        // Targets that nobody names are not told.
        let machine = this_machine()?;
        let file = self.file.as_deref();
        let loaded = config::load(&root, file, environment, &self.overrides(), &machine)?;
        let place = (!dir.as_str().is_empty()).then(|| ["-C".to_owned(), dir.to_string()]);
        let mut flags: Vec<String> = place.into_iter().flatten().collect();
        flags.extend(self.given(&root, file, &machine, &loaded.config.build)?);
        Ok(Flags(flags))
    }
}

/// A word of a header as this version writes it: before there was Cargo's own `--config`, the flag
/// named the file that is `--config-file` now.
fn today(word: String, root: &Utf8Path) -> String {
    match word.strip_prefix("--config=") {
        Some(file) if config::is_ours(&root.join(file)) => format!("{FILE}{file}"),
        _ => word,
    }
}

/// A value of Cargo's `--config`, its file by the whole path.
fn below(root: &Utf8Path, value: &str) -> String {
    let file = root.join(value);
    if file.is_file() { file.into_string() } else { value.to_owned() }
}
