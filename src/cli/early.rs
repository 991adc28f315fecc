//! Cargo takes some flags before the command, too: `-C DIR build`. They are moved behind it.

use std::ffi::{OsStr, OsString};

use clap::Command;

/// The flags with a value that may come first: all that say where, and what Cargo is.
const WITH_VALUE: [&str; 5] = ["-C", "--manifest-path", "--config", "--config-file", "-Z"];

/// Those without.
const ALONE: [&str; 3] = ["--locked", "--offline", "--frozen"];

/// The words of a command line (program first), with early flags behind the command's name.
#[must_use]
pub(super) fn behind(words: Vec<OsString>, cli: &Command) -> Vec<OsString> {
    let mut at = 1;
    while let Some(length) = words.get(at).and_then(|word| flag(word)) {
        at += length;
    }
    let mut command = at;
    let mut level = cli;
    while let Some(next) = words.get(command).and_then(|word| level.find_subcommand(word)) {
        level = next;
        command += 1;
    }
    // Without a command they stand where they belong.
    if at == 1 || command == at {
        return words;
    }
    let (early, names) = (words[1..at].iter(), words[at..command].iter());
    let rest = words[command..].iter();
    words.iter().take(1).chain(names).chain(early).chain(rest).cloned().collect()
}

/// How many words an early flag takes, if it is one.
fn flag(word: &OsStr) -> Option<usize> {
    let word = word.to_str()?;
    if ALONE.contains(&word) {
        return Some(1);
    }
    let joined = |flag: &&str| match flag.starts_with("--") {
        true => word.strip_prefix(*flag).is_some_and(|rest| rest.starts_with('=')),
        false => word.starts_with(*flag),
    };
    match WITH_VALUE.contains(&word) {
        true => Some(2),
        false => WITH_VALUE.iter().any(joined).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(line: &str) -> String {
        let cli = Command::new("x")
            .subcommand(Command::new("build"))
            .subcommand(Command::new("flake").subcommand(Command::new("update")));
        let words = line.split(' ').map(OsString::from).collect();
        let words = behind(words, &cli);
        words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn flags_before_the_command_go_behind_it() {
        assert_eq!(moved("x -C dir build -p a"), "x build -C dir -p a");
        assert_eq!(moved("x --offline -Cdir flake update y"), "x flake update --offline -Cdir y");
        assert_eq!(
            moved("x --config=a=b -Zc --manifest-path m build"),
            "x build --config=a=b -Zc --manifest-path m"
        );
        // Nothing to move, or nowhere to move it.
        for line in ["x build -C dir", "x -C build", "x -C dir -p build", "x", "x -p a build"] {
            assert_eq!(moved(line), line);
        }
    }
}
