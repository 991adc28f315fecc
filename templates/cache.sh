# The compile cache: a daemon of this machine that compile steps ask, where nix.conf shows builds its
# directory. No derivation says whether there is one, and whatever it does, a step is built: what the
# cache cannot do in a moment, rustc does.
cache=/run/rbn-plan/sccache

# Whether sccache can keep what this command makes. It cannot where a linker runs.
cacheable() {
  local arg type='' before=''
  for arg in "$@"; do
    [[ $arg != --test ]] || return 1
    if [[ $before == --crate-type ]]; then
      case $arg in
        lib | rlib | staticlib) type=$arg ;;
        *) return 1 ;;
      esac
    fi
    before=$arg
  done
  [[ -n $type ]]
}

# sccache with the environment of the step. The chain that it does not know keeps it from ever
# starting a daemon of its own here; a log would send the work to the daemon, out of the sandbox.
asks=()
prepare_cache() {
  local var
  asks=(env -i)
  for var in "$@"; do [[ $var == SCCACHE_* ]] || asks+=("$var"); done
  asks+=(SCCACHE_CLIENT_SIDE=1 "SCCACHE_SERVER_UDS=$cache/server.sock" SCCACHE_CONF=/dev/null
    SCCACHE_MULTILEVEL_CHAIN=none "$cache/bin/sccache")
}

# Whether the daemon answers within a second.
cache_answers() {
  [[ -S $cache/server.sock && -x $cache/bin/sccache ]] || return 1
  local answer
  answer=$(timeout -k 1 1 "${asks[@]}" --show-stats --stats-format=json 2>/dev/null </dev/null) &&
    [[ $answer == *'"effective_cache_mode":"'* ]]
}

# Ends process $1 when it waits for the cache alone: neither does it compute, nor does a program of
# its own run, for three seconds.
watch_cache() {
  local pid=$1 idle=0 last='' stat line busy clock
  local -a fields
  exec {clock}<> <(:)
  while ((idle < 3)); do
    read -rt 1 -u "$clock"
    [[ -e /proc/$pid/stat ]] || return
    busy=
    for stat in /proc/[0-9]*/stat; do
      { IFS= read -r line <"$stat"; } 2>/dev/null || continue
      read -ra fields <<<"${line##*) }"
      # After the name: state, parent, ...; times in user and system mode are 11 and 12 from there.
      if [[ ${fields[1]} == "$pid" ]]; then
        busy=1
      elif [[ $stat == "/proc/$pid/stat" && "${fields[11]} ${fields[12]}" != "$last" ]]; then
        last="${fields[11]} ${fields[12]}" busy=1
      fi
    done
    if [[ -n $busy ]]; then idle=0; else idle=$((idle + 1)); fi
  done
  kill -KILL "$pid"
}

# Compiles through the cache. 0: done, 1: rustc found errors, 2: the cache failed.
ask_cache() {
  local pid watcher status log
  local -a args=()
  # The linker changes nothing in what is kept, but it is another one with every new wrapper.
  while (($#)); do
    if [[ $1 == -C && ${2:-} == linker=* ]]; then shift 2; else args+=("$1") && shift; fi
  done
  "${asks[@]}" "$rustc" "${args[@]}" >/build/stdout 2>/build/stderr &
  pid=$!
  watch_cache "$pid" &
  watcher=$!
  { wait "$pid"; status=$?; kill "$watcher"; wait "$watcher"; } 2>/dev/null
  # A failure that sccache has a word about is its own, not rustc's.
  log=$'\n'$(</build/stdout)$'\n'$(</build/stderr)
  [[ $status != 1 || $log != *$'\nsccache: '* ]] || status=2
  case $status in
    0)
      local -a made=("$out/$kind"/*.{rlib,rmeta,a})
      ((${#made[@]})) || return 2
      cat /build/stdout ;;
    1) return 1 ;;
    *) return 2 ;;
  esac
}

# Runs rustc, through the cache where that is possible.
compile_with() {
  if cacheable "$@"; then
    prepare_cache "${vars[@]}" "${extra[@]}"
    if cache_answers; then
      ask_cache "$@"
      case $? in
        0) return 0 ;;
        1) return 1 ;;
      esac
      say "rbn-plan: the compile cache failed, so this is compiled without it: $(head -n 1 /build/stderr)"
      rm -rf "${out:?}/$kind" && mkdir -p "$out/$kind"
    fi
  fi
  env -i "${vars[@]}" "${extra[@]}" "$rustc" "$@" 2>/build/stderr
}

