"""Checks of a page in a browser, and how they are counted."""

import json
import sys
import traceback

# Seconds to open a page of a thousand steps and to answer a search in it. By the processor's time of
# the page: the clock of a machine that has other work says nothing of the page, and is only shown.
WANTED = 1.0

# Roles of what somebody uses.
USED = {"button", "checkbox", "combobox", "link", "searchbox", "slider", "spinbutton", "tab", "textbox"}

# Contrast as WCAG defines it, of what an element's text stands on.
CONTRAST = """(selector => {
  const light = c => { c /= 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4; };
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const lum = c => { const [r, g, b] = parts(c).map(light); return .2126 * r + .7152 * g + .0722 * b; };
  const e = document.querySelector(selector);
  if (!e) return 'no ' + selector;
  let on = e;
  while (on && (parts(getComputedStyle(on).backgroundColor)[3] === 0)) on = on.parentElement;
  const style = getComputedStyle(e), svg = e.closest('svg');
  const text = svg ? style.fill : style.color;
  const back = svg ? getComputedStyle(e.parentElement.querySelector('rect')).fill : on ? getComputedStyle(on).backgroundColor : 'rgb(255,255,255)';
  const [a, b] = [lum(text), lum(back)].sort((x, y) => y - x);
  return (a + .05) / (b + .05);
})"""


class Checks:
    """What every page is checked for; `self.passed` and `self.failed` count."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.passed = self.failed = 0

    def run(self, *names):
        for name in names:
            try:
                getattr(self, name)()
            except Exception:  # whatever it is: the others still say something
                self.failed += 1
                print(f"FAILED {self.what}: {name.replace('_', ' ')}", file=sys.stderr)
                traceback.print_exc(limit=3)
            else:
                self.passed += 1

    def equal(self, script, wanted):
        found = self.page.run(script)
        assert found == wanted, f"{script}: {found!r} where {wanted!r} was wanted"

    def choose(self, field, value):
        self.page.run(f"""{{ const e = document.getElementById({json.dumps(field)});
            e.value = {json.dumps(value)}; e.dispatchEvent(new Event('input', {{ bubbles: true }})); }}""")

    def opens_with(self, rows, shown):
        seconds = self.page.open(self.address)
        self.equal(shown, rows)
        self.equal("document.activeElement.id", "search")
        self.opened = self.page.work()
        print(f"   {self.what}, {rows} rows: opened with {self.opened:.2f} s of work, "
              f"by the clock in {seconds:.2f} s", file=sys.stderr)

    def searches_for(self, words, wanted, shown):
        """Each of `words`, whose number of rows `wanted` tells."""
        slowest = clock = 0.0
        for word in words:
            self.page.run("document.getElementById('search').value = ''")
            # From the input to the next painted frame.
            began = self.page.run("document.getElementById('search').focus(), performance.now()")
            before = self.page.work()
            self.page.type(word)
            slowest = max(slowest, self.page.work() - before)
            clock = max(clock, (self.page.run("performance.now()") - began) / 1000)
            self.equal(shown, wanted(word))
        print(f"   slowest search: {slowest * 1000:.0f} ms of work, by the clock {clock * 1000:.0f} ms",
              file=sys.stderr)
        assert self.opened + slowest < WANTED, f"{self.opened} s to open, {slowest} s to search"

    def readable_in_both(self, selectors):
        for scheme in ("light", "dark"):
            self.media("screen", scheme)
            for selector in selectors:
                contrast = self.page.run(f"{CONTRAST}({json.dumps(selector)})")
                assert isinstance(contrast, (int, float)) and contrast >= 4.5, f"{scheme}, {selector}: {contrast}"

    def printed(self, text, parts):
        """Black on white; `parts` are there or not."""
        self.media("print", "dark")
        self.page.run("dispatchEvent(new Event('beforeprint'))")
        contrast = self.page.run(f"{CONTRAST}({json.dumps(text)})")
        assert contrast >= 7, contrast
        for selector, is_shown in parts:
            self.equal(f"document.querySelector({json.dumps(selector)}).getClientRects().length > 0", is_shown)

    def media(self, media, scheme):
        self.page.call("Emulation.setEmulatedMedia", media=media,
                       features=[{"name": "prefers-color-scheme", "value": scheme}])

    def widths(self):
        """On a telephone, on half of a screen and on a wide one nothing stands beside it."""
        for width in (400, 800, 1900):
            self.page.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
            self.page.painted()
            self.equal("document.documentElement.scrollWidth", width)
        self.page.call("Emulation.clearDeviceMetricsOverride")
        self.page.painted()

    def spoken(self):
        """What a screen reader tells of: whatever can be used has a name, and headings lead through the page."""
        self.page.call("Accessibility.enable")
        nodes = [n for n in self.page.call("Accessibility.getFullAXTree")["nodes"] if not n["ignored"]]
        self.page.call("Accessibility.disable")
        text = lambda node, key: str(node.get(key, {}).get("value", "")).strip()
        used = [n for n in nodes if text(n, "role") in USED]
        nameless = [text(n, "role") for n in used if not text(n, "name")]
        assert used and not nameless, nameless
        roles = {text(n, "role") for n in nodes}
        assert {"heading", "searchbox"} <= roles or {"heading", "textbox"} <= roles, sorted(roles)

    def alone(self):
        requests = {p["request"]["url"].split("#")[0] for p in self.page.named("Network.requestWillBeSent")}
        assert requests == {self.address}, requests

    def silent(self):
        thrown = self.page.named("Runtime.exceptionThrown")
        said = self.page.named("Runtime.consoleAPICalled") + self.page.named("Log.entryAdded")
        assert not thrown and not said, (thrown, said)

    def result(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
