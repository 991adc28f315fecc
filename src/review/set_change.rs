//! What changed in a list or a set, in few words.

use std::collections::{BTreeMap, BTreeSet};

/// `+added -removed`, sorted; `None` where the two are equal.
pub fn set_change<'t, T: Ord + std::fmt::Display + 't>(
    old: impl IntoIterator<Item = &'t T>,
    new: impl IntoIterator<Item = &'t T>,
) -> Option<String> {
    let old: BTreeSet<&T> = old.into_iter().collect();
    let new: BTreeSet<&T> = new.into_iter().collect();
    let added = new.difference(&old).map(|item| format!("+{item}"));
    let removed = old.difference(&new).map(|item| format!("-{item}"));
    let words: Vec<String> = added.chain(removed).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// As [`set_change`] for lists, whose order counts.
pub fn list_change(old: &[String], new: &[String]) -> Option<String> {
    if old == new { None } else { set_change(old, new).or_else(|| Some("order".to_owned())) }
}

/// `+NAME -NAME ~NAME` of variables.
pub fn map_change<'t>(
    old: impl IntoIterator<Item = (&'t String, &'t String)>,
    new: impl IntoIterator<Item = (&'t String, &'t String)>,
) -> Option<String> {
    let old: BTreeMap<_, _> = old.into_iter().collect();
    let new: BTreeMap<_, _> = new.into_iter().collect();
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).copied().collect();
    let words = names.into_iter().filter_map(|name| match (old.get(name), new.get(name)) {
        (None, _) => Some(format!("+{name}")),
        (_, None) => Some(format!("-{name}")),
        (old, new) => (old != new).then(|| format!("~{name}")),
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// `added FLAG, removed FLAG` of rustc's flags, an option together with its value.
pub fn flags_change(old: &[String], new: &[String]) -> Option<String> {
    if old == new {
        return None;
    }
    let (before, after) = (options(old), options(new));
    let missing = |from: &[String], other: &[String], verb: &str| {
        let words: Vec<String> =
            from.iter().filter(|flag| !other.contains(flag)).cloned().collect();
        (!words.is_empty()).then(|| format!("{verb} {}", words.join(" ")))
    };
    let words: Vec<String> =
        [missing(&after, &before, "added"), missing(&before, &after, "removed")]
            .into_iter()
            .flatten()
            .collect();
    Some(if words.is_empty() { "order".to_owned() } else { words.join(", ") })
}

/// `-C x` and `-Cx` alike as one text.
fn options(flags: &[String]) -> Vec<String> {
    let mut options: Vec<String> = Vec::new();
    let mut open = false;
    for flag in flags {
        match options.last_mut() {
            Some(last) if open && !flag.starts_with('-') => {
                last.push(' ');
                last.push_str(flag);
                open = false;
            }
            _ => {
                options.push(flag.clone());
                open = flag.starts_with('-') && !flag.contains('=');
            }
        }
    }
    options
}
