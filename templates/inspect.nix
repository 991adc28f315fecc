# A plan, evaluated with stand-ins for the few builtins that need a store, so that nothing is copied or
# written, and no toolchain has to be there. A derivation's path then is its name: /step/GROUP/NAME.
#
# Without `src`: the facts of all steps, as their builder gets them; no source is read. With `src`, the
# source tree: the files of all steps, listed by the plan's own filters. There a file is 0, a link 1, a
# directory a list of pairs; what comes as it is has no list. `builtBy`: of rustc's own build, the stage.
# With `checks`, of a plan of checks: their facts, without files.
{ file, system, host, split ? "off", src ? null, builtBy ? null, checks ? false }:
let
  inherit (builtins) attrNames attrValues baseNameOf concatMap dirOf filter mapAttrs readDir scopedImport;

  derivation = attrs: attrs // {
    type = "derivation";
    outPath = if attrs ? step then "/step/${attrs.platform}/${attrs.step}" else "/derivation/${attrs.name}";
  };
  source = { name, ... }: "/source/${name}";

  list = keep: path: type:
    if type == "directory" then
      let entries = readDir path; in
      concatMap
        (name: let entry = path + "/${name}"; in
          if keep (toString entry) entries.${name} then [ [ name (list keep entry entries.${name}) ] ] else [ ])
        (attrNames entries)
    else if type == "symlink" then 1
    else 0;
  typeOf = path: if toString path == toString tree then "directory" else (readDir (dirOf path)).${baseNameOf path};
  listed = { path, filter ? null, ... }:
    if filter == null then { from = toString path; }
    else { from = toString path; tree = list filter path (typeOf path); };

  standIns = {
    inherit derivation;
    builtins = builtins // {
      inherit derivation;
      path = if src == null then source else listed;
      fetchGit = source;
      toFile = name: _: "/file/${name}";
      ${if src == null then "readDir" else null} = _: { };
    };
  };

  tree = /. + src;
  plan = scopedImport standIns (/. + file) {
    inherit system split;
    ${if src == null then null else "src"} = tree;
    ${if builtBy == null then null else "builtBy"} = builtBy;
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
  sources = step: map (one: { at = one.at or ""; } // one.path) (filter (one: one.path ? from) step.facts.of.sources);
  check = report: {
    inherit (report) platform step;
    inherit (report.facts) action check;
    of = removeAttrs report.facts.of [ "sources" ];
  };
in
if checks then concatMap (packages: concatMap (parts: map check (attrValues parts)) (attrValues packages)) (attrValues plan.reports)
else mapAttrs (_: mapAttrs (_: if src == null then step: step.facts.of else sources)) plan.steps
