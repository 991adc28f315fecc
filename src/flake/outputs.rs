//! The outputs of a flake: what its function takes, and which attributes it gives, as far as their
//! names are static.

use std::collections::BTreeSet;

use rnix::ast;
use serde::Serialize;

use super::span::{Span, Spanned};
use super::syntax::{identifier, span_of};
use super::value::{Attrs, Located, Unknown, Value};

/// What `outputs` takes and gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlakeOutputs {
    /// The argument of the function.
    pub parameters: Parameters,
    /// The outputs whose names are known, in the order of the file.
    pub outputs: Vec<OutputNode>,
    /// Where further outputs come from, if some are computed.
    pub rest: Option<Unknown>,
}

/// The argument of `outputs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parameters {
    /// The names in `{ self, nixpkgs, ... }`; none for a single name like `inputs:`.
    pub names: Vec<Spanned<String>>,
    /// Whether further inputs are accepted: by `...`, or by a single name.
    pub open: bool,
    /// The name of the whole set, as in `{ ... }@inputs` or `inputs:`.
    pub whole: Option<Spanned<String>>,
}

/// One attribute of the outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputNode {
    /// Its name.
    pub key: OutputKey,
    /// Where the name, or the expression that names come from, is written.
    pub span: Span,
    /// What is below it.
    pub body: OutputBody,
}

/// The name of an output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputKey {
    /// A static name.
    Name(String),
    /// One attribute for each name that this expression gives.
    Each(String),
}

/// What is below an attribute of the outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputBody {
    /// A package, a module, ...: nothing further to name.
    Leaf,
    /// A set of attributes.
    Set {
        /// Those whose names are known.
        children: Vec<OutputNode>,
        /// Where further ones come from.
        rest: Option<Unknown>,
    },
    /// Computed: may be anything.
    Unknown(Unknown),
}

/// How many levels of names an output has by Nix's conventions, itself included.
fn levels(output: &str) -> usize {
    match output {
        "packages" | "apps" | "devShells" | "checks" | "hydraJobs" | "bundlers" => 3,
        "formatter"
        | "defaultPackage"
        | "defaultApp"
        | "devShell"
        | "legacyPackages"
        | "overlays"
        | "nixosModules"
        | "nixosConfigurations"
        | "templates"
        | "darwinModules"
        | "darwinConfigurations"
        | "homeModules"
        | "homeConfigurations"
        | "lib" => 2,
        "overlay" | "nixosModule" | "defaultTemplate" => 1,
        _ => 2,
    }
}

/// Whether the second level of an output names systems.
fn is_per_system(output: &str) -> bool {
    matches!(
        output,
        "packages"
            | "apps"
            | "devShells"
            | "checks"
            | "formatter"
            | "defaultPackage"
            | "defaultApp"
            | "devShell"
            | "legacyPackages"
            | "bundlers"
    )
}

impl FlakeOutputs {
    /// The systems that the outputs name: static names, and expressions that give names.
    pub fn systems(&self) -> BTreeSet<OutputKey> {
        let mut systems = BTreeSet::new();
        for output in &self.outputs {
            if let (OutputKey::Name(name), OutputBody::Set { children, .. }) =
                (&output.key, &output.body)
                && is_per_system(name)
            {
                systems.extend(children.iter().map(|child| child.key.clone()));
            }
        }
        systems
    }
}

/// Reads the argument of `outputs`.
pub(super) fn parameters(lambda: &ast::Lambda) -> Parameters {
    let mut parameters = Parameters { names: Vec::new(), open: true, whole: None };
    let named = |ident: ast::Ident| Spanned::new(identifier(&ident), span_of(&ident));
    match lambda.param() {
        Some(ast::Param::IdentParam(param)) => parameters.whole = param.ident().map(named),
        Some(ast::Param::Pattern(pattern)) => {
            let idents = pattern.pat_entries().filter_map(|entry| entry.ident());
            parameters.names = idents.map(named).collect();
            parameters.open = pattern.ellipsis_token().is_some();
            parameters.whole = pattern.pat_bind().and_then(|bind| bind.ident()).map(named);
        }
        None => {}
    }
    parameters
}

/// Reads the outputs themselves.
pub(super) fn read(parameters: Parameters, body: &Located) -> FlakeOutputs {
    match &body.value {
        Value::Attrs(attrs) => {
            let (outputs, rest) = nodes(attrs, None);
            FlakeOutputs { parameters, outputs, rest }
        }
        other => {
            let rest = Some(as_unknown(other, body.span));
            FlakeOutputs { parameters, outputs: Vec::new(), rest }
        }
    }
}

fn as_unknown(value: &Value, span: Span) -> Unknown {
    match value {
        Value::Unknown(unknown) => unknown.clone(),
        Value::External(path) => Unknown { text: path.join("."), span },
        other => Unknown { text: other.noun().to_owned(), span },
    }
}

/// The attributes of a set; `left` levels below are read, by the output's name at the top.
fn nodes(attrs: &Attrs, left: Option<usize>) -> (Vec<OutputNode>, Option<Unknown>) {
    let mut found = Vec::new();
    for (name, attr) in &attrs.known {
        let left = left.unwrap_or_else(|| levels(name));
        let body = body(&attr.value, left);
        found.push(OutputNode { key: OutputKey::Name(name.clone()), span: attr.key, body });
    }
    for family in &attrs.families {
        let body = body(&family.value, left.unwrap_or(2));
        let key = OutputKey::Each(family.over.text.clone());
        found.push(OutputNode { key, span: family.over.span, body });
    }
    (found, attrs.rest.clone())
}

fn body(value: &Located, left: usize) -> OutputBody {
    match &value.value {
        _ if left <= 1 => OutputBody::Leaf,
        Value::Attrs(attrs) => {
            let (children, rest) = nodes(attrs, Some(left - 1));
            OutputBody::Set { children, rest }
        }
        Value::Unknown(_) | Value::External(_) => {
            OutputBody::Unknown(as_unknown(&value.value, value.span))
        }
        _ => OutputBody::Leaf,
    }
}
