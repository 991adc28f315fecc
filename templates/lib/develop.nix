  # --- What `nix develop` enters ----------------------------------------------------------------

  # Homes are those of a sandbox. Not a derivation at the top, which `nix build -f` would build, too.
  devShells.default = (tools.developShell or (throw "rbn-plan: this toolchain has no shell for `nix develop`: that of nixpkgs has one (`rbn-plan toolchain nixpkgs`)"))
    (removeAttrs environment [ "HOME" "CARGO_HOME" ]);
