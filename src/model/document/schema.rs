//! JSON Schemas of versioned shapes.

use schemars::{JsonSchema, schema_for};

/// The schema of a type whose `format_version` is `version`, with a line break at its end.
#[must_use]
pub fn of<T: JsonSchema>(title: &str, version: u32) -> String {
    let mut schema = schema_for!(T);
    schema.insert("title".to_owned(), title.into());
    let stated = schema.pointer_mut("/properties/format_version").and_then(|v| v.as_object_mut());
    stated
        .expect("a versioned shape states its version")
        .insert("const".to_owned(), version.into());
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is a JSON value");
    text.push('\n');
    text
}
