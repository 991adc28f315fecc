//! The parts of a url that flake references are made of.

use std::collections::BTreeMap;

use super::ref_value::RefValue;

/// File names that Nix unpacks.
const ARCHIVES: [&str; 8] =
    [".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tar.lz"];

/// Length of a Git revision in hexadecimal digits.
const REVISION_LENGTH: usize = 40;

/// The text after `?`, in its order.
#[derive(Debug, Clone, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// Takes out the parameters that are attributes of the reference.
    pub(super) fn take(&mut self, names: &[&str]) -> BTreeMap<String, RefValue> {
        let (taken, left) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(name, _)| names.contains(&name.as_str()));
        self.0 = left;
        let taken: Vec<(String, String)> = taken;
        taken
            .into_iter()
            .map(|(name, value)| match value.parse() {
                Ok(number) if name == "revCount" => (name, RefValue::Number(number)),
                _ => (name, RefValue::Text(value)),
            })
            .collect()
    }

    /// Takes out parameters that say yes (`1`) or no.
    pub(super) fn take_flags(&mut self, names: &[&str]) -> BTreeMap<String, RefValue> {
        self.take(names)
            .into_iter()
            .map(|(name, value)| (name, RefValue::Flag(value == RefValue::Text("1".to_owned()))))
            .collect()
    }

    /// What is left belongs to the url itself.
    pub(super) fn append_to(&self, url: &str) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if pairs.is_empty() { url.to_owned() } else { format!("{url}?{}", pairs.join("&")) }
    }
}

/// Splits `scheme:rest` where the scheme is one by its letters.
pub(super) fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let letters = scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    (letters && scheme.starts_with(|c: char| c.is_ascii_alphabetic())).then_some((scheme, rest))
}

/// Replaces `%xx`; what is no such sequence, or no UTF-8, stays.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).filter(|pair| pair.iter().all(u8::is_ascii_hexdigit));
        let hex = hex.and_then(|digits| std::str::from_utf8(digits).ok());
        match hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

pub(super) fn is_archive(path: &str) -> bool {
    ARCHIVES.iter().any(|ending| path.ends_with(ending))
}

pub(super) fn is_revision(text: &str) -> bool {
    text.len() == REVISION_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(super) fn is_registry_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}
