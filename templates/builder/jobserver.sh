# Threads. Cargo shares one jobserver among all that it runs; the steps of a plan do not know of each
# other. As each of them would take all the threads that it may have, two steps on two processors would run
# four, each in the way of the other. So a step has one thread, and more while a processor of this machine
# has nothing to do.
load=/proc/loadavg
lent=0 processors=0

# A pipe, open for reading and writing. A short here-string is one (since Bash 5.1), and takes no process.
open_pipe() {
  local words
  exec {words}<<<''
  if [[ -p /proc/self/fd/$words ]]; then
    exec {REPLY}<>"/proc/self/fd/$words"
    read -ru "$REPLY" _
  else
    exec {REPLY}<> <(:)
  fi
  exec {words}<&-
}

# A jobserver as make and Cargo have it: a pipe, in which each byte is a thread that may start. At first there
# is none. Nix says how many threads a step may have (`cores`; 0: one for each processor).
open_jobserver() {
  jobs=${NIX_BUILD_CORES:-1}
  ((jobs > 0)) || jobs=$(nproc)
  open_pipe && tokens=$REPLY
  vars+=("CARGO_MAKEFLAGS=-j --jobserver-fds=$tokens,$tokens --jobserver-auth=$tokens,$tokens")
}

# Lends half of the idle processors, as other steps may lend them in the same moment; where there are
# more threads than processors, takes back what nobody has taken yet.
lend() {
  local running idle back=''
  ((jobs > 1)) || return 0
  ((processors)) || processors=$(nproc)
  { read -r _ _ _ running _ <"$load"; } 2>/dev/null || running=1
  # One of those that run is this shell.
  idle=$((processors + 1 - ${running%/*}))
  if ((idle > 0)); then
    idle=$(((idle + 1) / 2))
    ((idle < jobs - lent)) || idle=$((jobs - 1 - lent))
    ((idle == 0)) || printf '%*s' "$idle" '' >&"$tokens"
    lent=$((lent + idle))
  elif ((idle < 0 && lent)); then
    # Time ends this: whoever has a token may keep it.
    read -rN "$((-idle < lent ? -idle : lent))" -t 0.01 -u "$tokens" back
    lent=$((lent - ${#back}))
  fi
}

# Runs a command and lends it threads. A read ends as soon as nobody holds the pipe's other end; of a command that
# leaves a process behind, which holds it on, the shell knows that it has ended.
with_jobserver() {
  local pid end out
  if ((jobs == 1)); then
    "$@"
    return
  fi
  exec {out}>&1
  exec {end}< <(exec 9>&1 >&"$out" {out}>&- "$@")
  pid=$!
  until read -rt 0.1 -u "$end"; (($? < 128)) || ! kill -0 "$pid" 2>/dev/null; do lend; done
  exec {end}<&- {out}>&-
  wait "$pid"
}

