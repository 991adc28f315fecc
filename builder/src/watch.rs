//! A program that nobody trusts to end: it has a time, its words a length, and what it leaves
//! behind is ended with it.

use std::fs;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{self, AFTER, Kept};
use crate::report::{Attempt, End};

/// What a program may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How long it may run.
    pub(crate) seconds: u64,
    /// How many bytes of each stream are kept, half of its beginning and half of its end.
    pub(crate) output: usize,
}

/// What came of it.
pub(crate) struct Watched {
    pub(crate) attempt: Attempt,
    pub(crate) stdout: Kept,
    pub(crate) stderr: Kept,
}

/// Runs `command` to its end, or to the end of its time. `shell` ends what has to be ended.
pub(crate) fn watch(command: &mut Command, limits: &Limits, shell: &Path) -> io::Result<Watched> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    let own = child.id();
    let (told, tells) = channel();
    let stdout = process::follow(child.stdout.take(), None, limits.output / 2, told.clone());
    let stderr = process::follow(child.stderr.take(), None, limits.output / 2, told.clone());
    thread::spawn(move || told.send(Some(child.wait())));
    let time = Duration::from_secs(limits.seconds);
    let mut status: Option<ExitStatus> = None;
    let (mut open, mut timed_out, mut left) = (2, false, Vec::new());
    let mut until = start.checked_add(time);
    let mut took = None;
    while open > 0 || status.is_none() {
        let wait = until.map_or(Duration::from_secs(3600), |until| {
            until.saturating_duration_since(Instant::now())
        });
        match tells.recv_timeout(wait) {
            Ok(None) => open -= 1,
            Ok(Some(ended)) => {
                status = Some(ended?);
                took = Some(start.elapsed());
                until = Instant::now().checked_add(AFTER);
            }
            // Its time is over, or it ended and somebody holds its streams still.
            Err(_) if until.is_none_or(|until| Instant::now() < until) => {}
            Err(_) => {
                if status.is_some() && !left.is_empty() {
                    break;
                }
                timed_out |= status.is_none();
                let found = others(own);
                end(shell, own, &found);
                left.extend(found.into_iter().filter(|(id, _)| *id != own).map(|(_, name)| name));
                until = Instant::now().checked_add(AFTER);
                if status.is_some() && left.is_empty() {
                    break;
                }
            }
        }
    }
    // Those who hold no stream of it are as little part of it.
    let found = others(own);
    if !found.is_empty() {
        end(shell, own, &found);
        left.extend(found.into_iter().map(|(_, name)| name));
    }
    let seconds = i64::try_from(limits.seconds).unwrap_or(i64::MAX);
    let end = match status {
        _ if timed_out => End::Timeout(seconds),
        Some(status) => match (status.code(), status.signal()) {
            (Some(code), _) => End::Code(code.into()),
            (None, signal) => End::Signal(signal.unwrap_or_default().into()),
        },
        None => End::Timeout(seconds),
    };
    left.sort();
    left.dedup();
    let took = took.unwrap_or_else(|| start.elapsed()).as_millis();
    Ok(Watched {
        attempt: Attempt { end, took: i64::try_from(took).unwrap_or(i64::MAX), left, full: false },
        stdout: process::take(&stdout),
        stderr: process::take(&stderr),
    })
}

/// The processes that began with the program, by number and name: where this one is the first of
/// its sandbox, all others; elsewhere those of the program's group.
fn others(group: u32) -> Vec<(u32, String)> {
    let own = std::process::id();
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| *id != own)
        .filter_map(|id| {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            let (name, rest) = parse_stat(&stat)?;
            let mut rest = rest.split_ascii_whitespace();
            let (state, its) = (rest.next()?, rest.nth(1)?.parse::<u32>().ok()?);
            // What is dead waits for a parent to ask, and no signal reaches it.
            let alive = !matches!(state, "Z" | "X");
            (alive && (own == 1 || its == group)).then(|| (id, name.to_owned()))
        })
        .collect()
}

/// `12 (name) S 1 12 ...`: a name may have blanks and parentheses in it.
fn parse_stat(stat: &str) -> Option<(&str, &str)> {
    let (before, rest) = stat.rsplit_once(')')?;
    Some((before.split_once('(')?.1, rest))
}

/// Ends processes at once. The standard library ends children alone, so a shell does it.
fn end(shell: &Path, group: u32, others: &[(u32, String)]) {
    let ids: Vec<String> = others.iter().map(|(id, _)| id.to_string()).collect();
    let line = format!("kill -KILL -{group} {} 2>/dev/null; :", ids.join(" "));
    let _ = Command::new(shell).arg("-c").arg(line).env_clear().status();
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::{Limits, Watched, parse_stat, watch};
    use crate::report::End;

    fn run(script: &str, seconds: u64) -> Watched {
        let limits = Limits { seconds, output: 2000 };
        let mut command = Command::new("/bin/sh");
        watch(command.arg("-c").arg(script), &limits, Path::new("/bin/sh")).expect("a shell")
    }

    #[test]
    fn an_end_is_told_as_it_was() {
        assert_eq!(run("exit 3", 60).attempt.end, End::Code(3));
        assert_eq!(run("kill -SEGV $$", 60).attempt.end, End::Signal(11));
    }

    #[test]
    fn what_hangs_is_ended_with_its_children() {
        let watched = run("echo begun; sleep 1000 & sleep 1000", 1);
        assert_eq!(watched.attempt.end, End::Timeout(1));
        assert_eq!(watched.stdout.bytes(), b"begun\n");
        assert_eq!(watched.attempt.left, ["sleep"]);
    }

    #[test]
    fn a_child_that_stays_is_named_and_ended() {
        let watched = run("sleep 1000 & echo done", 60);
        assert_eq!(watched.attempt.end, End::Code(0));
        assert_eq!(watched.attempt.left, ["sleep"]);
        // One that holds no stream, too.
        let watched = run("sleep 1000 >/dev/null 2>&1 & echo done", 60);
        assert_eq!(watched.attempt.left, ["sleep"]);
    }

    #[test]
    fn of_many_words_the_first_and_the_last_are_kept() {
        let watched = run("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done", 60);
        let text = String::from_utf8(watched.stdout.bytes()).expect("a text");
        assert!(text.starts_with("line 0\n") && text.ends_with("line 1999\n"), "{text}");
        assert!(text.len() < 2200 && text.contains("bytes are left out here"), "{text}");
    }

    #[test]
    fn a_name_may_have_anything_in_it() {
        assert_eq!(parse_stat("7 (a) b) S 1 7"), Some(("a) b", " S 1 7")));
    }
}
