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
    #[error("the socket's path {socket} is longer than the 107 bytes that Unix allows")]
    #[diagnostic(help("choose a shorter one in [sccache] of config.toml"))]
    SocketLength {
        /// The socket.
        socket: Utf8PathBuf,
    },
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
    Statistics(#[source] serde_json::Error),
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
