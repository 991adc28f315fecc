  # --- What a user wants of a package: programs in bin/, C libraries in lib/ --------------------

  gather = name: platform: what: derivation {
    name = storeName name;
    inherit (tools) system;
    builder = "${builder}";
    __structuredAttrs = true;
    step = name;
    inherit platform;
    facts = what;
  };
  # `also` is built with it, and no part of it.
  collect = name: chosen: also: gather name "packages" {
    action = "collect";
    roots = map rootOf chosen;
    ${if also == [ ] then null else "also"} = also;
  };
  rootOf = step: {
    path = step;
    name = step.step;
    inherit (step) files;
    inherit (step.stated) kind;
    target = step.stated.target or step.packageName;
    ${if step.stated ? mode then "mode" else null} = step.stated.mode;
    ${if step.stated ? crateTypes then "crateTypes" else null} = step.stated.crateTypes;
  };

  isProgram = step: step.stated.kind == "bin" && step.stated.mode or "build" == "build";
  # The one program of a package is the package; else its programs, libraries and tests are gathered.
  gathered = name: chosen: also: main:
    (if length chosen == 1 && also == [ ] && isProgram (head chosen) then head chosen else collect name chosen also)
    // (if main == null then { } else { meta.mainProgram = main; });

  chosenRoots = machine.roots or roots;
  stepsOf = group: map (root: steps.${group}.${root});
  # What `nix run` starts: what the manifest says, else the program that is called as the package is.
  mainProgram = name: chosen:
    let
      programs = map (step: step.stated.target) (filter isProgram chosen);
      stated = defaultRuns.${name} or null;
    in
    if elem stated programs then stated
    else if elem name programs then name
    else if length programs > 0 then head programs
    else null;

  mkPackages = group: mapAttrs (name: roots:
    let chosen = stepsOf group roots; in gathered name chosen [ ] (mainProgram name chosen));
  packages = mapAttrs mkPackages chosenRoots;

  # All that was asked for: of the target, and what runs on the build machine alone.
  everything = group:
    let
      named = chosenRoots.${group} or { };
      all = concatMap (stepsOf group) (attrValues named);
      # Macros and their tests are of use to others alone, but if one of them cannot be built, it shall be seen.
      onHost = concatMap (stepsOf "host") (attrValues (chosenRoots.host or { }));
      names = attrNames named;
    in
    if all == [ ] && onHost == [ ] then throw "rbn-plan: this plan has nothing to build: no library, program or macro of the packages that were asked for"
    else if all == [ ] then gathered group onHost [ ] null
    else gathered group all onHost (if length names == 1 then mainProgram (head names) all else null);

  # A package's programs, each behind the command that runs its platform's programs on this machine.
  mkRun' = group: name: roots:
    let
      chosen = filter isProgram (stepsOf group roots);
      file = replaceStrings [ "NAME" ] [ "" ] (groups.${group}.files.bin or "NAME");
    in
    gather "run-${name}" "packages" {
      action = "runners";
      runner = groups.${group}.runner or (tools.runners.${group} or [ ]);
      inherit (tools) shell;
      programs = listToAttrs (map (step: {
        name = step.stated.target;
        value = "${step}/bin/${step.stated.target}${file}";
      }) chosen);
    } // { meta.mainProgram = let main = mainProgram name chosen; in if main == null then name else main; };

  run' = mapAttrs (group: mapAttrs (mkRun' group)) chosenRoots;
