//! Whether this sccache speaks as is thought: its questions are numbers, and another version may number them
//! anew. What is let through was tried before.

use std::io;
use std::time::Duration;

use camino::Utf8Path;

use crate::cache::figures::Figures;
use crate::cache::handshake::Handshake;
use crate::cache::wire::{Cursor, Frame, answer, ask, question as choices};

/// How long each answer may take: remote storage is asked for an entry.
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether an answer's words are what they should be.
type Fits<'f> = &'f dyn Fn(&mut Cursor) -> bool;

/// How it went.
pub(in crate::cache) enum Trial {
    /// The daemon says what is expected.
    Passed,
    /// It says something else.
    Other,
}

/// Asks one question of each kind around those that are let through, none of which changes anything. An
/// entry is not put: that question's number lies between two that are tried.
pub(in crate::cache) fn trial(socket: &Utf8Path) -> io::Result<Trial> {
    let mut key = "0".repeat(63);
    key.push('1');
    let keyed = |choice| Frame::new(choice).text(&key);
    let nothing: Fits = &|words| words.0.is_empty();
    let questions: [(Frame, u32, Fits); 6] = [
        (Frame::new(choices::HANDSHAKE), answer::HANDSHAKE, &|words| {
            Handshake::read(words).is_some()
        }),
        // A file, none, or that files are not told.
        (keyed(choices::PATH), answer::PATH, &|words| matches!(words.u32(), Some(0..=2))),
        (keyed(choices::GET), answer::GET, &|words| words.0 == [0]),
        (keyed(choices::GET_PREPROCESSED), answer::GET_PREPROCESSED, &|words| {
            words.u32().is_some()
        }),
        // No such entry is written so: it is refused.
        (keyed(choices::PUT_PREPROCESSED).text("\u{7f}"), answer::PUT_PREPROCESSED, &|words| {
            words.u32() == Some(1)
        }),
        (Figures::default().report(|_| false), answer::RECORD, nothing),
    ];
    for (question, expected, fits) in questions {
        let (choice, words) = match ask(socket, question, PATIENCE) {
            // A daemon that does not understand a question ends the connection.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Trial::Other),
            other => other?,
        };
        if choice != expected || !fits(&mut Cursor(&words)) {
            return Ok(Trial::Other);
        }
    }
    Ok(Trial::Passed)
}
