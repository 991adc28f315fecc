"""A headless Chromium, driven through its own pipe: no port, no driver, no network."""

import json
import os
import select
import subprocess
import tempfile
import time

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
]
PATIENCE = 60.0


class Failed(Exception):
    """The browser does not answer, or answers with an error."""


class Page:
    """One tab; events are kept in the order in which they came."""

    def __init__(self, chromium, width=1300, height=800):
        self.profile = tempfile.TemporaryDirectory(prefix="rbn-browser.")
        to_browser, self.write = os.pipe()
        self.read, from_browser = os.pipe()

        def wire():
            # The browser reads at 3 and writes at 4; neither end may be closed by the other's move.
            first, second = os.dup(to_browser), os.dup(from_browser)
            first, second = os.dup2(first, 13), os.dup2(second, 14)
            os.dup2(first, 3, inheritable=True)
            os.dup2(second, 4, inheritable=True)

        self.process = subprocess.Popen(
            [chromium, *FLAGS, f"--user-data-dir={self.profile.name}", f"--window-size={width},{height}"],
            close_fds=False, preexec_fn=wire,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.count = 0
        self.events = []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Performance.enable", timeDomain="threadTicks")
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.write)
        os.close(self.read)
        self.profile.cleanup()

    def message(self, deadline):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(self.read, 1 << 20) if ready else b""
            if not part:
                raise Failed("the browser does not answer")
            self.buffer += part
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **parameters):
        self.count += 1
        request = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.write, json.dumps(request).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self.message(deadline)
            if message.get("id") == self.count:
                if "error" in message:
                    raise Failed(f"{method}: {message['error']['message']}")
                return message["result"]
            self.events.append(message)

    def wait_for(self, method):
        deadline = time.monotonic() + PATIENCE
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message(deadline))

    def open(self, url):
        """Seconds until everything is loaded and has run."""
        self.events = []
        began = time.monotonic()
        self.call("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")
        return time.monotonic() - began

    def work(self):
        """Seconds for which the page's thread has had a processor; other programs do not count."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return next(metric["value"] for metric in metrics if metric["name"] == "ThreadTime")

    def run(self, script):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Failed(f"{script}: {answer['exceptionDetails']['exception']['description']}")
        return answer["result"].get("value")

    def painted(self):
        """Waits until what was done is on the screen."""
        self.run("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    def type(self, text):
        self.call("Input.insertText", text=text)
        self.painted()

    def key(self, key):
        code = {"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "ArrowRight": 39, "/": 191}[key]
        press = {"key": key, "windowsVirtualKeyCode": code}
        if key == "Enter":
            press["text"] = "\r"
        if key == "/":
            press["text"] = "/"
        self.call("Input.dispatchKeyEvent", type="keyDown", **press)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)
        self.painted()

    def drag(self, start, end):
        """With the left button, from one place to another."""
        mouse = lambda kind, at, buttons: self.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1],
                                                    button="left", buttons=buttons, clickCount=1)
        mouse("mousePressed", start, 1)
        middle = [(a + b) / 2 for a, b in zip(start, end)]
        for at in (middle, end):
            mouse("mouseMoved", at, 1)
        mouse("mouseReleased", end, 0)
        self.painted()

    def named(self, method):
        return [event["params"] for event in self.events if event.get("method") == method]
