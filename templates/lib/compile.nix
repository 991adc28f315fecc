  # --- Compile steps: facts as rustc's command line and environment -----------------------------

  mkCompile = group: key: f: p: profile: added: common:
    let
      inherit (group) platform;
      self = group.steps;
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
        p.name p.version p.identity f.suffix platform
        (concatStringsSep " " features) profile.identity (concatStringsSep " " dependencyIds)
      ]));
      madeName = if named then "${crate}-${id}" else crate;
      made =
        if isCheck then [ "lib${madeName}.rmeta" ]
        else concatMap (type: filesOf platform type madeName)
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
        ++ optionals (!group.isHost) [ "--target" platform ]
        ++ optionals (group.linker != null) [ "-C" "linker=${group.linker}" ]
        ++ profile.strip
        ++ [ "-L" "dependency=/build/target/deps" ]
        ++ concatMap (extern: concatMap (file: [ "--extern" "${extern}=/build/target/deps/${file}" ]) externs.${extern}.made) (attrNames externs)
        ++ optionals isMacro [ "--extern" "proc_macro" ]
        ++ optionals (!p.local) [ "--cap-lints" "allow" ]
        ++ group.rustflags
        ++ added.rustflags;
      env = p.env
        // { CARGO_CRATE_NAME = crate; }
        // (if f.kind == "bin" || (f.kind == "example" && has "bin") then { CARGO_BIN_NAME = target; } else { })
        // (if f.primary or false then { CARGO_PRIMARY_PACKAGE = "1"; } else { })
        // (if f.kind == "test" || f.kind == "bench" then { CARGO_TARGET_TMPDIR = "/build/target/tmp"; } else { })
        // (if f ? script then { OUT_DIR = outDir key; } else { })
        // listToAttrs (map (bin: { name = "CARGO_BIN_EXE_${bin}"; value = "${self.${f.bins.${bin}}}/bin/${programFile platform bin}"; }) (attrNames (f.bins or { })))
        // listToAttrs (map (bin: { name = "CARGO_BIN_EXE_${bin}"; value = if isCheck then "placeholder:${bin}" else "/build/target/${platform}/${bin}"; }) (f.absentBins or [ ]))
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
