# The compiler that sccache is given.

# What a key is to say of the compiler: the path, where that is a hash; else what the derivation's own
# hash knows of it, and the sizes of its program and its libraries (`sized`). False where that is nothing.
describe_compiler() {
  local line root=${rustc%/bin/rustc}
  local -a lines=()
  if [[ $rustc == "$NIX_STORE"/* ]]; then
    REPLY="rustc $rustc"$'\n'"host: $platform"$'\n'
    return
  fi
  for line in "${fingerprint[@]}"; do
    case $line in
      "rustc "* | binary:* | commit-*:* | host:* | release:* | "LLVM version:"*) lines+=("$line") ;;
    esac
  done
  [[ ${lines[0]:-} == "rustc "* ]] || return
  sized=("$rustc" "$root"/lib/{,*-linux-gnu/}lib{rustc_driver,LLVM}*.so*)
  printf -v REPLY '%s\n' "${lines[@]}" "${sized[@]#"$root"}"
}

# Whether a crate's archive and the arguments say all that is compiled: it is a registry's, and its
# build script, if there is one, gave nothing but flags.
is_whole() {
  local -a made=()
  [[ $source_kind == crate ]] && ((${#extra_files[@]} + ${#extra[@]} == 0)) || return
  [[ -z $script ]] || made=("$script"/{beside/*,out/*,out/.[!.]*})
  ((${#made[@]} == 0))
}

# Whether all that rustc read is in the key: files of the crate's archive (which holds no links), and variables
# that the key has. Where sccache was told of the archive alone, rustc says it after it compiled.
is_keyed() {
  local line var unkeyed=' PATH LD_LIBRARY_PATH CARGO '
  local -a far=()
  [[ -n $sources ]] || return 0
  [[ -r $deps ]] || return
  for var in "${!tools_env[@]}"; do [[ ${env[$var]+set} ]] || unkeyed+="$var "; done
  while IFS= read -r line; do
    case $line in
      '# env-dep:'*) line=${line#*:} && [[ $unkeyed != *" ${line%%=*} "* ]] || return ;;
      *../*:) far+=("${line%:}") ;;
      "$package_place"/*) ;;
      /*:) return 1 ;;
    esac
  done <"$deps"
  ((${#far[@]})) || return 0
  while IFS= read -r line; do
    [[ $line == "$package_place"/* ]] || return
  done < <(realpath -e -- "${far[@]//\\ / }" || echo /)
}

# sccache runs a compiler four times to learn what it is and would make, reads its largest library, and
# has it expand the crate to learn what that reads: more work than many a crate is. So it is given a
# program that says what is known here already (a directory without a library to read is its own). Where it is
# to compile, it has the step do so, with the command and the environment of a step without a cache, and
# says how that ended. All else is asked of rustc.
read -rd '' compiler_text <<'COMPILER'
case "$*" in
  -vV)
    if [ -n "$version" ]; then
      printf '%s' "$version"
      eval "${sizes:-exit}"
    fi ;;
  +stable) exit 1 ;;
  --print=sysroot*) [ -z "$version" ] || { printf '%s\n' "$empty" "$empty/lib"; exit; } ;;
  *' --print file-names') [ -z "$files" ] || { printf '%s\n' "$files"; exit; } ;;
  *' --print '*) ;;
  *' --emit dep-info -o '*)
    [ -z "$sources" ] || { eval "file=\${$#}" && printf '%s' "$sources" >"$file"; exit; } ;;
  *' --out-dir '*)
    echo compile >&9 && read -r status <&8 || exit 99
    [ ! -s /build/stdout ] || cat /build/stdout
    [ ! -s /build/stderr ] || cat /build/stderr >&2
    exit "$status" ;;
esac
exec "$rustc" "$@"
COMPILER
compiler=/build/target/rustc
empty=/build/target/empty

# Writes it for a command, in which what is to be emitted may change (`asked`).
write_compiler() {
  local arg var name='' suffix='' types='' emit='' files='' sizes='' version shell=/bin/sh before='' quote="'" quoted="'\\''"
  local -a sized=()
  describe_compiler || REPLY=
  for arg in "${asked[@]}"; do
    case $before in
      --crate-name) name=$arg ;;
      --crate-type) types+=$arg ;;
      -C) [[ $arg != extra-filename=* ]] || suffix=${arg#*=} ;;
    esac
    [[ $arg != --emit=* ]] || emit=$arg
    before=$arg
  done
  version=${REPLY:+$REPLY$emit$'\n'}
  for arg in "${sized[@]}"; do sizes+=" '${arg//$quote/$quoted}'"; done
  sizes=${sizes:+exec stat -L -c %s$sizes}
  # The files of other types rustc had better name itself. The metadata beside a library, a fifth of all, is
  # dropped by the step, so sccache does not learn of it. rustc makes it all the same, and the key, by way
  # of the compiler's version, says so.
  if [[ -n $version && $emit == *link* && ($types == lib || $types == rlib) ]]; then
    files=lib$name$suffix.rlib
    asked=("${asked[@]/#--emit=dep-info,metadata,link/--emit=dep-info,link}")
  fi
  deps=$out/$kind/$name$suffix.d sources=
  if [[ -n $version ]] && is_whole; then
    sources="sources: $source_path"$'\n'
    for var in "${!env[@]}"; do
      [[ $var == CARGO_* ]] || sources+="# env-dep:$var=${env[$var]//$'\n'/\\n}"$'\n'
    done
  fi
  # A small shell is enough. It may drop variables that it has no name for.
  [[ -x $shell && "${vars[*]%%=*} ${extra[*]%%=*}" != *[!a-zA-Z0-9_\ ]* ]] || shell=$builder
  {
    printf '#!%s\n' "$shell"
    for var in rustc version sizes files sources empty; do
      printf "%s='%s'\n" "$var" "${!var//$quote/$quoted}"
    done
    printf '%s' "$compiler_text"
  } >$compiler && chmod +x $compiler
}
