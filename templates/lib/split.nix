  # --- Split steps: a library's metadata in a step of its own, before the library ----------------

  # A library of which rustc reads and writes metadata, and no linker has a part in.
  isOfMetadata = f:
    f.kind == "lib" && !(f ? mode)
    && (!(f ? crateTypes) || builtins.all (type: type == "lib" || type == "rlib") f.crateTypes);

  mayBeSplit =
    if split == "off" then _: _: false
    else if split == "all" then _: f: isOfMetadata f && !(f.whole or false)
    else if split == "members" then name: f:
      isOfMetadata f && !(f.whole or false) && crates.${f.package or (without f.suffix name)} ? path
    else throw "rbn-plan: the argument `split` is \"off\", \"members\" or \"all\", and not \"${toString split}\"";

  # The names of a group's steps that are split: of these libraries, those that others are compiled against.
  splitOf = facts:
    let
      readers = filter (f: f ? deps && isOfMetadata f) (attrValues facts);
      read = listToAttrs (map (name: { inherit name; value = true; }) (concatMap (f: attrValues f.deps) readers));
    in
    if split == "off" then [ ] else filter (name: mayBeSplit name facts.${name}) (attrNames read);

  # The libraries that a linker reads.
  below = facts: f:
    let
      nodes = f: map (key: { inherit key; }) (attrValues (f.deps or { }) ++ f.needs or [ ]);
    in
    map (found: found.key) (builtins.genericClosure {
      startSet = nodes f;
      operator = found: nodes facts.${found.key};
    });
