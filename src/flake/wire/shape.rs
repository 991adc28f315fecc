//! Questions about the shape of an expression, without its meaning.

use rnix::ast::{self, HasEntry as _};

use super::super::sets::plain_name;
use super::super::syntax::identifier;

/// How a set defines an attribute.
#[derive(Debug, PartialEq)]
pub(super) enum Defined {
    No,
    /// By paths that begin with it.
    Paths,
    /// By one value.
    Value(ast::Expr),
    /// By `inherit`, twice, or perhaps by a computed name.
    Maybe,
}

/// Whether `set` defines the attribute `name`, and how.
pub(super) fn defines(set: &ast::AttrSet, name: &str) -> Defined {
    let inherited = set.inherits().flat_map(|inherit| inherit.attrs());
    if inherited.into_iter().any(|attr| plain_name(&attr).is_none_or(|known| known == name)) {
        return Defined::Maybe;
    }
    let mut found = Defined::No;
    for binding in set.attrpath_values() {
        let mut attrs = binding.attrpath().into_iter().flat_map(|path| path.attrs());
        match attrs.next().as_ref().map(plain_name) {
            Some(Some(first)) if first == name => {}
            Some(Some(_)) => continue,
            _ => return Defined::Maybe,
        }
        found = match (found, attrs.next(), binding.value()) {
            (Defined::No | Defined::Paths, Some(_), _) => Defined::Paths,
            (Defined::No, None, Some(value)) => Defined::Value(value),
            _ => return Defined::Maybe,
        };
    }
    found
}

/// The one value of an attribute.
pub(super) fn value_of(set: &ast::AttrSet, name: &str) -> Option<ast::Expr> {
    match defines(set, name) {
        Defined::Value(value) => Some(value),
        _ => None,
    }
}

/// The names on the left of a binding, where all are static.
pub(super) fn path(binding: &ast::AttrpathValue) -> Option<Vec<String>> {
    binding.attrpath()?.attrs().map(|attr| plain_name(&attr)).collect()
}

/// The name of the function that a call calls in the end, and how many arguments it is given.
pub(super) fn called(apply: &ast::Apply) -> Option<(String, usize)> {
    let mut given = 1;
    let mut function = bare(apply.lambda()?);
    while let ast::Expr::Apply(inner) = &function {
        given += 1;
        let next = inner.lambda()?;
        function = bare(next);
    }
    let name = match function {
        ast::Expr::Select(select) => plain_name(&select.attrpath()?.attrs().last()?)?,
        ast::Expr::Ident(ident) => identifier(&ident),
        _ => return None,
    };
    Some((name, given))
}

/// The expression of the system inside a function that is called for each: by the names that
/// everybody uses for it, or for the packages of it.
pub(super) fn system_of(lambda: &ast::Lambda) -> Option<String> {
    let names = match lambda.param()? {
        ast::Param::IdentParam(param) => vec![identifier(&param.ident()?)],
        ast::Param::Pattern(pattern) => {
            let idents = pattern.pat_entries().filter_map(|entry| entry.ident());
            idents.map(|ident| identifier(&ident)).collect()
        }
    };
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    match () {
        () if has("system") => Some("system".to_owned()),
        () if has("pkgs") => Some("pkgs.stdenv.hostPlatform.system".to_owned()),
        () => None,
    }
}

/// The expression without parentheses around it.
pub(super) fn bare(mut expression: ast::Expr) -> ast::Expr {
    while let ast::Expr::Paren(paren) = &expression {
        let Some(inner) = paren.expr() else { break };
        expression = inner;
    }
    expression
}

/// What an expression is in the end, behind its `let`s, `with`s and `assert`s.
pub(super) fn body(mut expression: ast::Expr) -> ast::Expr {
    loop {
        let inner = match &expression {
            ast::Expr::Paren(paren) => paren.expr(),
            ast::Expr::LetIn(let_in) => let_in.body(),
            ast::Expr::With(with) => with.body(),
            ast::Expr::Assert(assert) => assert.body(),
            _ => None,
        };
        match inner {
            Some(inner) => expression = inner,
            None => return expression,
        }
    }
}
