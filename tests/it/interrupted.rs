//! Signals at any moment: the exit code says which one, and nothing is left behind.

use std::fs;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const SIGNALS: [(&str, i32); 3] = [("HUP", 1), ("INT", 2), ("TERM", 15)];

/// How often; `RBN_FULL=1` asks for the whole measure.
fn times() -> u32 {
    if std::env::var_os("RBN_FULL").is_some_and(|full| full == "1") { 100 } else { 10 }
}

fn entries(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn command(workspace: &Path, temporary: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rbn-plan"));
    command.current_dir(workspace).args(words).env("TMPDIR", temporary);
    command.env("XDG_CACHE_HOME", workspace.join("cache")).process_group(0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn nothing_is_left_behind() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/workspaces/build-script-protocol");
    let (workspace, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copied = Command::new("cp").arg("-a").arg(fixture.join(".")).arg(workspace.path()).status();
    assert!(copied.unwrap().success());
    let all = [&["verify", "--offline"][..], &["plan", "--offline", "-o", "generated/steps.nix"]];
    for words in all {
        let began = Instant::now();
        let whole = command(workspace.path(), temporary.path(), words).status().unwrap();
        assert!(whole.success(), "{words:?}: {whole}");
        let (whole, mut stopped) = (began.elapsed(), 0);
        for time in 0..times() {
            let (name, number) = SIGNALS[time as usize % SIGNALS.len()];
            let mut child = command(workspace.path(), temporary.path(), words).spawn().unwrap();
            thread::sleep(whole * time / times() + Duration::from_millis(5));
            // To the program alone, and as a terminal does, to all that it started.
            let pid =
                if time % 2 == 0 { child.id().to_string() } else { format!("-{}", child.id()) };
            let kill = Command::new("kill").args(["-s", name, "--", &pid]).status().unwrap();
            let status = child.wait().unwrap();
            let ended = status.signal().map(|signal| 128 + signal).or(status.code()).unwrap();
            // The last ones may come when all is done.
            assert!(ended == 128 + number || ended == 0, "{words:?}, {time}: {name}: {status}");
            stopped += u32::from(ended != 0 && kill.success());
            let left = entries(temporary.path());
            assert!(left.is_empty(), "{words:?}, {time}: {name}: {left:?}");
        }
        assert!(stopped >= times() / 2, "{words:?}: only {stopped} signals came in time");
    }
    assert_eq!(entries(&workspace.path().join("generated")), ["steps.nix"]);
}
