//! Failures of Nix itself, recognised by its words: what is wrong, and what cures it.
//!
//! The words are those of Nix 2.4 to today's; where a later version says it in others, both are
//! here. `tests/fixtures/nix-logs/refused` holds recorded ones.

use std::collections::BTreeSet;

use super::tracker::{Running, plain};

/// What keeps Nix from building.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// The sandbox does not show the machine's own shell, compiler or libraries.
    SandboxPaths,
    /// The kernel gives Nix no sandbox.
    NoSandbox,
    /// Nobody answers at the daemon's socket.
    Daemon,
    /// The store may not be written by this user.
    Store,
    /// There is no build user.
    Users,
    /// No room is left.
    Disk,
    /// The `nix` command is not switched on.
    Feature,
    /// A file is not what the lock says.
    Hash,
    /// A file could not be fetched.
    Fetch,
    /// A binary cache does not answer.
    Substituter,
    /// What a binary cache has is damaged: an archive, what it says of one, or a signature.
    CacheEntry,
    /// A remote builder does not answer, or was lost.
    Builder,
    /// This machine is to build nothing, and no other is named that may.
    NoMachine,
    /// No machine can build for the platform.
    Platform,
    /// Too little memory: the kernel ended a builder.
    Memory,
    /// A path has no signature that this machine trusts.
    Untrusted,
    /// A time of nix.conf was over.
    TimedOut,
    /// The store's database or a path in it is damaged.
    Damaged,
    /// A program that nix.conf has started after each step failed.
    Hook,
    /// More files are open at once than a process may have.
    OpenFiles,
    /// `<nixpkgs>` leads nowhere.
    SearchPath,
    /// A file is asked for that Git does not track, so that the flake does not have it.
    Untracked,
}

/// The words of each trouble, all of a line's.
const SAID: [(Trouble, &[&str]); 56] = [
    (Trouble::Builder, &["cannot build on '"]),
    (Trouble::Builder, &["cannot open connection to remote store"]),
    (Trouble::NoMachine, &["unable to start any build"]),
    (Trouble::NoMachine, &["local builds are disabled"]),
    (Trouble::Builder, &["build of '", "' on '", "failed: ", "end-of-file"]),
    (Trouble::SandboxPaths, &["executing '", "no such file or directory"]),
    (Trouble::SandboxPaths, &["while setting up the build environment", "no such file"]),
    (Trouble::SandboxPaths, &["getting attributes of path '/usr"]),
    (Trouble::NoSandbox, &["kernel namespaces"]),
    (Trouble::NoSandbox, &["namespaces", "sandboxing"]),
    (Trouble::NoSandbox, &["cannot set up", "user namespace"]),
    (Trouble::NoSandbox, &["unable to start build process", "operation not permitted"]),
    (Trouble::NoSandbox, &["clone", "operation not permitted"]),
    (Trouble::Daemon, &["cannot connect to socket at"]),
    (Trouble::Daemon, &["cannot connect to daemon"]),
    (Trouble::Users, &["build-users-group"]),
    (Trouble::Users, &["build users group"]),
    (Trouble::Users, &["build users are currently in use"]),
    (Trouble::Disk, &["no space left on device"]),
    (Trouble::Disk, &["disk quota exceeded"]),
    (Trouble::Disk, &["may have been caused by lack of free disk space"]),
    (Trouble::Disk, &["database or disk is full"]),
    // Linkers write their output as memory; where the disk has no page for it, the kernel ends them by this signal.
    (Trouble::Disk, &["terminated with signal 7 [bus error]"]),
    (Trouble::Disk, &["signal: 7, sigbus"]),
    (Trouble::Store, &["/nix/", "permission denied"]),
    (Trouble::Store, &["/nix/", "read-only file system"]),
    (Trouble::Store, &["/nix/", "operation not permitted"]),
    (Trouble::Feature, &["experimental", "feature", "is disabled"]),
    (Trouble::CacheEntry, &["nar info file '", "is corrupt"]),
    (Trouble::CacheEntry, &["hash mismatch importing path"]),
    (Trouble::CacheEntry, &["failed to read compressed data"]),
    (Trouble::CacheEntry, &["bad archive: "]),
    (Trouble::CacheEntry, &["nar for '", "is incomplete"]),
    (Trouble::CacheEntry, &["coroutine has finished"]),
    (Trouble::Hash, &["hash mismatch"]),
    (Trouble::CacheEntry, &["signature is not valid"]),
    (Trouble::Untrusted, &["lacks a valid signature"]),
    (Trouble::Untrusted, &["lacks a signature by a trusted key"]),
    (Trouble::TimedOut, &["building of '", "timed out after"]),
    (Trouble::Damaged, &["database disk image is malformed"]),
    (Trouble::Damaged, &["file is not a database"]),
    (Trouble::Damaged, &["path '/nix/store/", "is not valid"]),
    (Trouble::Hook, &["program '/", "' failed with exit code"]),
    (Trouble::Hook, &["program \"/", "\" failed with exit code"]),
    (Trouble::OpenFiles, &["too many open files"]),
    (Trouble::SearchPath, &["was not found in the nix search path"]),
    (Trouble::Untracked, &["getting status of '", "-source/", "no such file or directory"]),
    (Trouble::Untracked, &["is not tracked by git"]),
    (Trouble::Substituter, &["unable to download", "nix-cache-info"]),
    (Trouble::Substituter, &["unable to download", ".narinfo"]),
    (Trouble::Substituter, &["unable to download", ".nar"]),
    (Trouble::Fetch, &["unable to download"]),
    (Trouble::Platform, &["is required to build", "but i am a"]),
    (Trouble::Platform, &["required system or feature not available"]),
    (Trouble::Memory, &["failed due to signal 9"]),
    (Trouble::Memory, &["cannot allocate memory"]),
];

impl Trouble {
    /// The trouble that a text of Nix's is about, without escape sequences.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let is_said = |words: &&[&str]| words.iter().all(|word| text.contains(word));
        SAID.iter().find(|(_, words)| is_said(words)).map(|(trouble, _)| *trouble)
    }

    /// The trouble that kept a job from its work. Where the builder ran, its words are about the
    /// step; of the machine only room, memory and time are.
    #[must_use]
    pub fn of_job(job: &Running) -> Option<Self> {
        let own = job.log.iter().map(String::as_str).chain([job.reason.as_str()]);
        let ran = job.log.iter().any(|line| line.starts_with("rbn-plan: "));
        let is_ours =
            |trouble: &Self| !ran || matches!(trouble, Self::Disk | Self::Memory | Self::TimedOut);
        own.filter_map(|line| Self::of(&plain(line))).find(is_ours)
    }

    /// Whether a job failed because its remote builder was lost. Of such a one Nix says that it failed, and of
    /// the connection, by no name, that it ended; `said` is what it says of no job.
    #[must_use]
    pub fn of_lost(job: &Running, said: &[String]) -> Option<Self> {
        let ends = |text: &String| {
            text.contains("unexpected end-of-file") || Self::of(text) == Some(Self::Builder)
        };
        let is_silent = !job.machine.is_empty() && job.log.is_empty();
        (is_silent && said.iter().any(ends)).then_some(Self::Builder)
    }

    /// Whether `rbn-plan doctor` looks at what causes it.
    #[must_use]
    pub fn is_for_doctor(self) -> bool {
        matches!(
            self,
            Self::SandboxPaths
                | Self::Daemon
                | Self::Store
                | Self::Users
                | Self::Disk
                | Self::Feature
        )
    }

    /// All that is known.
    #[must_use]
    pub fn all() -> BTreeSet<Self> {
        SAID.iter().map(|(trouble, _)| *trouble).collect()
    }

    /// Takes away what others explain: where a builder was asked and did not answer, none that may build is left.
    pub fn explain(found: &mut BTreeSet<Self>) {
        if found.contains(&Self::Builder) {
            found.remove(&Self::NoMachine);
        }
    }

    /// The cures of all that a text of Nix's is about, each once.
    #[must_use]
    pub fn cures(text: &str) -> String {
        let mut found: BTreeSet<Self> = plain(text).lines().filter_map(Self::of).collect();
        Self::explain(&mut found);
        let lines = found.iter().flat_map(|trouble| trouble.cure());
        lines.map(|line| format!("{line}\n")).collect()
    }

    /// What is wrong and what to do, as lines for people; the first begins with `hint: `.
    #[must_use]
    pub fn cure(self) -> &'static [&'static str] {
        match self {
            Self::SandboxPaths => &[
                "hint: Nix's sandbox does not show this machine's own tools, which the toolchain",
                "      `host` builds with. Add to /etc/nix/nix.conf (a daemon is restarted then):",
            ],
            Self::NoSandbox => &[
                "hint: the kernel gives Nix no sandbox here, and plans are built in one. In a",
                "      container, allow user namespaces (docker: --privileged, or --security-opt",
                "      seccomp=unconfined); on Debian: sysctl kernel.unprivileged_userns_clone=1",
            ],
            Self::Daemon => &[
                "hint: nobody answers at the socket of the Nix daemon. Start it:",
                "      systemctl start nix-daemon.socket    (without systemd: nix-daemon &)",
            ],
            Self::Store => &[
                "hint: this user may not write Nix's store. Install Nix for one user, or start",
                "      its daemon, which builds for all: systemctl start nix-daemon.socket",
            ],
            Self::Users => &[
                "hint: Nix has no users to build with. Make them (Nix's installer does), or,",
                "      where one user builds, add to nix.conf: build-users-group =",
            ],
            Self::Disk => &[
                "hint: the disk is full. `nix-collect-garbage` removes what nothing needs any",
                "      more; `df -h /nix /tmp` shows where there is room.",
            ],
            Self::Feature => &["hint: add to nix.conf: experimental-features = nix-command flakes"],
            Self::Hash => &[
                "hint: a file is not the one that Cargo.lock or the plan names. If a download was",
                "      cut or a registry serves another file, try again; else `cargo fetch` tells",
                "      whether Cargo takes it, and `rbn-plan check` whether the plan is up to",
                "      date.",
            ],
            Self::Fetch => &[
                "hint: a file could not be fetched. Is there a network? What `cargo fetch` has",
                "      downloaded is taken from Cargo's own cache, after",
                "      rbn-plan toolchain host -o generated/toolchain.nix",
            ],
            Self::Substituter => &[
                "hint: a binary cache of nix.conf does not answer. Build without it:",
                "      rbn-plan build -- --option substituters ''",
            ],
            Self::CacheEntry => &[
                "hint: a binary cache of nix.conf has damaged entries: an archive, what it says",
                "      of one, or a signature. Have them removed there and pushed again, or build",
                "      without it: rbn-plan build -- --option substituters ''",
            ],
            Self::Builder => &[
                "hint: a remote builder does not answer, or its connection was lost. Ask it:",
                "      nix store ping --store ssh-ng://HOST    (as root, where a daemon builds)",
                "      Without it: rbn-plan build -- --builders ''",
            ],
            Self::NoMachine => &[
                "hint: this machine is to build nothing (--jobs 0, or max-jobs = 0 in nix.conf),",
                "      and no builder is named whose line has the step's system, and no mandatory",
                "      feature: rbn-plan build -- --builders 'ssh-ng://HOST x86_64-linux - 4'",
            ],
            Self::Platform => &[
                "hint: no machine here builds for that platform. Name a remote builder in",
                "      nix.conf, or let the kernel emulate it: `rbn-plan doctor` says what it",
                "      knows.",
            ],
            Self::Memory => &[
                "hint: a builder was ended from outside, most often for want of memory. Build",
                "      fewer steps at once: rbn-plan build --jobs 1",
            ],
            Self::Untrusted => &[
                "hint: nobody here trusts the signature of that path. Name its key in nix.conf:",
                "      trusted-public-keys = ... A remote builder has a nix.conf of its own: name",
                "      the key there, or have your user among its trusted-users.",
            ],
            Self::TimedOut => &[
                "hint: nix.conf lets no build take longer (timeout) or say nothing for longer",
                "      (max-silent-time). Not so for this build:",
                "      rbn-plan build -- --option timeout 0 --option max-silent-time 0",
            ],
            Self::Damaged => &[
                "hint: Nix's store has lost a path, or its database is damaged. This looks for",
                "      what is wrong, and gets again what a cache has:",
                "      nix-store --verify --check-contents --repair",
            ],
            Self::Hook => &[
                "hint: a post-build-hook of nix.conf failed, and Nix builds nothing after that.",
                "      Run that program by hand, or build without it:",
                "      rbn-plan build -- --option post-build-hook ''",
            ],
            Self::OpenFiles => &[
                "hint: more files are open than one process may have. Allow more, in this",
                "      shell: ulimit -n 65536; for the daemon: LimitNOFILE of its systemd unit.",
            ],
            Self::SearchPath => &[
                "hint: the toolchain asks for <nixpkgs>, and NIX_PATH does not say where that",
                "      is. Say it: rbn-plan build -- -I nixpkgs=DIR",
                "      Or let the flake provide the toolchain: rbn-plan init",
            ],
            Self::Untracked => &[
                "hint: a flake sees only the files that Git tracks, and that one is not among",
                "      them: git add generated/steps.nix",
            ],
        }
    }
}
