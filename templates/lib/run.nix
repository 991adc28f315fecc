  # --- Run steps: a build script's environment --------------------------------------------------

  mkRun = group: key: f: p: profile: added: common:
    let
      features = attrNames (f.features or { });
      env = p.env
        // group.cfgEnv
        // {
          OUT_DIR = outDir key;
          HOST = hostTriple;
          TARGET = group.triple;
          DEBUG = profile.debug;
          OPT_LEVEL = profile.optLevel;
          PROFILE = profile.root;
          CARGO_CFG_FEATURE = concatStringsSep "," features;
          CARGO_ENCODED_RUSTFLAGS = concatStringsSep unitSeparator group.rustflags;
          ${if profile.assertions then "CARGO_CFG_DEBUG_ASSERTIONS" else null} = "";
          ${if p ? links then "CARGO_MANIFEST_LINKS" else null} = p.links;
          ${if group.linker != null then "RUSTC_LINKER" else null} = group.linker;
        }
        // listToAttrs (map (feature: { name = "CARGO_FEATURE_${upperAscii feature}"; value = "1"; }) features)
        // environment
        // added.env;
    in
    derivation (common // {
      action = "run";
      inherit (tools) rustdoc;
      # TEMPORARY, for the builder in bash: it has one source and extra files.
      source_kind = (head p.sources.run).kind;
      source_path = (head p.sources.run).path;
      source_place = (head p.sources.run).place;
      extra_files = listToAttrs (map (one: { name = one.place; value = one.path; }) (builtins.tail p.sources.run)) // added.files;
      inherit env;
      cwd = p.place;
      out_dir = outDir key;
      program = if f ? replaced then "" else let made = steps.host.${f.program}; in "${made}/bin/${made.facts.target}";
      replaced = f.replaced or [ ];
      linked = mapAttrs (_: dep: group.steps.${dep}) (f.links or { });
    }) // { facts = f; };
