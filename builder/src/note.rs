//! What steps tell those that depend on them, beside the files that they make.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::facts::Facts;
use crate::json::Value;
use crate::protocol::Directives;
use crate::sources::Placed;

/// The note of a crate, in its output.
pub const CRATE: &str = "crate.json";
/// The note of a build script's run, in its output.
pub const RUN: &str = "run.json";

/// What a crate tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crate {
    /// Its identity.
    pub id: String,
    /// Its package's name, version and origin: the order of Cargo's package ids.
    pub package: (String, String, String),
    /// Whether it is a procedural macro.
    pub is_macro: bool,
    /// The names of the files that a dependent links.
    pub links: Vec<String>,
    /// The names of all files, by crate type.
    pub files: BTreeMap<String, String>,
    /// The files of all crates that a dependent may need, its own first.
    pub closure: Vec<String>,
    /// Runs of build scripts that say where native libraries are, in Cargo's order.
    pub natives: Vec<String>,
    /// Libraries that no crate makes, for all that link this one.
    pub libraries: Vec<String>,
    /// What a program that this crate is linked into may look for at run time, because rustc put its
    /// path into the crate.
    pub baked: Vec<Placed>,
    /// The same of the macros among the crates that a dependent may need.
    pub macros_baked: Vec<Placed>,
    /// What tells its metadata from another, where two steps write it.
    pub metadata: String,
}

/// What the run of a build script tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Its `OUT_DIR`; empty where the configuration stands in for the script.
    pub out_dir: String,
    /// What it said.
    pub directives: Directives,
    /// What lies below paths that it named, and has to be there for those who read them.
    pub carried: Vec<Placed>,
    /// The runs whose words it heard, and theirs: their paths may be among its own words.
    pub heard: Vec<String>,
}

fn texts(list: &[String]) -> Value {
    Value::texts(list.iter().map(String::as_str))
}

fn table(table: &BTreeMap<String, String>) -> Value {
    Value::object(table.iter().map(|(key, value)| (key, Value::Text(value.clone()))))
}

fn placed(list: &[Placed]) -> Value {
    Value::List(list.iter().map(Placed::write).collect())
}

fn read_placed(facts: &mut Facts, name: &str) -> Result<Vec<Placed>, String> {
    facts.list(name)?.into_iter().map(Placed::read).collect()
}

impl Crate {
    pub(crate) fn write(&self) -> Value {
        let (name, version, origin) = &self.package;
        let metadata = ("metadata", Value::Text(self.metadata.clone()));
        let libraries = ("libraries", texts(&self.libraries));
        let rare = [(metadata, self.metadata.is_empty()), (libraries, self.libraries.is_empty())];
        let facts = [
            ("id", Value::Text(self.id.clone())),
            ("package", Value::texts([name, version, origin].map(String::as_str))),
            ("macro", Value::Bool(self.is_macro)),
            ("links", texts(&self.links)),
            ("files", table(&self.files)),
            ("closure", texts(&self.closure)),
            ("natives", texts(&self.natives)),
            ("baked", placed(&self.baked)),
            ("macrosBaked", placed(&self.macros_baked)),
        ];
        Value::object(
            facts
                .into_iter()
                .chain(rare.into_iter().filter(|(_, is_empty)| !is_empty).map(|(fact, _)| fact)),
        )
    }

    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut facts = Facts::new("crate", Value::parse(text)?)?;
        let package = facts.texts("package")?;
        let part = |at: usize| package.get(at).cloned().unwrap_or_default();
        let note = Self {
            id: facts.needed("id")?,
            package: (part(0), part(1), part(2)),
            is_macro: facts.flag("macro")?,
            links: facts.texts("links")?,
            files: facts.table("files")?,
            closure: facts.texts("closure")?,
            natives: facts.texts("natives")?,
            libraries: facts.texts("libraries")?,
            baked: read_placed(&mut facts, "baked")?,
            macros_baked: read_placed(&mut facts, "macrosBaked")?,
            metadata: facts.text("metadata")?,
        };
        facts.done()?;
        Ok(note)
    }
}

impl Run {
    /// Whether it says where native libraries are, or how programs are linked.
    #[must_use]
    pub fn speaks_of_linking(&self) -> bool {
        !self.directives.search_paths.is_empty() || !self.directives.link_args.is_empty()
    }

    /// Where it is to be found by those who read its words: its `OUT_DIR`, what it carries.
    pub(crate) fn places(&self, path: &str) -> Vec<Placed> {
        let mut places = self.carried.clone();
        if !self.out_dir.is_empty() {
            let out_dir = PathBuf::from(&self.out_dir);
            places.push(Placed::link(Path::new(path).join("out"), out_dir));
        }
        places
    }

    pub(crate) fn write(&self) -> Value {
        Value::object([
            ("outDir", Value::Text(self.out_dir.clone())),
            ("directives", self.directives.write()),
            ("carried", placed(&self.carried)),
            ("heard", texts(&self.heard)),
        ])
    }

    /// Reads the note of a run.
    ///
    /// # Errors
    /// What is no such note.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut facts = Facts::new("run", Value::parse(text)?)?;
        let note = Self {
            out_dir: facts.text("outDir")?,
            directives: Directives::read(facts.facts("directives")?)?,
            carried: read_placed(&mut facts, "carried")?,
            heard: facts.texts("heard")?,
        };
        facts.done()?;
        Ok(note)
    }
}
