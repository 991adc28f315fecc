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
      linked = attrValues externs ++ map (dep: self.${dep}) (f.needs or [ ]);
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
      argv = concatLists [
        [ "--crate-name" crate "--edition=${f.edition or p.edition or "2021"}" (if startsWith "/" f.root then f.root else "${p.seen}${f.root}") ]
        (if isTest then [ ] else concatMap (type: [ "--crate-type" type ]) types)
        [ "--emit=${if isCheck then "dep-info,metadata" else if upstream then "dep-info,link" else "dep-info,metadata,link"}" ]
        (if isMacro || (!isTest && has "dylib" && !(f.primary or false)) then [ "-C" "prefer-dynamic" ] else [ ])
        profile.beforeLto
        ltoArgs.${f.lto or "object"}
        profile.between
        p.lintFlags
        profile.rustflags
        profile.checks
        (if !isTest then [ ] else if f.harness or true then [ "--test" ] ++ profile.testPanic else [ "--cfg" "test" ])
        (concatMap (feature: [ "--cfg" "feature=\"${feature}\"" ]) features)
        [ "--check-cfg" "cfg(docsrs,test)" "--check-cfg" p.declared "-C" "metadata=${id}" ]
        (if named then [ "-C" "extra-filename=-${id}" ] else [ ])
        profile.rpath
        [ "--out-dir" "${outPlaceholder}/${place}" ]
        group.targetArgs
        profile.strip
        [ "-L" "dependency=/build/target/deps" ]
        (concatMap (extern: concatMap (file: [ "--extern" "${extern}=/build/target/deps/${file}" ]) externs.${extern}.made) (attrNames externs))
        (if isMacro then [ "--extern" "proc_macro" ] else [ ])
        p.capLints
        group.rustflags
        added.rustflags
      ];
      # An attribute whose name is null is left out.
      env = p.env // {
        CARGO_CRATE_NAME = crate;
        ${if f.kind == "bin" || (f.kind == "example" && has "bin") then "CARGO_BIN_NAME" else null} = target;
        ${if f.primary or false then "CARGO_PRIMARY_PACKAGE" else null} = "1";
        ${if f.kind == "test" || f.kind == "bench" then "CARGO_TARGET_TMPDIR" else null} = "/build/target/tmp";
        ${if f ? script then "OUT_DIR" else null} = outDir key;
      }
      // (if f ? bins then listToAttrs (map (bin: { name = "CARGO_BIN_EXE_${bin}"; value = "${self.${f.bins.${bin}}}/bin/${programFile platform bin}"; }) (attrNames f.bins)) else { })
      // (if f ? absentBins then listToAttrs (map (bin: { name = "CARGO_BIN_EXE_${bin}"; value = if isCheck then "placeholder:${bin}" else "/build/target/${platform}/${bin}"; }) f.absentBins) else { })
      // environment
      // added.env;
      source =
        if f.kind == "custom-build" then p.sources.script
        else if elem f.kind [ "test" "bench" "example" ] then p.sources.tests
        else p.sources.code;
    in
    derivation (common // {
      action = "compile";
      # TEMPORARY, for the builder in bash: it has one source and extra files.
      source_kind = (head source).kind;
      source_path = (head source).path;
      source_place = (head source).place;
      extra_files = listToAttrs (map (one: { name = one.place; value = one.path; }) (builtins.tail source)) // added.files;
      kind = place;
      program = if place == "lib" then "" else target;
      made_name = madeName;
      is_macro = if isMacro then "1" else "";
      inherit argv env;
      crates = linked;
      native_crates = ordered;
      script = if f ? script then self.${f.script} else "";
      out_dir = outDir key;
      links_libs = if isLib || !(p.hasLib or true) then "1" else "";
      link_classes = {
        all = "1";
        ${if !isTest && has "cdylib" && f.kind == "lib" then "cdylib" else null} = "1";
        ${if f.kind == "bin" then "bins" else null} = "1";
        ${if f.kind == "bin" then "bin ${target}" else null} = "1";
        ${if f.kind == "test" then "tests" else null} = "1";
        ${if f.kind == "bench" then "benches" else null} = "1";
        ${if f.kind == "example" && has "bin" then "examples" else null} = "1";
      };
    }) // { inherit id made madeName; facts = f; };
