  # --- The library: the same text in every plan. It makes commands of facts. -------------------

  # --- Words: what the rest is said with -------------------------------------------------------

  inherit (builtins)
    attrNames attrValues concatLists concatMap concatStringsSep elem filter hashString head length listToAttrs
    map mapAttrs match replaceStrings sort stringLength substring toString;

  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then values else [ ];
  flag = name: value: [ "-C" "${name}=${value}" ];
  startsWith = prefix: text: substring 0 (stringLength prefix) text == prefix;
  without = suffix: text: substring 0 (stringLength text - stringLength suffix) text;
  underscores = replaceStrings [ "-" ] [ "_" ];
  upperAscii = replaceStrings
    (lowerLetters ++ [ "-" ]) (upperLetters ++ [ "_" ]);
  lowerLetters = [ "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t" "u" "v" "w" "x" "y" "z" ];
  upperLetters = [ "A" "B" "C" "D" "E" "F" "G" "H" "I" "J" "K" "L" "M" "N" "O" "P" "Q" "R" "S" "T" "U" "V" "W" "X" "Y" "Z" ];

  # Names of derivations have a smaller alphabet than names of steps.
  storeName = replaceStrings [ ":" "~" " " "/" "@" "!" ] [ "-" "-" "-" "-" "-" "-" ];

  # Where a derivation's output will be.
  outPlaceholder = builtins.placeholder "out";

  unitSeparator = builtins.fromJSON "\"\\u001f\"";
