//! `diff` and `check`: what a reviewer and a workflow see.

use insta::assert_snapshot;

use super::workspace::{SMALL, Workspace};

#[test]
fn nothing_changed() {
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    assert_snapshot!(workspace.says(0, &["diff", "main"]), @r#"No changes."#);
    assert_snapshot!(workspace.says(0, &["diff", "main", "--format", "markdown"]), @r#"**Plan:** no changes."#);
    assert_snapshot!(workspace.says(0, &["check"]), @r#"generated/steps.nix is up to date."#);
    assert_snapshot!(workspace.says(0, &["diff", "main", "--unified"]), @r#""#);
}

/// A version, a feature, a dependency, a macro's edition: each is one change with what follows.
#[test]
fn causes_are_told_apart_from_what_follows() {
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    workspace.write(CHANGED);
    workspace.cargo(&["generate-lockfile", "--offline"]);
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 1 added, 3 changed, 0 removed; rebuilds 7 of 7 steps (host 3, ARCH 4)
      ~ app 1.2.0              dependencies: +extra; selected; with it features of 1
                               package (3 steps): +fast of parser
      ~ macros 0.1.0 -> 0.1.1  source; selected; 1 step follows
      + extra 4.0.0            new: app needs it; source tree; 1 step; 1 step
                               follows
    "#);
    assert_snapshot!(workspace.says(1, &["diff", "main", "--format", "markdown"]), @r#"
    **Plan:** 1 added, 3 changed, 0 removed; rebuilds 7 of 7 steps (host 3, ARCH 4).

    | | what | why, and what follows |
    |---|---|---|
    | `~` | `app 1.2.0` | dependencies: +extra; selected; with it features of 1 package (3 steps): +fast of parser |
    | `~` | `macros 0.1.0 -> 0.1.1` | source; selected; 1 step follows |
    | `+` | `extra 4.0.0` | new: app needs it; source tree; 1 step; 1 step follows |
    "#);
}

const CHANGED: &str = r#"
--- Cargo.toml
[workspace]
members = ["app", "parser", "macros", "extra"]
resolver = "2"
--- app/Cargo.toml
[package]
name = "app"
version = "1.2.0"
edition = "2021"
[dependencies]
parser = { path = "../parser", features = ["json", "fast"], default-features = false }
macros = { path = "../macros" }
extra = { path = "../extra" }
--- macros/Cargo.toml
[package]
name = "macros"
version = "0.1.1"
edition = "2024"
[lib]
proc-macro = true
--- extra/Cargo.toml
[package]
name = "extra"
version = "4.0.0"
edition = "2021"
--- extra/src/lib.rs
"#;

#[test]
fn the_json_form_names_every_step_that_is_built() {
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    workspace.write("--- Cargo.toml\n[workspace]\nmembers = [\"app\", \"parser\", \"macros\"]\nresolver = \"2\"\n[profile.release]\nopt-level = \"s\"\n");
    assert_snapshot!(workspace.says(1, &["diff", "main", "--format", "json"]), @r#"
    {
      "format_version": 1,
      "totals": {
        "added": 0,
        "changed": 1,
        "removed": 0,
        "rebuilds": 4,
        "steps": 6,
        "by_platform": [
          [
            "host",
            1
          ],
          [
            "TARGET",
            3
          ]
        ]
      },
      "entries": [
        {
          "sign": "changed",
          "subject": "profile release",
          "causes": [
            {
              "kind": "profile",
              "text": "opt-level 3 -> s"
            }
          ],
          "root": false,
          "steps": [
            {
              "platform": "host",
              "step": "macros-0.1.0~fc939b"
            },
            {
              "platform": "TARGET",
              "step": "app-1.2.0:bin:app"
            },
            {
              "platform": "TARGET",
              "step": "parser-0.3.1"
            },
            {
              "platform": "TARGET",
              "step": "parser-0.3.1:run"
            }
          ],
          "follow": 0
        }
      ],
      "rebuilds": [
        {
          "platform": "host",
          "step": "macros-0.1.0~fc939b"
        },
        {
          "platform": "TARGET",
          "step": "app-1.2.0:bin:app"
        },
        {
          "platform": "TARGET",
          "step": "parser-0.3.1"
        },
        {
          "platform": "TARGET",
          "step": "parser-0.3.1:run"
        }
      ]
    }
    "#);
}

#[test]
fn flags_of_a_platform_and_additions_of_config_toml() {
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    workspace.write("--- config.toml\n[build]\nrustflags = [\"-Ctarget-cpu=native\"]\n[env]\nLEVEL = \"3\"\n[override.parser]\nnative-inputs = [\"pkg-config\"]\n");
    assert_snapshot!(workspace.says(1, &["diff", "main"]), @r#"
    Plan: 0 added, 3 changed, 0 removed; rebuilds 6 of 6 steps (host 3, ARCH 3)
      ~ plan                      environment: +LEVEL; 6 steps
      ~ TARGET  rustflags: added -Ctarget-cpu=native; 3 steps
      ~ parser 0.3.1              override: native inputs +pkg-config; selected; 1
                                  step follows
    "#);
}

#[test]
fn check_says_what_is_stale_and_how_to_cure_it() {
    let workspace = Workspace::new(SMALL);
    assert_snapshot!(workspace.says(1, &["check"]), @r#"
    generated/steps.nix does not exist.
    help: run `rbn-plan -o generated/steps.nix` and commit the result
    "#);
    workspace.commit();
    workspace.write("--- parser/Cargo.toml\n[package]\nname = \"parser\"\nversion = \"0.3.1\"\nedition = \"2021\"\nlinks = \"parse\"\n[features]\ndefault = []\nstd = []\njson = []\nfast = []\n");
    assert_snapshot!(workspace.says(1, &["check"]), @r#"
    --- generated/steps.nix
    +++ up to date
    @@ 
           primary = true;
           features.default = true;
           features.json = true;
    -      features.std = true;
         };
         };
     
    @@ 
           primary = true;
           features.default = true;
           features.json = true;
    -      features.std = true;
           script = "parser-0.3.1:run";
         };
     
         "parser-0.3.1:run" = run {
           features.default = true;
           features.json = true;
    -      features.std = true;
           program = "parser-0.3.1:build-script";
         };
         };
    generated/steps.nix is not up to date.
    Plan: 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, ARCH 3)
      ~ parser 0.3.1  features: -std; selected; 1 step follows
    help: run `rbn-plan -o generated/steps.nix` and commit the result
    "#);
    assert_snapshot!(workspace.says(1, &["check", "--format", "github", "--release"]), @r#"
    ::error file=generated/steps.nix,line=N,title=The plan is not up to date::generated/steps.nix is not up to date.%0APlan: 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, ARCH 3)%0A  ~ parser 0.3.1  features: -std; selected; 1 step follows%0ARun `rbn-plan --release -o generated/steps.nix` and commit the result.
    ::warning file=generated/steps.nix,line=N,title=parser 0.3.1::features: -std; selected; 1 step follows
    "#);
    assert_snapshot!(workspace.says(1, &["check", "--format", "json"]), @r#"
    {
      "format_version": 1,
      "up_to_date": false,
      "file": "generated/steps.nix",
      "exists": true,
      "cure": "rbn-plan -o generated/steps.nix",
      "meaning": "Plan: 0 added, 1 changed, 0 removed; rebuilds 4 of 6 steps (host 1, ARCH 3)\n  ~ parser 0.3.1  features: -std; selected; 1 step follows\n",
      "changes": {
        "format_version": 1,
        "totals": {
          "added": 0,
          "changed": 1,
          "removed": 0,
          "rebuilds": 4,
          "steps": 6,
          "by_platform": [
            [
              "host",
              1
            ],
            [
              "TARGET",
              3
            ]
          ]
        },
        "entries": [
          {
            "sign": "changed",
            "subject": "parser",
            "old": "0.3.1",
            "new": "0.3.1",
            "causes": [
              {
                "kind": "features",
                "text": "-std"
              }
            ],
            "root": true,
            "steps": [
              {
                "platform": "host",
                "step": "parser-0.3.1:build-script"
              },
              {
                "platform": "TARGET",
                "step": "parser-0.3.1"
              },
              {
                "platform": "TARGET",
                "step": "parser-0.3.1:run"
              }
            ],
            "follow": 1
          }
        ],
        "rebuilds": [
          {
            "platform": "host",
            "step": "parser-0.3.1:build-script"
          },
          {
            "platform": "TARGET",
            "step": "app-1.2.0:bin:app"
          },
          {
            "platform": "TARGET",
            "step": "parser-0.3.1"
          },
          {
            "platform": "TARGET",
            "step": "parser-0.3.1:run"
          }
        ]
      },
      "diff": "--- generated/steps.nix\n+++ up to date\n@@ \n       primary = true;\n       features.default = true;\n       features.json = true;\n-      features.std = true;\n     };\n     };\n \n@@ \n       primary = true;\n       features.default = true;\n       features.json = true;\n-      features.std = true;\n       script = \"parser-0.3.1:run\";\n     };\n \n     \"parser-0.3.1:run\" = run {\n       features.default = true;\n       features.json = true;\n-      features.std = true;\n       program = \"parser-0.3.1:build-script\";\n     };\n     };\n"
    }
    "#);
    let unified = workspace.says(1, &["diff", "main", "--unified"]);
    assert_snapshot!(unified.lines().take(12).collect::<Vec<_>>().join("\n"), @r#"
    --- main:generated/steps.nix
    +++ the workspace
    @@ 
           primary = true;
           features.default = true;
           features.json = true;
    -      features.std = true;
         };
         };
     
    @@ 
           primary = true;
    "#);
    workspace.says(0, &["-o", "generated/steps.nix"]);
    assert_snapshot!(workspace.says(0, &["check", "--format", "json"]), @r#"
    {
      "format_version": 1,
      "up_to_date": true,
      "file": "generated/steps.nix"
    }
    "#);
}

#[test]
fn a_plan_is_found_as_a_file_a_directory_or_a_revision_and_as_json() {
    let workspace = Workspace::new(SMALL);
    workspace.commit();
    let json = workspace.run(&["--format", "json"]).stdout;
    std::fs::write(workspace.file("plan.json"), json).unwrap();
    for old in ["main", "HEAD", "generated/steps.nix", "generated", ".", "plan.json"] {
        assert_eq!(workspace.says(0, &["diff", old]), "No changes.\n", "{old}");
        assert_eq!(workspace.says(0, &["diff", "plan.json", old]), "No changes.\n", "{old}");
    }
}

/// Not the workspace has changed, but what is asked of it.
#[test]
fn a_plan_of_other_flags_is_called_that() {
    let workspace = Workspace::new(SMALL);
    workspace.says(0, &["--profile", "dev", "-o", "generated/steps.nix"]);
    let said = workspace.says(1, &["check", "--release"]);
    let words =
        "\ngenerated/steps.nix was planned with `--profile=dev`; asked for now: no flags.\n";
    assert!(said.contains(words), "{said}");
    workspace.says(0, &["check", "--profile", "dev"]);
    workspace.says(0, &["check"]);
}
