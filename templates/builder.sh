# The builder of every step: bash, no stdenv. Its text is the same in every plan.
#
# In: the derivation's structured attributes. Everything that is known before the build (arguments,
# environment, places) was decided by the plan; here is only what a build script decides, in the
# order in which Cargo applies it.
#
# Out of a compile step:  lib/ or bin/   what rustc made
#                         closure        the files of all crates that a dependent may need
#                         native         runs of build scripts that say where native libraries are
# Out of a run step:      out/           OUT_DIR
#                         search libs link-args cfgs check-cfgs env metadata   one value a line
#                         stdout         what the script printed
#                         beside/        files that it wrote beside its manifest
#                         src/           the package, where another step was told of a path in it
set -uo pipefail
shopt -s nullglob
. "${NIX_BUILD_TOP:-/build}/.attrs.sh"
out=${outputs[out]}
export PATH=$tools_path LC_ALL=C.UTF-8
umask 022

say() { printf '%s\n' "$*" >&2; }
fail() {
  say ""
  say "rbn-plan: step \"$step\" ($platform) failed: $1"
  shift
  local line
  for line in "$@"; do say "  $line"; done
  exit 1
}

if [[ $NIX_BUILD_TOP != /build ]]; then
  fail "the build directory is $NIX_BUILD_TOP and not /build" \
    "Plans are built in Nix's sandbox: set \`sandbox = true\` in nix.conf."
fi

# Copies out of the store. Modes are kept, for scripts in a tree; and times: what is younger later was
# written by a build script. Only that the store is read-only is left behind.
copy() {
  cp -r --preserve=mode,timestamps "$1" "$2" && chmod -R u+w "$2" || fail "cannot copy $1"
}

# write FILE LINE...: into the output.
write() {
  local file=$1
  shift
  if (($#)); then printf '%s\n' "$@"; fi >"$out/$file"
}

# Places the step's source where the plan says.
place() {
  case $source_kind in
    crate) tar -xzf "$source_path" -C /build || fail "cannot unpack $source_path" ;;
    tree) mkdir -p "$source_place" && copy "$source_path/." "$source_place/" ;;
  esac
  local extra
  for extra in "${!extra_files[@]}"; do
    mkdir -p "${extra%/*}" && copy "${extra_files[$extra]}" "$extra"
  done
  cd "$cwd" || fail "the source has no directory $cwd"
}

# Scripts and makefiles of C libraries run /bin/sh, which not every Nix puts into its sandbox. Where the
# builder may write there, it makes one; elsewhere nix.conf must name it, and `explain` says so.
[[ -e /bin/sh ]] || { mkdir -p /bin && ln -s "$(type -P sh)" /bin/sh; } 2>/dev/null

# The environment: what the plan says, then what this machine's toolchain adds.
vars=()
for name in "${!env[@]}"; do vars+=("$name=${env[$name]}"); done
for name in "${!tools_env[@]}"; do
  [[ ${env[$name]+set} ]] || vars+=("$name=${tools_env[$name]}")
done
vars+=("PATH=$tools_path" "HOME=${env[HOME]:-/homeless-shelter}" "TMPDIR=/build" "CARGO=$cargo")
vars+=("LD_LIBRARY_PATH=$library_path")

# Shows what a failed command said, and the line of config that cures what is known.
explain() {
  local log=$1
  [[ -x $rustc ]] || {
    say "hint: the sandbox does not show $rustc; \`rbn-plan doctor\` names the line that nix.conf needs."
    return
  }
  [[ -e /bin/sh || $action != run ]] || {
    say "hint: the sandbox has no /bin/sh, which scripts and makefiles begin with; add to nix.conf:"
    say "      extra-sandbox-paths = /bin/sh"
  }
  case $log in
    *"can't find crate for \`std\`"* | *"can't find crate for \`core\`"*)
      say "hint: the toolchain has no standard library for this platform."
      say "      Install it (rustup target add, or the distribution's package) and render the toolchain again." ;;
    *"cannot find -l"* | *"unable to find library -l"*)
      say "hint: a native library is missing. With \`toolchain host\`, install it; else name what provides it in config.toml:"
      say "      [override.\"$package_name\"]"
      say "      build-inputs = [\"NAME\"]    # a package or a directory that has lib/ in it" ;;
    *"pkg-config"* | *"pkg_config"*)
      say "hint: pkg-config found no such library. With \`toolchain host\`, install it; else name both in config.toml:"
      say "      [override.\"$package_name\"]"
      say "      native-inputs = [\"pkg-config\"]"
      say "      build-inputs = [\"NAME\"]" ;;
    *"is \`cmake\` not installed"* | *"No such file or directory"*)
      say "hint: a file or program is missing inside the sandbox. Name it in config.toml:"
      say "      [override.\"$package_name\"]"
      say "      files = [\"PATH/FROM/THE/WORKSPACE/ROOT\"]    # a file that the package reads"
      say "      native-inputs = [\"NAME\"]                    # a program; with \`toolchain host\`, install it" ;;
  esac
}

compile() {
  local -a args=("${argv[@]}") files=() natives=() lines=() inside=() outside=() extra=()
  local -A seen=()
  local dep run line class value

  mkdir -p "$out/$kind" /build/target/deps
  if ((${#crates[@]})); then
    mapfile -t files < <(sort -u "${crates[@]/%//closure}")
    # Crates that are nothing but C libraries bring none.
    ((${#files[@]} == 0)) || ln -s -t /build/target/deps "${files[@]}" || fail "two crates have one file name"
  fi
  if [[ -n $script ]]; then
    mkdir -p "${out_dir%/*}" && ln -s "$script/out" "$out_dir"
    # What the script wrote beside its manifest.
    [[ ! -d $script/beside ]] || cp -r --no-preserve=mode "$script/beside/." "$package_place/" ||
      fail "cannot copy $script/beside"
    if [[ -s $script/search || -s $script/link-args ]]; then
      natives+=("$script")
      seen[$script]=1
    fi
  fi
  for dep in "${native_crates[@]}"; do
    [[ -e $dep/native ]] || continue
    mapfile -t lines <"$dep/native"
    for run in "${lines[@]}"; do
      [[ ${seen[$run]+set} ]] || natives+=("$run")
      seen[$run]=1
    done
  done
  for run in "${natives[@]}"; do
    mapfile -t lines <"$run/search"
    for line in "${lines[@]}"; do
      IFS=$'\t' read -r class value <<<"$line"
      if [[ $class == inside ]]; then inside+=(-L "$value"); else outside+=(-L "$value"); fi
    done
  done
  args+=("${inside[@]}" "${outside[@]}")
  if [[ -n $script && -n $links_libs ]]; then
    mapfile -t lines <"$script/libs"
    for line in "${lines[@]}"; do args+=(-l "$line"); done
  fi
  for run in ${script:+"$script"} "${natives[@]}"; do
    [[ ${seen["args $run"]+set} ]] && continue
    seen["args $run"]=1
    mapfile -t lines <"$run/link-args"
    for line in "${lines[@]}"; do
      IFS=$'\t' read -r class value <<<"$line"
      [[ $run == "$script" || $class == cdylib ]] || continue
      [[ ${link_classes[$class]+set} ]] && args+=(-C "link-arg=$value")
    done
  done
  if [[ -n $script ]]; then
    mapfile -t lines <"$script/cfgs"
    for line in "${lines[@]}"; do args+=(--cfg "$line"); done
    mapfile -t lines <"$script/check-cfgs"
    for line in "${lines[@]}"; do args+=(--check-cfg "$line"); done
    mapfile -t extra <"$script/env"
  fi

  local status=0 log
  compile_with "${args[@]}" || status=$?
  if ((status)); then
    log=$(</build/stderr)
    say "$log"
    explain "$log"
    say ""
    say "rbn-plan: the command was, in $cwd:"
    say "$(printf ' %q' "$rustc" "${args[@]}")"
    ((status <= 128)) || fail "rustc was ended by signal $((status - 128))" \
      "Signal 9 comes from a machine that ran out of memory: let fewer steps run at once (\`max-jobs\`)."
    fail "rustc found errors"
  fi
  [[ ! -s /build/stderr ]] || say "$(</build/stderr)"

  if [[ $kind == lib ]]; then
    local -a own=("$out"/lib/*.{rlib,so,dll,dylib})
    if ((${#own[@]})); then
      rm -f "$out"/lib/*.d "$out"/lib/*.rmeta
    else
      own=("$out"/lib/*.rmeta)
      rm -f "$out"/lib/*.d
    fi
    # A proc macro brings its own crates with it; everything else needs those below it.
    [[ -z $is_macro ]] || files=()
    write closure "${own[@]}" "${files[@]}"
    ((${#natives[@]} == 0)) || [[ -n $is_macro ]] || write native "${natives[@]}"
  else
    rm -f "$out"/bin/*.d
    # The program, and what belongs to it (`.dwp`), by the name that users know.
    local file
    for file in "$out/bin/$made_name"{,.*}; do
      [[ ! -e $file || $made_name == "$program" ]] || mv "$file" "$out/bin/$program${file#"$out/bin/$made_name"}"
    done
  fi
}

# Cargo's protocol: `cargo::KEY=VALUE`, and `cargo:KEY=VALUE` where unknown keys are metadata.
declare -a p_search=() p_libs=() p_link_args=() p_cfgs=() p_check_cfgs=() p_env=() p_metadata=() p_errors=()
needs_source=

# relocate TEXT FROM TO: the directory FROM reads TO, but a longer name that begins like it stays
# (`/build/foo-1.0` is not in `/build/foo-1.0.1`). False if there was nothing to do.
relocate() {
  local before='' rest=$1 status=1
  while [[ $rest == *"$2"* ]]; do
    before+=${rest%%"$2"*}
    rest=${rest#*"$2"}
    if [[ $rest == [[:alnum:]._+~-]* ]]; then before+=$2; else before+=$3 status=0; fi
  done
  REPLY=$before$rest
  return $status
}

# Rewrites paths that another step will read: they must outlive this sandbox.
kept() {
  relocate "$1" "$out_dir" "$out/out"
  if relocate "$REPLY" "$package_place" "$out/src"; then needs_source=1; fi
}

search_path() {
  local bare=$1
  case $bare in
    dependency=* | crate=* | native=* | framework=* | all=*) bare=${bare#*=} ;;
  esac
  local class=outside
  [[ $bare != "$out_dir" && $bare != "$out_dir"/* ]] || class=inside
  kept "$1"
  p_search+=("$class"$'\t'"$REPLY")
}

link_arg() {
  kept "$2"
  p_link_args+=("$1"$'\t'"$REPLY")
}

directive() {
  local line=$1 key=$2 value=$3
  case $key in
    rustc-flags)
      local -a words
      read -ra words <<<"$value"
      local at=0 word
      while ((at < ${#words[@]})); do
        word=${words[at]}
        at=$((at + 1))
        case $word in
          -l | -L)
            ((at < ${#words[@]})) || fail "its build script printed a flag without a value" "$line"
            word+=${words[at]}
            at=$((at + 1)) ;;
        esac
        case $word in
          -l*) p_libs+=("${word:2}") ;;
          -L*) search_path "${word:2}" ;;
          *) fail "its build script may only print -l and -L in rustc-flags" "$line" ;;
        esac
      done ;;
    rustc-link-lib) p_libs+=("$value") ;;
    rustc-link-search) search_path "$value" ;;
    rustc-link-arg) link_arg all "$value" ;;
    rustc-link-arg-cdylib | rustc-cdylib-link-arg) link_arg cdylib "$value" ;;
    rustc-link-arg-bins) link_arg bins "$value" ;;
    rustc-link-arg-bin)
      [[ $value == *=* ]] || fail "its build script names no program" "$line"
      link_arg "bin ${value%%=*}" "${value#*=}" ;;
    rustc-link-arg-tests) link_arg tests "$value" ;;
    rustc-link-arg-benches) link_arg benches "$value" ;;
    rustc-link-arg-examples) link_arg examples "$value" ;;
    rustc-cfg) p_cfgs+=("$value") ;;
    rustc-check-cfg) p_check_cfgs+=("$value") ;;
    rustc-env)
      [[ $value == *=* ]] || fail "its build script set a variable without a value" "$line"
      [[ $value != RUSTC_BOOTSTRAP=* ]] || fail "its build script may not set RUSTC_BOOTSTRAP" \
        "If that is wanted, set it for the package in config.toml: [override.\"$package_name\"] env"
      p_env+=("$value") ;;
    warning) say "warning: $package_name: $value" ;;
    error) p_errors+=("$value") ;;
    metadata)
      [[ $value == *=* ]] || fail "its build script printed metadata without a value" "$line"
      kept "$value"
      p_metadata+=("$REPLY") ;;
    rerun-if-changed | rerun-if-env-changed) ;;
    *) fail "its build script printed an instruction that Cargo does not know" "$line" ;;
  esac
}

old_keys=' rustc-flags rustc-link-lib rustc-link-search rustc-link-arg-cdylib rustc-cdylib-link-arg rustc-link-arg-bins rustc-link-arg-bin rustc-link-arg-tests rustc-link-arg-benches rustc-link-arg-examples rustc-link-arg rustc-cfg rustc-check-cfg rustc-env warning rerun-if-changed rerun-if-env-changed '

# Reads what a script printed. `grep` drops lines that are no UTF-8, as Cargo does.
parse() {
  local line data key
  while IFS= read -r line; do
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    case $line in
      cargo::*)
        data=${line#cargo::}
        [[ $data == *=* ]] || fail "its build script printed an instruction without a value" "$line"
        directive "$line" "${data%%=*}" "${data#*=}" ;;
      cargo:*)
        data=${line#cargo:}
        key=${data%%=*}
        if [[ $data == *=* && $old_keys == *" $key "* ]]; then
          directive "$line" "$key" "${data#*=}"
        else
          directive "$line" metadata "$data"
        fi ;;
    esac
  done < <(grep -ax '[[:space:]]*cargo:.*' "$1")
}

run() {
  local links line name value status=0
  mkdir -p "$out_dir" "$out"
  local started=$((EPOCHSECONDS - 60))
  vars+=("RUSTC=$rustc" "RUSTDOC=$rustdoc" "NUM_JOBS=$jobs")
  for links in "${!linked[@]}"; do
    while IFS= read -r line; do
      name=${line%%=*} value=${line#*=}
      name=${name^^} links=${links^^}
      vars+=("DEP_${links//-/_}_${name//-/_}=$value")
    done <"${linked[$links]}/metadata"
  done
  if [[ -n $program ]]; then
    with_jobserver env -i "${vars[@]}" "$program" >/build/stdout 2>/build/stderr || status=$?
    if ((status)); then
      local log
      log=$(</build/stderr)
      say "--- stdout"
      say "$(</build/stdout)"
      say "--- stderr"
      say "$log"
      explain "$log"
      fail "the build script of $package_name ended with status $status"
    fi
  else
    # Cargo's configuration says what the script would have ([target.<triple>.<links>]).
    printf '%s\n' "${replaced[@]}" >/build/stdout
  fi
  parse /build/stdout
  if ((${#p_errors[@]})); then fail "the build script of $package_name reported an error" "${p_errors[@]}"; fi
  cp -r "$out_dir" "$out/out" || fail "cannot keep OUT_DIR"
  # A script may write beside its manifest, as Cargo lets it: the package's crates must see it.
  local -a beside=()
  mapfile -d '' -t beside < <(find "$package_place" -type f -newermt "@$started" -print0)
  for value in "${beside[@]}"; do
    name=$out/beside/${value#"$package_place"/}
    mkdir -p "${name%/*}" && cp "$value" "$name" || fail "cannot keep $value"
  done
  if [[ -n $needs_source ]]; then cp -r "$package_place" "$out/src" || fail "cannot keep $package_place"; fi
  cp /build/stdout "$out/stdout"
  write search "${p_search[@]}"
  write libs "${p_libs[@]}"
  write link-args "${p_link_args[@]}"
  write cfgs "${p_cfgs[@]}"
  write check-cfgs "${p_check_cfgs[@]}"
  write env "${p_env[@]}"
  write metadata "${p_metadata[@]}"
}

# A package's files by the names users know.
collect() {
  local name
  for name in "${!contents[@]}"; do
    # Copies, not links: a program may look for its files beside itself.
    mkdir -p "$out/${name%/*}" && cp "${contents[$name]}" "$out/$name" ||
      fail "cannot copy ${contents[$name]}"
  done
}

# A package's programs, each behind the command that runs them on this machine.
runners() {
  local name words
  mkdir -p "$out/bin"
  for name in "${!programs[@]}"; do
    words=$(printf '%q ' "${runner[@]}" "${programs[$name]}")
    printf '#!%s\nexec %s"$@"\n' "$shell" "$words" >"$out/bin/$name"
    chmod +x "$out/bin/$name"
  done
}

case $action in
  compile) place && open_jobserver && compile ;;
  run) place && open_jobserver && run ;;
  collect) collect ;;
  runners) runners ;;
esac
