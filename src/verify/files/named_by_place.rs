//! Files whose names hold a digest of where they were made: they have another name in each place.

use std::collections::BTreeMap;

/// As many digits as a number of 64 bits has, without and with zeros before it; sums of Git and SHA-256 have
/// more. `cc` names objects so since 1.0.84 (`c425f0884ef7c1ea-aes.o`: of the directory that it was given),
/// and `autocfg` since 1.2 (`autocfg_fc22de19f071d73b_0.ll`: by dice).
const DIGITS: std::ops::RangeInclusive<usize> = 15..=16;

/// What stands for a digest.
const DIGEST: &str = "<digest>";

/// The digests that stand in names, with the word for them: a file may say its own name.
pub fn digests<'a>(paths: impl Iterator<Item = &'a String>) -> BTreeMap<String, String> {
    let of = |path: &'a String| pieces(path).filter(|piece| is_digest(piece));
    paths.flat_map(of).map(|digest| (digest.to_owned(), DIGEST.to_owned())).collect()
}

/// Takes from both sides what is the same but for digests in the names. Two files of one name and of
/// one content belong together; where a content differs, both stay.
pub fn drop_pairs<File: Ord + Clone>(
    cargo: &mut BTreeMap<String, File>,
    nix: &mut BTreeMap<String, File>,
) {
    let only = |one: &BTreeMap<String, File>, other: &BTreeMap<String, File>| {
        let mut found: BTreeMap<(String, File), Vec<String>> = BTreeMap::new();
        for (path, left) in one.iter().filter(|(path, _)| !other.contains_key(*path)) {
            if let Some(masked) = masked(path) {
                found.entry((masked, left.clone())).or_default().push(path.clone());
            }
        }
        found
    };
    let (of_cargo, of_nix) = (only(cargo, nix), only(nix, cargo));
    for (key, paths) in of_cargo {
        let Some(others) = of_nix.get(&key).filter(|others| others.len() == paths.len()) else {
            continue;
        };
        paths.iter().for_each(|path| drop(cargo.remove(path)));
        others.iter().for_each(|path| drop(nix.remove(path)));
    }
}

/// The name with a word for its digests; `None` for one that has none.
fn masked(path: &str) -> Option<String> {
    let word = |piece| if is_digest(piece) { DIGEST } else { piece };
    pieces(path).any(is_digest).then(|| pieces(path).map(word).collect())
}

fn is_digest(piece: &str) -> bool {
    DIGITS.contains(&piece.len()) && piece.chars().all(is_digit)
}

fn is_digit(c: char) -> bool {
    matches!(c, '0'..='9' | 'a'..='f')
}

/// A name in pieces: runs of hexadecimal digits, and what stands between them.
fn pieces(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c| is_digit(c) != is_digit(first)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &'static str)]) -> BTreeMap<String, &'static str> {
        files.iter().map(|(path, left)| ((*path).to_owned(), *left)).collect()
    }

    #[test]
    fn objects_are_named_by_their_place() {
        let mut cargo = tree(&[("c425f0884ef7c1ea-aes.o", "object"), ("libaes.a", "object")]);
        let mut nix = tree(&[("4b502bcf085aa195-aes.o", "object"), ("libaes.a", "object")]);
        drop_pairs(&mut cargo, &mut nix);
        assert_eq!(cargo, nix);
        assert_eq!(cargo.len(), 1);
    }

    #[test]
    fn another_file_stays_one() {
        for (one, other) in [
            // No digest.
            (("12345678-aes.o", "object"), ("87654321-aes.o", "object")),
            // Another name.
            (("c425f0884ef7c1ea-aes.o", "object"), ("4b502bcf085aa195-des.o", "object")),
            // Another content.
            (("c425f0884ef7c1ea.txt", "one"), ("4b502bcf085aa195.txt", "two")),
        ] {
            let (mut cargo, mut nix) = (tree(&[one]), tree(&[other]));
            drop_pairs(&mut cargo, &mut nix);
            assert_eq!((cargo.len(), nix.len()), (1, 1));
        }
    }

    #[test]
    fn a_sum_is_no_place() {
        let sum = "c425f0884ef7c1eac425f0884ef7c1eac425f088";
        assert_eq!(masked(&format!("{sum}.rs")), None);
        assert_eq!(masked("x/autocfg_fc22de19f071d73b_0.ll").unwrap(), "x/autocfg_<digest>_0.ll");
        let paths = ["x/autocfg_fc22de19f071d73b_0.ll".to_owned(), "café.o".to_owned()];
        let known = digests(paths.iter());
        assert_eq!(known.keys().collect::<Vec<_>>(), ["fc22de19f071d73b"]);
    }

    #[test]
    fn as_many_on_each_side() {
        let object = |name| (name, "object");
        let mut cargo = tree(&[object("c425f0884ef7c1ea-a.o"), object("d425f0884ef7c1ea-a.o")]);
        let mut nix = tree(&[object("4b502bcf085aa195-a.o")]);
        drop_pairs(&mut cargo, &mut nix);
        assert_eq!((cargo.len(), nix.len()), (2, 1));
    }
}
