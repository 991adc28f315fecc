  # --- What steps are built with: one toolchain, or one for each build machine ------------------

  tools =
    if builtins.isFunction toolchain then
      toolchain { system = if system == null then builtins.currentSystem or (head (attrNames machines)) else system; }
    else if system == null || system == toolchain.system then toolchain
    else throw "rbn-plan: this toolchain builds on ${toolchain.system}, not on ${system}: pass `toolchain` one for ${system}, or a function of { system }";

  machine = machines.${tools.system} or (throw "rbn-plan: this plan is for builds on ${concatStringsSep " and " (attrNames machines)}, not on ${tools.system}: plan with --system ${tools.system} too, or name it in config.toml: [build] systems");

  # The builder of every step: a program that the toolchain's own rustc makes of the text in this plan.
  builder = derivation (tools.env or { } // { # ordinary
  builder = let tools = hostTools; in derivation (tools.env or { } // { # bootstrap
    name = "rbn-plan-builder";
    inherit (tools) system;
    builder = tools.rustc;
    args = [ "--edition=2024" "--crate-name=rbn_plan_builder" "--cap-lints=allow" "-Cpanic=abort" "-Cstrip=symbols" ]
      ++ optional (tools ? linkers && tools.linkers ? ${hostTriple}) "-Clinker=${tools.linkers.${hostTriple}}"
      ++ [ "-o" (builtins.placeholder "out") (builtins.toFile "rbn-plan-builder.rs" builderText) ];
    PATH = concatStringsSep ":" tools.path;
    fingerprint = concatStringsSep "\n" tools.fingerprint;
  });

  # What the builder has to know of them, as a file of its own: each step's derivation names it in a word.
  toolFacts = triple: let foreign = tools.foreign.${triple} or { }; in derivation { # ordinary
  toolFacts = tools: triple: let foreign = tools.foreign.${triple} or { }; in derivation { # bootstrap
    name = "rbn-plan-tools";
    inherit (tools) system;
    builder = "${builder}";
    __structuredAttrs = true;
    facts = {
      action = "tools";
      of = {
        inherit (tools) rustc rustdoc cargo path;
        fingerprint = tools.fingerprint ++ foreign.fingerprint or [ ];
        env = (tools.env or { }) // (tools.targetEnv.${triple} or { });
        libraryPath = tools.libraryPath or "";
        compilerSeals = tools.compilerSeals or { } // foreign.compilerSeals or { };
        linkerSeals = tools.linkerSeals or { } // foreign.linkerSeals or { };
      };
    };
  };
