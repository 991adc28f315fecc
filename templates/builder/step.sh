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
  # TEMPORARY: parents first, directories are merged.
  local extra
  while IFS= read -r extra; do
    if [[ -d ${extra_files[$extra]} ]]; then mkdir -p "$extra" && copy "${extra_files[$extra]}/." "$extra/"
    else mkdir -p "${extra%/*}" && copy "${extra_files[$extra]}" "$extra"; fi
  done < <(if ((${#extra_files[@]})); then printf '%s\n' "${!extra_files[@]}" | LC_ALL=C sort; fi)
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
    say "      extra-sandbox-paths = /bin/sh=$(realpath "$(type -P sh)")"
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
