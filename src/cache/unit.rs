//! The same daemon under systemd.

use std::fmt::Write as _;

use camino::Utf8Path;

use super::setup::Setup;

/// The system user that the unit runs as.
pub const USER: &str = "rbn-sccache";
/// Where a program that others may write is copied first.
const COPIES: &str = "/usr/local/lib/rbn-plan";

/// The socket that builds see. systemd makes it, so the daemon's user needs no right to its directory.
#[must_use]
pub fn socket_unit(setup: &Setup, group: &str) -> String {
    format!(
        "# Builds ask the compile cache here; see rbn-plan-sccache.service.\n\
         [Unit]\nDescription=The compile cache's socket for builds of rbn-plan\n\n\
         [Socket]\nListenStream={}\nSocketMode=0660\nSocketUser=root\nSocketGroup={group}\n\
         DirectoryMode=0755\nRemoveOnStop=yes\n\n\
         [Install]\nWantedBy=sockets.target\n",
        setup.socket
    )
}

/// A systemd service. It runs nothing but sccache and the filter in front of it, as a user who can write
/// nothing but the cache and a directory for its own socket, and takes secrets from a file that only root
/// reads. `sccache` and `own` (this program) are run as they are where only root can change them; else the
/// lines at the top copy them first.
#[must_use]
pub fn unit(setup: &Setup, sccache: &Utf8Path, own: &Utf8Path) -> String {
    let mut text = format!(
        "# A compile cache for builds in Nix's sandbox. Once, as root:\n\
         #   useradd --system --no-create-home --shell /usr/sbin/nologin {USER}\n"
    );
    let mut line = |line: String| {
        writeln!(text, "{line}").expect("a string takes what is written");
    };
    let mut place = |program: &Utf8Path, name: &str| {
        if ["/nix/store", "/usr"].iter().any(|dir| program.starts_with(dir)) {
            return program.to_owned();
        }
        let copy = Utf8Path::new(COPIES).join(name);
        line(format!("#   install -D -m 0755 {program} {copy}"));
        copy
    };
    let (copy, own) = (place(sccache, "sccache"), place(own, "rbn-plan"));
    let units = "/etc/systemd/system/rbn-plan-sccache";
    line(format!("#   rbn-plan cache unit > {units}.service"));
    line(format!("#   rbn-plan cache unit --socket > {units}.socket"));
    line("#   systemctl enable --now rbn-plan-sccache.socket rbn-plan-sccache".to_owned());
    line("# and in nix.conf, before nix-daemon is started again:".to_owned());
    line(format!("#   {}", setup.nix_conf(Some(sccache))));
    let remote: Vec<&String> = setup.environment.keys().filter(|name| !is_fixed(name)).collect();
    if !remote.is_empty() {
        let file = "/etc/rbn-plan/sccache.env (mode 0600)";
        line(format!("# The remote storage's variables go into {file}:"));
        for name in &remote {
            line(format!("#   {name}=..."));
        }
    }
    let Setup { run, private, program, directory, server, .. } = setup;
    let daemon = &setup.own;
    write!(
        text,
        "[Unit]\nDescription=sccache for compile steps of rbn-plan\nAfter=network.target\n\
         Requires=rbn-plan-sccache.socket\n\n\
         [Service]\nUser={USER}\nUMask=0077\nStandardInput=socket\nStandardOutput=journal\n\
         StandardError=journal\n\
         # What is run belongs to root, and so does every directory above it.\n\
         ExecStartPre=+/usr/bin/install -d -m 0755 -o root {run} {run}/bin {daemon} {daemon}/bin\n\
         ExecStartPre=+/usr/bin/install -d -m 0700 -o {USER} {private} {directory}\n\
         ExecStartPre=+/usr/bin/install -m 0755 {copy} {run}/bin/sccache\n\
         ExecStartPre=+/usr/bin/install -m 0755 {copy} {program}\n\
         ExecStart={own} cache serve --program {program} --server {server}{write}\n",
        write = if setup.writes { " --write" } else { "" },
    )
    .expect("a string takes what is written");
    for (name, value) in setup.environment.iter().filter(|(name, _)| is_fixed(name)) {
        writeln!(text, "Environment=\"{name}={}\"", escaped(value))
            .expect("a string takes what is written");
    }
    if !remote.is_empty() {
        text.push_str("EnvironmentFile=/etc/rbn-plan/sccache.env\n");
    }
    // The filter lets no question through on which sccache runs a program; if it did, none could be run.
    write!(
        text,
        "Restart=always\nNoNewPrivileges=yes\nProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\n\
         PrivateDevices=yes\nProtectProc=invisible\nCapabilityBoundingSet=\nRestrictSUIDSGID=yes\n\
         RestrictNamespaces=yes\nMemoryMax=4G\nTasksMax=2000\n{network}\
         ReadWritePaths={private} {directory}\n\
         NoExecPaths=/\nExecPaths={own} {program} -/lib -/lib64 -/usr/lib -/usr/lib64{store}\n\n\
         [Install]\nWantedBy=multi-user.target\n",
        store = if [sccache, own.as_path()].iter().any(|file| file.starts_with("/nix/store")) {
            " /nix/store"
        } else {
            ""
        },
        network = if remote.is_empty() { "RestrictAddressFamilies=AF_UNIX\n" } else { "" },
    )
    .expect("a string takes what is written");
    text
}

/// Whether a variable is this program's and no secret, so that it may stand in the unit.
fn is_fixed(name: &str) -> bool {
    [
        "SCCACHE_CONF",
        "SCCACHE_IDLE_TIMEOUT",
        "SCCACHE_MAX_FRAME_LENGTH",
        "SCCACHE_SERVER_UDS",
        "SCCACHE_DIR",
        "SCCACHE_CACHE_SIZE",
        "SCCACHE_LOCAL_RW_MODE",
    ]
    .contains(&name)
        || name.starts_with("SCCACHE_MULTILEVEL_")
}

/// As systemd wants a value between double quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%")
}
