//! Remote builders, as Nix names them.

/// A builder's name for people: `ssh-ng://build@ci.example?ssh-key=x` is `ci.example`.
#[must_use]
pub fn short(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['?', '/']).next().unwrap_or(rest);
    rest.rsplit_once('@').map_or(rest, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn names_for_people() {
        for (address, name) in [
            ("ssh-ng://hostb", "hostb"),
            ("ssh://build@ci.example?ssh-key=/k", "ci.example"),
            ("ssh-ng://u@[::1]:22/", "[::1]:22"),
            ("old-style.example", "old-style.example"),
            ("", ""),
        ] {
            assert_eq!(short(address), name);
        }
    }
}
