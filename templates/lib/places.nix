  # --- Places: where things lie in the sandbox, which is the same everywhere --------------------

  workspacePlace = "/build/${concatStringsSep "" (builtins.genList (_: "up/") rootDepth)}workspace";
  outDir = key: "/build/target/build/${key}/out";

  # Where a package lies; of one from a registry or a vendor directory, beside the workspace.
  placeOf = p:
    if p ? path then below workspacePlace p.path
    else if p ? git then below (gitPlace p) (p.git.dir or "")
    else cratePlace p;
  gitPlace = p: "/build/${p.git.name}-${substring 0 7 p.git.rev}";
  cratePlace = p: "/build/${p.name}-${p.version}";

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
  below = base: dir: if dir == "" then base else if match ".*\\.\\..*" dir == null then "${base}/${dir}" else normal "${base}/${dir}";
