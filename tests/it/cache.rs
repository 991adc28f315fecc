//! The compile cache: versions, places, figures, the unit.

use camino::Utf8Path;
use insta::assert_snapshot;
use rbn_plan::cache::{OLDEST, Setup, Stats, Version, socket_unit, unit};
use rbn_plan::config::{Config, Environment, Layers, Machine, Overrides, Sccache};
use rbn_plan::model::Triple;
use rbn_plan::nix::System;

fn resolved(text: &str) -> Result<Sccache, String> {
    let machine = Machine {
        system: System::X8664Linux,
        host: Triple::new("x86_64-unknown-linux-gnu").expect("a triple"),
    };
    let layers = Layers {
        file: Some((Utf8Path::new("config.toml"), text)),
        environment: &Environment::new([]),
        flags: &Overrides::default(),
        machine: &machine,
    };
    Config::resolve(&layers).map(|found| found.config.sccache).map_err(|error| format!("{error:?}"))
}

fn configured(text: &str) -> Sccache {
    resolved(text).expect("a configuration")
}

fn setup(text: &str) -> Setup {
    Setup::new(&configured(text)).expect("a setup")
}

#[test]
fn versions_are_read_and_ordered() {
    let version = |text| Version::parse(text);
    assert!(version("sccache 0.17.0\n") == Some(OLDEST));
    assert!(version("sccache 0.16.9") < Some(OLDEST));
    assert!(version("sccache 0.19.0-alpha.1") > Some(OLDEST));
    assert!(version("sccache 1.0.0 (abc)") > Some(OLDEST));
    for other in
        ["", "ccache version 4.8", "sccache", "sccache 0.17", "sccache 0.17.0.1", "sccache x.1.2"]
    {
        assert_eq!(version(other), None, "{other}");
    }
}

#[test]
fn the_defaults_are_what_the_builder_knows() {
    let setup = setup("");
    assert_eq!(setup.run, rbn_plan::cache::SHOWN);
    assert_snapshot!(setup.nix_conf(None), @"extra-sandbox-paths = /run/rbn-plan/sccache?");
    assert_snapshot!(format!("{:#?}", setup.environment), @r#"
    {
        "SCCACHE_CACHE_SIZE": "10737418240",
        "SCCACHE_CONF": "/dev/null",
        "SCCACHE_DIR": "/var/cache/rbn-plan/sccache",
        "SCCACHE_IDLE_TIMEOUT": "0",
        "SCCACHE_MAX_FRAME_LENGTH": "268436480",
        "SCCACHE_MULTILEVEL_CHAIN": "disk",
        "SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY": "l0",
        "SCCACHE_SERVER_UDS": "/run/rbn-plan/sccache-daemon/private/sccache.sock",
    }
    "#);
}

#[test]
fn another_directory_is_shown_at_the_same_place() {
    let setup = setup("[sccache]\nsocket = \"/home/me/cache/server.sock\"\n");
    let own =
        Utf8Path::new("/nix/store/0c6c7m4yihn4p7l7bl2ynkvk5xnyi0zf-sccache-0.19.0/bin/sccache");
    assert_snapshot!(setup.nix_conf(Some(own)), @"extra-sandbox-paths = /run/rbn-plan/sccache=/home/me/cache? /nix/store/0c6c7m4yihn4p7l7bl2ynkvk5xnyi0zf-sccache-0.19.0");
}

#[test]
fn a_socket_that_no_build_would_find_is_refused() {
    let refused = |socket: &str| {
        let config = configured(&format!("[sccache]\nsocket = \"{socket}\"\n"));
        Setup::new(&config).expect_err("refused").to_string()
    };
    assert_snapshot!(refused("/run/other.sock"), @"the socket /run/other.sock is not called server.sock");
    assert_snapshot!(refused(&format!("/{}/server.sock", "long".repeat(30))), @"the socket's path /longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong/server.sock is too long: beside it is /longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong-daemon/private/sccache.sock, and Unix allows 107 bytes");
}

#[test]
fn remote_storage_follows_the_disk_and_stays_out_of_the_unit() {
    let setup = setup(
        "[sccache.storage]\nSCCACHE_REDIS_ENDPOINT = \"redis://:secret@cache:6379\"\n\
         SCCACHE_BUCKET = \"crates\"\nAWS_SECRET_ACCESS_KEY = \"secret\"\n",
    );
    assert_eq!(setup.environment["SCCACHE_MULTILEVEL_CHAIN"], "disk,redis,s3");
    let text = unit(&setup, "/usr/local/bin/sccache".into(), "/usr/bin/rbn-plan".into());
    assert!(!text.contains("secret"), "{text}");
    assert!(text.contains("AWS_SECRET_ACCESS_KEY=..."), "{text}");
}

/// A unit is run by root, and a line of nix.conf is believed: no path becomes another word of them.
#[test]
fn no_path_is_more_than_one_word_for_others() {
    for path in [
        "/run/x ; +/bin/evil",
        "/run/x /etc",
        "/run/%n",
        "/run/$HOME",
        "/run/a\"b",
        "/run/a\\b",
        "/run/a=b",
        "/run/a?",
        "/run/a#b",
        "/run/a'b",
        "/run/a:b",
        "/run/a\u{2028}b",
    ] {
        let quoted = format!("{path:?}").replace("\\u{2028}", "\u{2028}");
        for text in [format!("socket = {quoted}"), format!("directory = {quoted}")] {
            let refused = resolved(&format!("[sccache]\n{text}\n"));
            assert!(refused.is_err_and(|error| error.contains("PlainPath")), "{text}");
        }
    }
    configured("[sccache]\ndirectory = \"/srv/größe/a.b_c-d+e@f~\"\n");
}

/// What is ours to say is not said by the way of a storage's variables, nor by their values.
#[test]
fn a_storage_says_nothing_but_what_it_is() {
    let refused = |text: &str| {
        let config = configured(&format!("[sccache.storage]\n{text}\n"));
        Setup::new(&config).is_err()
    };
    for name in [
        "SCCACHE_DIR",
        "SCCACHE_CACHE_SIZE",
        "SCCACHE_CONF",
        "SCCACHE_SERVER_UDS",
        "SCCACHE_SERVER_PORT",
        "SCCACHE_MAX_FRAME_LENGTH",
        "SCCACHE_ERROR_LOG",
        "SCCACHE_LOG",
        "SCCACHE_RECACHE",
        "SCCACHE_START_SERVER",
    ] {
        assert!(refused(&format!("{name} = \"/x\"")), "{name}");
    }
    // It would be a line of the unit.
    assert!(refused("SCCACHE_LOCAL_RW_MODE = \"x\\\"\\nExecStartPre=+/bin/evil\""));
    assert!(!refused("SCCACHE_LOCAL_RW_MODE = \"READ_ONLY\""));
    assert!(!refused("AWS_SECRET_ACCESS_KEY = \"secret\""));
}

#[test]
fn a_chain_of_the_users_own_counts() {
    let setup =
        setup("[sccache.storage]\nSCCACHE_BUCKET = \"b\"\nSCCACHE_MULTILEVEL_CHAIN = \"s3\"\n");
    assert_eq!(setup.environment["SCCACHE_MULTILEVEL_CHAIN"], "s3");
}

#[test]
fn the_unit_runs_nothing_but_sccache() {
    assert_snapshot!(unit(&setup(""), "/usr/local/bin/sccache".into(), "/usr/bin/rbn-plan".into()), @r#"
    # A compile cache for builds in Nix's sandbox. Once, as root:
    #   useradd --system --no-create-home --shell /usr/sbin/nologin rbn-sccache
    #   rbn-plan cache unit > /etc/systemd/system/rbn-plan-sccache.service
    #   rbn-plan cache unit --socket > /etc/systemd/system/rbn-plan-sccache.socket
    #   systemctl enable --now rbn-plan-sccache.socket rbn-plan-sccache
    # and in nix.conf, before nix-daemon is started again:
    #   extra-sandbox-paths = /run/rbn-plan/sccache?
    [Unit]
    Description=sccache for compile steps of rbn-plan
    After=network.target
    Requires=rbn-plan-sccache.socket

    [Service]
    User=rbn-sccache
    UMask=0077
    StandardInput=socket
    StandardOutput=journal
    StandardError=journal
    # What is run belongs to root, and so does every directory above it.
    ExecStartPre=+/usr/bin/install -d -m 0755 -o root /run/rbn-plan/sccache /run/rbn-plan/sccache/bin /run/rbn-plan/sccache-daemon /run/rbn-plan/sccache-daemon/bin
    ExecStartPre=+/usr/bin/install -d -m 0700 -o rbn-sccache /run/rbn-plan/sccache-daemon/private /var/cache/rbn-plan/sccache
    ExecStartPre=+/usr/bin/install -m 0755 /usr/local/bin/sccache /run/rbn-plan/sccache/bin/sccache
    ExecStartPre=+/usr/bin/install -m 0755 /usr/local/bin/sccache /run/rbn-plan/sccache-daemon/bin/sccache
    ExecStart=/usr/bin/rbn-plan cache serve --program /run/rbn-plan/sccache-daemon/bin/sccache --server /run/rbn-plan/sccache-daemon/private/sccache.sock
    Environment="SCCACHE_CACHE_SIZE=10737418240"
    Environment="SCCACHE_CONF=/dev/null"
    Environment="SCCACHE_DIR=/var/cache/rbn-plan/sccache"
    Environment="SCCACHE_IDLE_TIMEOUT=0"
    Environment="SCCACHE_MAX_FRAME_LENGTH=268436480"
    Environment="SCCACHE_MULTILEVEL_CHAIN=disk"
    Environment="SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY=l0"
    Environment="SCCACHE_SERVER_UDS=/run/rbn-plan/sccache-daemon/private/sccache.sock"
    Restart=always
    NoNewPrivileges=yes
    ProtectSystem=strict
    ProtectHome=yes
    PrivateTmp=yes
    PrivateDevices=yes
    ProtectProc=invisible
    CapabilityBoundingSet=
    RestrictSUIDSGID=yes
    RestrictNamespaces=yes
    MemoryMax=4G
    TasksMax=2000
    RestrictAddressFamilies=AF_UNIX
    ReadWritePaths=/run/rbn-plan/sccache-daemon/private /var/cache/rbn-plan/sccache
    NoExecPaths=/
    ExecPaths=/usr/bin/rbn-plan /run/rbn-plan/sccache-daemon/bin/sccache -/lib -/lib64 -/usr/lib -/usr/lib64

    [Install]
    WantedBy=multi-user.target
    "#);
}

#[test]
fn the_socket_is_made_for_the_daemon() {
    assert_snapshot!(socket_unit(&setup(""), "nixbld"), @"
    # Builds ask the compile cache here; see rbn-plan-sccache.service.
    [Unit]
    Description=The compile cache's socket for builds of rbn-plan

    [Socket]
    ListenStream=/run/rbn-plan/sccache/server.sock
    SocketMode=0660
    SocketUser=root
    SocketGroup=nixbld
    DirectoryMode=0755
    RemoveOnStop=yes

    [Install]
    WantedBy=sockets.target
    ");
}

/// What sccache 0.19 answers when it is asked for its figures, behind the answer's number.
fn answer() -> Vec<u8> {
    fn number(bytes: &mut Vec<u8>, value: u64) {
        bytes.extend(value.to_le_bytes());
    }
    fn text(bytes: &mut Vec<u8>, value: &str) {
        number(bytes, value.len() as u64);
        bytes.extend(value.as_bytes());
    }
    fn table(bytes: &mut Vec<u8>, pairs: &[(&str, u64)]) {
        number(bytes, pairs.len() as u64);
        for (name, count) in pairs {
            text(bytes, name);
            number(bytes, *count);
        }
    }
    let mut bytes = vec![0; 5 * 8];
    for counts in [[("Rust", 1)].as_slice(), &[("Rust", 31), ("C/C++", 1)], &[("Rust", 1)]] {
        table(&mut bytes, counts);
        table(&mut bytes, counts);
    }
    // Timeouts, read errors, not cacheable, forced, write errors, writes.
    for value in [0, 1, 9, 9, 0, 9] {
        number(&mut bytes, value);
    }
    // Two times, compilations, a time.
    bytes.extend([9; 12 + 12 + 8 + 12]);
    number(&mut bytes, 3);
    table(&mut bytes, &[("crate-type", 2), ("-o", 1)]);
    table(&mut bytes, &[]);
    number(&mut bytes, 0);
    // One storage.
    bytes.push(1);
    number(&mut bytes, 1);
    text(&mut bytes, "L0 (disk)");
    text(&mut bytes, "Local disk");
    for value in [9, 9, 9, 4, 9, 9] {
        number(&mut bytes, value);
    }
    bytes.extend([9; 12 + 12]);
    text(&mut bytes, "Multi-level (1 levels)");
    bytes.push(1);
    number(&mut bytes, 3 << 20);
    bytes.push(1);
    number(&mut bytes, 10 << 30);
    bytes.push(0);
    text(&mut bytes, "0.19.0");
    table(&mut bytes, &[]);
    bytes
}

#[test]
fn figures_for_people_and_programs() {
    let stats = Stats::read(&answer(), true, 10 << 30).expect("an answer");
    assert_snapshot!(stats.text(), @"
    hits            32 of 33 (96.9%)
    misses          1
    not cacheable   1: -o
    not cacheable   2: crate-type
    no entry made   3: rustc found errors, or read what is in no key
    unreadable      2: damaged entries, compiled anew
    not kept        4: the storage refused, as a full disk does
    size            3.0 MiB of at most 10.0 GiB
    daemon          sccache 0.19.0, ReadWrite

    Programs, proc macros, dynamic libraries, tests and build scripts are linked or run:
    no cache can keep them, so it is not asked for those steps.
    ");
    assert_snapshot!(format!("{:#}", stats.json()), @r#"
    {
      "running": true,
      "format_version": 1,
      "version": "0.19.0",
      "mode": "ReadWrite",
      "hits": 32,
      "misses": 1,
      "not_cacheable": {
        "-o": 1,
        "crate-type": 2
      },
      "compile_failures": 3,
      "read_errors": 2,
      "write_errors": 4,
      "timeouts": 0,
      "size": 3145728,
      "limit": 10737418240
    }
    "#);
}

#[test]
fn an_answer_that_is_cut_off_is_none() {
    let whole = answer();
    // The last eight bytes are not read: directories that are none of ours.
    for end in 0..whole.len() - 8 {
        assert!(Stats::read(&whole[..end], true, 1).is_err(), "cut off at {end}");
    }
    assert!(Stats::read(b"sccache: error", true, 1).is_err());
}

#[test]
fn builds_only_read_unless_that_is_chosen() {
    assert!(!setup("").writes);
    assert!(setup("[sccache]\nwrite = true\n").writes);
    let start = |text| {
        let text = unit(&setup(text), "/usr/bin/sccache".into(), "/usr/bin/rbn-plan".into());
        text.lines().find(|line| line.starts_with("ExecStart=")).map(str::to_owned)
    };
    assert!(!start("").is_some_and(|line| line.contains("--write")));
    assert!(start("[sccache]\nwrite = true\n").is_some_and(|line| line.contains("--write")));
}

#[test]
fn what_others_may_write_is_copied_before_the_unit_runs_it() {
    let own = Utf8Path::new("/home/me/.cargo/bin/rbn-plan");
    let text = unit(&setup(""), "/home/me/.cargo/bin/sccache".into(), own);
    let commands: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(!commands.iter().any(|line| line.contains("/home/me")), "{text}");
    assert!(text.contains("#   install -D -m 0755 /home/me/.cargo/bin/rbn-plan "), "{text}");
}
