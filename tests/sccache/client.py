#!/usr/bin/env python3
"""Says to a compile cache's socket what an attacker would: sccache's words, whole or not.

    client.py SOCKET ACTION [ARGUMENT...]

Prints what came back: the answer's number and its first bytes, `closed`, or `silent`.
"""
import os
import socket
import struct
import sys
import time

STEP_KEY = "0123456789abcdef" * 4


def u32(number):
    return struct.pack("<I", number)


def u64(number):
    return struct.pack("<Q", number)


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return u64(len(data)) + data


def os_text(value):
    return u32(0) + text(value)


def compiles(program, arguments, variables):
    """The question on which a bare sccache runs `program`."""
    words = u32(4) + os_text(program) + os_text("/")
    words += u64(len(arguments)) + b"".join(map(os_text, arguments))
    pairs = [os_text(name) + os_text(value) for name, value in variables]
    return words + u64(len(pairs)) + b"".join(pairs)


def puts(key, data):
    return u32(8) + text(key) + text(data)


def table(pairs):
    return u64(len(pairs)) + b"".join(text(name) + u64(count) for name, count in pairs)


def reports(hits, reasons):
    """What a step says when it is done."""
    words = u32(11) + u64(0) * 5 + table([]) * 2
    words += table([("Rust", hits)]) + table([]) + table([]) * 2
    words += u64(0) * 6 + (u64(0) + u32(0)) * 2 + u64(0) + u64(0) + u32(0) + u64(0)
    return words + table(reasons) + table([]) + u64(0) + b"\0"


def connect(path):
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(float(os.environ.get("PATIENCE", "10")))
    line.connect(path)
    return line


def frame(words):
    return struct.pack(">I", len(words)) + words


def ask(path, data, line=None):
    line = line or connect(path)
    try:
        line.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return receive(line)


def receive(line):
    try:
        head = b""
        while len(head) < 4:
            more = line.recv(4 - len(head))
            if not more:
                return "closed"
            head += more
        length = struct.unpack(">I", head)[0]
        words = b""
        while len(words) < length:
            more = line.recv(length - len(words))
            if not more:
                return "closed"
            words += more
        return f"{struct.unpack('<I', words[:4])[0]} {words[4:200]!r}"
    except TimeoutError:
        return "silent"
    except ConnectionResetError:
        return "closed"


def main():
    path, action, *rest = sys.argv[1:]
    if action == "compile":
        # Detection runs the program, and so does what follows; the words are those of rustc's calls.
        program, *variables = rest
        pairs = [variable.split("=", 1) for variable in variables]
        line = connect(path)
        source = ["--crate-name", "a", "--crate-type", "lib", "--emit=link", "--out-dir", "/tmp", "-c", "a.c", "-o", "a.o"]
        print(ask(path, frame(compiles(program, source, pairs)), line))
        if os.environ.get("PATIENCE") is None:
            line.settimeout(2)
        print(receive(line))
    elif action == "number":
        print(ask(path, frame(u32(int(rest[0])))))
    elif action == "handshake":
        print(ask(path, frame(u32(5))))
    elif action == "put":
        print(ask(path, frame(puts(rest[0], rest[1]))))
    elif action == "get":
        print(ask(path, frame(u32(7) + text(rest[0]))))
    elif action == "put-preprocessed":
        print(ask(path, frame(u32(10) + text(rest[0]) + text(b""))))
    elif action == "announce":
        # A put of so many bytes, of which none comes.
        count = int(rest[0])
        words = u32(8) + text(STEP_KEY) + u64(count)
        print(ask(path, struct.pack(">I", min(len(words) + count, 2**32 - 1)) + words))
    elif action == "report":
        # repr: the shell has escapes of its own.
        print(ask(path, frame(reports(int(rest[0]), [(rest[1].encode().decode("unicode_escape"), 1)]))))
    elif action == "reports":
        # Many reasons, of which each would be kept.
        line = connect(path)
        for number in range(int(rest[0])):
            answer = ask(path, frame(reports(0, [(f"reason {number} " + "x" * 3000, 1)])), line)
        print(answer)
    elif action == "hold":
        # So many connections that say nothing, until this process ends.
        lines = []
        for _ in range(int(rest[0])):
            line = connect(path)
            lines.append(line)
        print("held", flush=True)
        time.sleep(60)
    elif action == "slow-gets":
        # An entry, asked for so many times at once by one who hardly takes the answers.
        key, size, count = "7" * 64, int(rest[0]), int(rest[1])
        print(ask(path, frame(puts(key, b"x" * size))))
        lines = [connect(path) for _ in range(count)]
        for line in lines:
            line.sendall(frame(u32(7) + text(key)))
            line.setblocking(False)
        for _ in range(int(rest[2])):
            for line in lines:
                try:
                    line.recv(1)
                except OSError:
                    pass
            time.sleep(1)
        print("done")
    elif action == "garbage":
        generator = __import__("random").Random(int(rest[0]))
        for _ in range(int(rest[1])):
            count = generator.randrange(1, 200)
            words = generator.randbytes(count)
            if generator.random() < 0.7:
                words = frame(u32(generator.randrange(16)) + words)
            line = connect(path)
            line.settimeout(0.02)
            ask(path, words, line)
            line.close()
        print("done")
    else:
        sys.exit(f"unknown action {action}")


main()
