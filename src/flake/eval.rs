//! Reading an expression statically: literals, names, sets and the few functions that shape
//! outputs. Everything else is [`Unknown`], with the text of the expression.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use rnix::ast::{self, BinOpKind, InterpolPart, UnaryOpKind};
use rowan::ast::AstNode;

use super::error::{Problem, ProblemKind};
use super::span::{Span, Spanned};
use super::syntax::{identifier, literal_token, span_of, string_parts, unknown};
use super::value::{Attrs, Function, LibraryFunction, Located, Value};
use super::value::{Names, Scope};

/// Expressions read in one file before the reader gives up: a few milliseconds. Sets that refer to
/// each other can ask for more than all memory.
const FUEL: u32 = 50_000;

/// Names that lead to names, and functions that call functions, at most this deep.
const DEPTH_LIMIT: u32 = 48;

/// Reads the expressions of one file.
#[derive(Debug)]
pub(super) struct Evaluator {
    fuel: Cell<u32>,
    depth: Cell<u32>,
    problems: RefCell<BTreeMap<Span, ProblemKind>>,
}

impl Evaluator {
    pub(super) fn new() -> Self {
        Self { fuel: Cell::new(FUEL), depth: Cell::new(0), problems: RefCell::new(BTreeMap::new()) }
    }

    /// The problems met so far, each once however often its expression was read.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let problems = self.problems.into_inner();
        problems.into_iter().map(|(span, kind)| Problem::new(span, kind)).collect()
    }

    pub(super) fn report(&self, span: Span, kind: ProblemKind) {
        self.problems.borrow_mut().entry(span).or_insert(kind);
    }

    /// Reads `expression` as `scope` sees it.
    pub(super) fn eval(&self, expression: &ast::Expr, scope: &Scope) -> Located {
        let span = span_of(expression);
        let computed = || Spanned::new(Value::Unknown(unknown(expression.syntax())), span);
        if self.fuel.get() == 0 || self.depth.get() >= DEPTH_LIMIT {
            return computed();
        }
        self.fuel.set(self.fuel.get() - 1);
        self.depth.set(self.depth.get() + 1);
        let value = self.value(expression, scope);
        self.depth.set(self.depth.get() - 1);
        match value {
            Some(value) => Spanned::new(value, span),
            None => computed(),
        }
    }

    fn value(&self, expression: &ast::Expr, scope: &Scope) -> Option<Value> {
        Some(match expression {
            ast::Expr::Paren(paren) => self.eval(&paren.expr()?, scope).value,
            ast::Expr::Root(root) => self.eval(&root.expr()?, scope).value,
            ast::Expr::Str(string) => Value::Text(self.string(string, scope)?),
            ast::Expr::Literal(literal) => literal_value(literal)?,
            ast::Expr::PathRel(_) | ast::Expr::PathAbs(_) | ast::Expr::PathHome(_) => {
                path_value(expression)?
            }
            ast::Expr::List(list) => {
                Value::List(list.items().map(|item| self.eval(&item, scope)).collect())
            }
            ast::Expr::AttrSet(set) => Value::Attrs(self.attr_set(set, scope)),
            ast::Expr::Ident(ident) => self.lookup(&identifier(ident), scope)?,
            ast::Expr::LetIn(let_in) => {
                let inner = scope.inner(Names::Bindings(let_in.syntax().clone()));
                self.eval(&let_in.body()?, &inner).value
            }
            ast::Expr::With(with) => {
                let namespace = self.eval(&with.namespace()?, scope);
                self.eval(&with.body()?, &scope.inner(Names::With(namespace))).value
            }
            ast::Expr::Assert(assert) => self.eval(&assert.body()?, scope).value,
            ast::Expr::IfElse(branch) => match self.eval(&branch.condition()?, scope).value {
                Value::Flag(true) => self.eval(&branch.body()?, scope).value,
                Value::Flag(false) => self.eval(&branch.else_body()?, scope).value,
                _ => return None,
            },
            ast::Expr::UnaryOp(operation) => {
                match (operation.operator()?, self.eval(&operation.expr()?, scope).value) {
                    (UnaryOpKind::Invert, Value::Flag(flag)) => Value::Flag(!flag),
                    (UnaryOpKind::Negate, Value::Number(number)) => {
                        Value::Number(number.checked_neg()?)
                    }
                    _ => return None,
                }
            }
            ast::Expr::BinOp(operation) => self.operation(operation, scope)?,
            ast::Expr::Select(select) => self.select(select, scope)?,
            ast::Expr::Lambda(lambda) => {
                Value::Function(Function::Lambda { node: lambda.clone(), scope: scope.clone() })
            }
            ast::Expr::Apply(apply) => {
                let function = self.eval(&apply.lambda()?, scope);
                if !self.applicable(&function.value) {
                    return None;
                }
                let argument = self.eval(&apply.argument()?, scope);
                self.apply(&function.value, argument)?.value
            }
            ast::Expr::LegacyLet(_)
            | ast::Expr::HasAttr(_)
            | ast::Expr::PathSearch(_)
            | ast::Expr::CurPos(_)
            | ast::Expr::Error(_) => return None,
        })
    }

    /// A string without parts that are computed.
    pub(super) fn string(&self, string: &ast::Str, scope: &Scope) -> Option<String> {
        let mut text = String::new();
        for part in string_parts(string) {
            match part {
                InterpolPart::Literal(literal) => text.push_str(&literal),
                InterpolPart::Interpolation(interpolation) => {
                    match self.eval(&interpolation.expr()?, scope).value {
                        Value::Text(inner) => text.push_str(&inner),
                        _ => return None,
                    }
                }
            }
        }
        Some(text)
    }

    fn operation(&self, operation: &ast::BinOp, scope: &Scope) -> Option<Value> {
        let left = self.eval(&operation.lhs()?, scope);
        let right = operation.rhs()?;
        match (operation.operator()?, left.value) {
            (BinOpKind::Update, Value::Attrs(left)) => {
                let right_span = span_of(&right);
                let attrs = match self.eval(&right, scope).value {
                    Value::Attrs(attrs) => attrs,
                    Value::External(_) | Value::Unknown(_) => {
                        let rest = Some(unknown(right.syntax()));
                        Attrs { rest, ..Attrs::default() }
                    }
                    wrong => {
                        self.wrong_operand("//", right_span, &wrong);
                        return None;
                    }
                };
                Some(Value::Attrs(left.update(attrs)))
            }
            (BinOpKind::Update, Value::External(_) | Value::Unknown(_)) => {
                let rest = Some(unknown(operation.lhs()?.syntax()));
                match self.eval(&right, scope).value {
                    Value::Attrs(attrs) => {
                        Some(Value::Attrs(Attrs { rest, ..Attrs::default() }.update(attrs)))
                    }
                    _ => None,
                }
            }
            (BinOpKind::Add, Value::Text(left)) => match self.eval(&right, scope).value {
                Value::Text(right) => Some(Value::Text(left + &right)),
                _ => None,
            },
            (BinOpKind::Concat, Value::List(mut left)) => match self.eval(&right, scope).value {
                Value::List(right) => {
                    left.extend(right);
                    Some(Value::List(left))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn wrong_operand(&self, operator: &str, span: Span, found: &Value) {
        let attribute = format!("the right side of {operator}");
        let found = found.noun();
        self.report(span, ProblemKind::WrongType { attribute, wanted: "an attribute set", found });
    }

    fn select(&self, select: &ast::Select, scope: &Scope) -> Option<Value> {
        let mut value = self.eval(&select.expr()?, scope).value;
        for attr in select.attrpath()?.attrs() {
            let name = self.attr_name(&attr, scope)?;
            value = match value {
                Value::External(mut path) => {
                    path.push(name);
                    Value::External(path)
                }
                Value::Attrs(mut attrs) => match attrs.known.swap_remove(&name) {
                    Some(attr) => attr.value.value,
                    None if attrs.families.is_empty() && attrs.rest.is_none() => {
                        return Some(self.eval(&select.default_expr()?, scope).value);
                    }
                    None => return None,
                },
                _ => return None,
            };
        }
        // `x.y or default` of something external may be either.
        match value {
            Value::External(_) if select.default_expr().is_some() => None,
            value => Some(value),
        }
    }

    /// The meaning of a name: what it is bound to, or something from outside.
    pub(super) fn lookup(&self, name: &str, scope: &Scope) -> Option<Value> {
        let mut namespaces = Vec::new();
        for around in scope.chain() {
            let Some(frame) = around.frame() else { break };
            match &frame.names {
                Names::Bindings(node) => {
                    if let Some(value) = self.binding(node, name, around, &frame.outer) {
                        return Some(value.value);
                    }
                }
                Names::Arguments(arguments) => {
                    if let Some((_, value)) = arguments.iter().find(|(known, _)| known == name) {
                        return Some(value.value.clone());
                    }
                }
                Names::With(namespace) => namespaces.push(namespace),
            }
        }
        match name {
            "true" => return Some(Value::Flag(true)),
            "false" => return Some(Value::Flag(false)),
            "null" => return Some(Value::Null),
            "builtins" | "import" | "map" | "toString" | "throw" | "abort" | "removeAttrs" => {
                return Some(Value::External(vec![name.to_owned()]));
            }
            _ => {}
        }
        for namespace in namespaces {
            match &namespace.value {
                Value::Attrs(attrs) => match attrs.known.get(name) {
                    Some(attr) => return Some(attr.value.value.clone()),
                    None if attrs.families.is_empty() && attrs.rest.is_none() => {}
                    None => return None,
                },
                // A name under several computed `with`s may come from any of them.
                Value::External(path) => {
                    let mut path = path.clone();
                    path.push(name.to_owned());
                    return Some(Value::External(path));
                }
                _ => return None,
            }
        }
        None
    }

    fn applicable(&self, function: &Value) -> bool {
        match function {
            Value::Function(_) => true,
            Value::External(path) => LibraryFunction::find(path).is_some(),
            _ => false,
        }
    }
}

fn literal_value(literal: &ast::Literal) -> Option<Value> {
    let token = literal_token(literal)?;
    match token.kind() {
        rnix::SyntaxKind::TOKEN_INTEGER => Some(Value::Number(token.text().parse().ok()?)),
        rnix::SyntaxKind::TOKEN_URI => Some(Value::Text(token.text().to_owned())),
        _ => None,
    }
}

fn path_value(expression: &ast::Expr) -> Option<Value> {
    let interpolated = expression.syntax().children().next().is_some();
    (!interpolated).then(|| Value::Path(expression.syntax().text().to_string()))
}
