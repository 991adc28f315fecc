//! The compiler's locked input, before and after.

use crate::model::document::Toolchain;

/// `rust-overlay 3a646bd -> 1c2d3e4`; an input without commits is told by its hash.
pub(super) fn change(old: Option<&Toolchain>, new: Option<&Toolchain>) -> Option<String> {
    let state = |pin: &Toolchain| -> String {
        match &pin.rev {
            Some(rev) => rev.chars().take(7).collect(),
            None => pin.nar_hash.chars().take("sha256-".len() + 7).collect(),
        }
    };
    match (old, new) {
        (old, new) if old == new => None,
        (Some(old), Some(new)) if old.input == new.input && state(old) == state(new) => {
            Some(format!("{} {}: other files", new.input, state(new)))
        }
        (Some(old), Some(new)) if old.input == new.input => {
            Some(format!("{} {} -> {}", new.input, state(old), state(new)))
        }
        (old, new) => {
            let word = |pin: Option<&Toolchain>| match pin {
                Some(pin) => format!("{} {}", pin.input, state(pin)),
                None => "not pinned".to_owned(),
            };
            Some(format!("{} -> {}", word(old), word(new)))
        }
    }
}
