//! The derivation that puts the tree's places in.

use camino::Utf8Path;

use super::place::{Name, Place};
use crate::nix::escape;

/// What the tree's own shell runs, with the tree's own programs: nothing of the machine is there.
const SCRIPT: &str = r#"set -eu
run() { program=$1; shift; "$parts/lib/lib/$loader" --library-path "$parts/lib/lib:$parts/out/usr/lib/programs" "$parts/out/bin/$program" "$@"; }
run cp -r "$parts/out" "$out"
run cp -r "$parts/lib" "$lib"
run chmod -R u+w "$out" "$lib"
while read -r file; do
  case $file in
    out/*) file=$out/${file#out/} ;;
    lib/*) file=$lib/${file#lib/} ;;
  esac
  run sed -i "s|$toolsPlace|$out|g; s|$libPlace|$lib|g" "$file"
done < "$parts/rewrite"
while read -r at name; do
  run mkdir -p "$out/${at%/*}"
  run ln -s "$lib/lib/$name" "$out/$at"
done < "$parts/links"
"#;

/// An expression of Nix: the tree in `parts`, a path of the store, at its places. The result may name
/// itself and nothing else.
#[must_use]
pub fn expression(
    parts: &Utf8Path,
    name: &Name,
    place: &Place,
    system: &str,
    loader: &str,
) -> String {
    let text = escape::string;
    format!(
        "let parts = builtins.storePath {}; in derivation {{ name = {}; system = {}; outputs = [ \"out\" \"lib\" ]; \
         builder = \"${{parts}}/lib/lib/{loader}\"; args = [ \"--library-path\" \
         \"${{parts}}/lib/lib:${{parts}}/out/usr/lib/programs\" \"${{parts}}/out/bin/bash\" \"-c\" {} ]; \
         inherit parts; loader = {}; toolsPlace = {}; libPlace = {}; LC_ALL = \"C\"; \
         allowedReferences = [ \"out\" \"lib\" ]; preferLocalBuild = true; }}",
        text(parts.as_str()),
        text(name.as_str()),
        text(system),
        text(SCRIPT),
        text(loader),
        text(&place.tools),
        text(&place.lib),
    )
}
