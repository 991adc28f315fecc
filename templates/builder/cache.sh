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

# Whether a step found in the last minute that nobody answers. It says so by the socket's time, which is
# then younger than the directory's: who may ask may set that, and needs no place to write to. So a
# daemon that hangs costs a build a second a minute, and not a second a step.
is_silent() {
  [[ $cache/server.sock -nt $cache ]] &&
    ((EPOCHSECONDS < $(stat -c %Y "$cache/server.sock") + 60))
}

# sccache with the environment of the step. Where nobody listens it would start a daemon of its own; a
# chain that it does not know keeps it from that, and is what it then complains of. A log would send the
# work to the daemon, out of the sandbox. The first level of compression takes two thirds of the default
# one's time, for a twelfth more space.
asks=()
prepare_cache() {
  local var
  asks=(env -i)
  for var in "$@"; do [[ $var == SCCACHE_* ]] || asks+=("$var"); done
  asks+=(SCCACHE_CLIENT_SIDE=1 "SCCACHE_SERVER_UDS=$cache/server.sock" SCCACHE_CONF=/dev/null
    SCCACHE_CACHE_ZSTD_LEVEL=1 SCCACHE_MULTILEVEL_CHAIN=nobody-listens "$cache/bin/sccache")
}

# Compiles for sccache, whose compiler waits for the answer: how rustc ended (`compiled`), or 99 where what it
# made is not to be kept.
compile_here() {
  local answer
  with_jobserver env -i "${vars[@]}" "${extra[@]}" "$rustc" "${command[@]}" >/build/stdout 2>/build/stderr
  compiled=$?
  answer=$compiled
  ((compiled)) || is_keyed || answer=99
  printf '%s\n' "$answer" >&"$answers"
}

# Waits for sccache, process $1, and compiles when it asks for that, on pipe $2. The cache is given a second to say
# its first word, before which sccache runs nothing, and three for every other: then the process, in which
# neither sccache computes nor its compiler runs, is ended. `read` ends early when the pipe is closed.
attend_cache() {
  local pid=$1 idle=0 last='' stat line busy patience=2 turn=0 heard
  local -a fields
  while
    read -rt 0.1 -u "$2" line
    heard=$?
    ((heard == 0 || heard > 128))
  do
    if ((heard == 0)); then
      compile_here
      idle=0
      continue
    fi
    lend
    ((turn = (turn + 1) % 5)) && continue
    busy=
    for stat in /proc/[0-9]*/stat; do
      { IFS= read -r line <"$stat"; } 2>/dev/null || continue
      read -ra fields <<<"${line##*) }"
      # After the name: state, parent, ...; 8 are page faults of children that ended, 11 and 12 the
      # times in user and system mode.
      if [[ ${fields[1]} == "$pid" ]]; then
        busy=1
      elif [[ $stat == "/proc/$pid/stat" ]]; then
        [[ ${fields[0]} != Z ]] || return
        [[ ${fields[0]} != [RD] && "${fields[11]} ${fields[12]}" == "$last" ]] || busy=1
        last="${fields[11]} ${fields[12]}"
        ((fields[8] == 0)) || patience=6
      fi
    done
    if [[ -n $busy ]]; then idle=0; else idle=$((idle + 1)); fi
    if ((idle == patience)); then kill -KILL "$pid" && return; fi
  done
}

# Why the cache failed, from sccache's status and its words: nothing, if it has none of its own.
blame_cache() {
  case $1 in
    0) REPLY="made nothing" ;;
    137) REPLY="did not answer" ;;
    *)
      REPLY=$(grep -h '^sccache: ' /build/cache.{out,err}) || (($1 != 1)) || return
      case $REPLY in
        *nobody-listens*) REPLY="did not answer: nobody listens" ;;
        *) REPLY="failed: ${REPLY:-$(tail -n 1 /build/cache.err)}" ;;
      esac ;;
  esac
  if [[ $REPLY == "did not answer"* ]]; then
    touch -c "$cache/server.sock" && REPLY+=", and is left alone for a minute"
  fi
}

# Compiles a command through the cache. True if it has what the command makes, or if rustc ran and `compiled` says
# how that ended; else the cache failed.
ask_cache() {
  local pid end answers status deps sources
  local -a command=("$@") asked=() made
  # The linker changes nothing in what is kept, but it is another one with every new wrapper.
  while (($#)); do
    if [[ $1 == -C && ${2:-} == linker=* ]]; then shift 2; else asked+=("$1") && shift; fi
  done
  write_compiler || return
  open_pipe && answers=$REPLY
  exec {end}< <(exec 9>&1 8<&"$answers" >/build/cache.out 2>/build/cache.err "${asks[@]}" "$compiler" "${asked[@]}")
  pid=$!
  attend_cache "$pid" "$end"
  { wait "$pid"; } 2>/dev/null
  status=$?
  exec {end}<&- {answers}<&-
  if [[ -n $compiled ]]; then
    [[ ! -s /build/stdout ]] || cat /build/stdout
    ((compiled || status == 0 || status == 99)) && return
    blame_cache "$status"
    say "rbn-plan: compiled, and not kept in the compile cache: it ${REPLY:-failed}"
    return 0
  fi
  made=("$out/$kind"/*.{rlib,rmeta,a})
  if ((status == 0 && ${#made[@]})); then
    [[ ! -s /build/cache.out ]] || cat /build/cache.out
    if [[ -s /build/cache.err ]]; then mv /build/cache.err /build/stderr; else : >/build/stderr; fi
    return 0
  fi
  blame_cache "$status"
  [[ -z $REPLY ]] || say "rbn-plan: compiled without the compile cache: it $REPLY"
  rm -rf "${out:?}/$kind" && mkdir -p "$out/$kind"
  return 1
}

# Runs rustc, through the cache where that is possible.
compile_with() {
  local compiled=''
  if [[ -S $cache/server.sock && -x $cache/bin/sccache ]] && ! is_silent && cacheable "$@"; then
    prepare_cache "${vars[@]}" "${extra[@]}"
    if ask_cache "$@"; then return "${compiled:-0}"; fi
  fi
  with_jobserver env -i "${vars[@]}" "${extra[@]}" "$rustc" "$@" 2>/build/stderr
}
