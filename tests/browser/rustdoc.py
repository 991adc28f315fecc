#!/usr/bin/env python3
"""The search of two sites of rustdoc in a browser, the same words in both: rustdoc.py CHROMIUM CARGOS OURS

CARGOS and OURS are directories as `cargo doc` makes them. Asked are names of items of every kind, taken from the
pages of the first, and what people type besides: a path, a beginning, a slip, a type. Each must find the same, in the
same order, in each of the three lists.
"""

import html
import pathlib
import re
import sys
import time
import urllib.parse

from devtools import Failed, Page

NAMES = 20
KINDS = ("struct", "fn", "method", "macro", "trait", "enum")
PATIENCE = 60.0

# A list of results by the words of its tab. They come one by one; a list whose number is not told is not whole.
RESULTS = """(() => {
    const lists = [...document.querySelectorAll('#results > *')];
    const tabs = [...document.querySelectorAll('#search-tabs > button')];
    const isWhole = (list, at) => list.textContent !== 'Loading...' && /\\([0-9]+\\)/.test(tabs[at].textContent);
    if (lists.length === 0 || !lists.every(isWhole)) return null;
    return lists.map((list, at) => [tabs[at].textContent, [...list.querySelectorAll(':scope > a[class^=result]')].map(
        link => [new URL(link.href).pathname + new URL(link.href).hash, link.innerText])]);
})()"""


def paths(site):
    """The items of the site by kind, as paths without the crate, in the order of the alphabet."""
    found = {kind: set() for kind in KINDS}
    for index in site.glob("*/all.html"):
        for kind, path in re.findall(r'href="(?:[^"]*/)?([a-z]+)\.[^"/]*\.html">([^<]*)</a>', index.read_text()):
            if kind in found:
                found[kind].add(f"{index.parent.name}::{html.unescape(path)}")
        for page in index.parent.rglob("*.html"):
            if page.name.startswith(("struct.", "enum.", "trait.")):
                # What a type has from the standard library is told on each page.
                own = page.read_text().split('id="synthetic-implementations"')[0]
                found["method"].update(re.findall(r'id="(?:ty)?method\.([a-z_0-9]+)"', own))
    return {kind: sorted(these) for kind, these in found.items() if these}


def spread(these, count):
    """So many of a list, from all over it."""
    count = min(count, len(these))
    return [these[(2 * at + 1) * len(these) // (2 * count)] for at in range(count)]


def words(site):
    """What is asked for: names, then what people type besides."""
    of_kind = paths(site)
    of_type = of_kind.get("struct") or next(iter(of_kind.values()))
    path = spread(of_type, 1)[0]
    asked, each = [], 0
    # The same number of each kind; what one has too few of, others have more of.
    while len(asked) < NAMES and each < NAMES:
        each += 1
        chosen = [spread(these, each) for these in of_kind.values()]
        items = [these[at] for at in range(each) for these in chosen if at < len(these)]
        asked = list(dict.fromkeys(item.rsplit("::", 1)[-1] for item in items))
    asked = asked[:NAMES]
    long = max(asked, key=len)
    return asked, [path, long[:4], long[:2] + long[3] + long[2] + long[4:], f"-> {path.rsplit('::', 1)[-1]}"]


def results(page, site, asked):
    """What the site finds: the lists, with places from its top."""
    top = site.resolve().as_uri()
    crate = sorted(site.glob("*/all.html"))[0].parent.name
    page.open(f"{top}/{crate}/index.html?search={urllib.parse.quote(asked)}")
    deadline = time.monotonic() + PATIENCE
    while (lists := page.run(RESULTS)) is None:
        if time.monotonic() > deadline:
            raise Failed(f"{asked}: no results within {PATIENCE:.0f} s")
        time.sleep(0.02)
    below = str(site.resolve())
    return [(tab, [(place.removeprefix(below), text) for place, text in found]) for tab, found in lists]


def main(chromium, cargos, ours):
    cargos, ours = pathlib.Path(cargos), pathlib.Path(ours)
    of_items, besides = words(cargos)
    differ, count, lost = [], 0, []
    with Page(chromium) as page:
        for asked in of_items + besides:
            theirs, own = (results(page, site, asked) for site in (cargos, ours))
            found = sum(len(these) for _, these in theirs)
            count += found
            # A name of an item is found, or nothing was asked at all.
            if found == 0 and asked in of_items:
                lost.append(asked)
            if theirs != own:
                differ.append(asked)
                print(f"  {asked}: with Cargo {theirs}\n  {asked}: in the sandbox {own}")
    print(f"search: {len(of_items + besides)} queries, {count} results, {len(differ)} queries with others")
    print(f"  asked: {', '.join(of_items + besides)}")
    if lost:
        print(f"  not found with Cargo: {', '.join(lost)}")
    return 1 if differ or lost or len(of_items) < 10 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
