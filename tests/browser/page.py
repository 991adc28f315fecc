#!/usr/bin/env python3
"""The page of `rbn-plan graph --format html` in a browser: page.py CHROMIUM PAGE PLAN [FOLDER STEP]

PLAN is the same plan as JSON, from which this script computes by itself what the page must show.
With FOLDER only pictures are taken, of the summary and of STEP.
"""

import base64
import collections
import json
import pathlib
import sys

from checks import Checks
from devtools import Page

class Plan:
    def __init__(self, text):
        document = json.loads(text)
        self.needs = {}
        self.package = {}
        self.kind = {}
        self.features = {}
        for platform, steps in document["steps"].items():
            for name, step in steps.items():
                at = f"{platform}/{name}"
                self.needs[at] = {f"{d['platform']}/{d['step']}" for d in step.get("dependencies", [])}
                self.package[at] = step["package"]
                self.kind[at] = "run" if step["action"] == "run-script" else step["kind"]
                self.features[at] = step.get("features", [])
        self.needed_by = collections.defaultdict(set)
        for at, needs in self.needs.items():
            for on in needs:
                self.needed_by[on].add(at)

    @staticmethod
    def reach(start, edges):
        seen, queue = {start}, [start]
        while queue:
            for on in edges[queue.pop()]:
                if on not in seen:
                    seen.add(on)
                    queue.append(on)
        return seen

    def longest(self):
        """How many steps the longest path has."""
        length = {}
        left = {at: len(needs) for at, needs in self.needs.items()}
        ready = [at for at, count in left.items() if count == 0]
        while ready:
            at = ready.pop()
            length[at] = 1 + max((length[on] for on in self.needs[at]), default=0)
            for by in self.needed_by[at]:
                left[by] -= 1
                if left[by] == 0:
                    ready.append(by)
        return max(length.values())


SHOWN = "document.querySelectorAll('#list tr').length"


class PlanChecks(Checks):
    what = "the page of a plan"

    def __init__(self, page, plan, address):
        super().__init__(page, address)
        self.plan = plan

    def all(self):
        self.page.run("document.getElementById('filter').reset()")
        self.page.painted()
        self.equal(SHOWN, len(self.plan.needs))

    def opens(self):
        self.opens_with(len(self.plan.needs), SHOWN)

    def searches(self):
        def wanted(words):
            rows = sum(
                all(word in f"{at} {self.plan.package[at]} {' '.join(self.plan.features[at])}".lower()
                    for word in words.split())
                for at in self.plan.needs)
            self.equal("document.getElementById('found').textContent",
                       f"{rows} step{'' if rows == 1 else 's'}")
            return rows

        self.searches_for(("part-00777", "extra", "build-script", "no such step"), wanted, SHOWN)

    def filters(self):
        self.all()
        self.choose("platform", "host")
        self.equal(SHOWN, sum(at.startswith("host/") for at in self.plan.needs))
        self.choose("kind", "build script")
        self.equal(SHOWN, sum(kind == "custom-build" for kind in self.plan.kind.values()))
        self.all()
        self.choose("kind", "run of a build script")
        self.equal(SHOWN, sum(kind == "run" for kind in self.plan.kind.values()))
        self.all()
        self.choose("package", "part-00019")
        self.equal(SHOWN, sum(key.startswith("part-00019-") for key in self.plan.package.values()))
        self.all()

    def some_step(self):
        """One with much above and below it."""
        below = {at: len(self.plan.reach(at, self.plan.needs)) for at in self.plan.needs}
        above = {at: len(self.plan.reach(at, self.plan.needed_by)) for at in self.plan.needs}
        return max(self.plan.needs, key=lambda at: (min(below[at], above[at]), at))

    def follows(self):
        at = self.some_step()
        above, below = (self.plan.reach(at, edges) for edges in (self.plan.needed_by, self.plan.needs))
        self.page.run(f"location.hash = {json.dumps('#' + at)}")
        self.page.painted()
        self.page.painted()
        self.equal("document.querySelector('#view-step h2').textContent", at.split("/", 1)[1])
        text = self.page.run("document.getElementById('view-step').textContent")
        assert f"rebuilds {len(above)} of {len(self.plan.needs)} steps" in text, text
        for words, wanted in (("Only what it needs", below), ("Only what needs it", above)):
            self.page.run(f"""[...document.querySelectorAll('#view-step button')]
                .find(b => b.textContent.startsWith({json.dumps(words)})).click()""")
            self.equal(SHOWN, len(wanted))
            names = self.page.run("[...document.querySelectorAll('#list a')].map(a => decodeURIComponent(a.hash.slice(1)))")
            assert set(names) == wanted, set(names) ^ wanted
        # The picture shows the same, and nothing else.
        self.page.run("document.getElementById('tab-picture').click()")
        self.choose_drawn("steps")
        drawn = self.page.run("[...document.querySelectorAll('#picture .step')].map(g => +g.dataset.step)")
        names = self.page.run("steps.map(s => s.platform + '/' + s.name)")
        assert {names[i] for i in drawn} == above
        self.choose_drawn("packages")
        self.equal("document.querySelectorAll('#picture .step').length", len({self.plan.package[at] for at in above}))
        self.choose_drawn("")
        self.page.run("document.getElementById('tab-step').click()")
        self.all()

    def choose_drawn(self, what):
        self.page.run(f"""{{ const e = document.getElementById('group');
            e.value = {json.dumps(what)}; e.dispatchEvent(new Event('change')); }}""")
        self.page.painted()

    def picture(self):
        """Zoom, drag and keys move the view; a step that is chosen stands in the middle."""
        self.all()
        self.page.run("document.getElementById('tab-picture').click()")
        self.page.painted()
        frame = lambda: [float(x) for x in
                         self.page.run("document.querySelector('#picture svg').getAttribute('viewBox')").split()]
        self.page.run("document.getElementById('whole').click()")
        whole = frame()
        assert whole[2] >= self.page.run("view.full[0]") and whole[3] >= self.page.run("view.full[1]") - 1, whole
        self.page.run("document.getElementById('closer').click()")
        assert frame()[2] < whole[2]
        self.page.run("document.getElementById('farther').click()")
        assert abs(frame()[2] - whole[2]) < 1
        self.page.run("document.getElementById('picture').focus()")
        self.page.key("ArrowRight")
        assert frame()[0] > whole[0]
        box = self.page.run("(b => [b.left + b.width / 2, b.top + b.height / 2])(document.getElementById('picture').getBoundingClientRect())")
        before = frame()
        self.page.drag(box, [box[0] - 100, box[1] + 50])
        after = frame()
        assert after[0] > before[0] and after[1] < before[1], (before, after)
        # Columns say what needs what: each node stands right of all that it needs.
        wrong = self.page.run("""document.getElementById('picture').nodes.filter(
            (node, at, all) => node.needs.some(on => all[on].x >= node.x)).length""")
        assert wrong == 0, wrong
        places = self.page.run("document.getElementById('picture').nodes.map(n => n.x + ' ' + n.y)")
        assert len(set(places)) == len(places), "two nodes at one place"
        self.page.run(f"location.hash = {json.dumps('#' + self.some_step())}")
        self.page.painted()
        self.equal("document.querySelectorAll('#picture .here').length", 1)
        self.page.run("document.getElementById('tab-step').click()")
        self.all()

    def summary(self):
        """The map is as large as its parts; steps of a package stand together."""
        self.page.run("document.getElementById('tab-summary').click()")
        self.page.run("document.getElementById('measure').value = 'steps'; map()")
        counts = collections.Counter(self.plan.package.values())
        tiles = self.page.run("""[...document.querySelectorAll('#map .tile')].map(t => [t.title.split(':')[0].replace(' ', '-'),
            parseFloat(t.style.width) * parseFloat(t.style.height), parseFloat(t.style.left), parseFloat(t.style.top),
            parseFloat(t.style.width), parseFloat(t.style.height)])""")
        assert len(tiles) == len(counts)
        for name, area, left, top, width, height in tiles:
            assert abs(area / 10_000 - counts[name] / len(self.plan.needs)) < 1e-6, name
            assert left > -.01 and top > -.01 and left + width < 100.01 and top + height < 100.01, name
        self.equal("document.title.endsWith(': plan')", True)
        packages = self.page.run("rows.map(i => steps[i].package + ' ' + steps[i].version)")
        groups = sum(a != b for a, b in zip(packages, packages[1:])) + 1
        assert groups == len(counts), (groups, len(counts))

    def every_cost(self):
        costs = self.page.run("""[...document.querySelectorAll('#list tr')].map(r =>
            [decodeURIComponent(r.querySelector('a').hash.slice(1)), +r.querySelector('.cost').textContent])""")
        for at, cost in costs:
            wanted = len(self.plan.reach(at, self.plan.needed_by))
            assert cost == wanted, f"{at}: {cost}, not {wanted}"

    def sorts(self):
        self.page.run("document.querySelector('#steps [data-sort=cost]').click()")
        costs = self.page.run("[...document.querySelectorAll('#list .cost')].map(c => +c.textContent)")
        assert costs == sorted(costs, reverse=True)
        self.equal("document.querySelector('#steps [data-sort=cost]').closest('th').getAttribute('aria-sort')",
                   "descending")
        self.page.run("document.querySelector('#steps [data-sort=name]').click()")

    def critical_path(self):
        self.page.run("document.getElementById('tab-summary').click()")
        self.equal("document.getElementById('view-summary').hidden", False)
        path = self.page.run("[...document.querySelectorAll('#critical a')].map(a => decodeURIComponent(a.hash.slice(1)))")
        assert len(path) == self.plan.longest(), (len(path), self.plan.longest())
        for before, after in zip(path, path[1:]):
            assert before in self.plan.needs[after], f"{after} does not need {before}"
        # Bars one after the other, as long as the whole.
        ends = self.page.run("""[...document.querySelectorAll('#critical .bar')].map(b =>
            [parseFloat(b.style.marginLeft), parseFloat(b.style.width)])""")
        at = 0
        for left, width in ends:
            assert abs(left - at) < .01, (left, at)
            at = left + width
        assert abs(at - 100) < .01, at

    def times(self):
        for milliseconds, words in ((940, "0.9 s"), (99_900, "99.9 s"), (119_600, "2 min 0 s")):
            self.equal(f"seconds({milliseconds})", words)

    def totals(self):
        self.page.run("document.getElementById('tab-packages').click()")
        rows = self.page.run("""[...document.querySelectorAll('#packages tr')].map(r =>
            [r.cells[0].textContent.replace(' ', '-'), +r.cells[1].textContent])""")
        wanted = collections.Counter(self.plan.package.values())
        assert dict(rows) == dict(wanted), set(map(tuple, rows)) ^ set(wanted.items())

    def keyboard(self):
        self.page.run("document.getElementById('tab-step').focus()")
        self.page.key("ArrowRight")
        self.equal("document.querySelector('[role=tab][aria-selected=true]').id", "tab-picture")
        self.page.key("/")
        self.equal("document.activeElement.id", "search")
        self.page.type("part-00019 run")
        self.page.key("Enter")
        self.page.painted()
        self.equal("document.querySelector('tr.chosen a').textContent.startsWith('part-00019-')", True)
        self.page.key("ArrowDown")
        self.equal("document.activeElement.closest('#list') !== null", True)
        self.page.key("Escape")
        self.equal(SHOWN, len(self.plan.needs))
        self.equal("document.activeElement.id", "search")

    def readable(self):
        self.page.run("document.getElementById('tab-picture').click()")
        self.page.painted()
        self.readable_in_both(("body", "#totals", "#list a", ".place", "label", "#view-step h2", "#picture text", "th button", "#map .tile", "#what li"))
        # On paper: lists whole, nothing that needs a mouse.
        self.printed("#list a", (("#list", True), ("#critical", True), ("#packages", True), ("form", False), ("#picture", False)))
        self.equal("getComputedStyle(document.getElementById('steps')).overflowY", "visible")
        self.media("screen", "light")


def screenshots(page, address, folder, step):
    """The summary, and the picture of what needs a step, as they are on a wide screen."""
    page.call("Emulation.setDeviceMetricsOverride", width=1400, height=800, deviceScaleFactor=1, mobile=False)

    def shoot(name):
        image = page.call("Page.captureScreenshot", format="png")["data"]
        (pathlib.Path(folder) / name).write_bytes(base64.b64decode(image))

    page.open(address)
    page.painted()
    shoot("graph.png")
    page.open(f"{address}#{step}")
    page.painted()
    page.run("[...document.querySelectorAll('#view-step button')].find(b => b.textContent.startsWith('Only what needs')).click()")
    page.run("document.getElementById('tab-picture').click()")
    page.painted()
    shoot("picture.png")


def main():
    chromium, file, plan = sys.argv[1:4]
    address = pathlib.Path(file).resolve().as_uri()
    with Page(chromium) as page:
        if len(sys.argv) > 4:
            screenshots(page, address, *sys.argv[4:6])
            return
        checks = PlanChecks(page, Plan(pathlib.Path(plan).read_text()), address)
        checks.run("opens", "searches", "filters", "follows", "picture", "summary", "every_cost", "sorts", "critical_path",
                   "times", "totals", "keyboard", "readable", "widths", "spoken", "alone", "silent")
        sys.exit(checks.result())


if __name__ == "__main__":
    main()
