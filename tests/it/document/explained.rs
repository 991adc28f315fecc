//! `explain` and `graph`.

use std::fs;

use insta::assert_snapshot;
use rbn_plan::model::Document;

use super::workspace::{SMALL, Workspace};

#[test]
fn a_step_with_its_features_and_its_cost() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(0, &["explain", "parser-0.3.1"]), @r#"
    parser-0.3.1 (TARGET)
      package     parser 0.3.1, in parser
      does        compiles the library parser (lib, edition 2021) from src/lib.rs
      profile     release: opt-level 3, strip debuginfo
      links       parse
      needs       parser-0.3.1:run
      needed by   app-1.2.0:bin:app
      touching it rebuilds 2 of 6 steps (ARCH 2)
      reaches     app-1.2.0:bin:app, parser-0.3.1
      features    default: asked for by the selection; by default for app 1.2.0
                  json: asked for by app 1.2.0
                  std: implied by default
    "#);
    assert_snapshot!(workspace.says(0, &["explain", "parser-0.3.1:run"]), @r#"
    parser-0.3.1:run (TARGET)
      package     parser 0.3.1, in parser
      does        runs the build script
      profile     release: opt-level 3
      links       parse
      needs       parser-0.3.1:build-script (host)
      needed by   parser-0.3.1
      touching it rebuilds 3 of 6 steps (ARCH 3)
      reaches     app-1.2.0:bin:app, parser-0.3.1
      features    default: asked for by the selection; by default for app 1.2.0
                  json: asked for by app 1.2.0
                  std: implied by default
    "#);
    assert_snapshot!(workspace.says(0, &["explain", "macros"]), @r#"
    macros-0.1.0, 2 steps
      package     macros 0.1.0, in macros
      does        compiles the procedural macro macros (proc-macro, edition 2021)
                  from src/lib.rs

    macros-0.1.0 (host)
      profile     release: opt-level 0, strip debuginfo
      needed by   app-1.2.0:bin:app (TARGET)
      touching it rebuilds 2 of 6 steps (host 1, ARCH 1)
      reaches     app-1.2.0:bin:app

    macros-0.1.0~1c88ae (host)
      profile     release: opt-level 3, strip debuginfo
      touching it rebuilds 1 of 6 steps (host 1)
      reaches     macros-0.1.0~1c88ae

    All 2 together: touching them rebuilds 3 of 6 steps.
    "#);
}

/// What programs are told; the facts are those of the plan's document, which has a schema.
#[test]
fn a_step_for_programs() {
    let workspace = Workspace::new(SMALL);
    let json = workspace.says(0, &["explain", "parser-0.3.1", "--format", "json"]);
    let mut json: serde_json::Value = serde_json::from_str(&json).unwrap();
    for field in ["facts", "package"] {
        assert!(json["steps"][0][field].take().is_object(), "{field}");
    }
    assert_snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r#"
    {
      "format_version": 1,
      "steps": [
        {
          "platform": "TARGET",
          "step": "parser-0.3.1",
          "facts": null,
          "package": null,
          "features": [
            {
              "feature": "default",
              "reasons": [
                {
                  "why": "selected"
                },
                {
                  "why": "default",
                  "by": "app 1.2.0"
                }
              ]
            },
            {
              "feature": "json",
              "reasons": [
                {
                  "why": "asked",
                  "by": "app 1.2.0"
                }
              ]
            },
            {
              "feature": "std",
              "reasons": [
                {
                  "why": "implied",
                  "by": "default"
                }
              ]
            }
          ],
          "needed_by": [
            {
              "platform": "TARGET",
              "step": "app-1.2.0:bin:app",
              "carries": "extern",
              "name": "parser"
            }
          ],
          "rebuilds": 2,
          "by_platform": [
            [
              "TARGET",
              2
            ]
          ],
          "roots": [
            {
              "platform": "TARGET",
              "step": "app-1.2.0:bin:app"
            },
            {
              "platform": "TARGET",
              "step": "parser-0.3.1"
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn why_a_feature_is_on() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(0, &["explain", "parser", "--feature", "std"]), @r#"
    std of parser-0.3.1 (TARGET) is on
      implied by default
        asked for by the selection
        by default for app 1.2.0
    std of parser-0.3.1 (host) is on
      implied by default
        asked for by the selection
        by default for app 1.2.0
    "#);
    assert_snapshot!(workspace.says(0, &["explain", "parser-0.3.1", "--feature", "std", "--format", "json"]), @r#"
    {
      "format_version": 1,
      "features": [
        {
          "platform": "TARGET",
          "step": "parser-0.3.1",
          "package": "parser-0.3.1",
          "feature": "std",
          "on": true,
          "declared": true,
          "reasons": [
            {
              "level": 1,
              "why": "implied",
              "by": "default"
            },
            {
              "level": 2,
              "why": "selected"
            },
            {
              "level": 2,
              "why": "default",
              "by": "app 1.2.0"
            }
          ]
        }
      ]
    }
    "#);
    assert_snapshot!(workspace.says(0, &["explain", "parser", "--feature", "fast"]), @r#"
    fast of parser-0.3.1 (TARGET) is off
      nobody asks for it: `-F` does for a package of the workspace, `features` of a
      dependency in a Cargo.toml for others
    fast of parser-0.3.1 (host) is off
      nobody asks for it: `-F` does for a package of the workspace, `features` of a
      dependency in a Cargo.toml for others
    "#);
    assert_snapshot!(workspace.says(0, &["explain", "parser", "--feature", "none"]), @r#"
    none of parser-0.3.1 (TARGET) is off
      the package declares no such feature; it has default, fast, json, std
    none of parser-0.3.1 (host) is off
      the package declares no such feature; it has default, fast, json, std
    "#);
}

/// What a manifest asks for in tests, for a build script or on another platform turns nothing on.
#[test]
fn tables_that_do_not_count() {
    let workspace = Workspace::new(
        r#"
--- Cargo.toml
[package]
name = "app"
version = "1.0.0"
edition = "2021"
[dependencies]
a = { path = "a", default-features = false }
[dev-dependencies]
a = { path = "a", features = ["x"] }
[target.'cfg(windows)'.dependencies]
b = { path = "b", features = ["x"] }
[target.'cfg(unix)'.dependencies]
b = { path = "b", features = ["x"] }
c = { path = "c" }
--- src/main.rs
fn main() {}
--- tests/all.rs
--- a/src/lib.rs
--- a/Cargo.toml
[package]
name = "a"
version = "0.1.0"
edition = "2021"
[features]
x = []
--- b/src/lib.rs
--- b/Cargo.toml
[package]
name = "b"
version = "0.1.0"
edition = "2021"
[features]
x = []
--- c/src/lib.rs
--- c/Cargo.toml
[package]
name = "c"
version = "0.1.0"
edition = "2021"
[dependencies]
a = { path = "../a", features = ["x"], default-features = false }
[target.'cfg(windows)'.dependencies]
b = { path = "../b", features = ["x"] }
"#,
    );
    assert_snapshot!(workspace.says(0, &["explain", "a", "--feature", "x"]), @r#"
    x of a-0.1.0 (TARGET) is on
      asked for by c 0.1.0
    "#);
    assert_snapshot!(workspace.says(0, &["explain", "a", "--feature", "x", "--tests"]), @r#"
    x of a-0.1.0 (TARGET) is on
      asked for by app 1.0.0
      asked for by c 0.1.0
    "#);
    assert_snapshot!(workspace.says(0, &["explain", "b", "--feature", "x"]), @r#"
    x of b-0.1.0 (TARGET) is on
      asked for by app 1.0.0
    "#);
}

#[test]
fn a_step_that_is_not_there() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(2, &["explain", "parsr"]), @r#"
    × the plan has no step or package `parsr`
    help: did you mean parser, parser-0.3.1, parser-0.3.1:run?
    "#);
    assert_snapshot!(workspace.says(2, &["explain", "app@1.3.0"]), @r#"
    × the plan has no step or package `app@1.3.0`
    help: did you mean app, app-1.2.0:bin:app?
    "#);
    assert_snapshot!(workspace.says(2, &["explain", "host/pars"]), @r#"
    × the plan has no step or package `host/pars`
    help: did you mean parser, parser-0.3.1, parser-0.3.1:run,
          parser-0.3.1:build-script?
    "#);
    assert_snapshot!(workspace.says(2, &["explain", ""]), @r#"
    × the plan has no step or package ``
    help: its packages are app, macros, parser; `rbn-plan steps` lists all steps
    "#);
}

/// A name may mean several steps; more of it means fewer.
#[test]
fn names_of_steps() {
    let workspace = Workspace::new(SMALL);
    let said = |name: &str| {
        let text = workspace.says(0, &["explain", name]);
        let heads = text.lines().filter(|line| line.ends_with(')') && !line.starts_with(' '));
        heads.map(str::to_owned).collect::<Vec<_>>().join(", ")
    };
    let all = "parser-0.3.1:build-script (host), parser-0.3.1 (TARGET), parser-0.3.1:run (TARGET)";
    assert_eq!(said("parser"), all);
    assert_eq!(said("parser@0.3.1"), all);
    assert_eq!(said("host/parser"), "parser-0.3.1:build-script (host)");
    assert_eq!(said("parser-0.3.1"), "parser-0.3.1 (TARGET)");
    let host = super::workspace::host();
    assert_eq!(said(&format!("{host}/parser-0.3.1:run")), "parser-0.3.1:run (TARGET)");
}

/// A feature is named as Cargo does it; a platform may stand before it.
#[test]
fn a_feature_as_cargo_writes_it() {
    let workspace = Workspace::new(SMALL);
    let long = workspace.says(0, &["explain", "parser", "--feature", "std"]);
    for name in ["parser/std", "parser?/std", "parser@0.3.1/std"] {
        assert_eq!(workspace.says(0, &["explain", name]), long, "{name}");
    }
    assert_snapshot!(workspace.says(0, &["explain", "host/parser/std"]), @r#"
    std of parser-0.3.1 (host) is on
      implied by default
        asked for by the selection
        by default for app 1.2.0
    "#);
    assert_snapshot!(workspace.says(0, &["explain", "parser/none"]), @r#"
    none of parser-0.3.1 (TARGET) is off
      the package declares no such feature; it has default, fast, json, std
    none of parser-0.3.1 (host) is off
      the package declares no such feature; it has default, fast, json, std
    "#);
    assert_snapshot!(workspace.says(2, &["explain", "parsr/std"]), @r#"
    × the plan has no step or package `parsr/std`
    help: did you mean parser, parser-0.3.1, parser-0.3.1:run?
    "#);
}

/// What all steps of a package have alike is said once.
#[test]
fn common_facts_are_told_once() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(0, &["explain", "parser"]), @r#"
    parser-0.3.1, 3 steps
      package     parser 0.3.1, in parser
      links       parse
      reaches     app-1.2.0:bin:app, parser-0.3.1
      features    default: asked for by the selection; by default for app 1.2.0
                  json: asked for by app 1.2.0
                  std: implied by default

    parser-0.3.1:build-script (host)
      does        compiles the build script build-script-build (bin, edition 2021)
                  from build.rs
      profile     release: opt-level 0, strip debuginfo
      needed by   parser-0.3.1:run (TARGET)
      touching it rebuilds 4 of 6 steps (host 1, ARCH 3)

    parser-0.3.1 (TARGET)
      does        compiles the library parser (lib, edition 2021) from src/lib.rs
      profile     release: opt-level 3, strip debuginfo
      needs       parser-0.3.1:run
      needed by   app-1.2.0:bin:app
      touching it rebuilds 2 of 6 steps (ARCH 2)

    parser-0.3.1:run (TARGET)
      does        runs the build script
      profile     release: opt-level 3
      needs       parser-0.3.1:build-script (host)
      needed by   parser-0.3.1
      touching it rebuilds 3 of 6 steps (ARCH 3)

    All 3 together: touching them rebuilds 4 of 6 steps.
    "#);
}

/// Without a name, all steps are listed: for people in a table, for pipes by name.
#[test]
fn the_steps_as_a_list() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(0, &["explain"]), @r#"
    host: 3 steps
      macros-0.1.0               procedural macro
      macros-0.1.0~1c88ae        procedural macro
      parser-0.3.1:build-script  build script

    TARGET: 3 steps
      app-1.2.0:bin:app          program
      parser-0.3.1               library
      parser-0.3.1:run           run of a build script
    help: `rbn-plan explain STEP` explains one of them
    "#);
    assert_snapshot!(workspace.says(0, &["steps"]), @r#"
    host/macros-0.1.0
    host/macros-0.1.0~1c88ae
    host/parser-0.3.1:build-script
    TARGET/app-1.2.0:bin:app
    TARGET/parser-0.3.1
    TARGET/parser-0.3.1:run
    "#);
    assert_snapshot!(workspace.says(0, &["steps", "parser"]), @r#"
    host/parser-0.3.1:build-script
    TARGET/parser-0.3.1
    TARGET/parser-0.3.1:run
    "#);
    workspace.write("--- times.json\n{ \"steps\": { \"host/macros-0.1.0\": 1500 } }\n");
    let table = ["steps", "--format", "text", "macros", "--times", "times.json"];
    assert_snapshot!(workspace.says(0, &table), @r#"
    host: 2 steps
      macros-0.1.0         procedural macro         1.5s
      macros-0.1.0~1c88ae  procedural macro
    "#);
    assert_snapshot!(workspace.says(0, &["steps", "app", "--format", "json"]), @r#"
    {
      "format_version": 1,
      "steps": [
        {
          "platform": "TARGET",
          "step": "app-1.2.0:bin:app",
          "package": "app",
          "version": "1.2.0",
          "kind": "program",
          "milliseconds": null
        }
      ]
    }
    "#);
}

/// What is explained is the plan that is committed, unless flags ask for another.
#[test]
fn the_plan_s_own_selection_is_explained() {
    let workspace = Workspace::new(SMALL);
    workspace.says(0, &["-p", "macros", "-o", "generated/steps.nix"]);
    assert_eq!(workspace.says(0, &["steps"]), "host/macros-0.1.0\n");
    assert!(workspace.says(0, &["steps", "-p", "app"]).contains("app-1.2.0:bin:app"));
}

#[test]
fn the_graph_for_graphviz() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(0, &["graph"]), @r#"
    digraph plan {
      rankdir = LR;
      node [shape = box];
      subgraph "cluster host" {
        label = "host";
        "host/macros-0.1.0" [label = "macros-0.1.0", shape = component];
        "host/macros-0.1.0~1c88ae" [label = "macros-0.1.0~1c88ae", shape = component];
        "host/parser-0.3.1:build-script" [label = "parser-0.3.1:build-script", shape = note];
      }
      subgraph "cluster TARGET" {
        label = "TARGET";
        "TARGET/app-1.2.0:bin:app" [label = "app-1.2.0:bin:app", shape = ellipse];
        "TARGET/parser-0.3.1" [label = "parser-0.3.1", shape = box];
        "TARGET/parser-0.3.1:run" [label = "parser-0.3.1:run", shape = cds];
      }
      "TARGET/app-1.2.0:bin:app" -> "host/macros-0.1.0";
      "TARGET/app-1.2.0:bin:app" -> "TARGET/parser-0.3.1";
      "TARGET/parser-0.3.1" -> "TARGET/parser-0.3.1:run";
      "TARGET/parser-0.3.1:run" -> "host/parser-0.3.1:build-script";
    }
    "#);
}

/// A picture is well-formed, and each step is in it once.
#[test]
fn the_drawing_and_the_page() {
    let workspace = Workspace::new(SMALL);
    let svg = workspace.says(0, &["graph", "--format", "svg"]);
    let json = workspace.run(&["--format", "json"]).stdout;
    let steps = Document::read(&json).unwrap().count();
    assert_eq!(svg.matches("data-step=").count(), steps, "{svg}");
    assert_eq!(svg.matches('<').count(), svg.matches('>').count());
    assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
    fs::write(
        workspace.file("times.json"),
        r#"{ "steps": { "host/parser-0.3.1:build-script": 1500 } }"#,
    )
    .unwrap();
    workspace.says(0, &["graph", "--format", "html", "--times", "times.json", "-o", "p/plan.html"]);
    let page = workspace.read("p/plan.html");
    // It names no other place than the namespace of SVG.
    let elsewhere = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!elsewhere.contains("http") || !elsewhere.contains("://"), "a page without network");
    assert!(page.contains("\"critical\":["), "{page}");
    assert!(page.contains("\"time\":1500"), "{page}");
}

/// What is done to a crate stands in the list, not only what kind of crate it is.
#[test]
fn steps_of_checks_by_what_they_do() {
    let workspace = Workspace::new(SMALL);
    let kinds = |mode: &str| workspace.says(0, &["explain", "--mode", mode]);
    assert!(kinds("doc").contains("  documented crate\n"), "{}", kinds("doc"));
    let tests = kinds("test");
    for wanted in ["  documentation test\n", "  test program\n", "  library\n"] {
        assert!(tests.contains(wanted), "{wanted}\n{tests}");
    }
}
