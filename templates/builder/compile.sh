# Compiling: what the plan says, with what build scripts said.
compile() {
  local -a args=("${argv[@]}") files=() natives=() lines=() inside=() outside=() extra=()
  local -A seen=()
  local dep run line class value

  mkdir -p "$out/$kind" /build/target/deps "$empty/lib"
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
