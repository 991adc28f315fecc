  # --- Steps: a derivation for each fact, by platform -------------------------------------------

  steps = mapAttrs (platform: everywhere: mkGroup platform (everywhere // (machine.steps.${platform} or { }))) facts;

  # What a profile descends from is for scripts alone.
  profilesOfCompiles = mapAttrs (_: p: removeAttrs p [ "root" ]) profiles;

  # A script sees little of a profile, and does not run again for the rest.
  profilesOfRuns = mapAttrs (_: p: {
    inherit (p) root;
    debuginfo = if p.debuginfo or "0" == "0" then "0" else "1";
    ${if p ? optLevel then "optLevel" else null} = p.optLevel;
    ${if p ? debugAssertions then "debugAssertions" else null} = p.debugAssertions;
  }) profiles;

  # What of a fact is for this library.
  ownFacts = [ "whole" "package" "profile" "nativeInputs" "buildInputs" "extraEnv" "extraFiles" "extraRustflags" ];

  mkGroup = group: facts:
    let
      defaults = groups.${group};
      isHost = group == "host";
      triple = if isHost then hostTriple else group;
      stated = (if isHost then machine else { }).linker or (defaults.linker or null);
      # A C compiler by its bare name is the toolchain's, whatever that is called; others are meant.
      linker =
        if stated != null && match "([^/]*-)?g?cc" stated == null then stated
        else tools.linkers.${triple} or stated;
      # An attribute whose name is null is left out.
      platform = {
        ${if defaults ? rustflags then "rustflags" else null} = defaults.rustflags; # ordinary
        rustflags = rustflagsOf isHost (defaults.rustflags or [ ]); # bootstrap
        ${if linker != null then "linker" else null} = linker;
        ${if defaults ? files then "files" else null} = defaults.files;
      };
      # What rustc says of the platform, as build scripts see it.
      runPlatform = platform // {
        cfgs = if isHost then machine.cfgs or (cfgs.host or cfgs.${machine.host}) else cfgs.${group}; # ordinary
        cfgs = if isHost then machine.cfgs or (cfgs.host or cfgs.${machine.host}) // hostStageCfgs else cfgs.${group} // stageCfgs; # bootstrap
      };
      known = theirOverrides triple;
      itsTools = toolFacts triple; # ordinary
      itsTools = toolFacts (if isHost then hostTools else tools) triple; # bootstrap
      toolsFile = "${itsTools}";
      program = "${builder}";
      hasStd = elem triple (tools.targets or [ triple ]); # ordinary
      # The step that makes a standard library needs none. # bootstrap
      hasStd = !isHost || elem triple (hostTools.targets or [ triple ]); # bootstrap
      whole = mapAttrs (if hasStd then mkStep else withoutStd) facts;
      step = name: whole.${name};
      parts = listToAttrs (map (name: { inherit name; value = mkPart name facts.${name} { part = "metadata"; }; })
        (if hasStd then splitOf facts else [ ]));
      # What a library is compiled against: metadata, where that is a step of its own.
      front = name: parts.${name} or whole.${name};
      # Whole libraries, all of them, for a linker; where no step is split, those that it names know the rest.
      linked = f:
        let all = below facts f; in
        if parts != { } && f.kind != "run" && !(isOfMetadata f) && builtins.any (name: parts ? ${name}) all then all else [ ];
      hostStep = name: steps.host.${name};

      withoutStd = name: _: throw "rbn-plan: the toolchain of ${tools.rustc} has no standard library for ${triple}, which \"${name}\" is made for: add it (`rustup target add ${triple}`, or the package of your distribution) and render the toolchain again, or leave the target out of the plan";

      mkStep = name: f: mkPart name f (if parts ? ${name} then { part = "full"; } else { });

      # `part` is what tells a step of two from one that is all of a rustc run.
      mkPart = name: f: part:
        let
          key = f.package or (without f.suffix name);
          package = packages'.${key};
          isRun = f.kind == "run";
          ofMetadata = isOfMetadata f;
          beneath = linked f;
          fullName = if part.part or "" == "metadata" then "${name}:metadata" else name;
          added =
            if noOverrides && !(known ? ${package.name}) && !(isAddedTo f) then noAdditions
            else additions triple name f key package.p;
          sources =
            if isRun then package.sources.run
            else if f.kind == "custom-build" then package.sources.script
            else if elem f.kind [ "test" "bench" "example" ] then package.sources.tests
            else package.sources.code;
        in
        derivation {
          name = storeName fullName;
          inherit (tools) system;
          builder = program;
          __structuredAttrs = true;
          step = fullName;
          platform = group;
          facts = {
            action = "step";
            tools = toolsFile;
            of = removeAttrs f (ownFacts ++ optional isRun "suffix") // part // {
              inherit name group environment rootDepth;
              host = hostTriple;
              package = if isRun then package.run else package.compile;
              profile = (if isRun then profilesOfRuns else profilesOfCompiles).${f.profile or defaults.profile};
              platform = if isRun then runPlatform else platform;
              sources = sources ++ added.sources;
              added = added.facts; # ordinary
              added = added.facts // (if isRun then { env = ofStage // (added.facts.env or { }); } else { rustflags = (added.facts.rustflags or [ ]) ++ behind isHost f package.name; }); # bootstrap
              bootstrap = if isRun then ofScript else ofBootstrap; # bootstrap
              ${if f ? deps then "deps" else null} = mapAttrs (_: if ofMetadata then front else step) f.deps;
              ${if beneath != [ ] then "below" else null} = map step beneath;
              ${if beneath != [ ] then "metadata" else null} = concatMap (below: optional (parts ? ${below}) parts.${below}) beneath;
              ${if f ? macros then "macros" else null} = mapAttrs (_: hostStep) f.macros;
              ${if f ? needs then "needs" else null} = map step f.needs;
              ${if f ? script then "script" else null} = step f.script;
              ${if f ? bins then "bins" else null} = mapAttrs (_: step) f.bins;
              ${if f ? program then "program" else null} = hostStep f.program;
              ${if f ? links then "links" else null} = mapAttrs (_: step) f.links;
            };
          };
        } // { stated = f; tools = itsTools; packageName = package.name; files = defaults.files or { }; };
    in
    if parts == { } then whole
    else whole // listToAttrs (map (name: { name = "${name}:metadata"; value = parts.${name}; }) (attrNames parts));
