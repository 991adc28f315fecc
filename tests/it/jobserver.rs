//! The builder's jobserver, under a shell of this machine: how many threads a step is lent.

use std::process::{Command, Output};

/// A scratch directory is `$1` and `$load` in it says what runs; on four processors.
fn shell(cores: u32, script: &str) -> Output {
    let scratch = tempfile::tempdir().unwrap();
    let text = format!(
        "set -uo pipefail\n\
         . templates/builder/jobserver.sh\n\
         vars=() processors=4 load=$1/loadavg\n\
         running() {{ echo \"0.10 0.20 0.30 $1/500 77\" >\"$load\"; }}\n\
         running 1\n\
         open_jobserver\n\
         {script}"
    );
    Command::new("bash")
        .args(["-c", &text, "bash"])
        .arg(scratch.path())
        .env("NIX_BUILD_CORES", cores.to_string())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn said(cores: u32, script: &str) -> String {
    let output = shell(cores, script);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn half_of_what_is_idle_is_lent() {
    // The shell that reads is one of those that run.
    let script = "for n in 4 3 1 1 1; do running $n; lend; echo -n \"$lent \"; done\n\
                  read -rN 99 -t 0.1 -u $tokens all; echo ${#all}";
    assert_eq!(said(9, script), "1 2 4 6 8 8\n");
    assert_eq!(said(4, script), "1 2 3 3 3 3\n");
    assert_eq!(said(1, script), "0 0 0 0 0 0\n");
}

#[test]
fn what_nobody_took_is_taken_back() {
    assert_eq!(
        said(
            9,
            "for n in 1 1 1; do running $n; lend; done; echo -n \"$lent \"\n\
             for n in 5 6 8; do running $n; lend; echo -n \"$lent \"; done\n\
             read -rN 1 -u $tokens taken\n\
             running 99; lend; echo $lent"
        ),
        "6 6 5 2 1\n"
    );
}

#[test]
fn a_machine_that_does_not_say_what_runs_lends() {
    assert_eq!(said(4, "rm \"$load\"; lend; lend; echo $lent"), "3\n");
}

#[test]
fn a_command_is_lent_threads_while_it_runs() {
    let script = "with_jobserver bash -c \"read -rN 3 -t 20 -u $tokens all; echo \\${#all}\"";
    assert_eq!(said(4, script), "3\n");
    assert_eq!(said(1, "with_jobserver echo none").trim(), "none");
}

#[test]
fn the_end_of_a_command_is_its_own() {
    for cores in [1, 4] {
        let output = shell(cores, "with_jobserver bash -c 'echo out; echo err >&2; exit 7'");
        assert_eq!(output.status.code(), Some(7));
        assert_eq!(output.stdout, b"out\n");
        assert_eq!(output.stderr, b"err\n");
        let killed = "with_jobserver bash -c 'kill -KILL $$' 2>/dev/null; echo $?";
        assert_eq!(said(cores, killed), "137\n");
    }
}

#[test]
fn a_process_that_is_left_behind_is_not_waited_for() {
    // It ends when the shell does, by whom it is told.
    let script = "with_jobserver bash -c 'exec >/dev/null 2>&1; sleep 600 & echo $! >\"$0\"; exit 3' $1/pid\n\
                  echo $? $SECONDS; kill $(<$1/pid)";
    let all = said(4, script);
    let [status, seconds] = all.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{all}") };
    assert_eq!(status, "3");
    assert!(seconds.parse::<u32>().unwrap() < 300, "{seconds} seconds");
}
