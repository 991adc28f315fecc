//! A library's metadata in a step of its own, and the proof that the library has the same.
//!
//! Cargo starts a crate as soon as rustc says that the metadata of those below it is written. Here a step
//! runs the very call of the library's own step, and ends it at that word. rustc renames the file to its
//! place before it says so: what is there is whole.

use std::ffi::c_int;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::cache;
use crate::call::Call;
use crate::crates::Notes;
use crate::failure::Failure;
use crate::jobserver::Jobserver;
use crate::json::Value;
use crate::note::Crate;
use crate::process::{self, AFTER, Ended, Kept};

/// How long a line of rustc's may be.
const LINE: u64 = 16 * 1024 * 1024;

/// What came of a call that was to write metadata.
pub(crate) enum Written {
    /// It is there, and rustc was ended.
    There,
    /// rustc ended by itself, with an error.
    Failed(Ended),
}

/// Runs rustc until it says that `wanted` is written.
pub(crate) fn write(
    call: &Call<'_>,
    wanted: &Path,
    jobserver: &mut Jobserver,
) -> Result<Written, Failure> {
    let ended = cache::started(call, |command| until(command, wanted, jobserver))?;
    let file = wanted.display();
    match ended {
        None if wanted.metadata().is_ok_and(|data| data.is_file() && data.len() > 0) => {
            Ok(Written::There)
        }
        None => Err(unsplit(
            Failure::new(format!("rustc said that it wrote {file}, and nothing is there")),
            &call.here.step.package.name,
        )),
        Some(ended) if ended.status.success() => Err(unsplit(
            Failure::new(format!("rustc ended without saying that it wrote {file}"))
                .with("A compiler that steps are split with says so where it is asked by --json=artifacts."),
            &call.here.step.package.name,
        )),
        Some(ended) => Ok(Written::Failed(ended)),
    }
}

/// The lines of config.toml that keep a package's steps whole.
fn unsplit(failure: Failure, package: &str) -> Failure {
    failure
        .with("To compile it in one step, write into config.toml:")
        .with(format!("[override.\"{package}\"]"))
        .with("split = false")
}

/// What tells the metadata in a file from another: a number for all its bytes. Two runs differ by accident,
/// and rustc itself checks its own hash of a crate when it links; so it has to be quick, not more.
pub(crate) fn mark(file: &Path) -> Result<String, Failure> {
    let bytes = fs::read(file)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", file.display())))?;
    let mut mark = bytes.len() as u64;
    for part in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..part.len()].copy_from_slice(part);
        mark =
            (mark ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
    }
    Ok(format!("{mark:016x}"))
}

/// Compares what the steps of whole libraries wrote as their metadata with what those wrote that others
/// were compiled against, before anything is linked.
pub(crate) fn compare(promised: &[Crate], notes: &Notes) -> Result<(), Failure> {
    for before in promised {
        let (name, version, _) = &before.package;
        let whole = notes.crates.values().find(|note| note.id == before.id);
        let whole = whole
            .ok_or_else(|| Failure::new(format!("the library {name} {version} is missing")))?;
        if before.metadata.is_empty() || whole.metadata != before.metadata {
            let failure = Failure::new(format!(
                "two runs of rustc made different metadata of {name} {version}"
            ));
            return Err(unsplit(
                failure.with("So what was compiled against the first cannot be linked with the second. Most often a macro gives other code each time: by the order of a HashMap, the time, a random number."),
                name,
            ));
        }
    }
    Ok(())
}

/// What rustc says as JSON, one message a line, as it says it to people.
pub(crate) fn spoken(said: &Kept) -> Kept {
    let mut kept = Kept::default();
    for line in said.bytes().split_inclusive(|byte| *byte == b'\n') {
        match Message::read(line) {
            Message::Diagnostic(text) => kept.add(text.as_bytes()),
            Message::Artifact { .. } => {}
            Message::Other => kept.add(line),
        }
    }
    kept
}

/// A line of rustc's under `--error-format=json`.
enum Message {
    /// An error or a warning, in words for people.
    Diagnostic(String),
    /// A file is written: its kind and place.
    Artifact { emit: String, file: String },
    /// No message: a program that rustc runs may print what it likes.
    Other,
}

impl Message {
    fn read(line: &[u8]) -> Self {
        let read = || {
            let Ok(Value::Object(mut entries)) = Value::parse(std::str::from_utf8(line).ok()?)
            else {
                return None;
            };
            let mut text = |name: &str| match entries.remove(name) {
                Some(Value::Text(text)) => Some(text),
                _ => None,
            };
            if let Some(text) = text("rendered") {
                return Some(Self::Diagnostic(text));
            }
            Some(Self::Artifact { emit: text("emit")?, file: text("artifact")? })
        };
        read().unwrap_or(Self::Other)
    }
}

/// What is heard of rustc.
enum Event {
    /// The file is written.
    Written,
    /// It closed its output.
    Silent,
}

/// Runs `command` until it says that `wanted` is written, and then ends it: nothing. Else how it ended.
fn until(
    command: &mut Command,
    wanted: &Path,
    jobserver: &mut Jobserver,
) -> io::Result<Option<Ended>> {
    // A group of its own: a compiler may be a script that starts the real one.
    command.process_group(0);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (told, tells) = channel();
    let stderr = listen(child.stderr.take(), wanted, told);
    let (read, is_read) = channel();
    let stdout = process::follow(child.stdout.take(), None, process::PART, read);
    let (mut written, mut ended, mut end) = (false, None, None);
    loop {
        let heard = tells.recv_timeout(Duration::from_millis(100));
        if ended.is_none() {
            ended = child.try_wait()?;
        }
        match heard {
            Ok(Event::Written) => {
                // Who has ended was waited for, and its number may be another's.
                if ended.is_none() {
                    end_group(child.id());
                }
                written = true;
                break;
            }
            Ok(Event::Silent) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => jobserver.lend(),
        }
        // A process that rustc left behind may hold its streams; it dies with the step.
        if ended.is_some() && *end.get_or_insert_with(|| Instant::now() + AFTER) <= Instant::now() {
            break;
        }
    }
    let status = match ended {
        Some(status) => status,
        None => child.wait()?,
    };
    if written {
        return Ok(None);
    }
    let _ = is_read.recv_timeout(AFTER);
    Ok(Some(Ended { status, stdout: process::take(&stdout), stderr: process::take(&stderr) }))
}

/// Reads what rustc says to its end: its words for people, as they come.
fn listen(
    stream: Option<impl Read + Send + 'static>,
    wanted: &Path,
    told: Sender<Event>,
) -> Arc<Mutex<Kept>> {
    let wanted = wanted.to_owned();
    let said = Arc::new(Mutex::new(Kept::default()));
    let shared = Arc::clone(&said);
    thread::spawn(move || {
        let keep = |bytes: &[u8]| {
            shared.lock().unwrap_or_else(PoisonError::into_inner).add(bytes);
        };
        if let Some(stream) = stream {
            let mut reader = BufReader::with_capacity(64 * 1024, stream);
            let mut line = Vec::new();
            // A stream that breaks is a stream that ended.
            while reader.by_ref().take(LINE).read_until(b'\n', &mut line).is_ok_and(|read| read > 0)
            {
                match Message::read(&line) {
                    Message::Diagnostic(text) => keep(text.as_bytes()),
                    Message::Artifact { emit, file } => {
                        if emit == "metadata" && Path::new(&file) == wanted {
                            let _ = told.send(Event::Written);
                        }
                    }
                    Message::Other => keep(&line),
                }
                line.clear();
            }
        }
        let _ = told.send(Event::Silent);
    });
    said
}

unsafe extern "C" {
    fn kill(process: c_int, signal: c_int) -> c_int;
}

/// Ends a process that nobody has waited for yet, and all of its group.
fn end_group(process: u32) {
    const KILL: c_int = 9;
    if let Ok(group) = c_int::try_from(process) {
        // SAFETY: it takes two numbers, and the group is that of a child of ours.
        unsafe { kill(-group, KILL) };
    }
}

#[cfg(test)]
mod tests {
    use super::{compare, mark, spoken, until};
    use crate::crates::Notes;
    use crate::jobserver::Jobserver;
    use crate::note::Crate;
    use crate::process::Kept;
    use std::fs;
    use std::path::PathBuf;
    use std::process::Command;
    use std::time::{Duration, Instant};

    fn place(name: &str) -> PathBuf {
        let place =
            std::env::temp_dir().join(format!("rbn-metadata-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).expect("a directory");
        place
    }

    /// A compiler of a few lines, which finds the wanted file in `$1`.
    fn rustc(script: &str, wanted: &std::path::Path) -> Option<crate::process::Ended> {
        let mut jobserver = Jobserver::open(1).expect("a jobserver");
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, "rustc"]).arg(wanted);
        until(&mut command, wanted, &mut jobserver).expect("it runs")
    }

    const SAYS: &str =
        r#"printf '{"$message_type":"artifact","artifact":"%s","emit":"metadata"}\n' "$1" >&2"#;

    #[test]
    fn the_compiler_and_what_it_started_end_at_the_word() {
        let wanted = place("word").join("liba.rmeta");
        let (late, start) = (wanted.with_extension("late"), Instant::now());
        // As a wrapper that stays: the real compiler is a process of its own.
        let script = format!("({SAYS}; sleep 20; echo x >$1.late) & wait");
        assert!(rustc(&script, &wanted).is_none());
        assert!(start.elapsed() < Duration::from_secs(10));
        assert!(!late.exists());
    }

    #[test]
    fn another_file_is_no_word() {
        let wanted = place("other").join("liba.rmeta");
        let script = r#"echo '{"artifact":"/x/libb.rmeta","emit":"metadata"}' >&2
            printf '{"artifact":"%s","emit":"dep-info"}\n' "$1" >&2
            printf '%s\n' '{"message":"m","rendered":"error: no\n"}' >&2; echo plain >&2; exit 3"#;
        let ended = rustc(script, &wanted).expect("it ended by itself");
        assert_eq!(ended.status.code(), Some(3));
        assert_eq!(String::from_utf8(ended.stderr.bytes()).expect("a text"), "error: no\nplain\n");
    }

    #[test]
    fn what_rustc_leaves_behind_is_not_waited_for() {
        let wanted = place("behind").join("liba.rmeta");
        let start = Instant::now();
        // It holds both streams, as a process does that a macro started.
        let script = r#"sleep 30 & echo '{"rendered":"error: no"}' >&2; echo out; exit 4"#;
        let ended = rustc(script, &wanted).expect("it ended by itself");
        assert!(start.elapsed() < Duration::from_secs(20));
        assert_eq!(ended.status.code(), Some(4));
        assert_eq!(
            (ended.stderr.bytes(), ended.stdout.bytes()),
            (b"error: no".into(), b"out\n".into())
        );
    }

    #[test]
    fn a_word_counts_although_rustc_has_ended() {
        let wanted = place("ended").join("liba.rmeta");
        assert!(rustc(&format!("{SAYS}; exit 0"), &wanted).is_none());
        // Its last word before an error is the word, too: the file is whole, and the library's own step fails.
        assert!(rustc(&format!("{SAYS}; exit 1"), &wanted).is_none());
    }

    #[test]
    fn messages_become_words() {
        let mut said = Kept::default();
        said.add(b"{\"rendered\":\"warning: w\\n\\n\",\"spans\":[1]}\n{\"artifact\":\"/a\",\"emit\":\"link\"}\nplain");
        assert_eq!(spoken(&said).bytes(), b"warning: w\n\nplain");
    }

    #[test]
    fn other_metadata_is_refused_with_the_cure() {
        let file = place("mark").join("liba.rmeta");
        let mark_of = |text: &str| {
            fs::write(&file, text).expect("a file");
            mark(&file).expect("a mark")
        };
        let marks = ["", "one", "one two three", "one two thre", "one two three\0"].map(mark_of);
        for (at, mark) in marks.iter().enumerate() {
            assert!(!marks[..at].contains(mark), "{marks:?}");
        }
        let note = |metadata: &str| Crate {
            id: "1".to_owned(),
            package: ("a".to_owned(), "1.0.0".to_owned(), String::new()),
            metadata: metadata.to_owned(),
            ..Crate::default()
        };
        let with = |metadata: &str| Notes {
            crates: [("/a".to_owned(), note(metadata))].into(),
            ..Notes::default()
        };
        compare(&[note("x")], &with("x")).expect("the same");
        for other in ["y", ""] {
            let refused = compare(&[note("x")], &with(other)).expect_err("different");
            assert!(refused.what.contains("different metadata of a 1.0.0"), "{refused:?}");
            assert_eq!(refused.lines.last().map(String::as_str), Some("split = false"));
        }
        compare(&[note("x")], &Notes::default()).expect_err("it is missing");
        // A step that says nothing of its metadata is no proof.
        compare(&[note("")], &with("")).expect_err("no mark");
    }
}
