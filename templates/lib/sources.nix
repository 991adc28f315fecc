  # --- Sources: the files that a package's steps get --------------------------------------------

  # What the steps of a package see: its code, its tests too, what its build script is made of, what
  # the script's run may read. Each is a list: a `crate` is an
  # archive, a `root` the whole source of a package; all else is copied to `at`, a path from the workspace root. Of a
  # package that never changes, all steps see all of it.
  sourcesOf = key: p:
    if p ? path then pathSources key p
    else let one = [ (wholeSource key p) ]; in { code = one; tests = one; script = one; run = one; };

  wholeSource = key: p:
    if p ? git then {
      kind = "root";
      path = (tools.fetchGit or builtins.fetchGit) ({
        inherit (p.git) url rev;
        name = "${storeName key}-source";
      }
      // (if p ? submodules then { inherit (p) submodules; } else { })
      # A branch may be gone while its commit is locked. A newer Nix asks for the commit, an older one for what
      # `ref` names: there, as Cargo does, for all that the repository has.
      // (if p.git ? ref && builtins.compareVersions builtins.nixVersion "2.20" != -1 then { inherit (p.git) ref; }
        else { allRefs = true; }));
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

  # Of a path package (docs/files.md has the rule). Facts count paths from the workspace root.
  pathSources = key: p:
    let
      dir = if p.path == "" then "" else "${p.path}/";
      isInside = path: path == p.path || (if dir == "" then !(startsWith "../" path) && path != ".." else startsWith dir path);
      local = path: substring (stringLength dir) (stringLength path) path;
      links = p.linksTo or { };
      nested = listToAttrs (map (path: { name = local path; value = true; }) (p.without or [ ]));
      nestedDirs = attrNames nested;
      isNested = path: nested != { } && (nested ? ${path} || builtins.any (within path) nestedDirs);

      # `named` is seen, whatever lies in it; of the rest, what `ordinary` says of its path in the package.
      part = named: ordinary:
        let
          include = map local (filter isInside named);
          everything = elem "" (filter isInside named) && p.path == "" || elem p.path named;
          isNamed = path: everything || builtins.any (within path) include;
          leads = path: type: type == "directory" && builtins.any (leadsTo path) include;
          keep =
            if include == [ ] && !everything then path: _: ordinary path
            else path: type: isNamed path || ordinary path || leads path type;
          outside = filter (path: !(isInside path)) named;
          seen = link: if isInside link then keep (local link) "regular" else builtins.any (within link) outside;
        in
        [ { at = p.path; path = copyOf "${storeName key}-source" links p.path (path: type: keep (local path) type); } ]
        ++ map (path: { at = path; path = fileOf links path; }) outside
        ++ map (link: { at = link; path = fileOf links link; })
          (filter (link: link != p.path && seen link && !(elem link outside)) (attrNames links));

      top = path: head (match "([^/]*)(/.*)?" path);
      compiled = path: !(isNested path) && !(leftOut (top path) (match "[^/]*" path != null));
      also = p.also or [ ];
      testDirs = map (name: dir + name) [ "tests" "benches" "examples" ];
      scriptAlso = p.scriptAlso or [ ];
      sees = p.runSees or "directory";
    in
    {
      code = part also compiled;
      tests = part (also ++ (p.testsAlso or [ ]) ++ testDirs) compiled;
      script = part ([ "${dir}Cargo.toml" ] ++ (p.script or [ ])) (_: false);
      run =
        if builtins.isList sees then part ([ "${dir}Cargo.toml" ] ++ sees ++ scriptAlso) (_: false)
        else part scriptAlso (if sees == "directory" then path: top path != "target" else compiled);
    };

  within = path: place: path == place || startsWith "${place}/" path;
  leadsTo = path: place: startsWith "${path}/" place;

  # At the top of a package: what no compiler reads unless code names it (the planner has the same
  # list: `cargo::left_out`). `only`: the name is the whole path.
  leftOut = top: only:
    match "tests|benches|examples|target|\\.(git.*|cargo|circleci|direnv|editorconfig|envrc|idea|vscode)" top != null
    || (only && match "Cargo\\.lock|(rbn-plan|config)\\.toml|flake\\.lock|.*\\.nix|.*\\.md|(README|LICENSE|LICENCE|COPYING|UNLICENSE|CHANGELOG|NOTICE).*" top != null);

  # A file or directory of the workspace by itself.
  fileOf = links: path: copyOf (fileName path) links path (_: _: true);
  fileName = path: "file-" + concatStringsSep "-" (filter builtins.isString (builtins.split "[^a-zA-Z0-9+._?=-]+" (baseNameOf path)));

  # What config.toml names: whole, whatever git says of it.
  placed = map (path: {
    at = path;
    path = builtins.path {
      name = fileName path;
      path = src + "/${path}";
      filter = name: _: !(isVersionControl (baseNameOf name));
    };
  });

  # What is seen at `at`, a path from the workspace root: without what an earlier build left there, and
  # without links that lead elsewhere, which have entries of their own.
  copyOf = name: links: at: keep:
    let
      path = let from = links.${at} or at; in if from == "" then src else src + "/${from}";
      skip = stringLength (toString path) + 1;
      prefix = if at == "" then "" else "${at}/";
    in
    builtins.path {
      inherit name path;
      filter = file: type:
        let seen = prefix + substring skip (stringLength file) file; in
        !(links ? ${seen}) && keep seen type && !(leftBehind file seen type);
    };

  # What git keeps for itself or ignores, what Cargo and Nix make, and the plan with its toolchain.
  leftBehind = file: seen: type:
    let base = baseNameOf file; in
    isVersionControl base
    || seen == "target"
    || (type == "directory" && builtins.pathExists "${file}/CACHEDIR.TAG")
    || (type == "symlink" && match "result(-.*)?" base != null)
    || isOfPlan file type
    || (ignoreRules != [ ] && isIgnored (gitPath seen) type);

  # `a/b/../c` as `a/c`: places of path packages outside the workspace.
  normal = path:
    let
      step = done: part:
        if part == "" || part == "." then done
        else if part == ".." then builtins.genList (builtins.elemAt done) (length done - 1)
        else done ++ [ part ];
      parts = filter builtins.isString (builtins.split "/" path);
    in
    "/" + concatStringsSep "/" (builtins.foldl' step [ ] parts);

  isVersionControl = name: match "\\.git|\\.hg|\\.jj|\\.svn|\\.bzr|\\.pijul|_darcs|CVS" name != null;

  # Plans and toolchains, and a directory that holds nothing else: that of this file, and those of others, for
  # which another selection's plan is no reason to build anything again.
  isOfPlan = file: type:
    (if type == "directory" then holdsPlans file else type == "regular" && isNix (baseNameOf file) && isMade file)
    || (planDir != toString src
      && (if type == "directory" then file == planDir && builtins.all isNix (attrNames (builtins.readDir file))
      else builtins.dirOf file == planDir && isNix (baseNameOf file)));
  planDir = toString ./.;
  isNix = name: match ".*\\.nix" name != null;
  isMade = file: startsWith "# @generated by rbn-plan" (builtins.readFile file);
  holdsPlans = dir:
    let
      entries = builtins.readDir dir;
      isDir = name: entries.${name} == "directory";
      isOf = name: if isDir name then holdsPlans "${dir}/${name}" else isNix name;
      isPlan = name: isDir name || (entries.${name} == "regular" && isMade "${dir}/${name}");
    in
    builtins.all isOf (attrNames entries) && builtins.any isPlan (attrNames entries);

  # The last rule that fits a path decides; what lies in an ignored directory is never asked for,
  # unless a tracked file leads there.
  ignoreRules = ignored.rules or [ ];
  gitPath = seen: if (ignored.prefix or "") == "" then seen else substring 1 (stringLength (normal "/${ignored.prefix}/${seen}")) (normal "/${ignored.prefix}/${seen}");
  isIgnored = path: type:
    !(kept ? ${path}) && (fits (if type == "directory" then "${path}/" else path) || liesInIgnored path);
  liesInIgnored = path:
    let above = builtins.dirOf path; in
    kept ? ${above} && (fits "${above}/" || liesInIgnored above);
  fits =
    if builtins.any (startsWith "!") ignoreRules then
      path: builtins.foldl'
        (found: rule:
          if startsWith "!" rule then found && match (substring 1 (stringLength rule) rule) path == null
          else found || match rule path != null)
        false
        ignoreRules
    else let one = concatStringsSep "|" (map (rule: "(${rule})") ignoreRules); in path: match one path != null;
  # Tracked files that a rule fits, and the directories that lead to them.
  kept = listToAttrs (map (name: { inherit name; value = true; }) (concatMap leading (ignored.kept or [ ])));
  leading = path: [ path ] ++ (if match ".*/.*" path == null then [ ] else leading (builtins.dirOf path));
