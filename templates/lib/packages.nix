  # --- Packages: what their manifests say, as steps need it -------------------------------------

  packages' = mapAttrs mkPackage crates;

  # A step has the facts that it reads, and is not built again for others.
  mkPackage = key: p: {
    inherit (p) name;
    inherit p;
    sources = sourcesOf key p; # ordinary
    sources = if sources == null then sourcesOf key p else sources.${key}; # bootstrap
    compile = removeAttrs p (filesFacts ++ [ "lintSet" "links" "targets" ])
      // (if p ? lintSet then { lints = lintSets.${p.lintSet}; } else { });
    run = removeAttrs p (filesFacts ++ [ "lintSet" "lints" "declares" "edition" ]);
  };

  # Where files are is a matter of the sources.
  filesFacts = [ "sha256" "submodules" "code" "script" "without" "also" "testsAlso" "scriptAlso" "linksTo" "runSees" "defaultRun" ];

  # Which of its programs a package's manifest names to be run.
  defaultRuns = listToAttrs (map (p: { inherit (p) name; value = p.defaultRun; }) (filter (p: p ? defaultRun) (attrValues crates)));
