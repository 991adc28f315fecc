# Running a build script, and keeping what it made and said.
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
