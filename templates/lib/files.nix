  # --- Files: what rustc calls what it makes ----------------------------------------------------

  # The file of a crate type: nothing where the platform has no such type.
  filesOf = platform: type: name:
    let pattern = groups.${platform}.files.${type} or (usualFiles.${type} or "libNAME.rlib"); in
    optional (pattern != "") (replaceStrings [ "NAME" ] [ name ] pattern);
  usualFiles = {
    bin = "NAME";
    cdylib = "libNAME.so";
    dylib = "libNAME.so";
    proc-macro = "libNAME.so";
    staticlib = "libNAME.a";
  };
  programFile = platform: name: head (filesOf platform "bin" name);
