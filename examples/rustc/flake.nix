{
  description = "The Rust compiler from its source, one step at a time, and a table made of its steps";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    # The source: a release, or your patched copy.
    rust = { url = "github:rust-lang/rust/1.96.0"; flake = false; };
    # What `rbn-plan bootstrap` made of that source.
    plan = { url = "path:./plan"; flake = false; };
  };

  outputs = { self, nixpkgs, rust, plan }:
    let
      inherit (builtins) attrNames attrValues concatMap concatStringsSep filter fromJSON length listToAttrs map mapAttrs readFile;
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = f: listToAttrs (map (name: { inherit name; value = f name; }) systems);

      # The metadata: a document, read as data. Nothing of the tree is evaluated for it.
      document = fromJSON (readFile "${plan}/compiler.json");
      steps = concatMap attrValues (attrValues document.steps);
      rustc = filter (step: step.program or "" == "rustc") steps;
      row = step: "${step.package}\t${step.kind}\t${toString (length step.argv)}";

      # The tree as an input: its plan needs a compiler to begin with, and the source.
      bootstrap = system: import "${plan}" {
        inherit system;
        src = rust.outPath;
        toolchain = import "${plan}/nixpkgs.nix" { pkgs = nixpkgs.legacyPackages.${system}; };
      };
    in
    {
      # How many steps the compiler has on each platform.
      steps = mapAttrs (_: of: length (attrNames of)) document.steps;

      packages = each (system: let all = bootstrap system; in {
        default = all.default;
        rustc = all.stage1.toolchain;
        std = all.stage1.std;
        # Each rustc call of the compiler: package, kind, how many arguments.
        calls = derivation {
          name = "calls.tsv";
          inherit system;
          table = concatStringsSep "\n" (map row rustc) + "\n";
          passAsFile = [ "table" ];
          builder = "${nixpkgs.legacyPackages.${system}.bash}/bin/bash";
          args = [ "-c" "while IFS= read -r line; do printf '%s\\n' \"$line\"; done <$tablePath >$out" ];
        };
      });

      # One step by itself: nix build '.#legacyPackages.x86_64-linux.compiler.x86_64-unknown-linux-gnu."rustc_lexer-0.0.0"'
      legacyPackages = each (system: (bootstrap system).stage1.steps);
    };
}
