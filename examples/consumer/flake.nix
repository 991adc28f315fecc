{
  description = "Derives from a plan that another project made";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    # A directory with plan.json, and a workspace with generated/steps.nix: any place will do.
    plan = { url = "path:./plan"; flake = false; };
    project = { url = "path:../hello"; flake = false; };
  };

  outputs = { self, nixpkgs, plan, project }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) systems);

      document = builtins.fromJSON (builtins.readFile "${plan}/plan.json");
      row = key:
        let package = document.packages.${key}; in
        "${package.name}\t${package.version}\t${package.license or ""}";
      table = builtins.concatStringsSep "\n" (map row (builtins.attrNames document.packages)) + "\n";

      # The plan as a library: its steps are attributes, and each is a derivation.
      steps = system:
        let pkgs = nixpkgs.legacyPackages.${system}; in
        import "${project}/generated/steps.nix" {
          toolchain = import "${project}/generated/nixpkgs.nix" { inherit pkgs; };
        };
      targets = { x86_64-linux = "x86_64-unknown-linux-gnu"; aarch64-linux = "aarch64-unknown-linux-gnu"; };
      first = set: set.${builtins.head (builtins.attrNames set)};
    in
    {
      # What is only data needs no system.
      steps = builtins.mapAttrs (_: steps: builtins.length (builtins.attrNames steps)) document.steps;

      packages = each (system: {
        # The licences of everything that is compiled, as a table.
        licences = derivation {
          name = "licences.tsv";
          inherit system table;
          builder = "${nixpkgs.legacyPackages.${system}.bash}/bin/bash";
          args = [ "-c" "printf %s \"$table\" >$out" ];
        };
        # One step by itself, out of many: what else the plan holds is not built.
        library = first (steps system).steps.${targets.${system}};
        default = (steps system).default;
      });
    };
}
