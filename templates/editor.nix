# What an editor looks at beside the tree: the sources of packages that are not in it, unpacked, and the compiler.
# `wanted` has a step of each such package, [ { group, step } ... ]; all else are arguments of the plan's file.
{ planFile, wanted, toolchain ? import (dirOf (/. + planFile) + "/toolchain.nix"), ... }@args:
let
  inherit (builtins) concatStringsSep fromJSON head isFunction map;
  plan = import (/. + planFile) (removeAttrs args [ "planFile" "wanted" ]);
  tools =
    if isFunction toolchain then toolchain { system = args.system or builtins.currentSystem; }
    else toolchain;

  unpacked = package: crate: derivation {
    name = "${package.name}-${package.version}-source";
    inherit (tools) system;
    inherit crate;
    builder = tools.shell;
    # The shell ends last: tar closes its output before it ends, and Nix then kills who is left.
    args = [ "-c" "mkdir $out && tar -xzf $crate --strip-components=1 -C $out || exit 1; exit 0" ];
    PATH = concatStringsSep ":" tools.path;
  };

  source = { group, step }:
    let
      inherit (plan.steps.${group}.${step}.facts) of;
      one = head of.sources;
      whole = unpacked of.package "${one.path}";
    in
    if one.kind or "" == "crate" then { drv = whole.drvPath; out = whole.outPath; }
    else { drv = null; out = "${one.path}"; };
in
{
  rustc = "${tools.rustc}";
  sources = map source (fromJSON wanted);
}
