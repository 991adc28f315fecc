//! The compile cache: a daemon of this machine that compile steps ask, where nix.conf shows builds its
//! directory. No derivation says whether there is one, and whatever it does, a step is built: what the
//! cache cannot do in a moment, rustc does.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::call::Call;
use crate::failure::Failure;
use crate::here::{Here, say};
use crate::jobserver::Jobserver;
use crate::key;
use crate::process::{self, Ended, Kept};
use crate::stand_in::{self, NOT_KEPT, SOCKET, STDERR, STDOUT};

/// Where builds see the cache.
const CACHE: &str = "/run/rbn-plan/sccache";
/// `E2BIG` of Linux.
const TOO_MANY_ARGUMENTS: i32 = 7;

/// Runs rustc, through the cache where that is possible.
pub(crate) fn compile(call: &Call<'_>, jobserver: &mut Jobserver) -> Result<Ended, Failure> {
    if is_there() && is_cacheable(&call.args) {
        let asked = ask(call, jobserver);
        match asked {
            Ok(Answer::Done(ended)) => return Ok(ended),
            Ok(Answer::Failed(why)) => {
                complain("compiled without the compile cache", why.as_deref())
            }
            Err(error) => complain("compiled without the compile cache", Some(&error.to_string())),
        }
        empty(&call.directory)
            .map_err(|error| Failure::new(format!("cannot empty the output: {error}")))?;
    }
    rustc(call, jobserver)
}

fn complain(what: &str, why: Option<&str>) {
    if let Some(why) = why {
        say(&format!("rbn-plan: {what}: it {why}"));
    }
}

fn empty(directory: &Path) -> io::Result<()> {
    fs::remove_dir_all(directory)?;
    fs::create_dir_all(directory)
}

/// Runs rustc itself.
fn rustc(call: &Call<'_>, jobserver: &mut Jobserver) -> Result<Ended, Failure> {
    started(call, |command| process::run(command, jobserver, None))
}

/// Starts rustc by `run`. Where the arguments are more than the system takes, they stand in a file, as
/// Cargo does it.
pub(crate) fn started<T>(
    call: &Call<'_>,
    mut run: impl FnMut(&mut Command) -> io::Result<T>,
) -> Result<T, Failure> {
    let command = |args: &[String]| {
        let mut command = Command::new(&call.here.tools.rustc);
        command.args(args).env_clear().envs(&call.variables);
        command
    };
    let failed = |error: io::Error| {
        Failure::new(format!("cannot run {}: {error}", call.here.tools.rustc.display()))
    };
    match run(&mut command(&call.args)) {
        Err(error) if error.raw_os_error() == Some(TOO_MANY_ARGUMENTS) => {
            let file = Path::new(crate::package::TARGET).join("arguments");
            if let Some(arg) = call.args.iter().find(|arg| arg.contains('\n')) {
                return Err(Failure::new(
                    "the arguments are too long, and one has more than one line",
                )
                .with(arg.escape_default().to_string()));
            }
            fs::write(&file, call.args.join("\n")).map_err(failed)?;
            run(&mut command(&[format!("@{}", file.display())])).map_err(failed)
        }
        ended => ended.map_err(failed),
    }
}

/// Whether a daemon is there, and no step found in the last minute that it does not answer. A step says
/// so by the socket's time, which is then younger than the directory's: who may ask may set that, and needs
/// no place to write to. So a daemon that hangs costs a build a second a minute, and not a second a step.
fn is_there() -> bool {
    let directory = Path::new(CACHE);
    let socket = directory.join("server.sock");
    let (Ok(socket), Ok(program)) = (socket.metadata(), directory.join("bin/sccache").metadata())
    else {
        return false;
    };
    if !socket.file_type().is_socket() || program.permissions().mode() & 0o111 == 0 {
        return false;
    }
    let times =
        (socket.modified().ok(), directory.metadata().and_then(|data| data.modified()).ok());
    let (Some(said), Some(made)) = times else { return false };
    let age = SystemTime::now().duration_since(said).unwrap_or_default();
    said <= made || age >= Duration::from_secs(60)
}

/// Whether sccache can keep what a command makes. It cannot where a linker runs.
fn is_cacheable(args: &[String]) -> bool {
    let mut types = args.windows(2).filter(|pair| pair[0] == "--crate-type").map(|pair| &pair[1]);
    let first = types.next();
    let keeps = |kind: &String| matches!(kind.as_str(), "lib" | "rlib" | "staticlib");
    first.is_some_and(keeps) && types.all(keeps) && !args.iter().any(|arg| arg == "--test")
}

/// What came of asking.
enum Answer {
    /// The crate is there, or rustc ran and said why not.
    Done(Ended),
    /// The cache is of no use; the reason, if it is worth a line.
    Failed(Option<String>),
}

/// Compiles a command through the cache.
fn ask(call: &Call<'_>, jobserver: &mut Jobserver) -> io::Result<Answer> {
    let asked = key::asked(call);
    stand_in::write(&asked.known)?;
    let _ = fs::remove_file(SOCKET);
    let listener = UnixListener::bind(SOCKET)?;
    let mut sccache = Command::new(Path::new(CACHE).join("bin/sccache"));
    sccache.arg(stand_in::PROGRAM).args(&asked.args).env_clear();
    let own = |name: &OsString| !name.to_string_lossy().starts_with("SCCACHE_");
    sccache.envs(call.variables.iter().filter(|(name, _)| own(name)));
    // Where nobody listens sccache would start a daemon of its own; a chain that it does not know keeps
    // it from that, and is what it then complains of. A log would send the work to the daemon, out of the
    // sandbox. The first level of compression takes two thirds of the default one's time, for a twelfth
    // more space.
    sccache
        .env("SCCACHE_CLIENT_SIDE", "1")
        .env("SCCACHE_SERVER_UDS", Path::new(CACHE).join("server.sock"))
        .env("SCCACHE_CONF", "/dev/null")
        .env("SCCACHE_CACHE_ZSTD_LEVEL", "1")
        .env("SCCACHE_MULTILEVEL_CHAIN", "nobody-listens");
    sccache.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = sccache.spawn()?;
    let (told, tells) = channel();
    let stdout = process::drain(child.stdout.take());
    let stderr = process::drain(child.stderr.take());
    listen(listener, told.clone());
    let pid = child.id();
    wait(child, told);
    let mut compiled = None;
    let status = attend(pid, &tells, call, jobserver, &mut compiled, &asked)?;
    let (stdout, stderr) = (join(stdout), join(stderr));
    let code = status.code().unwrap_or(-1);
    if let Some(ended) = compiled {
        let ended: Ended = ended;
        if ended.status.success() && code != 0 && code != NOT_KEPT {
            let why = blame(call.here, status, &stdout, &stderr);
            complain(
                "compiled, and not kept in the compile cache",
                Some(why.as_deref().unwrap_or("failed")),
            );
        }
        return Ok(Answer::Done(ended));
    }
    if code == 0 && made_something(&call.directory) {
        return Ok(Answer::Done(Ended { status, stdout, stderr }));
    }
    Ok(Answer::Failed(blame(call.here, status, &stdout, &stderr)))
}

fn made_something(directory: &Path) -> bool {
    let made = |path: &Path| {
        path.extension().is_some_and(|extension| {
            extension == "rlib" || extension == "rmeta" || extension == "a"
        })
    };
    directory.read_dir().is_ok_and(|entries| entries.flatten().any(|entry| made(&entry.path())))
}

fn join(stream: thread::JoinHandle<Kept>) -> Kept {
    stream.join().unwrap_or_default()
}

/// What is heard while sccache works.
enum Event {
    /// It wants to compile.
    Compile(UnixStream),
    /// It ended.
    Ended(io::Result<ExitStatus>),
}

fn listen(listener: UnixListener, told: Sender<Event>) {
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            if told.send(Event::Compile(stream)).is_err() {
                return;
            }
        }
    });
}

fn wait(mut child: Child, told: Sender<Event>) {
    thread::spawn(move || {
        let _ = told.send(Event::Ended(child.wait()));
    });
}

/// Waits for sccache, and compiles when it asks for that. The cache is given a second to say its first
/// word, before which sccache runs nothing, three for every other, and ten for what a large crate takes to
/// be stored: then the process, in which neither sccache computes nor its compiler runs, is ended.
fn attend(
    pid: u32,
    tells: &Receiver<Event>,
    call: &Call<'_>,
    jobserver: &mut Jobserver,
    compiled: &mut Option<Ended>,
    asked: &key::Asked,
) -> io::Result<ExitStatus> {
    let mut watch = Watch { pid, idle: 0, last: None, patience: 2 };
    let mut turn = 0_u32;
    loop {
        match tells.recv_timeout(Duration::from_millis(100)) {
            Ok(Event::Ended(status)) => return status,
            Ok(Event::Compile(mut stream)) => {
                let ended = rustc(call, jobserver).map_err(|error| io::Error::other(error.what))?;
                fs::write(STDOUT, ended.stdout.bytes())?;
                fs::write(STDERR, ended.stderr.bytes())?;
                let code = ended.status.code().unwrap_or(1);
                let keeps = code != 0 || key::is_keyed(call, asked);
                let answer = if keeps { code } else { NOT_KEPT };
                // A stand-in that is gone needs no answer.
                let _ = stream.write_all(answer.to_string().as_bytes());
                *compiled = Some(ended);
                watch.idle = 0;
                watch.patience = 20;
            }
            Err(RecvTimeoutError::Timeout) => {
                jobserver.lend();
                turn = (turn + 1) % 5;
                if turn == 0 && watch.gives_up() {
                    kill(call.here, pid);
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(io::Error::other("was lost sight of"));
            }
        }
    }
}

/// Looks twice a second whether sccache does anything.
struct Watch {
    pid: u32,
    idle: u32,
    last: Option<(String, String)>,
    patience: u32,
}

impl Watch {
    fn gives_up(&mut self) -> bool {
        let mut busy = false;
        for entry in Path::new("/proc").read_dir().into_iter().flatten().flatten() {
            let is_process = entry.file_name().to_string_lossy().parse::<u32>();
            let Ok(process) = is_process else { continue };
            let Ok(text) = fs::read_to_string(entry.path().join("stat")) else { continue };
            // After the name: state, parent, ...; 8 are page faults of children that ended, 11 and 12
            // the times in user and system mode.
            let Some((_, rest)) = text.rsplit_once(')') else { continue };
            let fields: Vec<&str> = rest.split_whitespace().collect();
            let field = |at: usize| fields.get(at).copied().unwrap_or_default();
            if process == self.pid {
                let times = Some((field(11).to_owned(), field(12).to_owned()));
                busy |= matches!(field(0), "R" | "D") || times != self.last;
                self.last = times;
                if field(8) != "0" {
                    self.patience = self.patience.max(6);
                }
            } else {
                busy |= field(1) == self.pid.to_string();
            }
        }
        self.idle = if busy { 0 } else { self.idle + 1 };
        self.idle == self.patience
    }
}

/// The standard library ends only children that nobody waits for.
fn kill(here: &Here, pid: u32) {
    helper(here, "kill", &["-KILL".to_owned(), pid.to_string()]);
}

fn helper(here: &Here, name: &str, args: &[String]) {
    let path = here.search_path();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.exists());
    if let Some(program) = found {
        let _ = Command::new(program).args(args).env_clear().stdin(Stdio::null()).output();
    }
}

/// Why the cache failed, from sccache's status and its words: nothing, if it has none of its own.
fn blame(here: &Here, status: ExitStatus, stdout: &Kept, stderr: &Kept) -> Option<String> {
    let text = |kept: &Kept| String::from_utf8_lossy(&kept.bytes()).into_owned();
    let (out, err) = (text(stdout), text(stderr));
    let own = out.lines().chain(err.lines()).find(|line| line.starts_with("sccache: "));
    let mut why = match (status.signal(), status.code()) {
        (Some(9), _) => "did not answer".to_owned(),
        (_, Some(0)) => "made nothing".to_owned(),
        (_, code) => match own {
            None if code == Some(1) => return None,
            Some(line) if line.contains("nobody-listens") => {
                "did not answer: nobody listens".to_owned()
            }
            _ => format!("failed: {}", own.or(err.lines().last()).unwrap_or_default()),
        },
    };
    if why.starts_with("did not answer") {
        let socket = Path::new(CACHE).join("server.sock");
        let before = socket.metadata().map(|data| (data.mtime(), data.mtime_nsec())).ok();
        helper(here, "touch", &["-c".to_owned(), socket.display().to_string()]);
        if socket.metadata().map(|data| (data.mtime(), data.mtime_nsec())).ok() != before {
            why.push_str(", and is left alone for a minute");
        }
    }
    Some(why)
}
