# Two sites of rustdoc, compared. Sourced by checks.sh and checks-projects.sh.
# shellcheck shell=bash

# same_site CARGOS OURS: the files of cargo doc, each with the same content but for numbers of the search index.
same_site() {
    diff <(cd "$1" && find . -type f ! -name .lock ! -path './search.index/*' | sort) \
        <(cd "$2/" && find . -type f ! -path './search.index/*' | sort)
    # Which crate came last is told by its help page, and Cargo's order is its own.
    diff -r -q -x .lock -x search.index -x help.html -x settings.html "$1" "$2/"
    # As many items are found, under the same names.
    diff <(cat "$1"/search.index/name/*.js) <(cat "$2"/search.index/name/*.js)
    [ -f "$2/search.index/root.js" ]
}
