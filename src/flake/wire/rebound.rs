//! Names that were given another meaning on the way into a flake's outputs.

use std::collections::BTreeSet;

use rnix::ast::{self, HasEntry};
use rowan::ast::AstNode as _;

use super::super::sets::plain_name;
use super::super::syntax::identifier;

/// What `let`, `rec` and functions between the function of the outputs and `set` bind.
pub(super) fn rebound(set: &ast::AttrSet) -> BTreeSet<String> {
    let mut bound = BTreeSet::new();
    let mut parameters = None;
    for node in set.syntax().ancestors() {
        if let Some(let_in) = ast::LetIn::cast(node.clone()) {
            entries(&let_in, &mut bound);
        } else if let Some(set) = ast::AttrSet::cast(node.clone())
            && set.rec_token().is_some()
        {
            entries(&set, &mut bound);
        } else if let Some(lambda) = ast::Lambda::cast(node) {
            // The outermost function is that of the outputs: its parameters are meant.
            bound.extend(parameters.replace(names(&lambda)).into_iter().flatten());
        }
    }
    bound
}

fn entries(scope: &impl HasEntry, bound: &mut BTreeSet<String>) {
    let inherited = scope.inherits().flat_map(|inherit| inherit.attrs());
    let first = |binding: ast::AttrpathValue| binding.attrpath()?.attrs().next();
    let defined = scope.attrpath_values().filter_map(first);
    bound.extend(inherited.chain(defined).filter_map(|attr| plain_name(&attr)));
}

fn names(lambda: &ast::Lambda) -> Vec<String> {
    match lambda.param() {
        Some(ast::Param::IdentParam(param)) => param.ident().iter().map(identifier).collect(),
        Some(ast::Param::Pattern(pattern)) => {
            let entries = pattern.pat_entries().filter_map(|entry| entry.ident());
            let whole = pattern.pat_bind().and_then(|bind| bind.ident());
            // A module of flake-parts that takes `inputs` takes the flake's.
            let given = entries.map(|ident| identifier(&ident)).filter(|name| name != "inputs");
            given.chain(whole.iter().map(identifier)).collect()
        }
        None => Vec::new(),
    }
}
