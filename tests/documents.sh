#!/usr/bin/env bash
# What rbn-plan prints for other programs, read by others: JSON by Python's jsonschema, bills of materials by
# CycloneDX's own library, DOT by Graphviz, SVG by an XML parser; of every fixture, the examples and real projects.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/machine.sh"

# A Python that has jsonschema: the first on PATH, or Debian's with Debian's module.
find_python() {
    for PYTHON in python3 /usr/bin/python3; do
        "$PYTHON" -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null && return
    done
    install_packages python3 python3-jsonschema
}

# plans DIRECTORY NAME: the plan of a workspace in its three forms.
plans() {
    local selection=()
    [ ! -f "$1/selection" ] || read -ra selection <"$1/selection"
    "$RBN_PLAN" -C "$1" --locked --offline "${selection[@]}" --format json >"$TEMPORARY/$2.json"
    "$RBN_PLAN" graph -C "$1" --locked --offline "${selection[@]}" --format dot >"$TEMPORARY/$2.dot"
    "$RBN_PLAN" graph -C "$1" --locked --offline "${selection[@]}" --format svg >"$TEMPORARY/$2.svg"
    mkdir -p "$TEMPORARY/bills"
    "$RBN_PLAN" sbom -C "$1" --locked --offline "${selection[@]}" >"$TEMPORARY/bills/$2.json"
}

everything_is_planned() {
    local place
    for place in "$ROOT"/tests/fixtures/workspaces/*/ "$ROOT/examples/hello" "$ROOT"; do
        plans "$place" "$(basename "$place")"
    done
    for project in "ripgrep 14.1.1" "jj-cli 0.27.0"; do
        # shellcheck disable=SC2086 # a name and a version
        "$ROOT/tests/fetch.sh" $project "$TEMPORARY/project-${project% *}"
        plans "$TEMPORARY/project-${project% *}" "${project% *}"
    done
    [ "$(find "$TEMPORARY" -maxdepth 1 -name '*.json' | wc -l)" -gt 50 ]
}

plans_are_valid() {
    "$PYTHON" "$ROOT/tests/documents/validate.py" "$ROOT/docs/plan.schema.json" "$TEMPORARY"/*.json
}

# CycloneDX's schema comes with its library.
bills_are_valid() {
    python3 -m venv "$TEMPORARY/venv" || { install_packages python3-venv && python3 -m venv "$TEMPORARY/venv"; }
    if "$TEMPORARY/venv/bin/pip" install --quiet 'cyclonedx-python-lib[json-validation]==11.12.0'; then
        "$TEMPORARY/venv/bin/python" "$ROOT/tests/documents/bills.py" "$TEMPORARY"/bills/*.json
    else
        say "   not compared with CycloneDX's schema: its library cannot be had here"
    fi
    [ "$(find "$TEMPORARY/bills" -name '*.json' | wc -l)" -gt 50 ]
    # Checksums are those of Cargo.lock.
    python3 - "$TEMPORARY/bills/ripgrep.json" "$TEMPORARY/project-ripgrep/Cargo.lock" <<'PYTHON'
import json, sys
lock = open(sys.argv[2]).read()
found = [component for component in json.load(open(sys.argv[1]))["components"] if "hashes" in component]
assert len(found) > 30, len(found)
for component in found:
    of_lock = f'name = "{component["name"]}"\nversion = "{component["version"]}"\n'
    assert component["hashes"][0]["content"] in lock.split(of_lock)[1].split("[[package]]")[0], component
PYTHON
}

# Nix is not asked: a stand-in says that it built every step.
timelines_are_valid() {
    mkdir "$TEMPORARY/bin"
    cp "$ROOT/tests/browser/nix_stand_in.py" "$TEMPORARY/bin/nix"
    chmod +x "$TEMPORARY/bin/nix"
    PLAN=$TEMPORARY/ripgrep.json PATH=$TEMPORARY/bin:$PATH "$RBN_PLAN" build \
        -C "$TEMPORARY/project-ripgrep" --locked --offline --no-link --timeline "$TEMPORARY/timeline"
    # And the one of the documentation.
    sed -n '/^```json$/,/^```$/{/^```/d;p}' "$ROOT/docs/timeline.md" >"$TEMPORARY/timeline/documented.json"
    "$PYTHON" "$ROOT/tests/documents/validate.py" "$ROOT/docs/timeline.schema.json" \
        "$TEMPORARY/timeline/timeline.json" "$TEMPORARY/timeline/documented.json"
}

# Graphviz reads it, and finds the same nodes and edges.
dot_is_read() {
    local file nodes
    for file in "$TEMPORARY"/*.dot; do
        dot -Tplain "$file" >"$TEMPORARY/plain"
        nodes=$(grep -c ' \[label = .*shape = ' "$file")
        [ "$(grep -c '^node ' "$TEMPORARY/plain")" -eq "$nodes" ] || { echo "$file"; return 1; }
        [ "$(grep -c '^edge ' "$TEMPORARY/plain")" -eq "$(grep -c '" -> "' "$file")" ] || { echo "$file"; return 1; }
    done
}

svg_is_xml() {
    "$PYTHON" - "$TEMPORARY"/*.svg <<'PYTHON'
import sys, xml.etree.ElementTree as tree
for file in sys.argv[1:]:
    root = tree.parse(file).getroot()
    steps = [e for e in root.iter("{http://www.w3.org/2000/svg}g") if "data-step" in e.attrib]
    width, height = (float(root.get(side)) for side in ("width", "height"))
    for step in steps:
        box = step.find("{http://www.w3.org/2000/svg}rect")
        right = float(box.get("x")) + float(box.get("width"))
        assert right <= width and float(box.get("y")) + float(box.get("height")) <= height, file
    assert steps, file
PYTHON
}

need_rust
need python3 python3
need dot graphviz
find_python
find_rbn_plan
make_temporary
export PYTHONDONTWRITEBYTECODE=1
check "fixtures, examples and real projects are planned" everything_is_planned
check "plans are what docs/plan.schema.json says" plans_are_valid
check "bills of materials are what CycloneDX's schema says" bills_are_valid
check "timelines are what docs/timeline.schema.json says" timelines_are_valid
check "Graphviz reads every graph" dot_is_read
check "every picture is XML, and all of it is on the canvas" svg_is_xml
finish
