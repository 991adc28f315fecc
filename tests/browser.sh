#!/usr/bin/env bash
# The page of `rbn-plan graph --format html`, for a plan of a thousand steps, in a headless Chromium:
#
#   tests/browser.sh                                  opens, searches, filters, follows; no network
#   tests/browser.sh picture PROJECT VERSION STEP     makes docs/graph.png anew, of a real project
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
        "$ROOT/docs/graph.png" "$4"
    exit
fi
PYTHONDONTWRITEBYTECODE=1 python3 "$ROOT/tests/browser/page.py" "$chromium" "$TEMPORARY/plan.html" "$TEMPORARY/plan.json"
