  # --- What kind of step a fact describes: the words that the plan uses -------------------------

  lib = facts: { kind = "lib"; suffix = ""; } // facts;
  procMacro = facts: { kind = "proc-macro"; suffix = ""; } // facts;
  bin = name: facts: { kind = "bin"; suffix = ":bin:${name}"; target = name; } // facts;
  example = name: facts: { kind = "example"; suffix = ":example:${name}"; target = name; } // facts;
  test = name: facts: { kind = "test"; suffix = ":test:${name}"; target = name; mode = "test"; } // facts;
  bench = name: facts: { kind = "bench"; suffix = ":bench:${name}"; target = name; mode = "test"; } // facts;
  libTest = facts: lib facts // { suffix = ":lib-test"; mode = "test"; };
  procMacroTest = facts: procMacro facts // { suffix = ":lib-test"; mode = "test"; };
  binTest = name: facts: bin name facts // { suffix = ":bin-test:${name}"; mode = "test"; };
  exampleTest = name: facts: example name facts // { suffix = ":example-test:${name}"; mode = "test"; };
  check = facts: facts // {
    suffix = if facts.suffix == "" then ":check" else ":check${facts.suffix}";
    mode = if facts.mode or "build" == "test" then "check-test" else "check";
  };
  buildScript = facts: { kind = "custom-build"; suffix = ":build-script"; target = "build-script-build"; } // facts;
  run = facts: { kind = "run"; suffix = ":run"; } // facts;
