//! How long builds would take elsewhere: figures that can be added up by hand.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::workspace::Workspace;

const CHAIN: &str = r#"
--- Cargo.toml
[workspace]
members = ["app", "base", "middle"]
resolver = "2"
--- app/Cargo.toml
[package]
name = "app"
version = "0.1.0"
edition = "2021"
[dependencies]
middle = { path = "../middle" }
--- app/src/main.rs
fn main() {}
--- middle/Cargo.toml
[package]
name = "middle"
version = "0.1.0"
edition = "2021"
[dependencies]
base = { path = "../base" }
--- middle/src/lib.rs
--- base/Cargo.toml
[package]
name = "base"
version = "0.1.0"
edition = "2021"
--- base/src/lib.rs
"#;

/// The chain with times: the library that others are compiled against was measured in two steps.
fn chain() -> Workspace {
    let workspace = Workspace::new(CHAIN);
    // As they are: what `says` gives has no word of this machine in it.
    let names = workspace.run(&["steps", "--workspace", "--format", "names"]).stdout;
    let names = String::from_utf8(names).unwrap();
    let mut times = serde_json::Map::new();
    for name in names.lines() {
        let time = match name.rsplit('/').next().unwrap() {
            "base-0.1.0" => 1000,
            "middle-0.1.0" => 2000,
            _ => 500,
        };
        times.insert(name.to_owned(), json!(time));
        if time == 1000 {
            times.insert(format!("{name}:metadata"), json!(200));
        }
    }
    std::fs::write(workspace.file("times.json"), json!({ "steps": times }).to_string()).unwrap();
    workspace
}

const ARGS: [&str; 7] =
    ["graph", "--workspace", "--times", "times.json", "--threads", "1", "--simulate"];

#[test]
fn a_chain_takes_what_its_parts_take() {
    let workspace = chain();
    let said =
        workspace.says(0, &[&ARGS[..], &["1,4", "--edit", "middle", "--format", "json"]].concat());
    let said: Value = serde_json::from_str(&said).unwrap();
    let of = |case: usize, machine: usize| {
        said["cases"][case]["machines"][machine]["milliseconds"].clone()
    };
    // A step costs 23 ms of its own, and waits for another's start. `middle` is not split: a program alone needs it, which is linked.
    assert_eq!(of(0, 0), json!({ "off": 3569, "members": 3792, "all": 3792, "cargo": 3500 }));
    assert_eq!(of(0, 1), json!({ "off": 3569, "members": 2769, "all": 2769, "cargo": 2700 }));
    assert_eq!(of(1, 1), json!({ "off": 2546, "members": 2546, "all": 2546, "cargo": 2500 }));
    assert_eq!(said["cases"][1]["edit"], "middle");
    assert_eq!((&said["libraries"], &said["measured"]), (&json!(2), &json!(1)));
}

#[test]
fn the_table_is_for_people() {
    let workspace = chain();
    assert_snapshot!(workspace.says(0, &[&ARGS[..], &["2,64", "--edit", "base"]].concat()), @r#"
    A cold build, 3 steps
      cores  off             members         all             cargo
          2  3.6s (1.32)     2.8s (1.03)     2.8s (1.03)     2.7s
         64  3.6s (1.32)     2.8s (1.03)     2.8s (1.03)     2.7s
      The longest chain of whole steps takes 3.5s: base-0.1.0 1.0s -> middle-0.1.0
        2.0s -> app-0.1.0:bin:app 0.5s.
      It would be shorter by 2.0s without middle-0.1.0, by 1.0s without base-0.1.0,
        by 0.5s without app-0.1.0:bin:app.

    After an edit of base, 3 steps
      cores  off             members         all             cargo
          2  3.6s (1.32)     2.8s (1.03)     2.8s (1.03)     2.7s
         64  3.6s (1.32)     2.8s (1.03)     2.8s (1.03)     2.7s
      The longest chain of whole steps takes 3.5s: base-0.1.0 1.0s -> middle-0.1.0
        2.0s -> app-0.1.0:bin:app 0.5s.
      It would be shorter by 2.0s without middle-0.1.0, by 1.0s without base-0.1.0,
        by 0.5s without app-0.1.0:bin:app.

    In brackets: how many times Cargo's time with its pipelining.
    Of 2 libraries the time to their metadata is known of 1; of the others it is
      taken for 30 per cent of the whole. A build with `split = "all"` measures it.
    "#);
}

#[test]
fn what_cannot_be_simulated_is_told() {
    let workspace = chain();
    let told = |args: &[&str]| workspace.says(2, args);
    assert!(
        told(&[&ARGS[..], &["2", "--edit", "nobody"]].concat()).contains("no package `nobody`")
    );
    assert!(told(&[&ARGS[..], &["2", "--format", "svg"]].concat()).contains("no picture"));
    assert!(told(&["graph", "--workspace", "--format", "json"]).contains("is for --simulate"));
    assert!(told(&["graph", "--workspace", "--simulate", "2"]).contains("no time of a step"));
    assert!(told(&["graph", "--workspace", "--simulate", "0"]).contains("'0'"));
    assert!(told(&["graph", "--workspace", "--edit", "base"]).contains("--simulate"));
}
