//! Attribute sets: attribute paths, nested sets that join, `inherit`, `rec`, computed names.

use rnix::ast::{self, HasEntry};
use rnix::{SyntaxKind, SyntaxNode};
use rowan::ast::AstNode;

use super::error::ProblemKind;
use super::eval::Evaluator;
use super::span::{Span, Spanned};
use super::syntax::{identifier, span_of, unknown};
use super::value::{Attr, Attrs, Family, Located, Value};
use super::value::{Names, Scope};

/// A part of an attribute path.
enum Key {
    Known(String, Span),
    Computed(SyntaxNode),
}

impl Evaluator {
    pub(super) fn attr_set(&self, set: &ast::AttrSet, scope: &Scope) -> Attrs {
        let inner = match set.rec_token() {
            Some(_) => scope.inner(Names::Bindings(set.syntax().clone())),
            None => scope.clone(),
        };
        self.entries(set.entries(), None, &inner, scope)
    }

    /// What `name` is bound to by the `let` or `rec` set `node`.
    pub(super) fn binding(
        &self,
        node: &SyntaxNode,
        name: &str,
        inner: &Scope,
        outer: &Scope,
    ) -> Option<Located> {
        let entries = node.children().filter_map(ast::Entry::cast);
        let mut attrs = self.entries(entries, Some(name), inner, outer);
        attrs.known.swap_remove(name).map(|attr| attr.value)
    }

    /// Reads entries, or only those that begin with the name `only`. Values see `inner`, a plain
    /// `inherit` sees `outer`.
    fn entries(
        &self,
        entries: impl Iterator<Item = ast::Entry>,
        only: Option<&str>,
        inner: &Scope,
        outer: &Scope,
    ) -> Attrs {
        let mut attrs = Attrs::default();
        for entry in entries {
            match entry {
                ast::Entry::AttrpathValue(binding) => {
                    let Some((path, value)) = binding.attrpath().zip(binding.value()) else {
                        continue;
                    };
                    let first = path.attrs().next();
                    if only.is_some() && first.and_then(|attr| plain_name(&attr)).as_deref() != only
                    {
                        continue;
                    }
                    let keys: Vec<_> = path.attrs().map(|attr| self.key(&attr, inner)).collect();
                    let span = span_of(&binding);
                    let open = is_set(&value);
                    let value = self.eval(&value, inner);
                    self.insert(&mut attrs, &keys, value, open, span, "");
                }
                ast::Entry::Inherit(inherit) => {
                    self.inherit(&mut attrs, &inherit, only, inner, outer);
                }
            }
        }
        attrs
    }

    fn inherit(
        &self,
        attrs: &mut Attrs,
        inherit: &ast::Inherit,
        only: Option<&str>,
        inner: &Scope,
        outer: &Scope,
    ) {
        let mut source = None;
        for attr in inherit.attrs() {
            let Some(name) = plain_name(&attr) else { continue };
            if only.is_some_and(|only| only != name) {
                continue;
            }
            let span = span_of(&attr);
            let value = match inherit.from().and_then(|from| from.expr()) {
                None => self.lookup(&name, outer),
                Some(from) => {
                    let source = source.get_or_insert_with(|| self.eval(&from, inner).value);
                    match source {
                        Value::Attrs(attrs) => {
                            attrs.known.get(&name).map(|attr| attr.value.value.clone())
                        }
                        Value::External(path) => {
                            let path = path.iter().chain(std::iter::once(&name));
                            Some(Value::External(path.cloned().collect()))
                        }
                        _ => None,
                    }
                }
            };
            let value = value.unwrap_or_else(|| Value::Unknown(unknown(inherit.syntax())));
            let key = [Key::Known(name, span)];
            self.insert(attrs, &key, Spanned::new(value, span), false, span, "");
        }
    }

    fn insert(
        &self,
        attrs: &mut Attrs,
        path: &[Key],
        value: Located,
        open: bool,
        whole: Span,
        under: &str,
    ) {
        let Some((key, deeper)) = path.split_first() else { return };
        match key {
            Key::Computed(node) => {
                let mut inner = Attrs::default();
                let value = if deeper.is_empty() {
                    value
                } else {
                    self.insert(&mut inner, deeper, value, open, whole, under);
                    Spanned::new(Value::Attrs(inner), whole)
                };
                attrs.families.push(Family { over: unknown(node), value });
            }
            Key::Known(name, span) => {
                let full = if under.is_empty() { name.clone() } else { format!("{under}.{name}") };
                if !attrs.known.contains_key(name) {
                    let empty = Spanned::new(Value::Attrs(Attrs::default()), whole);
                    let new = Attr { key: *span, value: empty, open: true };
                    attrs.known.insert(name.clone(), new);
                    let Some(slot) = attrs.known.get_mut(name) else { return };
                    if deeper.is_empty() {
                        (slot.value, slot.open) = (value, open);
                        return;
                    }
                }
                let Some(slot) = attrs.known.get_mut(name) else { return };
                if let Value::Attrs(existing) = &mut slot.value.value
                    && slot.open
                {
                    if !deeper.is_empty() {
                        self.insert(existing, deeper, value, open, whole, &full);
                        return;
                    }
                    if let Value::Attrs(joining) = value.value
                        && open
                    {
                        self.join(existing, joining, &full);
                        return;
                    }
                }
                self.report(*span, ProblemKind::DuplicateAttribute(full));
            }
        }
    }

    /// Two sets written under one name are one set; Nix lets them share no attribute but sets.
    fn join(&self, into: &mut Attrs, from: Attrs, under: &str) {
        for (name, attr) in from.known {
            let path = [Key::Known(name, attr.key)];
            let span = attr.value.span;
            self.insert(into, &path, attr.value, attr.open, span, under);
        }
        into.families.extend(from.families);
        into.rest = from.rest.or(into.rest.take());
    }

    fn key(&self, attr: &ast::Attr, scope: &Scope) -> Key {
        match self.attr_name(attr, scope) {
            Some(name) => Key::Known(name, span_of(attr)),
            None => Key::Computed(attr.syntax().clone()),
        }
    }

    /// The name that an attribute of a path stands for, if it is static.
    pub(super) fn attr_name(&self, attr: &ast::Attr, scope: &Scope) -> Option<String> {
        match attr {
            ast::Attr::Ident(ident) => Some(identifier(ident)),
            ast::Attr::Str(string) => self.string(string, scope),
            ast::Attr::Dynamic(dynamic) => match self.eval(&dynamic.expr()?, scope).value {
                Value::Text(name) => Some(name),
                _ => None,
            },
        }
    }
}

/// The name of an attribute that needs no reading: an identifier or a plain string.
pub(super) fn plain_name(attr: &ast::Attr) -> Option<String> {
    match attr {
        ast::Attr::Ident(ident) => Some(identifier(ident)),
        ast::Attr::Str(string) => {
            let computed = string.syntax().children().next().is_some();
            (!computed).then(|| {
                let parts = super::syntax::string_parts(string).into_iter();
                parts
                    .filter_map(|part| match part {
                        ast::InterpolPart::Literal(text) => Some(text),
                        ast::InterpolPart::Interpolation(_) => None,
                    })
                    .collect()
            })
        }
        ast::Attr::Dynamic(_) => None,
    }
}

/// Whether the expression is written as a set, in which further definitions may join it.
fn is_set(expression: &ast::Expr) -> bool {
    expression.syntax().kind() == SyntaxKind::NODE_ATTR_SET
}
