# What the steps of a plan would run, as data: evaluated with stand-ins for the few builtins that
# need a store, so that no source is read, nothing is written, and no toolchain has to be there.
# A derivation's path then is its name: /step/GROUP/NAME.
{ file, system, host }:
let
  inherit (builtins) attrNames map mapAttrs placeholder scopedImport;

  derivation = attrs: attrs // {
    type = "derivation";
    outPath = "/step/${attrs.platform}/${attrs.step}";
  };
  source = { name, ... }: "/source/${name}";
  standIns = {
    inherit derivation;
    builtins = builtins // {
      inherit derivation;
      path = source;
      fetchGit = source;
      toFile = name: _: "/file/${name}";
    };
  };

  plan = scopedImport standIns (/. + file) {
    inherit system;
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

  paths = map (step: "${step}");

  compile = step: {
    inherit (step) action argv cwd env id is_macro kind links_libs made package_name;
    crates = paths step.crates;
    link_classes = attrNames step.link_classes;
    native_crates = paths step.native_crates;
    script = "${step.script}";
  };

  run = step: {
    inherit (step) action cwd env package_name replaced;
    linked = mapAttrs (_: dependency: "${dependency}") step.linked;
    program = "${step.program}";
  };
in
{
  out = placeholder "out";
  steps = mapAttrs (_: mapAttrs (_: step: if step.action == "run" then run step else compile step)) plan.steps;
}
