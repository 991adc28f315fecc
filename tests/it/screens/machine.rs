//! What the machine is: its readiness, and its tools.

use super::screen::Screen;

/// Findings that no stand-in answers: the kernel's, the groups', the disk's.
const OF_THE_KERNEL: [&str; 3] = ["build users: ", "store space: ", "emulation: "];

fn without_the_kernel(text: &str) -> String {
    let mut kept = String::new();
    let mut is_hidden = false;
    for line in text.split_inclusive('\n') {
        let is_finding = !line.starts_with("        ");
        is_hidden = match is_finding {
            true => OF_THE_KERNEL.iter().any(|check| line.contains(check)),
            false => is_hidden,
        };
        if !is_hidden {
            kept.push_str(line);
        }
    }
    kept
}

/// A machine that has Nix, and no compiler.
#[test]
fn is_it_ready() {
    let screen = Screen::new().bare();
    let dir = screen.workspace.path().display().to_string();
    screen
        .workspace
        .write(&format!("--- config.toml\n[sccache]\nsocket = \"{dir}/bin/s/server.sock\"\n"));
    screen.is_but_for("doctor", 1, &["doctor"], &without_the_kernel);
    // One that is there and cannot be judged is not called another's.
    screen.workspace.write("--- generated/toolchain.nix\n# a toolchain\n");
    let said = screen.says(1, &["doctor"], false);
    assert!(said.contains("toolchain.nix: cannot be told without a toolchain"), "{said}");
    let settings =
        "experimental-features = nix-command\nsandbox = false\nmax-jobs = 0\nbuild-users-group =\n";
    screen.gives("settings", settings);
    let hide = |text: &str| {
        let (findings, rest) = text.split_at(text.find("for WORKSPACE").expect("the file"));
        assert!(findings.contains("sandbox = false"), "{findings}");
        // Who is not root has a file of their own.
        rest.replace("bin/nix/nix.conf", "bin/nix.conf")
    };
    screen.is_but_for("doctor-fix", 1, &["doctor", "--fix"], &hide);
}

/// The file names this machine's own tools: what stands before them is ours.
#[test]
fn the_toolchain_of_this_machine() {
    let screen = Screen::new();
    let head = |text: &str| {
        let lines = text.lines().take_while(|line| line.is_empty() || line.starts_with('#'));
        let paths = |line: &str| match line.split_once("extra-sandbox-paths =") {
            Some((before, _)) => format!("{before}extra-sandbox-paths = PATHS\n"),
            None => format!("{line}\n"),
        };
        lines.map(paths).collect::<String>()
    };
    screen.is_but_for("toolchain-host", 0, &["toolchain", "host"], &head);
    screen.is_but_for("toolchain-nixpkgs", 0, &["toolchain", "nixpkgs"], &head);
    screen.is("toolchain-wrong", 2, &["toolchain", "hots"]);
    let screen = screen.bare();
    screen.is("toolchain-host-without", 2, &["toolchain", "host"]);
    screen.is("toolchain-store-without", 2, &["toolchain", "store"]);
}
