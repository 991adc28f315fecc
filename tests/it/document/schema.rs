//! The JSON Schema beside the sources is that of the types.

use std::fs;
use std::path::Path;

use rbn_plan::model::Document;

#[test]
fn the_schema_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plan.schema.json");
    let expected = Document::schema();
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/plan.schema.json is not the schema of the types: \
         run `UPDATE_SCHEMA=1 cargo test --test it the_schema` and commit it"
    );
}
