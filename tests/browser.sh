#!/usr/bin/env bash
# The pages of `rbn-plan graph --format html` and `rbn-plan build`, for a plan of a thousand steps, in
# a headless Chromium:
#
#   tests/browser.sh                                  open, search, filter, follow; no network
#   tests/browser.sh picture PROJECT VERSION STEP     makes docs/graph.png and docs/picture.png anew,
#                                                     of a real project
set -euo pipefail
. "$(dirname "$0")/lib.sh"

find_rbn_plan
make_temporary
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) \
    || die "there is no chromium on PATH"
case ${1:-} in
    '')
        place=$TEMPORARY/thousand
        python3 "$ROOT/tests/bench/synthetic.py" 950 "$place"
        (cd "$place" && cargo generate-lockfile --quiet --offline)
        ;;
    picture)
        place=$TEMPORARY/project
        "$ROOT/tests/fetch.sh" "$2" "$3" "$place"
        ;;
    *) die "usage: $0 [picture PROJECT VERSION STEP]" ;;
esac
"$RBN_PLAN" -C "$place" --offline --locked --format json >"$TEMPORARY/plan.json"
"$RBN_PLAN" graph -C "$place" --offline --locked --format html >"$TEMPORARY/plan.html"
if [ $# -gt 0 ]; then
    python3 "$ROOT/tests/browser/page.py" "$chromium" "$TEMPORARY/plan.html" "$TEMPORARY/plan.json" \
        "$ROOT/docs" "$4"
    exit
fi
export PYTHONDONTWRITEBYTECODE=1
status=0
python3 "$ROOT/tests/browser/page.py" "$chromium" "$TEMPORARY/plan.html" "$TEMPORARY/plan.json" || status=1

# The same of a small project.
small=$TEMPORARY/small
python3 "$ROOT/tests/bench/synthetic.py" 40 "$small"
(cd "$small" && cargo generate-lockfile --quiet --offline)
"$RBN_PLAN" -C "$small" --offline --locked --format json >"$TEMPORARY/small.json"
"$RBN_PLAN" graph -C "$small" --offline --locked --format html >"$TEMPORARY/small.html"
python3 "$ROOT/tests/browser/page.py" "$chromium" "$TEMPORARY/small.html" "$TEMPORARY/small.json" || status=1

# A thousand builds would take an hour: here only what is said of them counts.
mkdir "$TEMPORARY/bin"
cp "$ROOT/tests/browser/nix_stand_in.py" "$TEMPORARY/bin/nix"
chmod +x "$TEMPORARY/bin/nix"
PLAN=$TEMPORARY/plan.json PATH=$TEMPORARY/bin:$PATH "$RBN_PLAN" build -C "$place" --offline --locked \
    --quiet --no-link --timeline "$TEMPORARY/timeline" >"$TEMPORARY/said" 2>&1 || { cat "$TEMPORARY/said" >&2; exit 1; }
python3 "$ROOT/tests/browser/timeline.py" "$chromium" "$TEMPORARY/timeline/timeline.html" \
    "$TEMPORARY/timeline/timeline.json" || status=1
exit "$status"
