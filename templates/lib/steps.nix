  # --- Steps: a derivation for each fact, by platform -------------------------------------------

  steps = mapAttrs (platform: everywhere: mkGroup platform (everywhere // (machine.steps.${platform} or { }))) facts;

  mkGroup = platform: facts:
    let
      defaults = groups.${platform};
      isHost = platform == "host";
      triple = if isHost then hostTriple else platform;
      stated = (if isHost then machine else { }).linker or (defaults.linker or null);
      # What compile steps and run steps ask of their platform.
      group = {
        inherit platform triple;
        # A C compiler by its bare name is the toolchain's, whatever that is called; others are meant.
        linker =
          if stated != null && match "([^/]*-)?g?cc" stated == null then stated
          else tools.linkers.${triple} or stated;
        rustflags = defaults.rustflags or [ ];
        targetArgs = optionals (!isHost) [ "--target" platform ]
          ++ optionals (group.linker != null) (flag "linker" group.linker);
        # What rustc says of the platform, as build scripts see it.
        cfgEnv = if isHost then machine.cfgs or (cfgs.host or cfgs.${machine.host}) else cfgs.${platform};
        steps = self;
      };
      toolsEnv = (tools.env or { }) // (tools.targetEnv.${triple} or { });
      known = theirOverrides triple;
      self = mapAttrs (if elem triple (tools.targets or [ triple ]) then mkStep else withoutStd) facts;

      withoutStd = name: _: throw "rbn-plan: the toolchain of ${tools.rustc} has no standard library for ${triple}, which \"${name}\" is made for: add it (`rustup target add ${triple}`, or the package of your distribution) and render the toolchain again, or leave the target out of the plan";

      mkStep = name: f:
        let
          key = f.package or (without f.suffix name);
          p = packages'.${key};
          profile = profiles'.${f.profile or defaults.profile};
          added =
            if noOverrides && !(known ? ${p.name}) && !(isAddedTo f) then noAdditions
            else additions triple name f key p;
          common = {
            name = storeName name;
            inherit (tools) system;
            builder = tools.shell;
            args = [ builder ];
            __structuredAttrs = true;
            step = name;
            inherit platform;
            package_name = p.name;
            cwd = p.cwd;
            package_place = p.place;
            fingerprint = tools.fingerprint;
            tools_path = concatStringsSep ":" (added.path ++ tools.path);
            tools_env = toolsEnv;
            library_path = tools.libraryPath or "";
            inherit (tools) rustc cargo;
          };
        in
        (if f.kind == "run" then mkRun else mkCompile) group key f p profile added common;
    in
    self;
