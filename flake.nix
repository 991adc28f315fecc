{
  description = "Plan a Cargo workspace as one Nix derivation per compilation step";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    rust-overlay = {
      url = "github:oxalica/rust-overlay";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = { self, nixpkgs, rust-overlay }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) systems);
      pkgsFor = system: nixpkgs.legacyPackages.${system};

      # The compiler of config.toml, from the input that flake.lock pins.
      rust = pkgs: (pkgs.extend rust-overlay.overlays.default).rust-bin.stable."1.95.0".minimal;
      toolchain = pkgs: import ./generated/nixpkgs.nix { inherit pkgs; toolchain = rust pkgs; };

      # This project, step by step, by its own plan.
      plan = pkgs: import ./generated/steps.nix { toolchain = toolchain pkgs; };
      package = pkgs: (plan pkgs).default;
    in
    {
      packages = each (system: rec {
        rbn-plan = package (pkgsFor system);
        default = rbn-plan;
      });

      apps = each (system: rec {
        rbn-plan = { type = "app"; program = "${package (pkgsFor system)}/bin/rbn-plan"; };
        default = rbn-plan;
      });

      # The same compiler as the steps have. Nothing of the user's own Cargo is read or written.
      devShells = each (system:
        let pkgs = pkgsFor system; in
        {
          default = pkgs.mkShell {
            packages = [ (rust pkgs) pkgs.stdenv.cc pkgs.sccache pkgs.nix pkgs.jq pkgs.python3 pkgs.git ];
            shellHook = ''
              export HOME=$PWD/target/home CARGO_HOME=$PWD/target/home/cargo
              mkdir -p "$CARGO_HOME"
            '';
          };
        });

      checks = each (system:
        let pkgs = pkgsFor system; program = package pkgs; in
        {
          package = program;
          # The program runs, and says which one it is.
          version = derivation {
            name = "rbn-plan-version";
            inherit system;
            builder = "${pkgs.bash}/bin/bash";
            args = [ "-c" "set -eu; said=$(${program}/bin/rbn-plan --version); [ \"\${said%% *}\" = rbn-plan ]; echo \"$said\" >$out" ];
          };
        });

      overlays.default = final: prev: { rbn-plan = package prev; };

      # `lib.plan { steps, pkgs, ... }`: a plan's steps and packages, with nixpkgs' toolchain or
      # another; `steps` is the path of a generated/steps.nix.
      lib = {
        toolchain = import ./generated/nixpkgs.nix;
        plan = { steps, pkgs, src, overrides ? { }, toolchain ? null, ... }@arguments:
          import steps {
            inherit src overrides;
            toolchain = import ./generated/nixpkgs.nix
              (removeAttrs arguments [ "steps" "src" "overrides" ]);
          };
      };

      # `nix flake init -t THIS#NAME`; each has a README.md with the next steps.
      templates =
        let
          template = name: description: {
            inherit description;
            path = ./templates + "/${name}";
            welcomeText = "Next: `git init && cargo generate-lockfile`, then `rbn-plan init`, which says the rest.";
          };
        in
        rec {
          default = adopt;
          adopt = template "project" "A Cargo package whose flake is built one compilation step at a time";
          workspace = template "workspace" "A workspace of two packages";
          c-library = template "c-library" "A program that links a C library of nixpkgs";
          cross = template "cross" "One plan for x86-64 and ARM, with glibc and with musl";
          wasm = template "wasm" "A module of WebAssembly";
          toolchain = template "toolchain" "A compiler of your choice, from rust-overlay or fenix";
          flake-parts = template "flake-parts" "A flake made with flake-parts, with checks";
        };

      # `imports = [ rbn-plan.flakeModules.default ];` in a flake made with flake-parts.
      flakeModules = rec {
        default = rbn-plan;
        rbn-plan = ./nix/flake-module.nix;
      };

      nixosModules = rec {
        default = sccache;
        sccache = import ./nix/sccache.nix;
      };
    };
}
