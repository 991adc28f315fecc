#!/usr/bin/env python3
"""The timeline of `rbn-plan build` in a browser: timeline.py CHROMIUM PAGE TIMELINE

TIMELINE is the same as JSON, from which this script computes by itself what the page must show.
"""

import json
import pathlib
import sys

from checks import Checks
from devtools import Page

SHOWN = "document.querySelectorAll('#rows tr').length"
NAMES = "[...document.querySelectorAll('#rows .name')].map(c => c.textContent)"


class TimelineChecks(Checks):
    what = "the page of a timeline"

    def __init__(self, page, record, address):
        super().__init__(page, address)
        self.record = record
        self.jobs = record["jobs"]

    def opens(self):
        self.opens_with(len(self.jobs), SHOWN)
        built = sum("step" in job and job["status"] == "built" for job in self.jobs)
        totals = self.page.run("document.getElementById('totals').textContent")
        assert f"{built} steps built in " in totals, totals

    def searches(self):
        def wanted(words):
            rows = sum(
                all(word in " ".join((job.get("step", job["name"]), job.get("platform", ""), job["kind"])).lower()
                    for word in words.split())
                for job in self.jobs)
            self.equal("document.getElementById('found').textContent", f"{rows} of {len(self.jobs)}")
            return rows

        self.searches_for(("part-00777", "run of a", "host", "no such step"), wanted, SHOWN)

    def orders(self):
        self.page.run("document.getElementById('filter').reset()")
        self.page.painted()
        names = self.page.run(NAMES)
        assert names == [job.get("step", job["name"]) for job in
                         sorted(self.jobs, key=lambda job: (job["start"], job["end"]))]
        self.choose("order", "name")
        names = self.page.run(NAMES)
        assert names == sorted(names)
        self.choose("order", "time")
        longest = max(job["end"] - job["start"] for job in self.jobs)
        self.equal("document.querySelector('#rows tr').cells[2].textContent", f"{longest / 1000:.1f} s")

    def critical_path(self):
        self.page.run("document.getElementById('only').click()")
        self.equal(SHOWN, len(self.record["critical"]))
        assert set(self.page.run(NAMES)) == {step["step"] for step in self.record["critical"]}

    def bars(self):
        """Each stands where its job began, and is as long as it took."""
        self.page.run("document.getElementById('filter').reset()")
        self.page.painted()
        bars = self.page.run("""[...document.querySelectorAll('#rows tr')].map(r => {
            const style = r.querySelector('.bar').style;
            return [r.cells[0].textContent, parseFloat(style.left), parseFloat(style.width)]; })""")
        jobs = {job.get("step", job["name"]): job for job in self.jobs}
        for name, left, width in bars:
            job, total = jobs[name], self.record["milliseconds"]
            assert abs(left - 100 * job["start"] / total) < 0.01, (name, left)
            assert abs(width - 100 * (job["end"] - job["start"]) / total) < 0.01, (name, width)
        # The axis: marks at round times, where they belong; the charts above mean the same times.
        marks = self.page.run("[...document.querySelectorAll('#axis span')].map(m => [m.textContent, parseFloat(m.style.left)])")
        assert 3 <= len(marks) <= 20 and marks[0] == ["0", 0], marks
        for text, left in marks[1:]:
            clock = [float(part) for part in text.removesuffix(" s").split(":")]
            at = clock[-1] + (60 * clock[0] if len(clock) > 1 else 0)
            assert abs(left - 100_000 * at / self.record["milliseconds"]) < .6, (text, left)
        edges = self.page.run("""['#load', '#axis'].map(s => document.querySelector(s).getBoundingClientRect()).map(b => [b.left, b.right])""")
        assert all(abs(a - b) < 1.5 for a, b in zip(*edges)), edges
        rows = self.page.run("document.querySelector('#rows tr').getBoundingClientRect().height")
        assert rows <= 18, f"a row is {rows} pixels high"
        most = self.page.run("document.getElementById('load').viewBox.baseVal.height")
        events = sorted([(job["start"], 1) for job in self.jobs if job["end"] > job["start"]]
                        + [(job["end"], -1) for job in self.jobs if job["end"] > job["start"]])
        now = wanted = 0
        for _, by in events:
            now += by
            wanted = max(wanted, now)
        assert most == wanted, (most, wanted)

    def processors(self):
        """What the record says, or nothing."""
        seen = self.record.get("processors")
        self.equal("document.getElementById('processors').hidden", not seen)
        if seen:
            self.equal("document.getElementById('count').textContent", str(seen["count"]))
            self.equal("document.getElementById('busy').viewBox.baseVal.height", max(1, seen["count"]))

    def keyboard(self):
        self.page.run("document.querySelector('h1').tabIndex = -1; document.querySelector('h1').focus()")
        self.page.key("/")
        self.equal("document.activeElement.id", "search")
        self.page.type("part-00019")
        self.page.key("Escape")
        self.page.painted()
        self.equal(SHOWN, len(self.jobs))
        self.equal("document.getElementById('search').value", "")

    def readable(self):
        self.readable_in_both(("body", "#totals", "#command", "#rows .name", "label", "th.name", "ul.key li"))
        self.printed("#rows .name", (("#rows", True), ("#load", True), ("form", False)))
        self.media("screen", "light")


def main():
    chromium, file, record = sys.argv[1:4]
    address = pathlib.Path(file).resolve().as_uri()
    with Page(chromium) as page:
        checks = TimelineChecks(page, json.loads(pathlib.Path(record).read_text()), address)
        checks.run("opens", "searches", "orders", "critical_path", "bars", "processors", "keyboard", "readable",
                   "widths", "spoken", "alone", "silent")
        sys.exit(checks.result())


if __name__ == "__main__":
    main()
