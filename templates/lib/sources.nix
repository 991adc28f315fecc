  # --- Sources: the files that a package's steps get --------------------------------------------

  # What the steps of a package read: its code, its tests too, what its build script is made of,
  # what the script's run may read. Of a package that never changes, all of them read all of it.
  sourcesOf = key: p:
    if p ? path then pathSources key p
    else
      let one = [ (wholeSource key p) ]; in
      { code = one; tests = one; script = one; run = one; };

  wholeSource = key: p:
    if p ? git then {
      kind = "root";
      path = (tools.fetchGit or builtins.fetchGit) ({
        inherit (p.git) url rev;
        name = "${storeName key}-source";
      }
      // (if p ? submodules then { inherit (p) submodules; } else { })
      // (if p.git ? ref then { inherit (p.git) ref; } else { allRefs = true; }));
    }
    else if p ? vendor then {
      kind = "root";
      path = builtins.path { name = "${storeName key}-source"; path = src + "/${p.vendor}"; };
    }
    else {
      kind = "crate";
      path = tools.fetchCrate {
        inherit (p) name version sha256;
        registry = p.registry or "crates-io";
      };
    };

  pathSources = key: p:
    let
      # Facts count paths from the workspace root; a tree counts from the package's directory.
      dir = if p.path == "" then "" else "${p.path}/";
      inside = filter (path: startsWith dir path && !(startsWith "../" path && dir == ""));
      local = paths: map (path: substring (stringLength dir) (stringLength path) path) (inside paths);
      outside = paths: placed (filter (path: !(elem path (inside paths))) paths);
      also = p.also or [ ];
      script = p.script or [ ];
      scriptAlso = p.scriptAlso or [ ];
      nested = local (p.without or [ ]);
      scriptOnly = local (filter (path: !(builtins.any (code: startsWith "${code}/" path) (p.code or [ ]))) script);
      fromTree = settings: extra: [ { path = tree key p.path settings; at = p.path; } ] ++ outside extra;
      code = { include = local also; exclude = nested ++ scriptOnly; };
    in
    {
      code = fromTree code also;
      tests = fromTree (code // { include = code.include ++ [ "tests" "benches" "examples" ]; }) also;
      script = fromTree { include = [ "Cargo.toml" ] ++ local script; only = true; } script;
      run = fromTree { include = local scriptAlso; exclude = nested; hollow = local (p.code or [ ]); } scriptAlso;
    };

  # Files and directories of the workspace, each by itself.
  placed = map (path: { path = fileOf path; at = path; });
  fileOf = path: builtins.path {
    name = "file-" + concatStringsSep "-" (filter builtins.isString (builtins.split "[^a-zA-Z0-9+._?=-]+" (baseNameOf path)));
    path = src + "/${path}";
  };

  # A path package's directory, without what its steps do not read. Paths count from the
  # package's directory; `include` wins over everything, `hollow` directories stay empty.
  tree = key: dir: { include ? [ ], exclude ? [ ], hollow ? [ ], only ? false }:
    let
      base = if dir == "" then src else src + "/${dir}";
      top = toString base;
      skip = stringLength top + 1;
      # A root package may have thousands of members in it.
      excluded = listToAttrs (map (path: { name = path; value = true; }) exclude);
      within = path: place: path == place || startsWith "${place}/" path;
      leadsTo = path: place: startsWith "${path}/" place;
      wanted = path: type:
        builtins.any (within path) include
        || (type == "directory" && builtins.any (leadsTo path) include);
      hollowed = path: type:
        (elem path hollow && type != "directory") || elem (builtins.dirOf path) hollow;
      ordinary = path:
        !(excluded ? ${path}) && leftOut (head (match "([^/]*)(/.*)?" path)) (match "[^/]*" path != null) == false;
      # Without `include`, what a directory that is left out holds is never asked for.
      quick = name: path:
        !(excluded ? ${path}) && (builtins.dirOf name != top || !(leftOut path true));
      keep = name: type:
        let path = substring skip (stringLength name) name; in
        if only then wanted path type
        else if include == [ ] then quick name path && !(hollowed path type)
        else wanted path type
          || (ordinary path && !(builtins.any (within path) exclude) && !(hollowed path type));
    in
    builtins.path { name = "${storeName key}-source"; path = base; filter = keep; };

  # At the top of a package: what no compiler reads unless code names it (the planner knows the
  # same rule: `cargo::files`). `only`: the name is the whole path.
  leftOut = top: only:
    match "tests|benches|examples|target|generated|\\..*|Cargo\\.lock|config\\.toml|flake\\.lock" top != null
    || (only && match "result.*|.*\\.nix|.*\\.md|(README|LICENSE|LICENCE|COPYING|UNLICENSE|CHANGELOG|NOTICE).*" top != null);
