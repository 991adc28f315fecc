//! The JSON Schemas beside the sources are those of the types.

use std::fs;
use std::path::Path;

use rbn_plan::build::Record;
use rbn_plan::model::Document;

fn is_up_to_date(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(&path, expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/{file} is not the schema of the types: \
         run `UPDATE_SCHEMA=1 cargo test --test it the_schema` and commit it"
    );
}

#[test]
fn the_schema_of_plans_is_up_to_date() {
    is_up_to_date("plan.schema.json", &Document::schema());
}

#[test]
fn the_schema_of_timelines_is_up_to_date() {
    is_up_to_date("timeline.schema.json", &Record::schema());
}
