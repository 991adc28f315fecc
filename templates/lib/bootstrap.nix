  # --- What rustc's own build adds (model/bootstrap.rs says the same) ----------------------------

  # The first compiler, where a library's steps on the build machine need one that has a library.
  hostTools = if mode.firstCompilerOnHost or false then hostToolchain else tools;

  isFirst = builtBy == 0;
  rustflagsOf = isHost: own:
    if isHost then own
    else (mode.firstFlags or [ ]) ++ (if isFirst then [ ] else mode.laterFlags or [ ]) ++ own
      ++ (if isFirst then [ "--cfg=bootstrap" ] else mode.lastFlags or [ ]);
  stageCfgs = if isFirst then { CARGO_CFG_BOOTSTRAP = ""; } else { };
  hostStageCfgs = if mode.firstCompilerOnHost or false then { } else stageCfgs;

  # Behind all other arguments of rustc.
  loadsLate = listToAttrs (map (name: { inherit name; value = true; }) (mode.loadsLate or [ ]));
  behind = isHost: f: packageName:
    (mode.shim or [ ])
    ++ (if isHost then (mode.hostShim or [ ]) ++ optional (isFirst && !(mode.firstCompilerOnHost or false)) "--cfg=bootstrap"
    else optional (mode ? loadsLate && f.kind != "proc-macro"
      && !(loadsLate ? ${replaceStrings [ "-" ] [ "_" ] (f.target or packageName)})) "-Ztls-model=initial-exec")
    ++ optional (rustcDev != null) "-L${rustcDev}/lib"
    ++ (mode.end or [ ]);

  ofBootstrap = {
    metadata = "${if isFirst then "bootstrap" else mode.channel}${mode.kin or ""}${mode.version}";
    ${if mode ? split then "split" else null} = true;
    ${if mode ? keep then "keep" else null} = true;
    ${if mode ? staticStd then "staticStd" else null} = mode.staticStd;
  };

  # x.py's shim stands before the compiler of build scripts, too, and says which stage it is.
  ofScript.shim = {
    onHost = behind true { } "";
    forTarget = behind false { kind = "lib"; } "";
    ${if mode.firstCompilerOnHost or false then "rustc" else null} = hostTools.rustc;
  };
  ofStage.RUSTC_STAGE = toString builtBy;