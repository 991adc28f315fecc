#!/usr/bin/env python3
"""A book that mdBook made: book.py BOOK SUMMARY. Every page of the summary is there, and every link
of a page to another leads to a page, and to a heading that it has."""

import html.parser
import pathlib
import re
import sys
import urllib.parse


class Reader(html.parser.HTMLParser):
    """The links and the addresses of a page's own text."""

    def __init__(self):
        super().__init__()
        self.links, self.ids, self.inside = [], set(), 0

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "main":
            self.inside += 1
        if self.inside and tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])

    def handle_endtag(self, tag):
        if tag == "main":
            self.inside -= 1


def main():
    book, summary = (pathlib.Path(path) for path in sys.argv[1:])
    names = re.findall(r"\]\(([\w-]+)\.md\)", summary.read_text())
    pages = {}
    for name in names:
        pages[name] = Reader()
        pages[name].feed((book / f"{name}.html").read_text())
    number, wrong = 0, []
    for name, page in pages.items():
        for link in page.links:
            target, _, anchor = link.partition("#")
            other = pathlib.PurePosixPath(target).stem if target else name
            # Files beside the book are those of the repository, which another test looks at.
            if "://" in target or target and not target.endswith(".html") or target.startswith("../"):
                continue
            number += 1
            if other not in pages or anchor and urllib.parse.unquote(anchor) not in pages[other].ids:
                wrong.append(f"{name}: {link}")
    assert number > 30, f"{number} links"
    assert not wrong, wrong
    print(f"{len(pages)} pages, {number} links")


main()
