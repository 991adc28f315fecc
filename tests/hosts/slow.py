"""A slow link: what a program reads and writes comes 100 ms late, and 2 MB a second at most."""

import os
import subprocess
import sys
import threading
import time

DELAY = 0.1
RATE = 2_000_000


def carry(source, sink):
    """Whole at the other end, in order; each piece as late as the link makes it."""
    free = 0.0
    pieces, more = [], threading.Condition()

    def read():
        nonlocal free
        while True:
            piece = os.read(source, 65536)
            with more:
                free = max(free, time.monotonic()) + len(piece) / RATE
                pieces.append((free + DELAY, piece))
                more.notify()
            if not piece:
                return

    threading.Thread(target=read, daemon=True).start()
    while True:
        with more:
            more.wait_for(lambda: pieces)
            due, piece = pieces.pop(0)
        time.sleep(max(0.0, due - time.monotonic()))
        if not piece:
            os.close(sink)
            return
        while piece:
            try:
                piece = piece[os.write(sink, piece):]
            except BrokenPipeError:
                return


there = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
threading.Thread(target=carry, args=(0, os.dup(there.stdin.fileno())), daemon=True).start()
there.stdin.close()
back = threading.Thread(target=carry, args=(there.stdout.fileno(), 1))
back.start()
back.join()
sys.exit(there.wait())
