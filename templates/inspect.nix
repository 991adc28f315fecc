# The facts of all steps of a plan, as their builder gets them: evaluated with stand-ins for the few
# builtins that need a store, so that no source is read, nothing is written, and no toolchain has to be
# there. A derivation's path then is its name: /step/GROUP/NAME.
{ file, system, host, split ? "off" }:
let
  inherit (builtins) mapAttrs scopedImport;

  derivation = attrs: attrs // {
    type = "derivation";
    outPath = if attrs ? step then "/step/${attrs.platform}/${attrs.step}" else "/derivation/${attrs.name}";
  };
  source = { name, ... }: "/source/${name}";
  standIns = {
    inherit derivation;
    builtins = builtins // {
      inherit derivation;
      path = source;
      fetchGit = source;
      toFile = name: _: "/file/${name}";
      readDir = _: { };
    };
  };

  plan = scopedImport standIns (/. + file) {
    inherit system split;
    toolchain = {
      inherit system host;
      shell = "/shell";
      rustc = "/rustc";
      rustdoc = "/rustdoc";
      cargo = "/cargo";
      path = [ ];
      fingerprint = [ ];
      fetchCrate = source;
      fetchGit = source;
    };
  };
in
mapAttrs (_: mapAttrs (_: step: step.facts.of)) plan.steps
