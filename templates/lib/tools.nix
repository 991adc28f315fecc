  # --- What steps are built with: one toolchain, or one for each build machine ------------------

  tools =
    if builtins.isFunction toolchain then
      toolchain { system = if system == null then builtins.currentSystem or (head (attrNames machines)) else system; }
    else if system == null || system == toolchain.system then toolchain
    else throw "rbn-plan: this toolchain builds on ${toolchain.system}, not on ${system}: pass `toolchain` one for ${system}, or a function of { system }";

  machine = machines.${tools.system} or (throw "rbn-plan: this plan is for builds on ${concatStringsSep " and " (attrNames machines)}, not on ${tools.system}: plan with --system ${tools.system} too, or name it in config.toml: [build] systems");

  # The builder of every step, as a file of its own in the store.
  builder = builtins.toFile "rbn-plan-builder.sh" builderText;
