//! The one door for what goes out: nothing of others steers the terminal of who reads it.
//!
//! What is said to people is shown, what is printed for programs is exact: JSON by escapes that
//! mean the same, a plan's text as it is, unless it goes to a terminal.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};

use miette::{MietteHandler, MietteHandlerOpts, Report, ReportHandler as _};
use textwrap::{WordSeparator, WordSplitter};

use super::{CommandResult, Outcome};
use crate::text::visible;
use crate::text::words::wrap;

/// Says something on stderr, to whoever is still there.
pub fn talk(words: fmt::Arguments<'_>) {
    say(&visible::lines(&words.to_string()));
}

/// Says a sentence of ours on stderr, in lines that fit. A word, such as a path, stays whole.
pub fn tell(sentence: &str) {
    talk(format_args!("{}\n", wrap("", sentence, 2)));
}

/// Says what is noted when planning: where several plans of one workspace are made, it is said
/// for the first.
pub fn note(sentence: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if said.insert(sentence.to_owned()) {
        talk(format_args!("{sentence}\n"));
    }
}

/// Says what went wrong.
///
/// The report has colours of its own, and quotes texts of others, which may hold the same escapes.
/// Where they do, it is said without any colour.
pub fn complain(report: &Report) {
    let plain = uncoloured(report);
    match visible::lines(&plain) {
        shown if shown == plain => say(&format!("{report:?}\n")),
        shown => say(&format!("{shown}\n")),
    }
}

/// Says what the parser of the command line has to say, which quotes its `words`. Where these would steer a
/// terminal, `again` parses them as they may be shown. Help and version are no errors; a reader that has gone
/// away is none either.
pub fn usage(
    error: &clap::Error,
    words: &[OsString],
    again: impl FnOnce(Vec<String>) -> Option<clap::Error>,
) {
    let given: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let shown: Vec<String> = given.iter().map(|word| visible::line(word)).collect();
    if shown == given {
        let _ = error.print();
        return;
    }
    match again(shown) {
        Some(error) => drop(error.print()),
        // As it may be shown it is right: then without what steers, and without colours.
        None => talk(format_args!("{}", error.render())),
    }
}

/// How errors are laid out. What somebody may copy stays whole: a line ends between words, never
/// after the hyphen of a package's name or within a path.
fn layout() -> MietteHandlerOpts {
    MietteHandlerOpts::new()
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}

/// Has errors laid out so, from now on.
pub fn settle() {
    // It was settled already where a program calls the library twice.
    let _ = miette::set_hook(Box::new(|_| Box::new(layout().build())));
}

/// A report as a text without colours, fit for [`talk`].
pub fn uncoloured(report: &Report) -> String {
    struct Shown<'r>(MietteHandler, &'r Report);
    impl fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.debug(self.1.as_ref(), f)
        }
    }
    Shown(layout().color(false).terminal_links(false).build(), report).to_string()
}

/// Prints a text for people.
pub fn print(text: &str) -> CommandResult {
    write(visible::lines(text).as_bytes())
}

/// Prints a JSON document.
pub fn print_json(document: &str) -> CommandResult {
    write(visible::json(document).as_bytes())
}

/// Prints what another program reads byte for byte: Nix, a shell, Graphviz.
pub fn print_exact(text: &str) -> CommandResult {
    if io::stdout().is_terminal() { print(text) } else { write(text.as_bytes()) }
}

/// Writes to stdout; a closed pipe is the reader's wish, not an error.
fn write(bytes: &[u8]) -> CommandResult {
    match io::stdout().lock().write_all(bytes) {
        Ok(()) => Ok(Outcome::Done),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Outcome::Done),
        Err(error) => Err(miette::miette!("could not write to standard output: {error}")),
    }
}

fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
