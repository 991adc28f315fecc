"""A machine that another system's tree reaches: bridge.py PLACE ROOT. Each connection to the socket PLACE/socket
names a command in its first line; it runs with ROOT/nix as /nix, and the rest of the connection is its input and
output. What it says otherwise goes to PLACE/said."""

import pathlib
import socket
import subprocess
import sys
import threading

PLACE, ROOT = map(pathlib.Path, sys.argv[1:])
RUN = 'mount --bind "$1/nix" /nix; eval "exec $2"'


def serve(connection):
    with connection:
        command = b""
        while not command.endswith(b"\n"):
            byte = connection.recv(1)
            if not byte:
                return
            command += byte
        words = ["unshare", "--mount", "--propagation", "private", "bash", "-c", RUN, "-", ROOT, command.decode().strip()]
        with open(PLACE / "said", "ab") as said:
            said.write(command)
            said.flush()
            subprocess.run(words, stdin=connection, stdout=connection, stderr=said, check=False)
        connection.shutdown(socket.SHUT_RDWR)


(ROOT / "nix").mkdir(parents=True, exist_ok=True)
with socket.socket(socket.AF_UNIX) as server:
    server.bind(str(PLACE / "socket"))
    server.listen(64)
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
