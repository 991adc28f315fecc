//! The same daemon under systemd.

use std::fmt::Write as _;

use camino::Utf8Path;

use super::setup::Setup;

/// The system user that the unit runs as.
pub const USER: &str = "rbn-sccache";

/// A systemd unit. It runs nothing but sccache, writes nothing but its two places, and takes secrets
/// from a file that only root reads. `program` is the sccache that it copies where builds see it.
#[must_use]
pub fn unit(setup: &Setup, program: &Utf8Path, group: &str) -> String {
    let mut text = format!(
        "# A compile cache for builds in Nix's sandbox. Once, as root:\n\
         #   useradd --system --no-create-home --shell /usr/sbin/nologin {USER}\n\
         #   rbn-plan cache unit > /etc/systemd/system/rbn-plan-sccache.service\n\
         #   systemctl enable --now rbn-plan-sccache\n\
         # and in nix.conf, before nix-daemon is started again:\n\
         #   {}\n",
        setup.nix_conf(Some(program))
    );
    let remote: Vec<&String> = setup.environment.keys().filter(|name| !is_fixed(name)).collect();
    if !remote.is_empty() {
        text.push_str(
            "# The remote storage's variables go into /etc/rbn-plan/sccache.env (mode 0600):\n",
        );
        for name in &remote {
            writeln!(text, "#   {name}=...").expect("a string takes what is written");
        }
    }
    text.push_str(
        "[Unit]\nDescription=sccache for compile steps of rbn-plan\nAfter=network.target\n\n",
    );
    write!(
        text,
        "[Service]\nUser={USER}\nGroup={group}\nUMask=0007\n\
         ExecStartPre=+/usr/bin/install -d -m 0755 -o {USER} {run} {run}/bin\n\
         ExecStartPre=+/usr/bin/install -d -m 0700 -o {USER} {directory}\n\
         ExecStartPre=+/usr/bin/install -m 0755 {program} {own}\n\
         ExecStart={own}\n\
         Environment=SCCACHE_START_SERVER=1 SCCACHE_NO_DAEMON=1\n",
        run = setup.run,
        directory = setup.directory,
        own = setup.program,
    )
    .expect("a string takes what is written");
    for (name, value) in setup.environment.iter().filter(|(name, _)| is_fixed(name)) {
        writeln!(text, "Environment=\"{name}={}\"", escaped(value))
            .expect("a string takes what is written");
    }
    if !remote.is_empty() {
        text.push_str("EnvironmentFile=/etc/rbn-plan/sccache.env\n");
    }
    // A client may ask an sccache daemon to run a compiler. No step does, and here none can.
    write!(
        text,
        "Restart=on-failure\nNoNewPrivileges=yes\nProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\n\
         PrivateDevices=yes\nCapabilityBoundingSet=\nRestrictSUIDSGID=yes\n{network}\
         ReadWritePaths={run} {directory}\n\
         NoExecPaths=/\nExecPaths={own} -/lib -/lib64 -/usr/lib -/usr/lib64{store}\n\n\
         [Install]\nWantedBy=multi-user.target\n",
        store = if program.starts_with("/nix/store") { " /nix/store" } else { "" },
        network = if remote.is_empty() { "RestrictAddressFamilies=AF_UNIX\n" } else { "" },
        run = setup.run,
        directory = setup.directory,
        own = setup.program,
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
