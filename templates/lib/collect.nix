  # --- What a user wants of a package: programs in bin/, C libraries in lib/ --------------------

  collect = name: contents: gather name { action = "collect"; inherit contents; };
  gather = name: what: derivation ({
    name = storeName name;
    inherit (tools) system fingerprint;
    builder = tools.shell;
    args = [ builder ];
    __structuredAttrs = true;
    tools_path = concatStringsSep ":" tools.path;
    step = name;
    platform = "packages";
    env = { };
    tools_env = { };
    cargo = tools.cargo;
    library_path = "";
  } // what);

  # Crates for rustc are what a user wants only where there is nothing else.
  contentsOf = chosen:
    let
      all = builtins.foldl' (a: step: a // outputsOf step) { } chosen;
      isCrate = name: match ".*\\.(rlib|rmeta)" name != null;
      useful = filter (name: !(isCrate name)) (attrNames all);
    in
    if useful == [ ] then all
    else listToAttrs (map (name: { inherit name; value = all.${name}; }) useful);

  outputsOf = step:
    let
      f = step.facts;
      p = packages'.${f.package or (without f.suffix step.step)};
      name = underscores (f.target or p.name);
      mode = f.mode or "build";
      isLibrary = f.kind == "lib" || f.kind == "proc-macro";
      libraries = to: from: listToAttrs (concatMap (type: map (known: {
        name = "${to}/${known}";
        value = "${step}/${from}/${head (filesOf step.platform type step.madeName)}";
      }) (filesOf step.platform type name)) f.crateTypes);
      program = programFile step.platform (f.target or p.name);
    in
    # What is only checked leaves its metadata.
    if mode == "check" || mode == "check-test" then
      { "checked/${storeName step.step}.rmeta" = "${step}/${if isLibrary then "lib" else "bin"}/${head step.made}"; }
    else if mode == "test" then { "tests/${storeName step.step}" = "${step}/bin/${program}"; }
    else if f.kind == "example" && !(elem "bin" f.crateTypes) then libraries "examples" "bin"
    else if isLibrary then libraries "lib" "lib"
    else { "bin/${program}" = "${step}/bin/${program}"; };

  mkPackages = group: names: mapAttrs (name: roots:
    let chosen = map (root: steps.${group}.${root}) roots; in
    if length chosen == 1 && (head chosen).facts.kind == "bin" then head chosen
    else collect name (contentsOf chosen)) names;

  packages = mapAttrs mkPackages chosenRoots;
  chosenRoots = machine.roots or roots;
  everything = group:
    let chosen = attrValues packages.${group}; in
    if length chosen == 1 then head chosen
    else collect "${group}" (contentsOf (concatMap (map (root: steps.${group}.${root})) (attrValues chosenRoots.${group})));

  # A package's programs, each behind the command that runs its platform's programs on this machine.
  mkRun' = group: name: roots:
    let
      isProgram = step: step.facts.kind == "bin" && step.facts.mode or "build" == "build";
      programs = listToAttrs (map (step: {
        name = step.facts.target;
        value = "${step}/bin/${programFile group step.facts.target}";
      }) (filter isProgram (map (root: steps.${group}.${root}) roots)));
      first = if programs ? ${name} || programs == { } then name else head (attrNames programs);
    in
    gather "run-${name}" {
      action = "runners";
      runner = groups.${group}.runner or (tools.runners.${group} or [ ]);
      inherit (tools) shell;
      inherit programs;
    } // { meta.mainProgram = first; };

  run' = mapAttrs (group: mapAttrs (mkRun' group)) chosenRoots;
