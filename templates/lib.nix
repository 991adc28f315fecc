  # --- The library: the same text in every plan. It makes commands of facts. -------------------

  inherit (builtins)
    attrNames attrValues concatMap concatStringsSep elem filter hashString head length listToAttrs
    map mapAttrs match replaceStrings sort stringLength substring toString;

  builder = builtins.toFile "rbn-plan-builder.sh" builderText;

  # One toolchain, or one for each build machine.
  tools =
    if builtins.isFunction toolchain then
      toolchain { system = if system == null then builtins.currentSystem or (head (attrNames machines)) else system; }
    else if system == null || system == toolchain.system then toolchain
    else throw "rbn-plan: this toolchain builds on ${toolchain.system}, not on ${system}: pass `toolchain` one for ${system}, or a function of { system }";

  machine = machines.${tools.system} or (throw "rbn-plan: this plan is for builds on ${concatStringsSep " and " (attrNames machines)}, not on ${tools.system}: plan with --system ${tools.system} too, or name it in config.toml: [build] systems");

  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  flag = name: value: [ "-C" "${name}=${value}" ];
  startsWith = prefix: text: substring 0 (stringLength prefix) text == prefix;
  without = suffix: text: substring 0 (stringLength text - stringLength suffix) text;
  underscores = replaceStrings [ "-" ] [ "_" ];
  upperAscii = replaceStrings
    (lowerLetters ++ [ "-" ]) (upperLetters ++ [ "_" ]);
  lowerLetters = [ "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z" ];
  upperLetters = [ "A" "B" "C" "D" "E" "F" "G" "H" "I" "J" "K" "L" "M" "N" "O" "P" "Q" "R" "S" "T" "U" "V" "W" "X" "Y" "Z" ];

  # Names of derivations have a smaller alphabet than names of steps.
  storeName = replaceStrings [ ":" "~" " " "/" "@" "!" ] [ "-" "-" "-" "-" "-" "-" ];

  # A file or directory of the source tree by itself, whatever it is called.
  fileOf = path: builtins.path {
    name = "file-" + concatStringsSep "-" (filter builtins.isString (builtins.split "[^a-zA-Z0-9+._?=-]+" (baseNameOf path)));
    path = src + "/${path}";
  };

  # What kind of step a fact describes: the words that the plan uses.
  lib = facts: { kind = "lib"; suffix = ""; crateTypes = [ "lib" ]; root = "src/lib.rs"; } // facts;
  procMacro = facts: { kind = "proc-macro"; suffix = ""; crateTypes = [ "proc-macro" ]; root = "src/lib.rs"; } // facts;
  bin = name: facts: { kind = "bin"; suffix = ":bin:${name}"; target = name; crateTypes = [ "bin" ]; } // facts;
  example = name: facts: { kind = "example"; suffix = ":example:${name}"; target = name; crateTypes = [ "bin" ]; } // facts;
  test = name: facts: { kind = "test"; suffix = ":test:${name}"; target = name; crateTypes = [ "bin" ]; mode = "test"; } // facts;
  bench = name: facts: { kind = "bench"; suffix = ":bench:${name}"; target = name; crateTypes = [ "bin" ]; mode = "test"; } // facts;
  libTest = facts: lib facts // { suffix = ":lib-test"; mode = "test"; };
  procMacroTest = facts: procMacro facts // { suffix = ":lib-test"; mode = "test"; };
  binTest = name: facts: bin name facts // { suffix = ":bin-test:${name}"; mode = "test"; };
  exampleTest = name: facts: example name facts // { suffix = ":example-test:${name}"; mode = "test"; };
  check = facts: facts // {
    suffix = if facts.suffix == "" then ":check" else ":check${facts.suffix}";
    mode = if facts.mode or "build" == "test" then "check-test" else "check";
  };
  buildScript = facts: { kind = "custom-build"; suffix = ":build-script"; target = "build-script-build"; crateTypes = [ "bin" ]; root = "build.rs"; } // facts;
  run = facts: { kind = "run"; suffix = ":run"; } // facts;

  # --- Packages ---------------------------------------------------------------------------------

  workspacePlace = "/build/${concatStringsSep "" (builtins.genList (_: "up/") rootDepth)}workspace";

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

  # A path package's directory, without what its steps do not read. Paths count from the
  # package's directory; `include` wins over everything, `hollow` directories stay empty.
  tree = key: dir: { include ? [ ], exclude ? [ ], hollow ? [ ], only ? false }:
    let
      base = if dir == "" then src else src + "/${dir}";
      prefix = "${toString base}/";
      skip = stringLength prefix;
      within = path: place: path == place || startsWith "${place}/" path;
      leadsTo = path: place: startsWith "${path}/" place;
      wanted = path: type:
        builtins.any (within path) include
        || (type == "directory" && builtins.any (leadsTo path) include);
      hollowed = path: type:
        (elem path hollow && type != "directory") || elem (builtins.dirOf path) hollow;
      ordinary = path:
        !(elem path exclude) && leftOut (head (match "([^/]*)(/.*)?" path)) (match "[^/]*" path != null) == false;
      # Without `include`, what a directory that is left out holds is never asked for.
      quick = name: path:
        !(elem path exclude) && (builtins.dirOf name != toString base || !(leftOut path true));
      keep = name: type:
        let path = substring skip (stringLength name) name; in
        if only then wanted path type
        else if include == [ ] then quick name path && !(hollowed path type)
        else wanted path type
          || (ordinary path && !(builtins.any (within path) exclude) && !(hollowed path type));
    in
    builtins.path { name = "${storeName key}-source"; path = base; filter = keep; };

  # At the top of a package: what no compiler reads unless code names it (the planner knows the
  # same rule: `input::cargo::files`). `only`: the name is the whole path.
  leftOut = top: only:
    match "tests|benches|examples|target|generated|\\..*|Cargo\\.lock|config\\.toml|flake\\.lock" top != null
    || (only && match "result.*|.*\\.nix|.*\\.md|(README|LICENSE|LICENCE|COPYING|UNLICENSE|CHANGELOG|NOTICE).*" top != null);

  mkPackage = key: p:
    let
      inherit (p) name;
      crateDir = "/build/${name}-${p.version}";
      versions = match "([0-9]+)\\.([0-9]+)\\.([0-9]+)(-([^+]*))?(\\+.*)?" p.version;
      pre = builtins.elemAt versions 4;
      isPath = p ? path;
      inWorkspace = p.inWorkspace or isPath;
      gitPlace = "/build/${p.git.name}-${substring 0 7 p.git.rev}";
      gitTree = (tools.fetchGit or builtins.fetchGit) ({
        inherit (p.git) url rev;
        name = "${storeName key}-source";
      }
      // (if p ? submodules then { inherit (p) submodules; } else { })
      // (if p.git ? ref then { inherit (p.git) ref; } else { allRefs = true; }));
      place =
        if isPath then below workspacePlace p.path
        else if p ? git then below gitPlace (p.git.dir or "")
        else crateDir;
      # Facts count paths from the workspace root; a tree counts from the package's directory.
      dir = if p.path == "" then "" else "${p.path}/";
      inside = filter (path: startsWith dir path && !(startsWith "../" path && dir == ""));
      local = paths: map (path: substring (stringLength dir) (stringLength path) path) (inside paths);
      outside = paths: listToAttrs (map (path: {
        name = below workspacePlace path;
        value = fileOf path;
      }) (filter (path: !(elem path (inside paths))) paths));
      also = p.also or [ ];
      script = p.script or [ ];
      scriptAlso = p.scriptAlso or [ ];
      nested = local (p.without or [ ]);
      scriptOnly = local (filter (path: !(builtins.any (code: startsWith "${code}/" path) (p.code or [ ]))) script);
      fromTree = settings: extra: {
        source_kind = "tree";
        source_path = tree key p.path settings;
        source_place = place;
        extra_files = outside extra;
      };
      code = { include = local also; exclude = nested ++ scriptOnly; };
      sources =
        if isPath then {
          code = fromTree code also;
          tests = fromTree (code // { include = code.include ++ [ "tests" "benches" "examples" ]; }) also;
          script = fromTree { include = [ "Cargo.toml" ] ++ local script; only = true; } script;
          run = fromTree { include = local scriptAlso; exclude = nested; hollow = local (p.code or [ ]); } scriptAlso;
        }
        else
          let
            one = { extra_files = { }; } // (
              if p ? git then { source_kind = "tree"; source_path = gitTree; source_place = gitPlace; }
              else if p ? vendor then {
                source_kind = "tree";
                source_path = builtins.path { name = "${storeName key}-source"; path = src + "/${p.vendor}"; };
                source_place = crateDir;
              }
              else {
                source_kind = "crate";
                source_path = tools.fetchCrate {
                  inherit name;
                  inherit (p) version sha256;
                  registry = p.registry or "crates-io";
                };
                source_place = crateDir;
              });
          in
          { code = one; tests = one; script = one; run = one; };
    in
    p // {
      inherit place sources;
      lintFlags = if p ? lintSet then lintSets.${p.lintSet} else p.lints or [ ];
      local = isPath;
      cwd = if inWorkspace then workspacePlace else place;
      # The package's directory as seen from the working directory.
      seen = if inWorkspace then dir else "${place}/";
      identity =
        if isPath then "path:${p.path}"
        else if p ? git then "git:${p.git.url}#${p.git.rev}"
        else if p ? vendor then "vendor"
        else p.registry or "crates-io";
      declared = "cfg(feature, values(${concatStringsSep ", " (map (feature: "\"${feature}\"") (p.declares or [ ]))}))";
      env = {
        CARGO_MANIFEST_DIR = place;
        CARGO_MANIFEST_PATH = "${place}/Cargo.toml";
        CARGO_PKG_NAME = name;
        CARGO_PKG_VERSION = p.version;
        CARGO_PKG_VERSION_MAJOR = head versions;
        CARGO_PKG_VERSION_MINOR = builtins.elemAt versions 1;
        CARGO_PKG_VERSION_PATCH = builtins.elemAt versions 2;
        CARGO_PKG_VERSION_PRE = if pre == null then "" else pre;
        CARGO_PKG_AUTHORS = p.authors or "";
        CARGO_PKG_DESCRIPTION = p.description or "";
        CARGO_PKG_HOMEPAGE = p.homepage or "";
        CARGO_PKG_LICENSE = p.license or "";
        CARGO_PKG_LICENSE_FILE = p.licenseFile or "";
        CARGO_PKG_README = p.readme or "";
        CARGO_PKG_REPOSITORY = p.repository or "";
        CARGO_PKG_RUST_VERSION = p.rustVersion or "";
      };
    };

  mkProfile = _: p:
    let
      optLevel = p.optLevel or "0";
      debuginfo = p.debuginfo or "0";
      panic = p.panic or "unwind";
      assertions = p.debugAssertions or (optLevel == "0");
      overflow = p.overflowChecks or assertions;
      onOff = on: if on then "on" else "off";
    in
    rec {
      inherit optLevel panic assertions;
      root = p.root;
      debug = if debuginfo == "0" then "false" else "true";
      beforeLto = optionals (optLevel != "0") (flag "opt-level" optLevel)
        ++ optionals (panic != "unwind") (flag "panic" panic)
        ++ optionals (panic == "immediate-abort") [ "-Z" "unstable-options" ];
      between = optionals (p ? codegenUnits) (flag "codegen-units" (toString p.codegenUnits))
        ++ optionals (debuginfo != "0") (flag "debuginfo" debuginfo
          ++ optionals (p ? splitDebuginfo) (flag "split-debuginfo" p.splitDebuginfo));
      rustflags = p.rustflags or [ ];
      checks = optionals (assertions != (optLevel == "0")) (flag "debug-assertions" (onOff assertions))
        ++ optionals (overflow != assertions) (flag "overflow-checks" (onOff overflow));
      rpath = optionals (p.rpath or false) [ "-C" "rpath" ];
      strip = optionals (p ? strip) (flag "strip" p.strip);
      identity = concatStringsSep " " (beforeLto ++ between ++ rustflags ++ checks ++ rpath ++ strip);
    };

  ltoArgs = {
    run = [ "-C" "lto" ];
    run-thin = [ "-C" "lto=thin" ];
    run-fat = [ "-C" "lto=fat" ];
    off = [ "-C" "lto=off" "-C" "embed-bitcode=no" ];
    bitcode = [ "-C" "linker-plugin-lto" ];
    object-and-bitcode = [ ];
    object = [ "-C" "embed-bitcode=no" ];
  };

  packages' = mapAttrs mkPackage crates;
  profiles' = mapAttrs mkProfile profiles;

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
          files = listToAttrs (map (path: {
            name = below workspacePlace path;
            value = fileOf path;
          }) (f.extraFiles or [ ]));
        }
        (pick overrides p.name)
        (pick overrides key)
        (pick overrides name)
      ];
      list = field: concatMap (o: o.${field} or [ ]) all;
      table = field: builtins.foldl' (a: o: a // (o.${field} or { })) { } all;
      libraries = concatMap (input: developed (libraryOf input)) (list "buildInputs");
      paths = tail: concatStringsSep ":" (map (input: "${input}/${tail}") libraries);
    in
    {
      path = map (input: let program = programOf input; in "${program.bin or program.out or program}/bin") (list "nativeInputs");
      rustflags = list "rustflags";
      env = (if libraries == [ ] then { } else {
        PKG_CONFIG_PATH = "${paths "lib/pkgconfig"}:${paths "share/pkgconfig"}";
        LIBRARY_PATH = paths "lib";
        CPATH = paths "include";
      } // (if foreign then { PKG_CONFIG_ALLOW_CROSS = "1"; } else { })) // table "env";
      files = table "files";
    };

  # Where a library of several outputs keeps its headers and itself.
  developed = input:
    let dev = input.dev or input; lib = input.lib or input.out or input; in
    if !(builtins.isAttrs input) || "${dev}" == "${lib}" then [ lib ] else [ dev lib ];

  # What the toolchain knows of single crates, by triple: a function by crate name.
  theirOverrides = tools.overrides or (_: { });

  # A program or library: an attribute of one of the toolchain's sets, a path, or a derivation.
  inputOf = inputs: set: input:
    if !(builtins.isString input) || startsWith "/" input then input
    else
      builtins.foldl'
        (found: part: found.${part} or (throw "rbn-plan: the toolchain has no input \"${input}\": add it to the toolchain's `${set}`, or pass it by the argument `overrides`"))
        inputs
        (filter builtins.isString (builtins.split "\\." input));

  adds = [ "nativeInputs" "buildInputs" "extraEnv" "extraFiles" "extraRustflags" ];
  noAdditions = { path = [ ]; rustflags = [ ]; env = { }; files = { }; };

  # What rustc calls the file of a crate type: nothing where the platform has no such type.
  filesOf = group: type: name:
    let pattern = groups.${group}.files.${type} or (usualFiles.${type} or "libNAME.rlib"); in
    optional (pattern != "") (replaceStrings [ "NAME" ] [ name ] pattern);
  usualFiles = {
    bin = "NAME";
    cdylib = "libNAME.so";
    dylib = "libNAME.so";
    proc-macro = "libNAME.so";
    staticlib = "libNAME.a";
  };
  programFile = group: name: head (filesOf group "bin" name);

  # --- Steps ------------------------------------------------------------------------------------

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
      rustflags = defaults.rustflags or [ ];
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
            if overrides == { } && !(known ? ${p.name}) && !(builtins.any (field: f ? ${field}) adds) then noAdditions
            else additions triple name f key p;
          common = {
            name = storeName name;
            inherit (tools) system;
            builder = tools.shell;
            args = [ builder ];
            __structuredAttrs = true;
            step = name;
            platform = group;
            package_name = p.name;
            cwd = p.cwd;
            package_place = p.place;
            fingerprint = tools.fingerprint;
            tools_path = concatStringsSep ":" (added.path ++ tools.path);
            tools_env = toolsEnv;
            library_path = tools.libraryPath or "";
            inherit (tools) rustc rustdoc cargo;
          };
        in
        if f.kind == "run" then mkRun name f key p profile added common
        else mkCompile name f key p profile added common;

      outDir = key: "/build/target/build/${key}/out";

      mkCompile = name: f: key: p: profile: added: common:
        let
          mode = f.mode or "build";
          isTest = mode == "test" || mode == "check-test";
          isCheck = mode == "check" || mode == "check-test";
          isLib = f.kind == "lib" || f.kind == "proc-macro";
          isMacro = f.kind == "proc-macro";
          target = f.target or p.name;
          crate = underscores target;
          types = f.crateTypes;
          has = type: elem type types;
          isDynamic = f.kind == "lib" && (has "dylib" || has "cdylib");
          named = isTest || isCheck || !(isDynamic && p.local);
          libraries = types == [ "lib" ] || types == [ "rlib" ];
          upstream = isTest || !(f.kind == "lib" || f.kind == "example") || builtins.any (t: t != "lib" && t != "rlib") types;
          externs = mapAttrs (_: dep: self.${dep}) (f.deps or { })
            // mapAttrs (_: dep: steps.host.${dep}) (f.macros or { });
          needs = map (dep: self.${dep}) (f.needs or [ ]);
          linked = attrValues externs ++ needs;
          dependencyIds = sort builtins.lessThan (map (dep: dep.id) linked);
          # Cargo looks at build scripts of dependencies by package, not by the name in the code.
          ordered = map (dep: self.${dep}) (f.order or (sort builtins.lessThan (attrValues (f.deps or { }))));
          features = attrNames (f.features or { });
          id = substring 0 16 (hashString "sha256" (concatStringsSep "\n" [
            p.name p.version p.identity f.suffix group
            (concatStringsSep " " features) profile.identity (concatStringsSep " " dependencyIds)
          ]));
          madeName = if named then "${crate}-${id}" else crate;
          made =
            if isCheck then [ "lib${madeName}.rmeta" ]
            else concatMap (type: filesOf group type madeName)
              (filter (type: elem type [ "lib" "rlib" "dylib" "proc-macro" ]) types);
          place = if isLib && !(isTest && !isCheck) then "lib" else "bin";
          argv = [ "--crate-name" crate "--edition=${f.edition or p.edition or "2021"}" "${p.seen}${f.root}" ]
            ++ optionals (!isTest) (concatMap (type: [ "--crate-type" type ]) types)
            ++ [ "--emit=${if isCheck then "dep-info,metadata" else if upstream then "dep-info,link" else "dep-info,metadata,link"}" ]
            ++ optionals (isMacro || (!isTest && has "dylib" && !(f.primary or false))) [ "-C" "prefer-dynamic" ]
            ++ profile.beforeLto
            ++ ltoArgs.${f.lto or "object"}
            ++ profile.between
            ++ p.lintFlags
            ++ profile.rustflags
            ++ profile.checks
            ++ (if !isTest then [ ] else if f.harness or true then [ "--test" ] ++ optionals (profile.panic != "unwind") [ "-Z" "panic-abort-tests" ] else [ "--cfg" "test" ])
            ++ concatMap (feature: [ "--cfg" "feature=\"${feature}\"" ]) features
            ++ [ "--check-cfg" "cfg(docsrs,test)" "--check-cfg" p.declared "-C" "metadata=${id}" ]
            ++ optionals named [ "-C" "extra-filename=-${id}" ]
            ++ profile.rpath
            ++ [ "--out-dir" "${builtins.placeholder "out"}/${place}" ]
            ++ optionals (!isHost) [ "--target" group ]
            ++ optionals (linker != null) [ "-C" "linker=${linker}" ]
            ++ profile.strip
            ++ [ "-L" "dependency=/build/target/deps" ]
            ++ concatMap (extern: concatMap (file: [ "--extern" "${extern}=/build/target/deps/${file}" ]) externs.${extern}.made) (attrNames externs)
            ++ optionals isMacro [ "--extern" "proc_macro" ]
            ++ optionals (!p.local) [ "--cap-lints" "allow" ]
            ++ rustflags
            ++ added.rustflags;
          env = p.env
            // { CARGO_CRATE_NAME = crate; }
            // (if f.kind == "bin" || (f.kind == "example" && has "bin") then { CARGO_BIN_NAME = target; } else { })
            // (if f.primary or false then { CARGO_PRIMARY_PACKAGE = "1"; } else { })
            // (if f.kind == "test" || f.kind == "bench" then { CARGO_TARGET_TMPDIR = "/build/target/tmp"; } else { })
            // (if f ? script then { OUT_DIR = outDir key; } else { })
            // listToAttrs (map (bin: { name = "CARGO_BIN_EXE_${bin}"; value = "${self.${f.bins.${bin}}}/bin/${programFile group bin}"; }) (attrNames (f.bins or { })))
            // listToAttrs (map (bin: { name = "CARGO_BIN_EXE_${bin}"; value = if isCheck then "placeholder:${bin}" else "/build/target/${group}/${bin}"; }) (f.absentBins or [ ]))
            // environment
            // added.env;
          source =
            if f.kind == "custom-build" then p.sources.script
            else if elem f.kind [ "test" "bench" "example" ] then p.sources.tests
            else p.sources.code;
        in
        derivation (common // source // {
          action = "compile";
          extra_files = source.extra_files // added.files;
          kind = if place == "lib" then "lib" else "bin";
          program = if place == "lib" then "" else target;
          made_name = madeName;
          is_macro = if isMacro then "1" else "";
          inherit argv env;
          crates = linked;
          native_crates = ordered;
          script = if f ? script then self.${f.script} else "";
          out_dir = outDir key;
          links_libs = if isLib || !(p.hasLib or true) then "1" else "";
          link_classes = { all = "1"; }
            // (if !isTest && has "cdylib" && f.kind == "lib" then { cdylib = "1"; } else { })
            // (if f.kind == "bin" then { bins = "1"; "bin ${target}" = "1"; } else { })
            // (if f.kind == "test" then { tests = "1"; } else { })
            // (if f.kind == "bench" then { benches = "1"; } else { })
            // (if f.kind == "example" && has "bin" then { examples = "1"; } else { });
        }) // { inherit id made madeName argv env; facts = f; };

      mkRun = name: f: key: p: profile: added: common:
        let
          features = attrNames (f.features or { });
          env = p.env
            // (if isHost then machine.cfgs or (cfgs.host or cfgs.${machine.host}) else cfgs.${group})
            // {
              OUT_DIR = outDir key;
              HOST = hostTriple;
              TARGET = triple;
              DEBUG = profile.debug;
              OPT_LEVEL = profile.optLevel;
              PROFILE = profile.root;
              CARGO_CFG_FEATURE = concatStringsSep "," features;
              CARGO_ENCODED_RUSTFLAGS = concatStringsSep "${unitSeparator}" rustflags;
            }
            // (if profile.assertions then { CARGO_CFG_DEBUG_ASSERTIONS = ""; } else { })
            // (if p ? links then { CARGO_MANIFEST_LINKS = p.links; } else { })
            // (if linker != null then { RUSTC_LINKER = linker; } else { })
            // listToAttrs (map (feature: { name = "CARGO_FEATURE_${upperAscii feature}"; value = "1"; }) features)
            // environment
            // added.env;
        in
        derivation (common // p.sources.run // {
          action = "run";
          extra_files = p.sources.run.extra_files // added.files;
          inherit env;
          cwd = p.place;
          out_dir = outDir key;
          program = if f ? replaced then "" else let made = steps.host.${f.program}; in "${made}/bin/${made.facts.target}";
          replaced = f.replaced or [ ];
          linked = mapAttrs (_: dep: self.${dep}) (f.links or { });
        }) // { inherit env; facts = f; argv = [ ]; };
    in
    self;

  unitSeparator = builtins.fromJSON "\"\\u001f\"";

  steps = mapAttrs (group: everywhere: mkGroup group (everywhere // (machine.steps.${group} or { }))) facts;

  # What a user wants of a package: programs in bin/, C libraries in lib/.
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
      file = type: called:
        if mode == "check" then [ "lib${called}.rmeta" ] else filesOf step.platform type called;
      libraries = to: from: listToAttrs (concatMap (type: map (known: {
        name = "${to}/${known}";
        value = "${step}/${from}/${head (file type step.madeName)}";
      }) (file type name)) f.crateTypes);
      program = programFile step.platform (f.target or p.name);
    in
    if mode == "test" then { "tests/${storeName step.step}" = "${step}/bin/${program}"; }
    else if f.kind == "example" && !(elem "bin" f.crateTypes) then libraries "examples" "bin"
    else if f.kind == "lib" || f.kind == "proc-macro" then libraries "lib" "lib"
    else if mode == "build" then { "bin/${program}" = "${step}/bin/${program}"; }
    else { "checked/${storeName step.step}" = "${step}"; };

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
