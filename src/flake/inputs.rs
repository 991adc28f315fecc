//! The inputs of a flake, typed: where each comes from and what it overrides.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::Serialize;

use super::error::{Problem, ProblemKind};
use super::flake_ref::{FlakeRef, RefKind};
use super::ref_value::RefValue;
use super::span::{Span, Spanned};
use super::value::{Attrs, Located, Unknown, Value};

/// The inputs of a flake, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FlakeInputs {
    /// The inputs whose names are known.
    pub inputs: IndexMap<String, FlakeInput>,
    /// Where further inputs come from, if some are computed.
    pub rest: Option<Unknown>,
}

/// One input, or one override of an input's input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlakeInput {
    /// Where its name is written first.
    pub span: Span,
    /// Where it comes from.
    pub origin: InputOrigin,
    /// Whether it is a flake itself (`flake = false` says that it is not); `None` if computed.
    pub is_flake: Option<bool>,
    /// Overrides of its own inputs.
    pub inputs: IndexMap<String, FlakeInput>,
}

/// Where an input comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum InputOrigin {
    /// A url.
    Url {
        /// The url as it is written.
        url: Spanned<String>,
        /// What it means.
        reference: FlakeRef,
    },
    /// `type`, `owner`, ... as attributes.
    Attributes(Spanned<FlakeRef>),
    /// The input at this path from the root flake; the empty path is that flake itself.
    Follows(Spanned<Vec<String>>),
    /// Not said: the registry's entry of the same name.
    Registry {
        /// Whether it is only an argument of `outputs`, without any declaration.
        implicit: bool,
    },
    /// Not said for an input of an input: what that flake itself says.
    Inherited,
    /// `inputs.self`: attributes of this flake, nothing to fetch.
    SelfAttributes(Vec<String>),
    /// Computed.
    Unknown(Unknown),
}

impl InputOrigin {
    /// The reference that Nix fetches, for an input that is fetched at all. `name` is the input's.
    pub fn reference(&self, name: &str) -> Option<FlakeRef> {
        match self {
            Self::Url { reference, .. } => Some(reference.clone()),
            Self::Attributes(reference) => Some(reference.value.clone()),
            Self::Registry { .. } => Some(FlakeRef::indirect(name)),
            _ => None,
        }
    }
}

/// Reads `inputs`; what is wrong goes to `problems`, what Nix would refuse to read to `notes`.
pub(super) fn read(inputs: &Located, problems: &mut Vec<Problem>) -> FlakeInputs {
    match &inputs.value {
        Value::Attrs(attrs) => {
            let rest = attrs.families.first().map(|family| family.over.clone());
            let rest = attrs.rest.clone().or(rest);
            let inputs = attrs.known.iter().map(|(name, attr)| {
                let input = input(name, attr.key, &attr.value, 0, problems);
                (name.clone(), input)
            });
            FlakeInputs { inputs: inputs.collect(), rest }
        }
        other => {
            let rest = match other {
                Value::Unknown(unknown) => unknown.clone(),
                _ => Unknown { text: other.noun().to_owned(), span: inputs.span },
            };
            expect_computed("inputs", "an attribute set", inputs, problems);
            FlakeInputs { rest: Some(rest), ..FlakeInputs::default() }
        }
    }
}

fn input(
    path: &str,
    span: Span,
    value: &Located,
    depth: usize,
    problems: &mut Vec<Problem>,
) -> FlakeInput {
    let mut input = FlakeInput {
        span,
        origin: InputOrigin::Inherited,
        is_flake: Some(true),
        inputs: IndexMap::new(),
    };
    let attrs = match &value.value {
        Value::Attrs(attrs) => attrs,
        other => {
            let text = match other {
                Value::Unknown(unknown) => unknown.text.clone(),
                _ => other.noun().to_owned(),
            };
            input.origin = InputOrigin::Unknown(Unknown { text, span: value.span });
            input.is_flake = None;
            expect_computed(path, "an attribute set", value, problems);
            return input;
        }
    };
    if path == "self" {
        input.origin = InputOrigin::SelfAttributes(attrs.known.keys().cloned().collect());
        return input;
    }
    for (name, attr) in &attrs.known {
        let full = format!("{path}.{name}");
        match name.as_str() {
            "flake" => {
                input.is_flake = match attr.value.value {
                    Value::Flag(flag) => Some(flag),
                    _ => {
                        expect_computed(&full, "a boolean", &attr.value, problems);
                        None
                    }
                }
            }
            "inputs" => match &attr.value.value {
                Value::Attrs(overrides) => {
                    for (name, attr) in &overrides.known {
                        let full = format!("{path}.inputs.{name}");
                        let inner = self::input(&full, attr.key, &attr.value, depth + 1, problems);
                        input.inputs.insert(name.clone(), inner);
                    }
                }
                _ => expect_computed(&full, "an attribute set", &attr.value, problems),
            },
            _ => {}
        }
    }
    input.origin = origin(path, attrs, value.span, depth, problems);
    input
}

fn origin(
    path: &str,
    attrs: &Attrs,
    span: Span,
    depth: usize,
    problems: &mut Vec<Problem>,
) -> InputOrigin {
    if let Some(follows) = attrs.known.get("follows") {
        return match &follows.value.value {
            Value::Text(text) => {
                let parts = text.split('/').filter(|part| !part.is_empty());
                let parts = parts.map(str::to_owned).collect();
                InputOrigin::Follows(Spanned::new(parts, follows.value.span))
            }
            _ => computed_origin(&format!("{path}.follows"), "a string", &follows.value, problems),
        };
    }
    if let Some(computed) =
        attrs.families.first().map(|family| &family.over).or(attrs.rest.as_ref())
    {
        return InputOrigin::Unknown(computed.clone());
    }
    if attrs.known.contains_key("type") {
        return typed(path, attrs, span, problems);
    }
    for (name, attr) in &attrs.known {
        if !matches!(name.as_str(), "url" | "flake" | "inputs") {
            let (input, attribute) = (path.to_owned(), name.clone());
            let kind = ProblemKind::UnexpectedInputAttribute { input, attribute };
            problems.push(Problem::new(attr.key, kind));
        }
    }
    let Some(url) = attrs.known.get("url") else {
        let registry = InputOrigin::Registry { implicit: false };
        return if depth == 0 { registry } else { InputOrigin::Inherited };
    };
    match &url.value.value {
        Value::Text(text) => match FlakeRef::parse(text) {
            Ok(reference) => {
                InputOrigin::Url { url: Spanned::new(text.clone(), url.value.span), reference }
            }
            Err(error) => {
                let kind = ProblemKind::Reference { input: path.to_owned(), error };
                problems.push(Problem::new(url.value.span, kind));
                InputOrigin::Inherited
            }
        },
        // Current Nix takes a path of the flake as well.
        Value::Path(text) if text.starts_with('.') => match FlakeRef::parse(text) {
            Ok(reference) => {
                InputOrigin::Url { url: Spanned::new(text.clone(), url.value.span), reference }
            }
            Err(_) => InputOrigin::Inherited,
        },
        _ => computed_origin(&format!("{path}.url"), "a string", &url.value, problems),
    }
}

/// An input whose reference is spelled out as attributes.
fn typed(path: &str, attrs: &Attrs, span: Span, problems: &mut Vec<Problem>) -> InputOrigin {
    let mut kind = None;
    let mut parts = BTreeMap::new();
    for (name, attr) in &attrs.known {
        if matches!(name.as_str(), "flake" | "inputs") {
            continue;
        }
        let part = match &attr.value.value {
            Value::Text(text) => RefValue::Text(text.clone()),
            Value::Number(number) => RefValue::Number(*number),
            Value::Flag(flag) => RefValue::Flag(*flag),
            _ => {
                let full = format!("{path}.{name}");
                return computed_origin(&full, "a string", &attr.value, problems);
            }
        };
        if name == "type" {
            let name = part.to_string();
            kind = RefKind::from_name(&name);
            if kind.is_none() {
                let error = super::flake_ref::RefError::UnknownType(name);
                let kind = ProblemKind::Reference { input: path.to_owned(), error };
                problems.push(Problem::new(attr.value.span, kind));
            }
        } else {
            parts.insert(name.clone(), part);
        }
    }
    let Some(kind) = kind else { return InputOrigin::Inherited };
    match FlakeRef::from_attrs(kind, parts) {
        Ok(reference) => InputOrigin::Attributes(Spanned::new(reference, span)),
        Err(error) => {
            let kind = ProblemKind::Reference { input: path.to_owned(), error };
            problems.push(Problem::new(span, kind));
            InputOrigin::Inherited
        }
    }
}

fn computed_origin(
    attribute: &str,
    wanted: &'static str,
    value: &Located,
    problems: &mut Vec<Problem>,
) -> InputOrigin {
    expect_computed(attribute, wanted, value, problems);
    InputOrigin::Unknown(match &value.value {
        Value::Unknown(unknown) => unknown.clone(),
        Value::External(path) => Unknown { text: path.join("."), span: value.span },
        other => Unknown { text: other.noun().to_owned(), span: value.span },
    })
}

/// A value of the wrong type is a problem; one that is computed may still be right.
fn expect_computed(
    attribute: &str,
    wanted: &'static str,
    value: &Located,
    problems: &mut Vec<Problem>,
) {
    if !matches!(value.value, Value::Unknown(_) | Value::External(_)) {
        let (attribute, found) = (attribute.to_owned(), value.value.noun());
        let kind = ProblemKind::WrongType { attribute, wanted, found };
        problems.push(Problem::new(value.span, kind));
    }
}
