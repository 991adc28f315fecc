//! Which paths a text means that a build script makes.

use super::script_words::directive;

/// What stands for a part that is not known.
pub(super) const UNKNOWN: char = '\0';

/// A longer text is no path.
const LONGEST: usize = 400;

/// Paths that a text may mean: as it is; of one with unknown parts the pieces between them, of a name that goes on
/// its directory.
pub(super) fn of(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    if text.is_empty() || text.len() > LONGEST || text.contains('\n') {
        return paths;
    }
    let text = match directive(text) {
        Some(("rerun-if-changed", path)) => path,
        Some(("rustc-link-search", path)) => path
            .split_once('=')
            .filter(|(kind, _)| !kind.contains('/'))
            .map_or(path, |(_, path)| path),
        Some(_) => return paths,
        // `-I../include`
        None if text.starts_with('-') => text.find("../").map_or(text, |at| &text[at..]),
        None => text,
    };
    let mut pieces = text.split(UNKNOWN).peekable();
    let mut first = true;
    while let Some(piece) = pieces.next() {
        let goes_on = pieces.peek().is_some();
        let piece = if first { piece } else { piece.trim_start_matches('/') };
        let end = if goes_on { piece.rfind('/').unwrap_or(0) } else { piece.len() };
        let piece = &piece[..end];
        let piece = match piece.find(['*', '?', '[']) {
            Some(wildcard) => piece[..wildcard].rsplit_once('/').map_or("", |(dir, _)| dir),
            None => piece,
        };
        first = false;
        if !piece.is_empty() && !piece.starts_with('/') {
            paths.push(piece.to_owned());
        }
    }
    paths
}
