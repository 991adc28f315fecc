//! A project that begins: its flake, its shell, its CI.

use super::screen::Screen;

#[test]
fn a_project_that_adopts() {
    let screen = Screen::new();
    screen.is("flake-none", 2, &["flake"]);
    // Without nixpkgs, whose provider is a long file.
    screen.workspace.write("--- flake.nix\n{ outputs = { self }: { }; }\n");
    screen.is("init-dry-run", 0, &["init", "--dry-run"]);
    screen.says(0, &["git", "setup"], false);
    screen.is("git-setup-twice", 0, &["git", "setup"]);
    screen.workspace.write("--- flake.nix\n{\n  inputs.nixpkgs.url = \"nixpkgs\";\n  outputs = { self, nixpkgs }: { };\n}\n");
    screen.is("flake", 0, &["flake"]);
    screen.is("flake-untracked", 2, &["flake", "update"]);
    screen.is("develop-untracked", 2, &["develop"]);
    screen.workspace.git(&["add", "flake.nix"]);
    // What Git ignores is in a plan, and the one that is here was made before there was Git.
    screen.says(0, &["-o", "generated/steps.nix"], false);
    screen.is("flake-update", 0, &["flake", "update"]);
    screen.is("flake-update-wrong", 2, &["flake", "update", "nixpgks"]);
    screen.is("develop", 0, &["develop"]);
}

#[test]
fn what_a_ci_system_takes() {
    let screen = Screen::new();
    screen.is("ci-github", 0, &["ci", "github"]);
    screen.is("ci-gitlab", 0, &["ci", "gitlab"]);
    screen.is("ci-hydra", 0, &["ci", "hydra"]);
    screen.is("ci-buildbot", 0, &["ci", "buildbot"]);
    screen.is("ci-wrong", 2, &["ci", "githup"]);
}
