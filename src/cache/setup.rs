//! Configuration to places and environment; no I/O.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::CacheError;
use super::filter::ENTRY;
use crate::config::{Sccache, VariableName};

/// Where the builder looks inside the sandbox, whatever the configuration says.
pub const SHOWN: &str = "/run/rbn-plan/sccache";

/// The most bytes of a Unix socket's path, without the closing zero.
const SOCKET_LENGTH: usize = 107;

/// What a frame has besides an entry.
const FRAME: u64 = 1 << 10;

/// Kinds of remote storage, in the order in which they are asked, by what their variables begin with.
const REMOTE: [(&str, &[&str]); 9] = [
    ("memcached", &["SCCACHE_MEMCACHED"]),
    ("redis", &["SCCACHE_REDIS"]),
    ("webdav", &["SCCACHE_WEBDAV"]),
    ("s3", &["SCCACHE_BUCKET", "SCCACHE_S3", "SCCACHE_ENDPOINT", "SCCACHE_REGION"]),
    ("gcs", &["SCCACHE_GCS"]),
    ("azure", &["SCCACHE_AZURE"]),
    ("oss", &["SCCACHE_OSS"]),
    ("cos", &["SCCACHE_COS"]),
    ("gha", &["SCCACHE_GHA"]),
];

/// Where the daemon lives and what it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// The directory that builds are shown: the filter's socket, and sccache in `bin/`.
    pub run: Utf8PathBuf,
    /// The Unix socket in it, `server.sock`.
    pub socket: Utf8PathBuf,
    /// The same for builds that may add to the cache whatever `writes` says.
    pub writers: Utf8PathBuf,
    /// What no build is shown: the sccache that the daemon runs, in `bin/`.
    pub own: Utf8PathBuf,
    /// A directory in it that only the daemon's user enters.
    pub private: Utf8PathBuf,
    /// sccache's own socket, in there.
    pub server: Utf8PathBuf,
    /// The program that the daemon runs, under the only name that it works under.
    pub program: Utf8PathBuf,
    /// Whether every build that sees the socket may add to the cache.
    pub writes: bool,
    /// Where the cache is kept.
    pub directory: Utf8PathBuf,
    /// The most that it may take, in bytes.
    pub limit: u64,
    /// The daemon's whole configuration, as sccache's variables; may hold secrets.
    pub environment: BTreeMap<String, String>,
}

impl Setup {
    /// The setup that `[sccache]` asks for.
    ///
    /// # Errors
    /// [`CacheError::SocketName`] and [`CacheError::SocketLength`] for a socket that no build would find,
    /// [`CacheError::Variable`] for one that is not about storage.
    pub fn new(config: &Sccache) -> Result<Self, CacheError> {
        let socket = config.socket.value.clone();
        let (Some("server.sock"), Some(run)) = (socket.file_name(), socket.parent()) else {
            return Err(CacheError::SocketName { socket });
        };
        let run = run.to_owned();
        let beside = |name: &str| Utf8PathBuf::from(format!("{run}-{name}"));
        let (own, writers) = (beside("daemon"), beside("writers"));
        let private = own.join("private");
        let server = private.join("sccache.sock");
        // The longest of all that are made.
        if server.as_str().len() > SOCKET_LENGTH {
            return Err(CacheError::SocketLength { socket, least: server });
        }
        let mut environment: BTreeMap<String, String> = [
            ("SCCACHE_CONF", "/dev/null"),
            ("SCCACHE_IDLE_TIMEOUT", "0"),
            // sccache's own 8 MiB are less than a large crate takes, which then is never kept, and no
            // figure says so.
            ("SCCACHE_MAX_FRAME_LENGTH", &(ENTRY + FRAME).to_string()),
            // An entry is on the disk before the answer: who sends faster than the disk takes waits.
            ("SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY", "l0"),
            ("SCCACHE_SERVER_UDS", server.as_str()),
            ("SCCACHE_DIR", config.directory.value.as_str()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let limit = config.size.value.bytes();
        environment.insert("SCCACHE_CACHE_SIZE".to_owned(), limit.to_string());
        let names: Vec<&str> = config.storage.keys().map(VariableName::as_str).collect();
        environment.insert("SCCACHE_MULTILEVEL_CHAIN".to_owned(), chain(&names));
        for (name, value) in &config.storage {
            if !is_of_storage(name.as_str()) || value.value.contains(char::is_control) {
                return Err(CacheError::Variable { name: name.to_string() });
            }
            environment.insert(name.to_string(), value.value.clone());
        }
        Ok(Self {
            program: own.join("bin/sccache"),
            run,
            socket,
            writers,
            own,
            private,
            server,
            writes: config.write.value,
            directory: config.directory.value.clone(),
            limit,
            environment,
        })
    }

    /// The line of nix.conf that shows builds the daemon; `program` is where its sccache came from.
    #[must_use]
    pub fn nix_conf(&self, program: Option<&Utf8Path>) -> String {
        nix_conf(&self.run, program)
    }
}

/// The line of nix.conf that shows builds the directory `run`. `program` is where sccache came from:
/// out of the store it needs its libraries there.
#[must_use]
pub fn nix_conf(run: &Utf8Path, program: Option<&Utf8Path>) -> String {
    let mut line = format!("extra-sandbox-paths = {SHOWN}");
    if run != SHOWN {
        line.push('=');
        line.push_str(run.as_str());
    }
    line.push('?');
    let inside = program.and_then(|path| path.strip_prefix("/nix/store").ok());
    if let Some(object) = inside.and_then(|path| path.iter().next()) {
        line.push_str(&format!(" /nix/store/{object}"));
    }
    line
}

/// The disk first, then whatever storage the variables are about.
fn chain(names: &[&str]) -> String {
    let mut chain = vec!["disk"];
    chain.extend(
        REMOTE
            .iter()
            .map(|(kind, _)| kind)
            .filter(|kind| names.iter().any(|name| storage(name) == Some(kind))),
    );
    chain.join(",")
}

/// Whether a variable is about storage. All others of sccache's say where it works and what it runs, which is
/// ours to say: with them a directory of somebody's would be emptied as a cache's.
fn is_of_storage(name: &str) -> bool {
    let ours = ["SCCACHE_LOCAL_RW_MODE", "SCCACHE_MULTILEVEL_CHAIN"];
    storage(name).is_some() || name.starts_with("AWS_") || ours.contains(&name)
}

/// The kind of remote storage that a variable of sccache's is about.
pub(super) fn storage(name: &str) -> Option<&'static str> {
    let is_about = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    REMOTE.iter().find(|(_, prefixes)| is_about(prefixes)).map(|(kind, _)| *kind)
}
