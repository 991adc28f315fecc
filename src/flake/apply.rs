//! Applying functions: the flake's own lambdas, and the library functions that are known.

use rnix::ast;

use super::eval::Evaluator;
use super::span::{Span, Spanned};
use super::spread::{GeneratedKey, default_keys, spread, transpose};
use super::syntax::{identifier, span_of};
use super::value::{Attr, Attrs, Family, Function, LibraryFunction, Located, Unknown, Value};
use super::value::{Names, Scope};

impl Evaluator {
    /// The result of `function argument`, if `function` is one that is read.
    pub(super) fn apply(&self, function: &Value, argument: Located) -> Option<Located> {
        match function {
            Value::Function(Function::Lambda { node, scope }) => {
                let scope = self.arguments(node, Argument::Given(argument), scope)?;
                Some(self.eval(&node.body()?, &scope))
            }
            Value::Function(Function::Library { function, arguments }) => {
                let mut arguments = arguments.clone();
                arguments.push(argument);
                self.library(*function, arguments)
            }
            Value::External(path) => self.library(LibraryFunction::find(path)?, vec![argument]),
            _ => None,
        }
    }

    /// The scope of a lambda's body when `argument` is given to it.
    fn arguments(&self, lambda: &ast::Lambda, argument: Argument, scope: &Scope) -> Option<Scope> {
        let whole = |name: String, span| match &argument {
            Argument::Given(given) => (name, given.clone()),
            // The inputs' set needs no name of its own: `inputs.nixpkgs` is `nixpkgs`.
            Argument::Inputs => (name, Spanned::new(Value::External(Vec::new()), span)),
            Argument::Outside => {
                let value = Value::External(vec![name.clone()]);
                (name, Spanned::new(value, span))
            }
        };
        let mut names = Vec::new();
        match lambda.param()? {
            ast::Param::IdentParam(param) => {
                names.push(whole(identifier(&param.ident()?), span_of(&param)));
            }
            ast::Param::Pattern(pattern) => {
                for ident in pattern.pat_entries().filter_map(|entry| entry.ident()) {
                    let name = identifier(&ident);
                    let given = match &argument {
                        Argument::Given(Located { value: Value::Attrs(attrs), .. }) => {
                            attrs.known.get(&name).map(|attr| attr.value.clone())
                        }
                        _ => None,
                    };
                    let outside = Value::External(vec![name.clone()]);
                    let outside = Spanned::new(outside, span_of(&ident));
                    names.push((name, given.unwrap_or(outside)));
                }
                if let Some(ident) = pattern.pat_bind().and_then(|bind| bind.ident()) {
                    names.push(whole(identifier(&ident), span_of(&ident)));
                }
            }
        }
        Some(scope.inner(Names::Arguments(names)))
    }

    /// What the flake's `outputs` give, all inputs being outside.
    pub(super) fn call_outputs(&self, lambda: &ast::Lambda, scope: &Scope) -> Option<Located> {
        let scope = self.arguments(lambda, Argument::Inputs, scope)?;
        Some(self.eval(&lambda.body()?, &scope))
    }

    fn library(&self, function: LibraryFunction, arguments: Vec<Located>) -> Option<Located> {
        if arguments.len() < function.arity() {
            let value = Value::Function(Function::Library { function, arguments });
            return Some(Spanned::new(value, Span::new(0, 0)));
        }
        let mut arguments = arguments.into_iter();
        let (first, second) = (arguments.next()?, arguments.next());
        let attrs = match (function, second) {
            (LibraryFunction::GenAttrs, Some(body)) => self.generate(self.keys(&first)?, &body),
            (LibraryFunction::EachSystem, Some(body)) => {
                transpose(self.generate(self.keys(&first)?, &body))
            }
            (LibraryFunction::EachDefaultSystem, _) => {
                transpose(self.generate(default_keys(&first), &first))
            }
            (LibraryFunction::EachDefaultSystemMap, _) => {
                self.generate(default_keys(&first), &first)
            }
            (LibraryFunction::MapAttrs, Some(set)) => self.map(&first, set)?,
            (LibraryFunction::MakeFlake, Some(module)) => self.module(module)?,
            _ => return None,
        };
        Some(Spanned::new(Value::Attrs(attrs), first.span))
    }

    fn keys(&self, list: &Located) -> Option<Vec<GeneratedKey>> {
        let computed = |text: String, span| {
            let over = Unknown { text, span };
            GeneratedKey { name: None, over }
        };
        match &list.value {
            Value::List(items) => Some(
                items
                    .iter()
                    .map(|item| match &item.value {
                        Value::Text(name) => GeneratedKey {
                            name: Some(name.clone()),
                            over: Unknown { text: name.clone(), span: item.span },
                        },
                        Value::External(path) => computed(path.join("."), item.span),
                        Value::Unknown(unknown) => computed(unknown.text.clone(), unknown.span),
                        other => computed(other.noun().to_owned(), item.span),
                    })
                    .collect(),
            ),
            Value::External(path) => Some(vec![computed(path.join("."), list.span)]),
            Value::Unknown(unknown) => Some(vec![computed(unknown.text.clone(), unknown.span)]),
            _ => None,
        }
    }

    /// `genAttrs`: one attribute for each key, with what `function` makes of it.
    fn generate(&self, keys: Vec<GeneratedKey>, function: &Located) -> Attrs {
        spread(keys, |key| {
            self.apply(&function.value, key).unwrap_or_else(|| self.result_of(function))
        })
    }

    fn result_of(&self, function: &Located) -> Located {
        let text = match &function.value {
            Value::Unknown(unknown) => unknown.text.clone(),
            Value::External(path) => path.join("."),
            other => other.noun().to_owned(),
        };
        Spanned::new(Value::Unknown(Unknown { text, span: function.span }), function.span)
    }

    /// `mapAttrs`: the names of a set, with other values.
    fn map(&self, function: &Located, set: Located) -> Option<Attrs> {
        let outside = |over: &Unknown| Value::Unknown(over.clone());
        let mapped = |key: Value, value: Value, span: Span| {
            let partial = self.apply(&function.value, Spanned::new(key, span));
            partial
                .and_then(|partial| self.apply(&partial.value, Spanned::new(value, span)))
                .unwrap_or_else(|| self.result_of(function))
        };
        let mut attrs = Attrs::default();
        match set.value {
            Value::Attrs(source) => {
                for (name, attr) in source.known {
                    let key = Value::Text(name.clone());
                    let value = mapped(key, attr.value.value, attr.key);
                    attrs.known.insert(name, Attr { key: attr.key, value, open: false });
                }
                for Family { over, value } in source.families {
                    let value = mapped(outside(&over), value.value, over.span);
                    attrs.families.push(Family { over, value });
                }
                attrs.rest = source.rest;
            }
            Value::External(path) => {
                let over = Unknown { text: path.join("."), span: set.span };
                let value = mapped(outside(&over), Value::External(path), set.span);
                attrs.families.push(Family { over, value });
            }
            _ => return None,
        }
        Some(attrs)
    }

    /// flake-parts: `perSystem` spread over `systems`, and `flake` as it is.
    fn module(&self, module: Located) -> Option<Attrs> {
        let module = match module.value {
            Value::Function(Function::Lambda { node, scope }) => {
                let scope = self.arguments(&node, Argument::Outside, &scope)?;
                self.eval(&node.body()?, &scope)
            }
            _ => module,
        };
        let whole = module.span;
        let Value::Attrs(mut module) = module.value else { return None };
        let mut take = |name: &str| module.known.swap_remove(name).map(|attr| attr.value);
        let keys = take("systems").and_then(|systems| self.keys(&systems)).unwrap_or_default();
        let mut attrs = match take("perSystem") {
            Some(body) => transpose(spread(keys, |key| self.per_system(&body, key))),
            None => Attrs::default(),
        };
        match take("flake").map(|flake| flake.value) {
            Some(Value::Attrs(flake)) => {
                attrs.families.extend(flake.families);
                attrs.rest = attrs.rest.or(flake.rest);
                for (name, attr) in flake.known {
                    // The module system joins both definitions; only sets of sets are read so.
                    match attrs.known.get_mut(&name).map(|known| &mut known.value.value) {
                        Some(Value::Attrs(known)) => match attr.value.value {
                            Value::Attrs(more) => known.known.extend(more.known),
                            other => known.rest = Some(self.as_unknown(other, attr.key)),
                        },
                        _ => {
                            attrs.known.insert(name, attr);
                        }
                    }
                }
            }
            Some(other) => attrs.rest = Some(self.as_unknown(other, whole)),
            None => {}
        }
        // Imported modules may define anything beside.
        if let Some(imports) = take("imports")
            && !matches!(&imports.value, Value::List(items) if items.is_empty())
        {
            let text = "imported modules".to_owned();
            attrs.rest = attrs.rest.or(Some(Unknown { text, span: imports.span }));
        }
        Some(attrs)
    }

    /// `perSystem` is a function of a set with `system`, or just a set.
    fn per_system(&self, body: &Located, key: Located) -> Located {
        if let Value::Attrs(_) = &body.value {
            return body.clone();
        }
        let mut argument = Attrs::default();
        let span = key.span;
        argument.known.insert("system".to_owned(), Attr { key: span, value: key, open: false });
        let argument = Spanned::new(Value::Attrs(argument), span);
        self.apply(&body.value, argument).unwrap_or_else(|| self.result_of(body))
    }

    fn as_unknown(&self, value: Value, span: Span) -> Unknown {
        match value {
            Value::Unknown(unknown) => unknown,
            Value::External(path) => Unknown { text: path.join("."), span },
            other => Unknown { text: other.noun().to_owned(), span },
        }
    }
}

/// What a lambda is applied to.
enum Argument {
    /// A value that is known, maybe in parts.
    Given(Located),
    /// The flake's inputs.
    Inputs,
    /// Something else that is not read.
    Outside,
}
