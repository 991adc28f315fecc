//! A workspace with a plan that is committed, a `nix` that plays, and what a command says there.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::document::workspace::{SMALL, Workspace, host};

/// Answers each command of Nix's from a file beside it.
const NIX: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
here=${0%/*}
case " $* " in
*" --version "*) echo 'nix (Nix) 2.34.0'; exit ;;
*" config show "* | *" show-config "*) cat "$here/settings"; exit ;;
*" eval "*"checks.nix "*) cat "$here/evaluated-checks"; exit ;;
*" eval "*) cat "$here/evaluated"; exit ;;
*" copy "*) cat "$here/copied" >&2; exit ;;
*" flake update "*) exit ;;
*" develop "*) echo 'this is the shell'; exit ;;
esac
while IFS= read -r line; do printf '%s\n' "$line" >&2; sleep 0.02; done <"$here/said"
cat "$here/built"
exit "$(cat "$here/code")"
"#;

/// The commands with the older names: they answer by their own name.
const NIX_STORE: &str = r#"#!/bin/sh
PATH=/usr/bin:/bin
case " $* " in
*" --add "*) echo "$PWD/store/parts" ;;
*) cat "${0%/*}/promised" >&2 ;;
esac
"#;

/// Commands that print a file for another program: its lines are as long as they are.
const FILES: [&[&str]; 6] = [
    &["cache", "unit"],
    &["ci"],
    &["git", "textconv"],
    &["sbom"],
    &["status", "--no-cache", "--format"],
    &["toolchain"],
];

/// A Nix on which all is well.
const SETTINGS: &str = "\
build-users-group =
experimental-features = flakes nix-command
max-jobs = 8
require-sigs = false
sandbox = true
sandbox-paths = /bin/sh=/nix/store/busybox /usr
substituters = https://cache.example
";

/// The workspace and where the program finds its machine.
pub struct Screen {
    pub workspace: Workspace,
    /// Whether nothing is on PATH but what plays.
    is_bare: bool,
    /// Whether Nix is the machine's own.
    is_real: bool,
}

impl Screen {
    pub fn new() -> Self {
        Self::of(SMALL)
    }

    pub fn of(files: &str) -> Self {
        let workspace = Workspace::new(files);
        let screen = Self { workspace, is_bare: false, is_real: false };
        screen.workspace.write(
            "--- .gitignore\n/target\n/bin\n/store\n/report\n/generated/toolchain.nix\n--- bin/built\n[]\n--- bin/said\n--- bin/code\n0\n--- bin/copied\n--- bin/promised\n",
        );
        screen.gives("settings", SETTINGS);
        screen.program("nix", NIX);
        screen.program("nix-store", NIX_STORE);
        screen.workspace.commit();
        screen
    }

    /// The same with nothing on PATH but what plays.
    pub fn bare(self) -> Self {
        Self { is_bare: true, ..self }
    }

    /// The same with the machine's own Nix.
    pub fn real(self) -> Self {
        Self { is_real: true, ..self }
    }

    /// A program on PATH.
    pub fn program(&self, name: &str, text: &str) {
        let file = self.gives(name, text);
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A file that Nix answers from.
    pub fn gives(&self, name: &str, text: &str) -> PathBuf {
        let file = self.workspace.file("bin").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        file
    }

    /// A build: what Nix says, and how it ends.
    pub fn plays(&self, said: &str, code: i32) {
        self.gives("said", said.trim_start());
        self.gives("code", &code.to_string());
    }

    /// What a command says; its exit code is `code`.
    pub fn says(&self, code: i32, args: &[&str], colours: bool) -> String {
        // Both streams go to one place, as on a terminal: what comes first is seen first.
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exec \"$0\" \"$@\" 2>&1", env!("CARGO_BIN_EXE_rbn-plan")]);
        let usual = std::env::var("PATH").unwrap();
        let own = self.workspace.file("bin").display().to_string();
        let path = match (self.is_bare, self.is_real) {
            (true, _) => own,
            (_, true) => usual,
            _ => format!("{own}:{usual}"),
        };
        command
            .args(args)
            .current_dir(self.workspace.path())
            .stdin(Stdio::null())
            .env("PATH", path)
            .env("COLUMNS", "80")
            .env("TERM", "xterm-256color")
            .env("NIX_CONF_DIR", self.workspace.file("bin"))
            .env("XDG_CONFIG_HOME", self.workspace.file("bin"))
            .env_remove("CARGO_BUILD_TARGET")
            .env_remove("RUSTFLAGS")
            .env_remove("NO_COLOR");
        // Under `cargo test` these name one by its path.
        command.env_remove("CARGO").env_remove("RUSTC");
        if self.is_bare {
            command.env_remove("SCCACHE");
        }
        match colours {
            true => command.env("FORCE_COLOR", "1").env("CLICOLOR_FORCE", "1"),
            false => command.env("NO_COLOR", "1"),
        };
        let done = command.output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert_eq!(done.status.code(), Some(code), "{args:?}\n{said}");
        untimed(&self.workspace.shown(&said))
    }

    /// A snapshot of both versions, which say the same.
    pub fn is(&self, name: &str, code: i32, args: &[&str]) {
        self.is_but_for(name, code, args, &|text| text.to_owned());
    }

    /// The same, but for what `hide` takes out, which is the machine's.
    pub fn is_but_for(&self, name: &str, code: i32, args: &[&str], hide: &dyn Fn(&str) -> String) {
        let plain = hide(&self.says(code, args, false));
        assert!(!plain.contains('\u{1b}'), "{name}: {plain}");
        let is_file = code == 0 && FILES.iter().any(|command| args.starts_with(command));
        for line in plain.lines().filter(|_| !is_file) {
            // Commands and facts stand as they are; only what is said in our words is wrapped.
            let is_ours = !line.starts_with("test result: ")
                && !line.starts_with(['+', '-', ' ', '@', ':', '"', '|', '#', '{', '[']);
            let fits = line.chars().count() <= 80;
            assert!(fits || !is_ours, "{name}: longer than 80 columns: {line}");
        }
        let colourful = hide(&self.says(code, args, true));
        let stripped = console_free(&colourful);
        assert_eq!(numberless(&stripped), numberless(&plain), "{name}: other words with colours");
        let colours = match colourful == stripped {
            true => "none\n".to_owned(),
            false => colourful.replace('\u{1b}', "␛"),
        };
        let text = format!("$ rbn-plan {}\n{plain}--- with colours\n{colours}", args.join(" "));
        let text = self.workspace.shown(&text);
        insta::with_settings!({
            snapshot_suffix => name,
            prepend_module_to_snapshot => false,
            omit_expression => true,
            filters => vec![(r"\b\d+\.\ds", "TIME"), (r"for rustc [^;]*;", "for RUSTC;")],
        }, {
            assert_snapshot!("screen", text);
        });
    }

    /// Outputs of all steps of the plan, as Nix evaluates them; of the first `here` there is one here.
    pub fn has(&self, here: usize) {
        let steps = self.steps(&[], 0, here);
        self.gives("evaluated", &steps.to_string());
    }

    /// The same of the planned checks: of the steps of `rbn-plan test --workspace` the first `here` are here, and of
    /// two reports the first, which has passed its gate.
    pub fn has_checks(&self, here: usize) {
        let steps = self.steps(&["--mode", "test", "--workspace"], 100, here);
        let report = |at, name| self.output(at, name, at == 200);
        let checks = serde_json::json!({
            "steps": { "test": steps },
            "reports": [report(200, "parser-0.3.1-lib-test-test"), report(201, "app-1.2.0-bin-test-app-test")],
            "gates": [self.output(300, "parser-checks-test", true), self.output(301, "app-checks-test", false), null],
        });
        self.gives("evaluated-checks", &checks.to_string());
    }

    /// What Nix evaluates of the steps of a plan; the first `here` are here. Their numbers begin with `first`.
    fn steps(&self, flags: &[&str], first: usize, here: usize) -> serde_json::Value {
        let names = self.says(0, &[&["steps", "--format", "names"], flags].concat(), false);
        let mut groups = serde_json::Map::new();
        for (at, line) in names.lines().enumerate() {
            let (platform, step) =
                line.replace("TARGET", &host()).split_once('/').map(owned).unwrap();
            let output = self.output(first + at, &step.replace([':', '~'], "-"), at < here);
            let group = groups.entry(platform).or_insert_with(|| serde_json::json!({}));
            group.as_object_mut().unwrap().insert(step, output);
        }
        serde_json::Value::Object(groups)
    }

    /// What Nix evaluates of one derivation.
    fn output(&self, number: usize, name: &str, is_here: bool) -> serde_json::Value {
        let out = self.workspace.file("store").join(format!("{number:032}-{name}"));
        if is_here {
            fs::create_dir_all(out.parent().unwrap()).unwrap();
            fs::write(&out, "").unwrap();
            // What Nix takes into its store gets this time.
            let touched = Command::new("touch").args(["-d", "@1"]).arg(&out).status();
            assert!(touched.unwrap().success());
        }
        serde_json::json!({ "drv": format!("{}.drv", out.display()), "out": out })
    }
}

fn owned((first, second): (&str, &str)) -> (String, String) {
    (first.to_owned(), second.to_owned())
}

/// A text without what depends on how long something took: whether there is a line of times, and
/// whether a failed build was too short to take a timeline's place.
fn untimed(text: &str) -> String {
    let mut kept = String::new();
    let mut is_time = false;
    for line in text.split_inclusive('\n') {
        is_time = line.starts_with("Time: ") || is_time && line.starts_with("  ");
        if line.starts_with("Timeline: ") {
            kept.push_str("Timeline: PLACE\n");
        } else if !is_time {
            kept.push_str(line);
        }
    }
    kept
}

/// A text without the escapes that paint.
fn console_free(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    plain
}

/// Two builds take times of their own.
fn numberless(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()
}
