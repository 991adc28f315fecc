//! One flake.nix from text to [`Flake`], with every problem of the file at once.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use rnix::ast;
use rowan::ast::AstNode;
use serde::Serialize;

use super::error::{Failure, Problem, ProblemKind};
use super::eval::Evaluator;
use super::inputs::{self, FlakeInput, FlakeInputs, InputOrigin};
use super::outputs::{self, FlakeOutputs, Parameters};
use super::parse::parse;
use super::span::{Span, Spanned};
use super::syntax::span_of;
use super::value::{Attrs, Function, Unknown, Value};
use super::value::{Names, Scope};

/// What a flake.nix says, read without Nix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flake {
    /// One line about it.
    pub description: Option<Static<String>>,
    /// Where its dependencies come from, the implicit ones included.
    pub inputs: FlakeInputs,
    /// What it gives.
    pub outputs: FlakeOutputs,
    /// What can be read here but not by Nix.
    #[serde(skip)]
    pub notes: Vec<Problem>,
}

/// A value that may be computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Static<T> {
    /// Written out.
    Known(Spanned<T>),
    /// Only Nix can say it.
    Unknown(Unknown),
}

/// Reads the text of a flake.nix; `file` is its name in messages.
pub fn read(text: &str, file: &str) -> Result<Flake, Failure> {
    let root = parse(text).map_err(|problems| Failure::new(file, text, problems))?;
    let evaluator = Evaluator::new();
    let mut problems = Vec::new();
    let mut notes = Vec::new();
    let flake = flake(&root, text.len(), &evaluator, &mut problems, &mut notes);
    problems.extend(evaluator.into_problems());
    match flake {
        Some(flake) if problems.is_empty() => Ok(Flake { notes, ..flake }),
        _ => Err(Failure::new(file, text, problems)),
    }
}

fn flake(
    root: &rnix::Root,
    length: usize,
    evaluator: &Evaluator,
    problems: &mut Vec<Problem>,
    notes: &mut Vec<Problem>,
) -> Option<Flake> {
    let end = Span::new(length, length);
    let Some(mut expression) = root.expr() else {
        problems.push(Problem::new(end, ProblemKind::NotAnAttrSet { found: "an empty file" }));
        return None;
    };
    while let ast::Expr::Paren(paren) = &expression {
        expression = paren.expr()?;
    }
    let ast::Expr::AttrSet(set) = &expression else {
        let found = evaluator.eval(&expression, &Scope::default());
        let found = match expression {
            ast::Expr::LetIn(_) => "a `let`",
            _ => found.value.noun(),
        };
        problems.push(Problem::new(span_of(&expression), ProblemKind::NotAnAttrSet { found }));
        return None;
    };
    let top = evaluator.attr_set(set, &Scope::default());
    for (name, attr) in &top.known {
        if !matches!(name.as_str(), "description" | "edition" | "inputs" | "outputs" | "nixConfig")
        {
            let kind = ProblemKind::UnsupportedAttribute(name.clone());
            problems.push(Problem::new(attr.key, kind));
        }
    }
    lazy_inputs(set, notes);
    let description = description(&top, problems);
    let mut inputs = match top.known.get("inputs") {
        Some(attr) => inputs::read(&attr.value, problems),
        None => FlakeInputs::default(),
    };
    let outputs = read_outputs(&top, end, evaluator, problems);
    if let Some(outputs) = &outputs {
        implicit_inputs(&mut inputs, &outputs.parameters);
    }
    check_follows(&inputs, problems);
    Some(Flake { description, inputs, outputs: outputs?, notes: Vec::new() })
}

fn description(top: &Attrs, problems: &mut Vec<Problem>) -> Option<Static<String>> {
    let attr = top.known.get("description")?;
    Some(match &attr.value.value {
        Value::Text(text) => Static::Known(Spanned::new(text.clone(), attr.value.span)),
        Value::Unknown(unknown) => Static::Unknown(unknown.clone()),
        other => {
            let (attribute, found) = ("description".to_owned(), other.noun());
            let kind = ProblemKind::WrongType { attribute, wanted: "a string", found };
            problems.push(Problem::new(attr.value.span, kind));
            return None;
        }
    })
}

fn read_outputs(
    top: &Attrs,
    end: Span,
    evaluator: &Evaluator,
    problems: &mut Vec<Problem>,
) -> Option<FlakeOutputs> {
    let Some(attr) = top.known.get("outputs") else {
        problems.push(Problem::new(end, ProblemKind::NoOutputs));
        return None;
    };
    let computed = Parameters { names: Vec::new(), open: true, whole: None };
    match &attr.value.value {
        Value::Function(Function::Lambda { node, scope }) => {
            let parameters = outputs::parameters(node);
            let scope = scope.inner(Names::Arguments(Vec::new()));
            let body = evaluator.call_outputs(node, &scope)?;
            Some(outputs::read(parameters, &body))
        }
        Value::Unknown(_) | Value::External(_) | Value::Function(_) => {
            Some(outputs::read(computed, &attr.value))
        }
        other => {
            let kind = ProblemKind::OutputsNotAFunction { found: other.noun() };
            problems.push(Problem::new(attr.value.span, kind));
            None
        }
    }
}

/// Arguments of `outputs` that no input declares come from the registry.
fn implicit_inputs(inputs: &mut FlakeInputs, parameters: &Parameters) {
    for name in parameters.names.iter().filter(|name| name.value != "self") {
        if !inputs.inputs.contains_key(&name.value) && inputs.rest.is_none() {
            let input = FlakeInput {
                span: name.span,
                origin: InputOrigin::Registry { implicit: true },
                is_flake: Some(true),
                inputs: IndexMap::new(),
            };
            inputs.inputs.insert(name.value.clone(), input);
        }
    }
}

/// Nix takes inputs only as they are written: a `let` or a call where a value should be is refused.
fn lazy_inputs(set: &ast::AttrSet, notes: &mut Vec<Problem>) {
    use ast::HasEntry as _;
    for binding in set.attrpath_values() {
        let Some((path, value)) = binding.attrpath().zip(binding.value()) else { continue };
        let names: Option<Vec<_>> =
            path.attrs().map(|attr| super::sets::plain_name(&attr)).collect();
        if let Some(names) = names
            && names.first().is_some_and(|first| first == "inputs")
        {
            lazy_value(&names.join("."), &value, notes);
        }
    }
}

fn lazy_value(path: &str, value: &ast::Expr, notes: &mut Vec<Problem>) {
    use ast::HasEntry as _;
    let found = match value {
        ast::Expr::AttrSet(set) => {
            for binding in set.attrpath_values() {
                let Some((keys, value)) = binding.attrpath().zip(binding.value()) else { continue };
                lazy_value(&format!("{path}.{}", keys.syntax()), &value, notes);
            }
            return;
        }
        ast::Expr::LetIn(_) => "a `let`",
        ast::Expr::With(_) => "a `with`",
        ast::Expr::IfElse(_) => "an `if`",
        ast::Expr::Apply(_) => "a call",
        ast::Expr::BinOp(_) => "an operation",
        ast::Expr::Select(_) => "a selection",
        ast::Expr::Str(string) if string.syntax().children().next().is_some() => {
            "a string with `${}`"
        }
        ast::Expr::Paren(paren) => {
            if let Some(inner) = paren.expr() {
                lazy_value(path, &inner, notes);
            }
            return;
        }
        _ => return,
    };
    let kind = ProblemKind::NotLiteral { attribute: path.to_owned(), found };
    notes.push(Problem::new(span_of(value), kind));
}

/// `follows` must lead to an input of this flake, and not in a circle.
fn check_follows(inputs: &FlakeInputs, problems: &mut Vec<Problem>) {
    if inputs.rest.is_some() {
        return;
    }
    for (name, input) in &inputs.inputs {
        check_target(name, input, inputs, problems);
    }
    let mut seen = BTreeSet::new();
    for start in inputs.inputs.keys() {
        let mut walked = vec![start.as_str()];
        let mut last = start.as_str();
        // Deeper paths lead into other flakes, which only the lock knows.
        while let Some(InputOrigin::Follows(target)) =
            inputs.inputs.get(last).map(|input| &input.origin)
            && let [next] = target.value.as_slice()
        {
            let Some(begin) = walked.iter().position(|known| known == next) else {
                walked.push(next);
                last = next;
                continue;
            };
            let mut circle: Vec<_> = walked[begin..].iter().map(|&name| name.to_owned()).collect();
            if seen.insert(circle.iter().cloned().collect::<BTreeSet<_>>()) {
                circle.push(next.clone());
                problems.push(Problem::new(target.span, ProblemKind::FollowsCycle(circle)));
            }
            break;
        }
    }
}

fn check_target(path: &str, input: &FlakeInput, root: &FlakeInputs, problems: &mut Vec<Problem>) {
    if let InputOrigin::Follows(target) = &input.origin
        && let Some(first) = target.value.first()
        && !root.inputs.contains_key(first)
    {
        let kind = ProblemKind::FollowsMissing {
            input: path.to_owned(),
            target: target.value.join("/"),
            first: first.clone(),
        };
        problems.push(Problem::new(target.span, kind));
    }
    for (name, inner) in &input.inputs {
        check_target(&format!("{path}.inputs.{name}"), inner, root, problems);
    }
}
