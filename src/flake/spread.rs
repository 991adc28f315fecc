//! Sets with an attribute for each system, or for each of other keys.

use super::span::Spanned;
use super::value::{Attr, Attrs, Family, Located, Unknown, Value};

/// One attribute to generate: a name, or the expression that names come from.
pub(super) struct GeneratedKey {
    pub(super) name: Option<String>,
    pub(super) over: Unknown,
}

/// The systems that only flake-utils knows.
pub(super) fn default_keys(function: &Located) -> Vec<GeneratedKey> {
    let text = "flake-utils' default systems".to_owned();
    vec![GeneratedKey { name: None, over: Unknown { text, span: function.span } }]
}

/// One attribute for each key, with what `value_for` gives.
pub(super) fn spread(
    keys: Vec<GeneratedKey>,
    mut value_for: impl FnMut(Located) -> Located,
) -> Attrs {
    let mut attrs = Attrs::default();
    for GeneratedKey { name, over } in keys {
        let argument = match &name {
            Some(name) => Value::Text(name.clone()),
            None => Value::Unknown(over.clone()),
        };
        let value = value_for(Spanned::new(argument, over.span));
        match name {
            Some(name) => {
                attrs.known.insert(name, Attr { key: over.span, value, open: false });
            }
            None => attrs.families.push(Family { over, value }),
        }
    }
    attrs
}

/// `{ system = { packages = x; }; }` becomes `{ packages = { system = x; }; }`.
pub(super) fn transpose(by_system: Attrs) -> Attrs {
    let mut result = Attrs { rest: by_system.rest, ..Attrs::default() };
    let known = by_system.known.into_iter().map(|(name, attr)| {
        let over = Unknown { text: name.clone(), span: attr.key };
        (GeneratedKey { name: Some(name), over }, attr.value)
    });
    let families = by_system
        .families
        .into_iter()
        .map(|family| (GeneratedKey { name: None, over: family.over }, family.value));
    for (key, body) in known.chain(families) {
        let outputs = match body.value {
            Value::Attrs(outputs) => outputs,
            Value::Unknown(unknown) => {
                result.rest = Some(unknown);
                continue;
            }
            Value::External(path) => {
                result.rest = Some(Unknown { text: path.join("."), span: body.span });
                continue;
            }
            _ => continue,
        };
        result.rest = result.rest.or(outputs.rest);
        for family in outputs.families {
            let Family { over, value } = family;
            let value = Spanned::new(Value::Attrs(single(&key, value)), body.span);
            result.families.push(Family { over, value });
        }
        for (output, attr) in outputs.known {
            let span = attr.value.span;
            // flake-utils puts the system below the job's name here, at no fixed depth.
            let inner = if output == "hydraJobs" {
                let unknown = Unknown { text: "jobs by system".to_owned(), span };
                Attrs { rest: Some(unknown), ..Attrs::default() }
            } else {
                single(&key, attr.value)
            };
            let slot = result.known.entry(output).or_insert_with(|| Attr {
                key: attr.key,
                value: Spanned::new(Value::Attrs(Attrs::default()), span),
                open: false,
            });
            if let Value::Attrs(existing) = &mut slot.value.value {
                existing.known.extend(inner.known);
                existing.families.extend(inner.families);
                existing.rest = inner.rest.or(existing.rest.take());
            }
        }
    }
    result
}

fn single(key: &GeneratedKey, value: Located) -> Attrs {
    let mut attrs = Attrs::default();
    match &key.name {
        Some(name) => {
            let attr = Attr { key: key.over.span, value, open: false };
            attrs.known.insert(name.clone(), attr);
        }
        None => attrs.families.push(Family { over: key.over.clone(), value }),
    }
    attrs
}
