  # --- Packages: what their manifests say, as steps need it -------------------------------------

  packages' = mapAttrs mkPackage crates;

  mkPackage = key: p:
    let
      place = placeOf p;
      isPath = p ? path;
      inWorkspace = p.inWorkspace or isPath;
      versions = match "([0-9]+)\\.([0-9]+)\\.([0-9]+)(-([^+]*))?(\\+.*)?" p.version;
      pre = builtins.elemAt versions 4;
    in
    p // {
      inherit place;
      sources = sourcesOf key p;
      lintFlags = if p ? lintSet then lintSets.${p.lintSet} else p.lints or [ ];
      local = isPath;
      capLints = optionals (!isPath) [ "--cap-lints" "allow" ];
      cwd = if inWorkspace then workspacePlace else place;
      # The package's directory as seen from the working directory.
      seen = if !inWorkspace then "${place}/" else if p.path == "" then "" else "${p.path}/";
      identity =
        if isPath then "path:${p.path}"
        else if p ? git then "git:${p.git.url}#${p.git.rev}"
        else if p ? vendor then "vendor"
        else p.registry or "crates-io";
      declared = "cfg(feature, values(${concatStringsSep ", " (map (feature: "\"${feature}\"") (p.declares or [ ]))}))";
      env = {
        CARGO_MANIFEST_DIR = place;
        CARGO_MANIFEST_PATH = "${place}/Cargo.toml";
        CARGO_PKG_NAME = p.name;
        CARGO_PKG_VERSION = p.version;
        CARGO_PKG_VERSION_MAJOR = head versions;
        CARGO_PKG_VERSION_MINOR = builtins.elemAt versions 1;
        CARGO_PKG_VERSION_PATCH = builtins.elemAt versions 2;
        CARGO_PKG_VERSION_PRE = if pre == null then "" else pre;
        CARGO_PKG_AUTHORS = p.authors or "";
        CARGO_PKG_DESCRIPTION = p.description or "";
        CARGO_PKG_HOMEPAGE = p.homepage or "";
        CARGO_PKG_LICENSE = p.license or "";
        CARGO_PKG_LICENSE_FILE = p.licenseFile or "";
        CARGO_PKG_README = p.readme or "";
        CARGO_PKG_REPOSITORY = p.repository or "";
        CARGO_PKG_RUST_VERSION = p.rustVersion or "";
      };
    };
