  # --- The library: the same text in every plan. It makes derivations of facts. ----------------

  # --- Words: what the rest is said with -------------------------------------------------------

  inherit (builtins)
    attrNames attrValues concatMap concatStringsSep elem filter head length listToAttrs map mapAttrs match
    removeAttrs replaceStrings sort stringLength substring;

  optional = condition: value: if condition then [ value ] else [ ];
  startsWith = prefix: text: substring 0 (stringLength prefix) text == prefix;
  without = suffix: text: substring 0 (stringLength text - stringLength suffix) text;

  # Names of derivations have a smaller alphabet than names of steps.
  storeName = replaceStrings [ ":" "~" " " "/" "@" "!" ] [ "-" "-" "-" "-" "-" "-" ];
