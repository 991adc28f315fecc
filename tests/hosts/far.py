"""A binary cache far away: far.py FILE [DIRECTORY]. It has what DIRECTORY has, a cache as `nix copy --to
file://DIRECTORY` makes it, and each answer comes 30 ms late. In FILE.port is where it listens, in FILE.asked how
many questions came, how many of them were under way at once, and how many bytes it sent."""

import http.server
import pathlib
import sys
import threading
import time

FILE = sys.argv[1]
HAS = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
INFO = b"StoreDir: /nix/store\nWantMassQuery: 1\n"


class Far(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    asked = now = most = sent = 0

    @classmethod
    def note(cls, now, sent=0):
        with cls.lock:
            cls.asked += max(now, 0)
            cls.now += now
            cls.most = max(cls.most, cls.now)
            cls.sent += sent
            pathlib.Path(f"{FILE}.asked").write_text(f"{cls.asked} {cls.most} {cls.sent}\n")

    def body(self):
        name = self.path.split("?")[0].lstrip("/")
        place = (HAS / name).resolve() if HAS else None
        if place and place.is_relative_to(HAS) and place.is_file():
            return place.read_bytes()
        return INFO if name == "nix-cache-info" else None

    def do_GET(self):
        Far.note(1)
        time.sleep(0.03)
        body = self.body()
        Far.note(-1, len(body or b""))
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        if body and self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


server = Server(("127.0.0.1", 0), Far)
pathlib.Path(f"{FILE}.port").write_text(str(server.server_port))
server.serve_forever()
