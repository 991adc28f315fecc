//! A terminal for programs that ask: that of `script`, which every Debian has.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a program says on a terminal where somebody types `typed` and then Ctrl-D, and its exit code.
///
/// `command` brings the directory and the environment; its words may hold no quote.
pub fn typed(command: &Command, typed: &str) -> (String, i32) {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<String> = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
    let mut script = Command::new("/usr/bin/script");
    script.args(["-q", "-e", "-c", &line.join(" "), "/dev/null"]);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    if let Some(dir) = command.get_current_dir() {
        script.current_dir(dir);
    }
    script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = script.spawn().expect("script, of util-linux");
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).replace("\r\n", "\n");
    (said, done.status.code().expect("an exit code"))
}
