//! How a git source is spelled: `git+URL?branch=NAME#COMMIT`.
//!
//! `cargo metadata` writes the name of a branch, tag or commit as it is. The lock does so up to its
//! format 3; from format 4 on it writes it as forms on web pages do. Source: `as_url` and
//! `as_encoded_url` of Cargo 1.95.

/// A git source in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitSource<'a> {
    /// The repository's address.
    pub url: &'a str,
    /// `branch`, `tag` or `rev`, and its name as it is spelled.
    pub reference: Option<(&'a str, &'a str)>,
    /// The commit, where it is told.
    pub commit: Option<&'a str>,
}

impl<'a> GitSource<'a> {
    /// Reads a source as Cargo spells it, without or with `git+`.
    #[must_use]
    pub fn parse(source: &'a str) -> Self {
        let source = source.strip_prefix("git+").unwrap_or(source);
        // A name may have a `#` of its own, but no commit has.
        let (source, commit) = match source.rsplit_once('#') {
            Some((rest, commit)) if is_commit(commit) => (rest, Some(commit)),
            _ => (source, None),
        };
        let kinds = ["branch", "tag", "rev"].into_iter();
        let found = kinds.filter_map(|kind| {
            let at = source.find(&format!("?{kind}="))?;
            Some((at, kind))
        });
        match found.min() {
            Some((at, kind)) => {
                let name = &source[at + kind.len() + 2..];
                Self { url: &source[..at], reference: Some((kind, name)), commit }
            }
            None => Self { url: source, reference: None, commit },
        }
    }

    /// The source of the lock's formats from 4 on, as `cargo metadata` spells it; without commit.
    #[must_use]
    pub fn decoded(&self) -> String {
        match self.reference {
            Some((kind, name)) => format!("git+{}?{kind}={}", self.url, form_decoded(name)),
            None => format!("git+{}", self.url),
        }
    }
}

/// SHA-1, or SHA-256.
fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn form_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "286533ddbdc7761f818f654d4465e1cf50cc2bb3";

    #[test]
    fn names_with_all_kinds_of_characters() {
        // As Cargo 1.95 wrote them: the lock's spelling, and that of `cargo metadata`.
        for (lock, plain) in [
            ("tag=v1.0%2Bx", "tag=v1.0+x"),
            ("branch=with%2Fslash", "branch=with/slash"),
            ("branch=a%252Bb", "branch=a%2Bb"),
            ("branch=x%23y%26z", "branch=x#y&z"),
            ("rev=refs%2Fpull%2F1%2Fhead", "rev=refs/pull/1/head"),
        ] {
            let of_lock = format!("git+https://h/dep?{lock}#{COMMIT}");
            let of_metadata = format!("git+https://h/dep?{plain}#{COMMIT}");
            let parsed = GitSource::parse(&of_metadata);
            assert_eq!(GitSource::parse(&of_lock).decoded(), format!("git+https://h/dep?{plain}"));
            assert_eq!((parsed.url, parsed.commit), ("https://h/dep", Some(COMMIT)));
            assert_eq!(parsed.reference, plain.split_once('='));
        }
    }

    #[test]
    fn a_source_without_a_name() {
        let parsed = GitSource::parse("git+ssh://git@h/a.git?x=y");
        assert_eq!(
            parsed,
            GitSource { url: "ssh://git@h/a.git?x=y", reference: None, commit: None }
        );
    }
}
