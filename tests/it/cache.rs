//! The compile cache: versions, places, figures, the unit.

use camino::Utf8Path;
use insta::assert_snapshot;
use rbn_plan::cache::{OLDEST, Setup, Stats, Version, unit};
use rbn_plan::config::{Config, Environment, Layers, Machine, Overrides, Sccache};
use rbn_plan::model::Triple;
use rbn_plan::nix::System;

fn configured(text: &str) -> Sccache {
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
    Config::resolve(&layers).expect("a configuration").config.sccache
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
        "SCCACHE_MAX_FRAME_LENGTH": "1073741824",
        "SCCACHE_MULTILEVEL_CHAIN": "disk",
        "SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY": "ignore",
        "SCCACHE_SERVER_UDS": "/run/rbn-plan/sccache/server.sock",
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
    assert_snapshot!(refused(&format!("/{}/server.sock", "long".repeat(30))), @"the socket's path /longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong/server.sock is longer than the 107 bytes that Unix allows");
}

#[test]
fn remote_storage_follows_the_disk_and_stays_out_of_the_unit() {
    let setup = setup(
        "[sccache.storage]\nSCCACHE_REDIS_ENDPOINT = \"redis://:secret@cache:6379\"\n\
         SCCACHE_BUCKET = \"crates\"\nAWS_SECRET_ACCESS_KEY = \"secret\"\n",
    );
    assert_eq!(setup.environment["SCCACHE_MULTILEVEL_CHAIN"], "disk,redis,s3");
    let text = unit(&setup, Utf8Path::new("/usr/local/bin/sccache"), "nixbld");
    assert!(!text.contains("secret"), "{text}");
    assert!(text.contains("AWS_SECRET_ACCESS_KEY=..."), "{text}");
}

#[test]
fn a_chain_of_the_users_own_counts() {
    let setup =
        setup("[sccache.storage]\nSCCACHE_BUCKET = \"b\"\nSCCACHE_MULTILEVEL_CHAIN = \"s3\"\n");
    assert_eq!(setup.environment["SCCACHE_MULTILEVEL_CHAIN"], "s3");
}

#[test]
fn the_unit_runs_nothing_but_sccache() {
    assert_snapshot!(unit(&setup(""), Utf8Path::new("/usr/local/bin/sccache"), "nixbld"), @r#"
    # A compile cache for builds in Nix's sandbox. Once, as root:
    #   useradd --system --no-create-home --shell /usr/sbin/nologin rbn-sccache
    #   rbn-plan cache unit > /etc/systemd/system/rbn-plan-sccache.service
    #   systemctl enable --now rbn-plan-sccache
    # and in nix.conf, before nix-daemon is started again:
    #   extra-sandbox-paths = /run/rbn-plan/sccache?
    [Unit]
    Description=sccache for compile steps of rbn-plan
    After=network.target

    [Service]
    User=rbn-sccache
    Group=nixbld
    UMask=0007
    ExecStartPre=+/usr/bin/install -d -m 0755 -o rbn-sccache /run/rbn-plan/sccache /run/rbn-plan/sccache/bin
    ExecStartPre=+/usr/bin/install -d -m 0700 -o rbn-sccache /var/cache/rbn-plan/sccache
    ExecStartPre=+/usr/bin/install -m 0755 /usr/local/bin/sccache /run/rbn-plan/sccache/bin/sccache
    ExecStart=/run/rbn-plan/sccache/bin/sccache
    Environment=SCCACHE_START_SERVER=1 SCCACHE_NO_DAEMON=1
    Environment="SCCACHE_CACHE_SIZE=10737418240"
    Environment="SCCACHE_CONF=/dev/null"
    Environment="SCCACHE_DIR=/var/cache/rbn-plan/sccache"
    Environment="SCCACHE_IDLE_TIMEOUT=0"
    Environment="SCCACHE_MAX_FRAME_LENGTH=1073741824"
    Environment="SCCACHE_MULTILEVEL_CHAIN=disk"
    Environment="SCCACHE_MULTILEVEL_WRITE_ERROR_POLICY=ignore"
    Environment="SCCACHE_SERVER_UDS=/run/rbn-plan/sccache/server.sock"
    Restart=on-failure
    NoNewPrivileges=yes
    ProtectSystem=strict
    ProtectHome=yes
    PrivateTmp=yes
    PrivateDevices=yes
    CapabilityBoundingSet=
    RestrictSUIDSGID=yes
    RestrictAddressFamilies=AF_UNIX
    ReadWritePaths=/run/rbn-plan/sccache /var/cache/rbn-plan/sccache
    NoExecPaths=/
    ExecPaths=/run/rbn-plan/sccache/bin/sccache -/lib -/lib64 -/usr/lib -/usr/lib64

    [Install]
    WantedBy=multi-user.target
    "#);
}

/// What sccache 0.19 prints, shortened to what is read.
fn answer(mode: &str) -> String {
    format!(
        r#"{{"stats":{{"cache_errors":{{"counts":{{"Rust":1}}}},"cache_hits":{{"counts":{{"Rust":31,"C/C++":1}}}},
        "cache_misses":{{"counts":{{"Rust":1}}}},"cache_timeouts":0,"cache_read_errors":1,"cache_write_errors":0,
        "compile_fails":3,"not_cached":{{"crate-type":2,"-o":1}},"multi_level":[{{"write_failures":4}}]}},
        "version":"0.19.0","effective_cache_mode":{mode}}}"#
    )
}

#[test]
fn figures_for_people_and_programs() {
    let stats = Stats::parse(&answer("\"ReadWrite\""), Some(3 << 20), 10 << 30)
        .expect("an answer")
        .expect("a daemon's");
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
fn an_answer_without_a_daemon_is_none() {
    assert_eq!(Stats::parse(&answer("null"), None, 1).expect("an answer"), None);
    assert!(Stats::parse("{}", None, 1).is_err());
    assert!(Stats::parse("sccache: error", None, 1).is_err());
}
