# A module of flake-parts: the packages and the shell of a plan.
#
#     imports = [ inputs.rbn-plan.flakeModules.default ];
#     perSystem = { ... }: {
#       rbn-plan.steps = ./generated/steps.nix;
#       # With `checks.plans` in config.toml: `checks.test-PACKAGE` and so on, by themselves.
#     };
{ lib, flake-parts-lib, ... }:
let
  inherit (lib) mkIf mkOption types;
in
{
  options.perSystem = flake-parts-lib.mkPerSystemOption ({ config, pkgs, system, ... }:
    let
      cfg = config.rbn-plan;
      arguments = {
        inherit system;
        inherit (cfg) overrides toolchain;
      } // (if cfg.src == null then { } else { inherit (cfg) src; });
      plan = import cfg.steps arguments;
      beside = builtins.dirOf cfg.steps + "/checks.nix";
      # A plan names the machines that it is for; another one's packages are none.
      wanted = cfg.steps != null && builtins.elem system cfg.systems;
    in
    {
      options.rbn-plan = {
        steps = mkOption {
          type = types.nullOr types.path;
          default = null;
          description = "The plan: the file that `rbn-plan -o generated/steps.nix` writes.";
        };
        systems = mkOption {
          type = types.listOf types.str;
          default = [ "x86_64-linux" "aarch64-linux" ];
          description = "The build machines that the plan is for: `build.systems` of config.toml.";
        };
        src = mkOption {
          type = types.nullOr types.path;
          default = null;
          description = "The workspace, where it is not the directory above that of the plan.";
        };
        rust = mkOption {
          type = types.nullOr types.package;
          default = null;
          description = ''
            Another compiler than that of nixpkgs: one package with bin/rustc, bin/rustdoc and
            bin/cargo, as rust-overlay and fenix make them.
          '';
        };
        toolchain = mkOption {
          type = types.raw;
          default = import ../generated/nixpkgs.nix { inherit pkgs; toolchain = cfg.rust; };
          defaultText = lib.literalExpression "nixpkgs' C compiler and tools, with `rust`";
          description = "What the steps are built with: what `rbn-plan toolchain nixpkgs` gives.";
        };
        overrides = mkOption {
          type = types.raw;
          default = { };
          description = "Overrides of the plan's steps, as its argument `overrides` takes them.";
        };
        package = mkOption {
          type = types.str;
          default = "default";
          description = "The name of the package below `packages`.";
        };
        shell = mkOption {
          type = types.nullOr types.str;
          default = "default";
          description = "The name of the shell below `devShells`; null for none.";
        };
        checks = mkOption {
          type = types.bool;
          default = true;
          description = "Whether `nix flake check` builds the package, and runs the planned checks.";
        };
        checkPlans = mkOption {
          type = types.nullOr types.path;
          default = if cfg.steps != null && builtins.pathExists beside then beside else null;
          defaultText = lib.literalExpression "checks.nix beside `steps`, where it is";
          description = ''
            The plans of checks, joined: the file that `rbn-plan` writes where config.toml names `checks.plans`.
            Each check of a package is one of `checks`: `test-PACKAGE`, `clippy-PACKAGE`.
          '';
        };
        plan = mkOption {
          type = types.raw;
          readOnly = true;
          default = plan;
          defaultText = lib.literalExpression "the plan's own attributes";
          description = "All that the plan gives: `default`, `packages`, `steps`, `devShells`.";
        };
      };

      config = mkIf wanted {
        packages.${cfg.package} = plan.default;
        devShells = mkIf (cfg.shell != null) { ${cfg.shell} = plan.devShells.default; };
        checks = mkIf cfg.checks ({ rbn-plan = plan.default; }
          // (if cfg.checkPlans == null then { } else (import cfg.checkPlans arguments).flat));
      };
    });
}
