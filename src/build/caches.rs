//! Which binary caches have a path that a build would take from there.
//!
//! Nix itself asks, so that what it says is what it would do: a dry run of fetching, which sends many questions
//! at once. Of signatures a dry run knows nothing; a build takes only what a trusted key has signed. So what a
//! cache promises is verified by Nix, too.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use super::BuildError;
use super::dry;
use super::tracker::plain;
use crate::text::words::count;

/// What caches have, of the paths that were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// The paths that would be taken, and the first cache that has each.
    pub found: BTreeMap<String, String>,
    /// What else is to be said, a sentence each.
    pub warnings: Vec<String>,
}

/// A cache that was met: whether it answers, and how it may be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    cache: String,
    answers: bool,
    is_refused: bool,
    /// Why nothing in it is of use here, in Nix's words.
    useless: Option<String>,
    /// Whether Nix asks no more questions at once than its own settings allow.
    is_narrow: bool,
}

/// A path that no store has.
const NOBODYS: &str = "/nix/store/00000000000000000000000000000000-rbn-plan-asks";

/// Meets `caches`: what each says of itself is noted by Nix, and asked once. It takes some answers' time, in which
/// a plan can be made.
///
/// # Errors
/// Nix cannot be started.
pub fn meet(caches: &[String]) -> Result<Vec<Met>, BuildError> {
    let one = |cache: &String| {
        if let Some(why) = missing(cache) {
            return Ok(Met { cache: cache.clone(), useless: Some(why), ..Met::default() });
        }
        let (promise, said) = promise(cache, &[NOBODYS], 1)?;
        Ok(Met {
            cache: cache.clone(),
            answers: promise.answers,
            is_refused: promise.is_refused,
            useless: useless(&said),
            is_narrow: is_narrow(&said),
        })
    };
    caches.iter().map(one).collect::<io::Result<_>>().map_err(start)
}

/// Asks caches for `paths`. Nix looks at signatures if `signed`, as its own settings say.
///
/// # Errors
/// Nix cannot be started.
pub fn ask(caches: &[Met], paths: &[&str], signed: bool) -> Result<Answers, BuildError> {
    let mut all = Answers::default();
    for met in caches.iter().filter(|_| !paths.is_empty()) {
        let cache = &met.cache;
        let answer = promised(met, paths).map_err(start)?;
        if let Some(why) = &met.useless {
            all.warnings.push(format!("nothing is taken from {cache}: {why}"));
        } else if let Some(entry) = &answer.damaged {
            all.warnings
                .push(format!("{cache} has a damaged entry, with which a build fails: {entry}"));
        } else if !answer.answers {
            all.warnings.push(format!("{cache} does not answer; what it has is not known"));
        }
        if answer.is_refused {
            all.warnings.push(format!(
                "{cache} was not asked: Nix lets only its trusted users name a cache that nix.conf does not"
            ));
        }
        let new: Vec<&str> = answer.paths.iter().map(String::as_str).collect();
        let mut untaken = BTreeSet::new();
        if signed && !new.is_empty() && !is_trusted(cache) {
            match unsigned(cache, &new).map_err(start)? {
                Some(paths) => untaken = paths,
                None => all.warnings.push(format!(
                    "Nix did not verify the signatures of {cache}; a build takes only what a trusted key has signed"
                )),
            }
        }
        if !untaken.is_empty() {
            all.warnings.push(format!(
                "no key of `trusted-public-keys` has signed {} that {cache} has; a build does not take them from there",
                count(untaken.len(), "path")
            ));
        }
        for path in answer.paths.into_iter().filter(|path| !untaken.contains(path)) {
            all.found.entry(path).or_insert_with(|| cache.clone());
        }
    }
    Ok(all)
}

fn start(source: io::Error) -> BuildError {
    BuildError::Io { what: "start Nix", source }
}

/// How many questions a command has under way at once; Nix's own number is 25.
const AT_ONCE: &str = "100";

/// How many seconds a cache may take for an answer. Nix's own number is 300: too long for whoever only looks.
const PATIENCE: &str = "15";

/// How many commands ask a cache at once, where each has no more than that.
const SHARES: usize = 4;

/// The fewest paths that are worth a command.
const FEWEST: usize = 60;

/// The most: a command line has an end.
const MOST: usize = 4000;

/// Lets `one` ask for parts of `paths`, side by side. Nix notes each cache in a database of its own, and several
/// commands that meet one for the first time may take the note from each other and end: what could not ask
/// beside the others (`None`) is asked for alone.
fn shared<T: Send>(
    paths: &[&str],
    shares: usize,
    one: impl Fn(&[&str]) -> io::Result<Option<T>> + Sync,
) -> io::Result<Vec<Option<T>>> {
    let share = paths.len().div_ceil(shares).clamp(FEWEST, MOST);
    let beside: Vec<_> = thread::scope(|scope| {
        let all: Vec<_> = paths.chunks(share).map(|part| scope.spawn(|| one(part))).collect();
        all.into_iter().map(|part| part.join().ok()).collect()
    });
    let parts = paths.chunks(share).zip(beside);
    parts
        .map(|(part, answer)| match answer {
            Some(Ok(Some(answer))) => Ok(Some(answer)),
            _ => one(part),
        })
        .collect()
}

/// What a cache says that it has.
#[derive(Debug, Default)]
struct Promise {
    paths: BTreeSet<String>,
    answers: bool,
    is_refused: bool,
    /// What it says that nobody can read, in Nix's words.
    damaged: Option<String>,
}

fn promised(met: &Met, paths: &[&str]) -> io::Result<Promise> {
    let mut all =
        Promise { answers: met.answers, is_refused: met.is_refused, ..Promise::default() };
    if !all.answers || all.is_refused || met.useless.is_some() {
        return Ok(all);
    }
    let shares = if met.is_narrow { SHARES } else { 1 };
    // Of a cache that has answered an error is worth another question: Nix asks again, too.
    let ask = |part: &[&str]| {
        let (one, _) = promise(&met.cache, part, 3)?;
        Ok((one.answers || one.damaged.is_some()).then_some(one))
    };
    for part in shared(paths, shares, ask)? {
        match part {
            Some(part) => {
                all.paths.extend(part.paths);
                all.answers &= part.answers;
                all.damaged = all.damaged.or(part.damaged);
            }
            None => all.answers = false,
        }
    }
    Ok(all)
}

/// What Nix would fetch from this cache alone; and its words.
fn promise(cache: &str, paths: &[&str], attempts: u8) -> io::Result<(Promise, String)> {
    let mut nix = Command::new("nix-store");
    nix.args(["--realise", "--dry-run", "--option", "substituters", cache]);
    nix.args(["--option", "extra-substituters", "", "--option", "connect-timeout", "10"]);
    nix.args(["--option", "download-attempts", &attempts.to_string()]);
    nix.args(["--option", "stalled-download-timeout", PATIENCE, "--option", "substitute", "true"]);
    nix.args(["--option", "http-connections", AT_ONCE]);
    let (output, said) = run(nix.args(paths))?;
    let silent = said.contains("nix-cache-info") || said.contains("cannot connect");
    let wanted: BTreeSet<&str> = paths.iter().copied().collect();
    let fetched = dry::read(&said).fetched.into_iter();
    let promise = Promise {
        // A dry run names what a path needs, too.
        paths: fetched.filter(|path| wanted.contains(path.as_str())).collect(),
        answers: output.status.success() && !silent,
        is_refused: is_refused(&said),
        damaged: line(&said, &["NAR info file '"], "is corrupt"),
    };
    Ok((promise, said))
}

/// What Nix says of what is no cache, or none for this store. It goes on without it; and a newer one, for an address
/// that it cannot read, with the caches of nix.conf.
const USELESS: [&str; 4] = [
    "does not appear to be a binary cache",
    "is for Nix stores with prefix",
    "don't know how to open Nix store",
    "Cannot parse Nix store",
];

/// Why a directory is no cache. Nix would make one there.
fn missing(cache: &str) -> Option<String> {
    let dir = cache.strip_prefix("file://")?.split('?').next()?;
    let is_cache = Path::new(dir).join("nix-cache-info").is_file() || dir.contains('%');
    (!is_cache).then(|| format!("there is no cache in {dir}"))
}

/// Why nothing in a cache is of use here.
fn useless(said: &str) -> Option<String> {
    line(said, &USELESS, "")
}

/// A line of Nix's with one of `words` and `end` in it, without what kind of a line it is.
fn line(said: &str, words: &[&str], end: &str) -> Option<String> {
    let is = |line: &&str| words.iter().any(|word| line.contains(word)) && line.contains(end);
    let words = |line: &str| {
        let mut rest = line.trim();
        for kind in ["warning: ", "error (ignored): ", "error: "] {
            rest = rest.trim_start_matches(kind);
        }
        rest.to_owned()
    };
    said.lines().find(is).map(words)
}

/// Whether nix-daemon keeps to its own number of questions, for a user whom it does not trust.
fn is_narrow(said: &str) -> bool {
    said.lines()
        .any(|line| line.contains("'http-connections'") && line.contains("not a trusted user"))
}

/// nix-daemon takes settings from those whom it trusts, and passes the others' over with a word.
fn is_refused(said: &str) -> bool {
    said.lines().any(|line| {
        line.contains("you are not a trusted user") && line.contains("substituter")
            || line.contains("ignoring untrusted substituter")
    })
}

/// Whether the cache's own address says that signatures do not count there.
fn is_trusted(cache: &str) -> bool {
    let (_, query) = cache.split_once('?').unwrap_or_default();
    let said = |word: &str| matches!(word.split_once('='), Some(("trusted", "1" | "true")));
    query.split('&').any(said)
}

/// Which of `paths` no trusted key has signed, as Nix verifies them; `None` where it could not.
fn unsigned(cache: &str, paths: &[&str]) -> io::Result<Option<BTreeSet<String>>> {
    let parts = shared(paths, SHARES, |part| verify(cache, part))?;
    Ok(parts
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .map(|parts| parts.into_iter().flatten().collect()))
}

fn verify(cache: &str, paths: &[&str]) -> io::Result<Option<BTreeSet<String>>> {
    let mut nix = Command::new("nix");
    nix.args(["--extra-experimental-features", "nix-command", "store", "verify", "--no-contents"]);
    nix.args(["--sigs-needed", "1", "--store", cache, "--option", "connect-timeout", "10"]);
    nix.args(["--option", "stalled-download-timeout", PATIENCE]);
    let (output, said) = run(nix.args(paths))?;
    let untrusted = untrusted(&said);
    // Its exit code has a bit for paths that are not trusted, and others for what failed.
    let is_whole = match output.status.code() {
        Some(0) => untrusted.is_empty(),
        Some(2) => !untrusted.is_empty(),
        _ => false,
    };
    Ok(is_whole.then_some(untrusted))
}

/// The paths that `nix store verify` says are not trusted.
fn untrusted(said: &str) -> BTreeSet<String> {
    let path = |line: &str| {
        let (_, rest) = line.split_once("path '")?;
        let (path, rest) = rest.split_once('\'')?;
        rest.contains("is untrusted").then(|| path.to_owned())
    };
    said.lines().filter_map(path).collect()
}

/// Runs a command; its words without colour.
fn run(command: &mut Command) -> io::Result<(Output, String)> {
    let output = command.env("LC_ALL", "C").stdin(Stdio::null()).output()?;
    let said = plain(&String::from_utf8_lossy(&output.stderr));
    Ok((output, said))
}

#[cfg(test)]
mod tests {
    use super::{is_narrow, is_refused, is_trusted, line, missing, shared, untrusted, useless};

    #[test]
    fn what_nix_says_of_signatures() {
        let said = "path '/nix/store/a-b' is untrusted\npath '/nix/store/c' was modified!\nerror: path '/nix/store/d' is missing\n";
        assert_eq!(untrusted(said).into_iter().collect::<Vec<_>>(), ["/nix/store/a-b"]);
    }

    #[test]
    fn what_is_no_cache_for_this_store() {
        let said = "these 2 paths will be fetched\nwarning: binary cache 'http://a' is for Nix stores with prefix '/gnu/store', not '/nix/store'\n";
        let why =
            "binary cache 'http://a' is for Nix stores with prefix '/gnu/store', not '/nix/store'";
        assert_eq!(useless(said).as_deref(), Some(why));
        assert!(useless("warning: 'http://a' does not appear to be a binary cache\n").is_some());
        assert!(useless("warning: Cannot parse Nix store 'x'\n").is_some());
        assert!(useless("warning: don't know how to open Nix store 'x'\n").is_some());
        assert_eq!(
            missing("file:///no/such?x=y").as_deref(),
            Some("there is no cache in /no/such")
        );
        assert_eq!(missing("http://a"), None);
        let damaged = "error (ignored): error: NAR info file 'a.narinfo' is corrupt\n";
        let words = "NAR info file 'a.narinfo' is corrupt";
        assert_eq!(line(damaged, &["NAR info file '"], "is corrupt").as_deref(), Some(words));
        assert_eq!(useless("warning: unable to download 'http://a/nix-cache-info'\n"), None);
    }

    #[test]
    fn who_may_name_a_cache() {
        assert!(is_refused("warning: ignoring untrusted substituter 'http://a'\n"));
        assert!(is_refused(
            "warning: ignoring the client-specified setting 'substituters', because it is a restricted setting and you are not a trusted user"
        ));
        assert!(!is_refused(
            "warning: ignoring the client-specified setting 'sandbox', because it is a restricted setting and you are not a trusted user"
        ));
        assert!(is_narrow(
            "warning: ignoring the client-specified setting 'http-connections', because it is a restricted setting and you are not a trusted user"
        ));
        assert!(!is_narrow("warning: unknown setting 'http-connections'\n"));
        assert!(is_trusted("http://a?compression=none&trusted=1"));
        assert!(!is_trusted("http://a?trusted=0") && !is_trusted("http://trusted=1"));
    }

    #[test]
    fn what_failed_beside_the_others_is_asked_alone() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let names: Vec<String> = (0..500).map(|number| number.to_string()).collect();
        let paths: Vec<&str> = names.iter().map(String::as_str).collect();
        let failed = AtomicUsize::new(0);
        let ask = |part: &[&str]| {
            let first = part.contains(&"0") && failed.fetch_add(1, Ordering::SeqCst) == 0;
            Ok((!first).then_some(part.len()))
        };
        let asked = shared(&paths, 4, ask).expect("asked");
        assert_eq!(asked.len(), 4);
        assert_eq!(asked.into_iter().flatten().sum::<usize>(), 500);
        assert_eq!(failed.into_inner(), 2);
    }
}
