//! Whatever is read: no panic, and every span is text of the input.

use proptest::prelude::*;
use rbn_plan::cli::config::{json, text};
use rbn_plan::config::{ConfigError, Overrides, Place, schema};

use super::{fixture, rendered, resolve};

/// A value of any type, a few levels deep.
fn value() -> impl Strategy<Value = toml::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(toml::Value::Boolean),
        any::<i64>().prop_map(toml::Value::Integer),
        any::<f64>().prop_map(toml::Value::Float),
        any::<String>().prop_map(toml::Value::String),
        "[a-z0-9_./^-]{0,12}".prop_map(toml::Value::String),
        Just(toml::Value::String("/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-x".into())),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(toml::Value::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|table| toml::Value::Table(table.into_iter().collect())),
        ]
    })
}

/// A key of the schema, or a random one, with a random value.
fn document() -> impl Strategy<Value = String> {
    let known = prop::sample::select(
        schema::keys().iter().map(|key| key.path.to_string()).collect::<Vec<_>>(),
    );
    let path = prop_oneof![4 => known, 1 => "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}"];
    let filled = (path, any::<String>()).prop_map(|(path, name)| {
        let name = toml::Value::String(name.replace(['\n', '\r'], " ")).to_string();
        path.split('.')
            .map(|part| if part.starts_with('<') { name.clone() } else { part.to_owned() })
            .collect::<Vec<_>>()
            .join(".")
    });
    prop::collection::vec((filled, value()), 0..6)
        .prop_map(|lines| lines.iter().map(|(key, value)| format!("{key} = {value}\n")).collect())
}

/// Whatever the outcome: nothing panics, every span is text of the input, everything can be shown.
fn survives(input: &str) {
    match resolve(input, &[], &Overrides::default()) {
        Ok(loaded) => {
            let _ = (text(&loaded), json(&loaded));
        }
        Err(error) => {
            let _ = rendered(&error);
            if let ConfigError::Invalid { problems, .. } = &error {
                assert!(!problems.is_empty());
                for problem in problems {
                    if let Place::Span(span) = &problem.place {
                        assert!(input.get(span.clone()).is_some(), "{problem} at {span:?}");
                    }
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_document_is_survived(input in document()) {
        survives(&input);
    }

    #[test]
    fn any_text_is_survived(input in any::<String>()) {
        survives(&input);
    }

    #[test]
    fn a_mutilated_file_is_survived(from in 0usize..1200, length in 0usize..40, with in "[\\[\\]{}=\"'.\n#a-z\u{e9}\u{0}]{0,6}") {
        let mut input = fixture("full.toml");
        let end = (from + length).min(input.len());
        if from < end && input.is_char_boundary(from) && input.is_char_boundary(end) {
            input.replace_range(from..end, &with);
        }
        survives(&input);
    }
}
