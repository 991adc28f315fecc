//! What `strace -f -y` wrote, understood: which files a process and its children read, listed or asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::git_runs::GitRuns;
use super::strace_text::{Call, address, directory, place, text};

/// What happened, by absolute paths. A file that the processes wrote before they read it is no input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// Files opened for reading, and programs that ran.
    pub read: BTreeSet<String>,
    /// Directories whose entries were read.
    pub listed: BTreeSet<String>,
    /// What was there when its kind, its rights or the end of a link were asked for.
    pub asked: BTreeSet<String>,
    /// Files and directories that were made, changed or removed.
    pub written: BTreeSet<String>,
    /// Programs that were started.
    pub ran: BTreeSet<String>,
    /// Addresses that were called, but for this machine's own.
    pub called: BTreeSet<String>,
}

/// Reads a trace of a process that started in `cwd`. What cannot be understood (a line that was cut off) is
/// passed over.
#[must_use]
pub fn parse(text: &str, cwd: &str) -> Trace {
    let mut reader = Reader {
        directories: vec![cwd.to_owned()],
        processes: BTreeMap::new(),
        unfinished: BTreeMap::new(),
        called: BTreeMap::new(),
        git: GitRuns::default(),
        of_git: None,
        trace: Trace::default(),
    };
    for line in text.lines() {
        reader.line(line);
    }
    reader.trace.read.extend(reader.git.files());
    reader.trace
}

struct Reader<'t> {
    /// Working directories; threads share one.
    directories: Vec<String>,
    /// By process, which of them is its own.
    processes: BTreeMap<&'t str, usize>,
    /// Calls whose end is still to come.
    unfinished: BTreeMap<&'t str, &'t str>,
    /// By the place where an open directory really is, how the processes called it: a link leads there.
    called: BTreeMap<String, String>,
    git: GitRuns<'t>,
    /// The run of `git` that the process of this line is of.
    of_git: Option<usize>,
    trace: Trace,
}

/// Calls that only tell whether something is there, with the place of their path argument; -1: the path
/// counts from the first argument, a directory, and comes after it.
const ASKS: &[(&str, bool)] = &[
    ("stat", false),
    ("lstat", false),
    ("access", false),
    ("readlink", false),
    ("newfstatat", true),
    ("fstatat64", true),
    ("statx", true),
    ("faccessat", true),
    ("faccessat2", true),
    ("readlinkat", true),
];

/// Calls that change what their last path names.
const WRITES: &[(&str, bool)] = &[
    ("mkdir", false),
    ("rmdir", false),
    ("unlink", false),
    ("truncate", false),
    ("mkdirat", true),
    ("mknodat", true),
    ("unlinkat", true),
];

impl<'t> Reader<'t> {
    fn line(&mut self, line: &'t str) {
        let Some((process, rest)) = line.split_once(' ') else { return };
        let rest = rest.trim_start();
        if rest.starts_with("+++") || rest.starts_with("---") {
            return;
        }
        let own = self.directory_of(process);
        self.of_git = self.git.of(process);
        if let Some(start) = rest.strip_suffix(" <unfinished ...>") {
            self.unfinished.insert(process, start);
            return;
        }
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let Some(start) = self.unfinished.remove(process) else { return };
            let Some((_, end)) = resumed.split_once(" resumed>") else { return };
            let call = format!("{start}{end}");
            if let Some(call) = Call::parse(&call) {
                // The child's number is the trace's own text.
                let child = end.rsplit_once("= ").map(|(_, result)| result.trim());
                self.call(&call, process, own, child);
            }
            return;
        }
        if let Some(call) = Call::parse(rest) {
            let child = rest.rsplit_once("= ").map(|(_, result)| result.trim());
            self.call(&call, process, own, child);
        }
    }

    /// The directory of a process. One that is seen before its parent hears of it has that of the parent
    /// whose call is not finished.
    fn directory_of(&mut self, process: &'t str) -> usize {
        if let Some(own) = self.processes.get(process) {
            return *own;
        }
        let making = |(parent, call): (&&'t str, &&'t str)| {
            is_birth(call.split('(').next().unwrap_or_default()).then_some((*parent, *call))
        };
        let parent = self.unfinished.iter().find_map(making);
        let own = match parent {
            Some((parent, call)) => {
                self.git.born(parent, process);
                self.born(parent, call.contains("CLONE_FS"))
            }
            None => 0,
        };
        self.processes.insert(process, own);
        own
    }

    fn born(&mut self, parent: &str, shares: bool) -> usize {
        let own = self.processes.get(parent).copied().unwrap_or(0);
        if shares {
            return own;
        }
        self.directories.push(self.directories[own].clone());
        self.directories.len() - 1
    }

    fn call(&mut self, call: &Call<'_>, process: &'t str, own: usize, child: Option<&'t str>) {
        // Who calls another machine rarely waits for the answer.
        if !call.worked && call.name != "connect" {
            return;
        }
        let name = call.name;
        if is_birth(name) {
            let shares = call.args.iter().any(|arg| arg.contains("CLONE_FS"));
            if let Some(child) = child.filter(|child| !self.processes.contains_key(child)) {
                let number = match shares {
                    true => own,
                    false => {
                        self.directories.push(self.directories[own].clone());
                        self.directories.len() - 1
                    }
                };
                self.processes.insert(child, number);
                self.git.born(process, child);
            }
            return;
        }
        let cwd = self.directories[own].clone();
        let path = |at: usize| Some(place(&cwd, &text(call.args.get(at)?)?));
        let path_at = |at: usize| {
            let arg = call.args.get(at)?;
            let known = if arg.starts_with("AT_FDCWD") { None } else { self.directory(arg) };
            let directory = known.unwrap_or_else(|| cwd.clone());
            let path = text(call.args.get(at + 1)?)?;
            // Empty: the file that is open already is asked for.
            (!path.is_empty()).then(|| place(&directory, &path))
        };
        let named = |table: &[(&str, bool)]| {
            let (_, from_directory) = table.iter().find(|(known, _)| *known == name)?;
            if *from_directory { path_at(0) } else { path(0) }
        };
        match name {
            "open" => self.opened(path(0), call.args.get(1), call.result),
            "openat" | "openat2" => self.opened(path_at(0), call.args.get(2), call.result),
            "creat" | "chmod" | "mknod" => self.write(path(0)),
            "fchmodat" => self.write(path_at(0)),
            "getdents" | "getdents64" => {
                let listed = call.args.first().and_then(|arg| self.directory(arg));
                if let Some(listed) = listed.filter(|dir| self.counts(dir)) {
                    self.trace.listed.insert(listed);
                }
            }
            "chdir" => {
                if let Some(to) = path(0) {
                    self.ask(Some(to.clone()));
                    self.directories[own] = to;
                }
            }
            "fchdir" => {
                if let Some(to) = call.args.first().and_then(|arg| self.directory(arg)) {
                    self.directories[own] = to;
                }
            }
            "execve" | "execveat" => {
                let program = if name == "execve" { path(0) } else { path_at(0) };
                if let Some(program) = program {
                    self.trace.ran.insert(program.clone());
                    self.git.started(process, &program);
                    self.read(program);
                }
            }
            "rename" => {
                self.write(path(0));
                self.write(path(1));
            }
            "renameat" | "renameat2" => {
                let (from, to) = (path_at(0), path_at(2));
                self.write(from);
                self.write(to);
            }
            "link" | "symlink" => self.write(path(1)),
            "linkat" => self.write(path_at(2)),
            "symlinkat" => self.write(path_at(1)),
            "connect" => self.trace.called.extend(call.args.get(1).and_then(|arg| address(arg))),
            _ => {
                let (asked, written) = (named(ASKS), named(WRITES));
                self.ask(asked);
                self.write(written);
            }
        }
    }

    /// The directory behind a number, by the name that it was opened with.
    fn directory(&self, arg: &str) -> Option<String> {
        let real = directory(arg)?;
        Some(self.called.get(&real).cloned().unwrap_or(real))
    }

    fn opened(&mut self, path: Option<String>, flags: Option<&&str>, result: &str) {
        let Some(path) = path else { return };
        match directory(result.trim_end()) {
            Some(real) if real != path => drop(self.called.insert(real, path.clone())),
            // It is called by its own name now.
            Some(real) => drop(self.called.remove(&real)),
            None => {}
        }
        let flags = flags.copied().unwrap_or_default();
        if flags.contains("O_DIRECTORY") || flags.contains("O_PATH") {
            return self.ask(Some(path));
        }
        let reads = !flags.contains("O_WRONLY") && !flags.contains("O_TRUNC");
        let makes = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"];
        if reads && !flags.contains("O_CREAT") {
            self.read(path.clone());
        }
        if makes.iter().any(|flag| flags.contains(flag)) {
            self.write(Some(path));
        }
    }

    fn read(&mut self, path: String) {
        if !self.trace.written.contains(&path) {
            match self.of_git {
                Some(run) => self.git.read(run, path),
                None => drop(self.trace.read.insert(path)),
            }
        }
    }

    fn ask(&mut self, path: Option<String>) {
        if let Some(path) = path.filter(|path| self.counts(path)) {
            self.trace.asked.insert(path);
        }
    }

    /// Whether a question concerns the step.
    fn counts(&self, path: &str) -> bool {
        self.of_git.is_none() && !self.trace.written.contains(path)
    }

    fn write(&mut self, path: Option<String>) {
        self.trace.written.extend(path);
    }
}

fn is_birth(name: &str) -> bool {
    matches!(name, "clone" | "clone3" | "fork" | "vfork")
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn list(paths: &std::collections::BTreeSet<String>) -> Vec<&str> {
        paths.iter().map(String::as_str).collect()
    }

    #[test]
    fn files_are_read_listed_and_asked_for() {
        let trace = parse(
            r#"10    execve("/usr/bin/app", ["app"], 0x7ffd /* 35 vars */) = 0
10    openat(AT_FDCWD</ws/app>, "data/x.txt", O_RDONLY|O_CLOEXEC) = 3</ws/app/data/x.txt>
10    openat(AT_FDCWD</ws/app>, "none", O_RDONLY|O_CLOEXEC) = -1 ENOENT (No such file or directory)
10    openat(AT_FDCWD</ws/app>, "../proto", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 4</ws/proto>
10    getdents64(4</ws/proto>, 0x5581 /* 3 entries */, 32768) = 88
10    openat(4</ws/proto>, "a.proto", O_RDONLY) = 5</ws/proto/a.proto>
10    newfstatat(5</ws/proto/a.proto>, "", {st_mode=S_IFREG|0644, st_size=2, ...}, AT_EMPTY_PATH) = 0
10    access("../flag", F_OK)           = 0
10    statx(AT_FDCWD</ws/app>, "/ws/gone", AT_STATX_SYNC_AS_STAT, STATX_ALL, 0x7ffe) = -1 ENOENT (No such file or directory)
10    readlink("link", "x", 4096)       = 1
10    connect(3<socket:[12]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = -1 EINPROGRESS (Operation now in progress)
10    connect(3<socket:[12]>, {sa_family=AF_UNIX, sun_path="/run/x"}, 110) = 0
10    +++ exited with 0 +++
"#,
            "/ws/app",
        );
        assert_eq!(
            list(&trace.read),
            ["/usr/bin/app", "/ws/app/../proto/a.proto", "/ws/app/data/x.txt"]
        );
        // `..` is followed where the disk is at hand.
        assert_eq!(list(&trace.listed), ["/ws/app/../proto"]);
        assert_eq!(list(&trace.asked), ["/ws/app/../flag", "/ws/app/../proto", "/ws/app/link"]);
        assert_eq!(list(&trace.ran), ["/usr/bin/app"]);
        assert_eq!(list(&trace.called), ["192.0.2.7"]);
    }

    #[test]
    fn what_was_written_before_is_no_input() {
        let trace = parse(
            r#"7 openat(AT_FDCWD</ws>, "a.rs", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = 3</ws/a.rs>
7 openat(AT_FDCWD</ws>, "a.rs", O_RDONLY) = 3</ws/a.rs>
7 openat(AT_FDCWD</ws>, "b.rs", O_RDONLY) = 3</ws/b.rs>
7 openat(AT_FDCWD</ws>, "b.rs", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 3</ws/b.rs>
7 mkdir("gen", 0777) = 0
7 getdents64(4</ws/gen>, 0x5581 /* 2 entries */, 32768) = 48
7 rename("b.rs", "c.rs") = 0
7 newfstatat(AT_FDCWD</ws>, "c.rs", {st_mode=S_IFREG|0644, ...}, 0) = 0
"#,
            "/ws",
        );
        assert_eq!(list(&trace.read), ["/ws/b.rs"]);
        assert_eq!(list(&trace.written), ["/ws/a.rs", "/ws/b.rs", "/ws/c.rs", "/ws/gen"]);
        assert!(trace.listed.is_empty() && trace.asked.is_empty(), "{trace:?}");
    }

    #[test]
    fn calls_that_were_interrupted_go_on() {
        let trace = parse(
            r#"7 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD <unfinished ...>
8 chdir("sub") = 0
7 <... clone resumed>, child_tidptr=0x7f) = 8
8 access("x", R_OK <unfinished ...>
7 access("x", R_OK) = 0
8 <... access resumed>) = 0
7 clone3({flags=CLONE_VM|CLONE_FS|CLONE_THREAD, exit_signal=0}, 88) = 9
9 chdir("/other") = 0
7 readlink("y", "z", 10) = 1
8 openat(AT_FDCWD</ws/sub>, "cut
"#,
            "/ws",
        );
        assert_eq!(list(&trace.asked), ["/other", "/other/y", "/ws/sub", "/ws/sub/x", "/ws/x"]);
    }

    #[test]
    fn names_are_as_they_were() {
        let trace = parse(
            r#"7 open("a\nb \"c\" \303\244, (x", O_RDONLY) = 3</ws/a\nb>
7 getdents64(3</ws/d\76 \303\244>, 0x1 /* 3 entries */, 32768) = 88
"#,
            "/ws",
        );
        assert_eq!(list(&trace.read), ["/ws/a\nb \"c\" ä, (x"]);
        assert_eq!(list(&trace.listed), ["/ws/d> ä"]);
    }

    #[test]
    fn what_lies_behind_a_link_has_the_name_of_the_link() {
        let trace = parse(
            r#"7 openat(AT_FDCWD</real>, "link", O_RDONLY|O_DIRECTORY) = 3</elsewhere/data>
7 getdents64(3</elsewhere/data>, 0x1 /* 3 entries */, 32768) = 88
7 openat(3</elsewhere/data>, "a", O_RDONLY) = 4</elsewhere/data/a>
"#,
            "/ws",
        );
        assert_eq!(list(&trace.listed), ["/ws/link"]);
        assert_eq!(list(&trace.read), ["/ws/link/a"]);
    }
}
