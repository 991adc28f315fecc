  # --- Run steps: a build script's environment --------------------------------------------------

  mkRun = group: key: f: p: profile: added: common:
    let
      inherit (group) platform linker;
      features = attrNames (f.features or { });
      env = p.env
        // (if group.isHost then machine.cfgs or (cfgs.host or cfgs.${machine.host}) else cfgs.${platform})
        // {
          OUT_DIR = outDir key;
          HOST = hostTriple;
          TARGET = group.triple;
          DEBUG = profile.debug;
          OPT_LEVEL = profile.optLevel;
          PROFILE = profile.root;
          CARGO_CFG_FEATURE = concatStringsSep "," features;
          CARGO_ENCODED_RUSTFLAGS = concatStringsSep "${unitSeparator}" group.rustflags;
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
      linked = mapAttrs (_: dep: group.steps.${dep}) (f.links or { });
    }) // { inherit env; facts = f; argv = [ ]; };
