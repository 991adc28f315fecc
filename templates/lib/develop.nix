  # --- What `nix develop` enters ----------------------------------------------------------------

  # Homes and places are those of a sandbox; Cargo sets paths of its own configuration itself. Not a derivation at the top, which `nix build -f` would build, too.
  devShells.default = (tools.developShell or (throw "rbn-plan: this toolchain has no shell for `nix develop`: that of nixpkgs has one (`rbn-plan toolchain nixpkgs`)"))
    (removeAttrs environment ([ "HOME" "CARGO_HOME" ] ++ filter (name: isPlace environment.${name}) (attrNames environment)));
  isPlace = value: replaceStrings [ "/build/" ] [ "" ] value != value;
