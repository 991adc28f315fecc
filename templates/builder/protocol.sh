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
    warning) say "warning: $package_name@${env[CARGO_PKG_VERSION]}: $value" ;;
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
