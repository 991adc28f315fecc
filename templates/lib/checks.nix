  # --- Checks: programs and tools that are run over what is compiled. Only in plans that ask for them.

  # Facts of what rustdoc does; nothing depends on it.
  doctest = facts: facts // { suffix = ":doctest"; mode = "doctest"; };
  doc = facts: facts // { suffix = ":doc${facts.suffix}"; mode = "doc"; };

  # The builder's program with the rules of checks: a change of one builds no crate again.
  checker = derivation (builder.drvAttrs // {
    name = "rbn-plan-checker";
    args = builtins.genList (builtins.elemAt builder.drvAttrs.args) (length builder.drvAttrs.args - 1)
      ++ [ (builtins.toFile "rbn-plan-checker.rs" (replaceStrings [ checkerText.instead ] [ "" ] builderText + checkerText.more)) ];
  });

  check' = name: platform: facts: derivation {
    name = storeName name;
    inherit (tools) system;
    builder = "${checker}";
    __structuredAttrs = true;
    step = name;
    inherit platform facts;
  };

  # A package as its test programs may read and change it: whole, but for other packages in it.
  wholeOf = key: p:
    if !(p ? path) then packages'.${key}.sources.tests
    else
      let
        dir = if p.path == "" then "" else "${p.path}/";
        holds = name: builtins.any (other: other == dir + name || startsWith "${dir}${name}/" other) (p.without or [ ]);
        tops = filter (name: name != "target" && !(holds name))
          (attrNames (builtins.readDir (if p.path == "" then src else src + "/${p.path}")));
      in
      (pathSources key (p // {
        testsAlso = (p.testsAlso or [ ]) ++ (p.scriptAlso or [ ]) ++ map (name: dir + name) tops;
      })).tests;

  # Files at the top of the workspace that a tool looks for upwards from the package.
  ofWorkspace = names: placed (filter (name: builtins.pathExists (src + "/${name}")) names);

  # Their settings.
  settingsOf = { clippy = [ "clippy.toml" ".clippy.toml" ]; fmt = [ "rustfmt.toml" ".rustfmt.toml" ]; };

  # The crates below a crate that have pages in the same directory: to those rustdoc links.
  keyOf = name: f: f.package or (without f.suffix name);
  crateOf = key: f: replaceStrings [ "-" ] [ "_" ] (f.target or packages'.${key}.name);
  pagesOf = mapAttrs (group: names:
    listToAttrs (concatMap
      (name:
        let f = steps.${group}.${name}.stated; key = keyOf name f; in
        optional (f.kind == "lib") { name = key; value = crateOf key f; })
      names)) checks.steps;
  pagesBelow = mapAttrs (group: mapAttrs (_: step: builtins.foldl'
    (found: name:
      let key = keyOf name steps.${group}.${name}.stated; in
      found // pagesBelow.${group}.${name}
      // (if pagesOf.${group} ? ${key} then { ${pagesOf.${group}.${key}} = true; } else { }))
    { } (attrValues (step.stated.deps or { })))) steps;

  # The run of a program, or of each part that it is cut into.
  mkChecks = group: name:
    let parts = builtins.fromJSON (checks.partitions.${name} or "1"); in
    if parts == 1 then [ (mkCheck group name) ]
    else builtins.genList (n: mkPart group name { part = n + 1; inherit parts; }) parts;
  mkCheck = group: name: mkPart group name { };

  mkPart = group: name: partition:
    let
      ofParts = if partition == { } then "" else "${toString partition.part}-of-${toString partition.parts}";
      step = steps.${group}.${name};
      f = step.stated;
      mode = f.mode or "build";
      key = f.package or (without f.suffix name);
      package = packages'.${key};
      action = if elem mode [ "doctest" "doc" ] then mode else if checks.verb == "coverage" then "test" else checks.verb;
      runs = elem action [ "test" "bench" "doctest" ];
      settings = settingsOf.${action} or [ ];
      base = if elem f.kind [ "test" "bench" "example" ] then package.sources.tests else package.sources.code;
      given = step.facts.of.sources;
      added = builtins.genList (n: builtins.elemAt given (n + length base)) (length given - length base);
      # A tool of the compiler's lies beside it, where the toolchain does not say another place.
      tool = name: tools.${name} or "${builtins.dirOf tools.rustc}/${name}";
    in
    check' (if elem mode [ "doctest" "doc" ] then name else "${name}:${action}${if ofParts == "" then "" else ":${ofParts}"}") group {
      inherit action;
      inherit (step.facts) tools;
      # Code is formatted whatever it depends on.
      of = removeAttrs step.facts.of (if action == "fmt" then [ "deps" "macros" "needs" "script" "bins" "below" "metadata" ] else [ ]) // {
        sources = (if runs then wholeOf key package.p ++ placed (checks.files or [ ])
          else base ++ ofWorkspace (settings ++ (if package.p ? path && package.p.path != "" then map (name: "${package.p.path}/${name}") settings else [ ])))
          ++ added;
        ${if f ? mode then "mode" else null} =
          if mode == "doctest" then "test" else if mode == "doc" then "check" else mode;
      };
      check = partition // {
        ${if runs && mode != "doctest" then "program" else null} = step;
        ${if checks.verb == "coverage" then "coverage" else null} = true;
        ${if runs then "runner" else null} = groups.${group}.runner or (tools.runners.${group} or [ ]);
        ${if action == "clippy" then "tool" else null} = tool "clippy-driver";
        ${if action == "fmt" then "tool" else null} = tool "rustfmt";
        ${if action == "doc" then "pages" else null} = attrNames (pagesBelow.${group}.${name});
        inherit (checks) directory;
        args = checks.args or [ ];
        skip = if runs then checks.skip or [ ] else [ ];
        retries = if runs then checks.retries or 0 else 0;
        timeout = checks.timeout or 3600;
        output = checks.output or 1048576;
      };
    } // { packageName = package.name; 
      # What runs while others are built is looked at twice: by itself, and as it is built for them. Two packages
      # of one name are told apart by their versions.
      part = partOf f.suffix name
        + (if ofParts == "" then "" else "-${ofParts}")
        + (if action == "clippy" && mode == "build" && f.kind != "custom-build" then "-built" else "")
        + (if length (filter (p: p.name == package.name) (attrValues crates)) > 1
           then "-" + replaceStrings [ "." "+" ] [ "_" "_" ] crates.${key}.version else "");
    };

  # `lib-test`, `test-cli`: what of the package it is, in letters that an attribute and a job may have.
  partOf = suffix: name:
    let
      digits = match ".*~([0-9a-f]+)" name;
      words = filter (word: builtins.isString word && word != "" && word != "check") (builtins.split "[^a-zA-Z0-9_-]+" suffix);
    in
    concatStringsSep "-" ((if words == [ ] then [ "lib" ] else words) ++ (if digits == null then [ ] else digits));

  # The report of each check, by platform, package and part. It exists whatever the check found.
  reports = mapAttrs (group: names:
    mapAttrs (_: list: listToAttrs (map (report: { name = report.part; value = report; }) (numbered list)))
      (builtins.groupBy or groupBy' (report: report.packageName) (concatMap (mkChecks group) names))) checks.steps;
  # None hides another, whatever they are called.
  numbered = list: builtins.genList
    (n:
      let
        report = builtins.elemAt list n;
        before = length (filter (m: (builtins.elemAt list m).part == report.part) (builtins.genList (m: m) n));
      in
      if before == 0 then report else report // { part = "${report.part}-${toString (before + 1)}"; })
    (length list);
  groupBy' = key: list: builtins.foldl'
    (groups: one: groups // { ${key one} = (groups.${key one} or [ ]) ++ [ one ]; }) { } list;

  # Those of this build machine: a target that is another machine's own is checked there.
  here =
    if reports ? ${hostTriple} then
      removeAttrs reports (filter (triple: triple != hostTriple) (concatMap (m: optional (m ? host) m.host) (attrValues machines)))
    else reports;

  # One derivation for each package, which fails where one of its checks found something.
  gate = name: gateOver "${name}:checks:${checks.verb}";
  gateOver = name: platform: list: check' name platform { action = "gate"; reports = list; };
  gates = mapAttrs (group: mapAttrs (name: parts: gate name group (attrValues parts))) reports;
  # The same of a package on all platforms that are checked here: its name stays when a target comes.
  checkOf = listToAttrs (map
    (name: { inherit name; value = gate name "all" (concatMap (packages: attrValues (packages.${name} or { })) (attrValues here)); })
    (attrNames (builtins.foldl' (all: packages: all // packages) { } (attrValues here))));
  allReports = concatMap (packages: concatMap attrValues (attrValues packages)) (attrValues here);
  # All of them in one directory; those of one package.
  report = reportsOf "all" (_: true);
  reportOf = listToAttrs (map (name: { inherit name; value = reportsOf name (package: package == name); })
    (map (p: p.name) (attrValues crates)));
  reportsOf = name: wanted: check' "${name}:reports" "all" {
    action = "reports";
    reports = listToAttrs (concatMap
      (group: concatMap
        (package: map (part: { name = "${group}/${package}/${part}"; value = here.${group}.${package}.${part}; })
          (attrNames here.${group}.${package}))
        (filter wanted (attrNames here.${group})))
      (attrNames here));
  };

  # The pages of each platform as one site, beside the reports of it.
  docs = docsOf' "all" report (_: true);
  docsOf = mapAttrs (name: reports: docsOf' name reports (package: package == name)) reportOf;
  docsOf' = name: reports: wanted: check' "${name}:docs" "all" {
    action = "reports";
    reports = mapAttrs (group: packages: site name group (concatMap attrValues (map (package: packages.${package}) (filter wanted (attrNames packages))))) here // { inherit reports; };
  };

  # What of the members' code ran, for each platform: the profiles of its test programs, joined.
  coverage = coverage' "all" report (_: true);
  coverageOf = mapAttrs (name: reports: coverage' name reports (package: package == name)) reportOf;
  coverage' = name: reports: wanted: check' "${name}:coverage" "all" {
    action = "reports";
    reports = mapAttrs (group: packages: measured name group (concatMap attrValues (map (package: packages.${package}) (filter wanted (attrNames packages)))))
      (removeAttrs here [ "host" ]) // { inherit reports; };
  };
  measured = name: group: reports:
    let counted = filter (step: elem "-Cinstrument-coverage" (step.stated.extraRustflags or [ ])) (attrValues steps.${group}); in
    check' "${name}:coverage" group {
      action = "coverage";
      inherit reports;
      programs = filter (step: elem step.stated.kind [ "bin" "test" ] || (step.stated.mode or "build") == "test") counted;
      of = map (step: removeAttrs step.facts.of [ "deps" "macros" "needs" "script" "bins" "below" "metadata" ]) counted;
      llvmTools = checks.llvmTools or (tools.llvm-tools or "${builtins.dirOf (builtins.dirOf tools.rustc)}/lib/rustlib/${hostTriple}/bin");
      env = (tools.env or { }) // { ${if tools.libraryPath or "" == "" then null else "LD_LIBRARY_PATH"} = tools.libraryPath; };
    };
  site = name: group: pages: check' "${name}:site" group {
    action = "site";
    inherit (tools) rustdoc;
    inherit pages;
    env = (tools.env or { }) // { ${if tools.libraryPath or "" == "" then null else "LD_LIBRARY_PATH"} = tools.libraryPath; };
  };

  # A step that is a check is its check.
  checkedSteps = mapAttrs (group: mapAttrs (name: step:
    if elem (step.stated.mode or "build") [ "doctest" "doc" ] then mkCheck group name else step)) steps;
