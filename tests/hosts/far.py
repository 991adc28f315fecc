"""A binary cache far away: it has nothing, and each answer comes 30 ms late. In FILE.port is where it listens, in
FILE.asked how many questions came and how many of them were under way at once."""

import http.server
import pathlib
import sys
import threading
import time

FILE = sys.argv[1]


class Far(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()
    asked = now = most = 0

    def do_GET(self):
        with Far.lock:
            Far.asked += 1
            Far.now += 1
            Far.most = max(Far.most, Far.now)
            pathlib.Path(f"{FILE}.asked").write_text(f"{Far.asked} {Far.most}\n")
        time.sleep(0.03)
        body = b"StoreDir: /nix/store\nWantMassQuery: 1\n" if self.path.startswith("/nix-cache-info") else b""
        with Far.lock:
            Far.now -= 1
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256


server = Server(("127.0.0.1", 0), Far)
pathlib.Path(f"{FILE}.port").write_text(str(server.server_port))
server.serve_forever()
