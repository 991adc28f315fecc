  # --- Profiles: code generation as arguments ---------------------------------------------------

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
      inherit optLevel assertions;
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
      testPanic = optionals (panic != "unwind") [ "-Z" "panic-abort-tests" ];
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

  profiles' = mapAttrs mkProfile profiles;
