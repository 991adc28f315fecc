# The compiler that sccache is given.

# What a key is to say of the compiler: the path, where that is a hash; else what the derivation's own
# hash knows of it, and the sizes of its libraries. False where that is nothing.
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
  [[ ${lines[0]:-} == "rustc "* ]] &&
    line=$(stat -L -c '%n %s' "$rustc" "$root"/lib/{,*-linux-gnu/}lib{rustc_driver,LLVM}*.so*) &&
    printf -v REPLY '%s\n' "${lines[@]}" "${line//"$root"/}"
}

# Whether a crate's archive and the arguments say all that is compiled: it is a registry's, and its
# build script, if there is one, gave nothing but flags.
is_whole() {
  local -a made=()
  [[ $source_kind == crate ]] && ((${#extra_files[@]} + ${#extra[@]} == 0)) || return
  [[ -z $script ]] || made=("$script"/{beside/*,out/*,out/.[!.]*})
  ((${#made[@]} == 0))
}

# sccache runs a compiler four times to learn what it is and would make, reads its largest library, and
# has it expand the crate to learn what that reads: more work than many a crate is. So it is given a
# compiler that says what is known here already (a directory without a library to
# read is its own), and otherwise is rustc. Where that leaves the crate's files unread and rustc then read one that
# is not in the crate's archive (which holds no links), or a variable that is in no key, the end is
# status 99.
read -rd '' compiler_text <<'COMPILER'
case "$*" in
  -vV) printf '%s' "$version" && exit ;;
  +stable) exit 1 ;;
  --print=sysroot*) printf '%s\n' "$empty"{,/lib} && exit ;;
  *' --print file-names')
    [[ -n $files ]] || exec "$rustc" "$@"
    printf '%s\n' "$files" && exit ;;
  *' --emit dep-info -o '*) [[ -z $sources ]] || { printf '%s' "$sources" >"${@: -1}" && exit; } ;;
esac
set -- "${@/%dep-info,link/${emit#*=}}"
[[ -n $sources ]] || exec "$rustc" "$@"
"$rustc" "$@" || exit
[[ -r $deps ]] || exit 99
far=()
while IFS= read -r line; do
  case $line in
    '# env-dep:'*) line=${line#*:} && [[ $unkeyed != *" ${line%%=*} "* ]] || exit 99 ;;
    *../*:) far+=("${line%:}") ;;
    "$package"/*) ;;
    /*:) exit 99 ;;
  esac
done <"$deps"
((${#far[@]})) || exit 0
while IFS= read -r line; do
  [[ $line == "$package"/* ]] || exit 99
done < <(realpath -e -- "${far[@]//\\ / }" || echo /)
COMPILER
compiler=/build/target/rustc
write_compiler() {
  local arg var before='' name='' suffix='' types='' emit='' files='' sources='' unkeyed=' PATH LD_LIBRARY_PATH CARGO '
  describe_compiler || return
  for arg in "$@"; do
    case $before in
      --crate-name) name=$arg ;;
      --crate-type) types+=$arg ;;
      -C) [[ $arg != extra-filename=* ]] || suffix=${arg#*=} ;;
    esac
    [[ $arg != --emit=* ]] || emit=$arg
    before=$arg
  done
  # The files of other types rustc had better name itself. The metadata beside a library, a fifth of all, is
  # dropped by the step, so sccache does not learn of it. rustc makes it all the same, and the key, by way
  # of the compiler's version, says so.
  if [[ $emit == *link* && ($types == lib || $types == rlib) ]]; then
    files=lib$name$suffix.rlib
    shown=--emit=dep-info,link
  fi
  if is_whole; then
    sources="sources: $source_path"$'\n'
    for var in "${!env[@]}"; do
      [[ $var == CARGO_* ]] || sources+="# env-dep:$var=${env[$var]//$'\n'/\\n}"$'\n'
    done
    for var in "${!tools_env[@]}"; do [[ ${env[$var]+set} ]] || unkeyed+="$var "; done
  fi
  {
    printf '#!%s\n' "$builder"
    # sccache has a jobserver of its own, with a token for each processor; the step's own is right.
    for arg in "${vars[@]}"; do [[ $arg != CARGO_MAKEFLAGS=* ]] || printf 'export %q\n' "$arg"; done
    printf '%s=%q\n' rustc "$rustc" version "$REPLY$emit"$'\n' emit "$emit" files "$files" sources "$sources" \
      unkeyed "$unkeyed" package "$package_place" deps "$out/$kind/$name$suffix.d" empty "${compiler%/*}/empty"
    printf '%s' "$compiler_text"
  } >$compiler && chmod +x $compiler && mkdir -p "${compiler%/*}/empty/lib"
}
