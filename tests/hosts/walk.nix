# The jobs of a file of `rbn-plan ci hydra`, a line each: its name and its derivation. Found as nix-eval-jobs finds
# them: the top, and below it each set that says `recurseForDerivations`.
{ file, flat }:
let
  inherit (builtins) attrNames concatMap concatStringsSep isAttrs;
  walk = path: value:
    if !isAttrs value then [ ]
    else if value.type or "" == "derivation" then [ "${concatStringsSep "." path} ${value.drvPath}\n" ]
    else if path == [ ] || value.recurseForDerivations or false
    then concatMap (name: walk (path ++ [ name ]) value.${name}) (attrNames value)
    else [ ];
in
concatStringsSep "" (walk [ ] (import file { inherit flat; }))
