{
  description = "A program whose flake is made with flake-parts";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    # Where rbn-plan comes from: a checkout, or the address of its repository.
    rbn-plan.url = "path:../rbn-plan";
    rbn-plan.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs = inputs@{ flake-parts, ... }:
    flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.rbn-plan.flakeModules.default ];
      systems = [ "x86_64-linux" "aarch64-linux" ];

      perSystem = { config, pkgs, system, ... }: {
        # `packages.default`, `devShells.default`, `checks.rbn-plan`, and what `checks.plans` of config.toml names.
        rbn-plan.steps = ./generated/steps.nix;

        # A check of your own: the program runs, and says what it should.
        checks.says = derivation {
          name = "says";
          inherit system;
          builder = "${pkgs.bash}/bin/bash";
          args = [ "-c" "[ \"$(${config.packages.default}/bin/app)\" = 'built by a module of flake-parts' ] && echo >$out" ];
        };
      };
    };
}
