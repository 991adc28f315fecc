# The files of all steps of a plan, as their derivations would get them: listed by the plan's own filters,
# with nothing copied to a store. Otherwise as inspect.nix. A file is 0, a link 1, a directory a list of
# pairs; what comes as it is has no list.
{ file, src, system, host }:
let
  inherit (builtins) attrNames baseNameOf concatMap dirOf filter mapAttrs readDir scopedImport;

  list = keep: path: type:
    if type == "directory" then
      let entries = readDir path; in
      concatMap
        (name: let entry = path + "/${name}"; in
          if keep (toString entry) entries.${name} then [ [ name (list keep entry entries.${name}) ] ] else [ ])
        (attrNames entries)
    else if type == "symlink" then 1
    else 0;
  typeOf = path: if toString path == toString src' then "directory" else (readDir (dirOf path)).${baseNameOf path};

  derivation = attrs: attrs // {
    type = "derivation";
    outPath = if attrs ? step then "/step/${attrs.platform}/${attrs.step}" else "/derivation/${attrs.name}";
  };
  source = { name, ... }: "/source/${name}";
  standIns = {
    inherit derivation;
    builtins = builtins // {
      inherit derivation;
      path = { path, filter ? null, ... }:
        if filter == null then { from = toString path; }
        else { from = toString path; tree = list filter path (typeOf path); };
      fetchGit = source;
      toFile = name: _: "/file/${name}";
    };
  };

  src' = /. + src;
  plan = scopedImport standIns (/. + file) {
    inherit system;
    src = src';
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
in
mapAttrs (_: mapAttrs (_: sources)) plan.steps
