//! What can be wrong with the cache.

use std::io;

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

use super::version::Version;

/// The command that installs an sccache that will do.
pub const INSTALL: &str = "cargo install sccache --locked --no-default-features";

/// Why the cache cannot be used.
#[derive(Debug, Error, Diagnostic)]
pub enum CacheError {
    /// No program.
    #[error("sccache is neither on PATH nor named by SCCACHE")]
    #[diagnostic(help("install a current one: `{INSTALL}`"))]
    Missing,
    /// A program that is no sccache.
    #[error("{program} does not say an sccache's version: {said:?}")]
    #[diagnostic(help("install a current one: `{INSTALL}`"))]
    NotSccache {
        /// The program.
        program: Utf8PathBuf,
        /// Its first line.
        said: String,
    },
    /// The daemon could not serve builds in the sandbox.
    #[error(
        "{program} is sccache {found}, which cannot serve builds in a sandbox; {} or newer can",
        super::OLDEST
    )]
    #[diagnostic(help("install a current one: `{INSTALL}`"))]
    Old {
        /// The program.
        program: Utf8PathBuf,
        /// Its version.
        found: Version,
    },
    /// The builder looks for one name.
    #[error("the socket {socket} is not called server.sock")]
    #[diagnostic(help(
        "builds look for the file server.sock in a directory that nix.conf shows them: name the socket so in [sccache] of config.toml"
    ))]
    SocketName {
        /// The socket.
        socket: Utf8PathBuf,
    },
    /// The kernel's limit.
    #[error(
        "the socket's path {socket} is too long: beside it is {least}, and Unix allows 107 bytes"
    )]
    #[diagnostic(help("choose a shorter one in [sccache] of config.toml"))]
    SocketLength {
        /// The socket.
        socket: Utf8PathBuf,
        /// The longest of those that belong to it.
        least: Utf8PathBuf,
    },
    /// A variable that does not say what the storage is.
    #[error(
        "[sccache.storage] cannot set {name}: it is no variable of a storage, or its value no line"
    )]
    #[diagnostic(help(
        "the others have keys of their own in [sccache]: `socket`, `directory`, `size`, `write`"
    ))]
    Variable {
        /// Its name.
        name: String,
    },
    /// A directory with other things than a cache in it, of which sccache would remove what is too much.
    #[error("{path} has `{found}` in it, which is nothing of a compile cache")]
    #[diagnostic(help(
        "sccache removes what does not fit into a cache: name a directory of its own in [sccache] of config.toml"
    ))]
    NoCache {
        /// The directory.
        path: Utf8PathBuf,
        /// What is there.
        found: String,
    },
    /// Others could change what is run or written.
    #[error("{path} {why}: what lies there could be changed by others")]
    #[diagnostic(help(
        "use a copy that only root can change (`install -m 0755 FILE /usr/local/bin/sccache`), and directories of root's or your own"
    ))]
    Untrusted {
        /// The file or directory.
        path: Utf8PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A directory of somebody else.
    #[error("{path} is there already, with something in it, and belongs to user {user}")]
    #[diagnostic(help(
        "stop what uses it; then remove it, or choose another place in [sccache] of config.toml"
    ))]
    Foreign {
        /// The directory.
        path: Utf8PathBuf,
        /// Whose it is.
        user: u32,
    },
    /// An older way of running it.
    #[error("a bare sccache listens on {socket}: who reaches it can have it run any program")]
    #[diagnostic(help("end that process, and start the cache again: `rbn-plan cache start`"))]
    Bare {
        /// The socket.
        socket: Utf8PathBuf,
    },
    /// A version that nobody has looked at.
    #[error("{program} does not speak as is expected of an sccache")]
    #[diagnostic(help(
        "only questions that are known are let through to it: install a version that is (0.17 to 0.19), or a newer rbn-plan"
    ))]
    Protocol {
        /// The program.
        program: Utf8PathBuf,
    },
    /// `serve` was called by hand.
    #[error("standard input is no socket that listens")]
    #[diagnostic(help(
        "`rbn-plan cache start` and systemd's unit (`rbn-plan cache unit`) run this; call one of them"
    ))]
    NoSocket,
    /// Something holds the socket and says nothing.
    #[error("what listens on {socket} does not answer")]
    #[diagnostic(help(
        "end that process and start again; builds meanwhile compile without the cache"
    ))]
    Hung {
        /// The socket.
        socket: Utf8PathBuf,
    },
    /// The system lets only builds ask.
    #[error("the daemon on {socket} may be asked by the builds' group and by its owner alone")]
    #[diagnostic(help("ask as root: the socket's mode keeps everybody else from the cache"))]
    Closed {
        /// The socket.
        socket: Utf8PathBuf,
    },
    /// sccache gave up.
    #[error("sccache could not {action}: {said}")]
    Failed {
        /// What it was to do.
        action: &'static str,
        /// Its own words.
        said: String,
        /// The cure, where the words are known.
        #[help]
        help: Option<String>,
    },
    /// An answer that is no statistics.
    #[error("the daemon's statistics are not understood")]
    #[diagnostic(help("is it another version's daemon? stop it and start again"))]
    Statistics,
    /// A user or group that is not there.
    #[error("this machine has no {kind} called {name}")]
    #[diagnostic(help("create it, or name another one"))]
    Nobody {
        /// `user` or `group`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// The system refused.
    #[error("could not {action} {path}")]
    #[diagnostic(help(
        "the daemon's places belong to whoever starts it: run as that user, or choose others in [sccache] of config.toml"
    ))]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: Utf8PathBuf,
        /// Its reason.
        #[source]
        source: io::Error,
    },
}

impl CacheError {
    /// sccache's own words, with the cure for those that are known.
    pub(super) fn failed(action: &'static str, said: &str) -> Self {
        let feature = said.split('\'').rev().nth(1).filter(|_| said.contains("feature"));
        let help = feature
            .map(|feature| format!("install it with that: `{INSTALL} --features {feature}`"));
        Self::Failed { action, said: said.to_owned(), help }
    }
}
