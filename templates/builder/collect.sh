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
