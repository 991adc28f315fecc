  # --- Overrides: what is added to single steps -------------------------------------------------

  # What an override adds to a step, by package name, package or step: from the plan and from
  # the argument `overrides`; before both, what the toolchain itself knows of a crate.
  additions = triple: name: f: key: p:
    let
      foreign = triple != hostTriple;
      # Libraries are linked into what is made: those of the target.
      libraryOf =
        if foreign then inputOf (tools.targetInputs.${triple} or { }) "targetInputs.${triple}"
        else programOf;
      # Some programs have a build for each target, such as pkg-config.
      programOf = inputOf (tools.nativeInputs.${triple} or (tools.inputs or { })) "inputs";
      pick = table: at: let o = table.${at} or { }; in if builtins.isFunction o then o f else o;
      theirs = (theirOverrides triple).${p.name} or null;
      all = optional (theirs != null) (theirs { inherit (p) version; features = attrNames (f.features or { }); }) ++ [
        {
          nativeInputs = f.nativeInputs or [ ];
          buildInputs = f.buildInputs or [ ];
          rustflags = f.extraRustflags or [ ];
          env = f.extraEnv or { };
          files = f.extraFiles or [ ];
        }
        (pick overrides p.name)
        (pick overrides key)
        (pick overrides name)
      ];
      # Paths of the workspace, or a table of what is to be at them.
      filesOf = files:
        if builtins.isList files then placed files
        else map (at: { inherit at; path = files.${at}; }) (attrNames files);
      list = field: concatMap (o: o.${field} or [ ]) all;
      table = field: builtins.foldl' (a: o: a // (o.${field} or { })) { } all;
      libraries = concatMap developed (map libraryOf (list "buildInputs"));
    in
    {
      sources = concatMap (o: filesOf (o.files or [ ])) all;
      facts = {
        path = map (input: let program = programOf input; in "${program.bin or program.out or program}/bin") (list "nativeInputs");
        rustflags = list "rustflags";
        env = table "env";
        ${if libraries == [ ] then null else "libraries"} = map (input: "${input}") libraries;
      };
    };

  # Where a library of several outputs keeps its headers and itself. What it needs in turn stands in a file
  # there, which the builder reads.
  developed = input:
    let dev = input.dev or input; lib = input.lib or input.out or input; in
    if !(builtins.isAttrs input) || "${dev}" == "${lib}" then [ lib ] else [ dev lib ];

  # What the toolchain knows of single crates, by triple: a function by crate name.
  theirOverrides = tools.overrides or (_: { });

  # A program or library: an attribute of one of the toolchain's sets, a path, or a derivation.
  inputOf = inputs: set: input:
    if !(builtins.isString input) then input
    else if startsWith "${builtins.storeDir}/" input && !(builtins.hasContext input) then inStore input
    else if startsWith "/" input then input
    else
      builtins.foldl'
        (found: part: found.${part} or (throw "rbn-plan: the toolchain has no input \"${input}\": add it to the toolchain's `${set}`, or pass it by the argument `overrides`; `toolchain host` has none: install it on the machine, or name an absolute path"))
        inputs
        (filter builtins.isString (builtins.split "\\." input));

  # A path of the store is an input of the step, with all that it needs.
  inStore = path:
    let root = head (match "(${builtins.storeDir}/[^/]+).*" path); in
    builtins.appendContext path { ${root} = { path = true; }; };

  # Most steps have nothing added, and shall not cost what the others do.
  noOverrides = overrides == { };
  isAddedTo = f: f ? nativeInputs || f ? buildInputs || f ? extraEnv || f ? extraFiles || f ? extraRustflags;
  noAdditions = { sources = [ ]; facts = { }; };
