#!/usr/bin/env python3
"""Tests of a project with Cargo and in the sandbox, name by name:

    names.py PROJECT KNOWN METADATA MESSAGES SAID JUNIT

METADATA is what `cargo metadata --no-deps` says, MESSAGES what `cargo test --no-run
--message-format=json` does, SAID both streams of `cargo test`, JUNIT the file of `rbn-plan test`.
Fails where a test ends in another way and KNOWN does not say so, and where KNOWN says so wrongly.
"""

import json
import os
import re
import sys
import xml.etree.ElementTree as tree
from collections import Counter

SUMS = re.compile(r"test result: [^.]*\. (\d+) passed; (\d+) failed; (\d+) ignored")
TEST = re.compile(r"test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b")
WORDS = ("passed", "failed", "ignored")


def objects(path):
    with open(path) as file:
        return [json.loads(line) for line in file if line.startswith("{")]


def part(kinds, name):
    """What rbn-plan calls the run of a target."""
    for kind in ("test", "bench"):
        if kind in kinds:
            return f"{kind}-{name}"
    for kind in ("bin", "example"):
        if kind in kinds:
            return f"{kind}-test-{name}"
    return "lib-test"


def programs(metadata, messages):
    """Test programs by their file names, and packages by their libraries' crate names."""
    packages = {package["id"]: package["name"] for package in metadata["packages"]}
    files, crates = {}, {}
    for message in messages:
        package = packages.get(message.get("package_id"))
        if message["reason"] != "compiler-artifact" or package is None:
            continue
        target = message["target"]
        if set(target["kind"]) & {"lib", "rlib", "dylib", "cdylib", "staticlib", "proc-macro"}:
            crates[target["name"].replace("-", "_")] = package
        if message["executable"] and message["profile"]["test"]:
            files[message["executable"].rsplit("/", 1)[-1]] = f"{package} {part(target['kind'], target['name'])}"
    return files, crates


def cargos(said, files, crates):
    """Results by program and test, and each program's sums. One without a harness has a result without a name."""
    found, sums, failed, program = {}, Counter(), set(), None
    for line in open(said, errors="replace"):
        line = line.rstrip("\n")
        if started := re.match(r" +Running (?:unittests )?.* \((.*)\)$", line):
            program = files[started[1].rsplit("/", 1)[-1]]
            found.setdefault(program, {})
        elif documented := re.match(r" +Doc-tests (\S+)$", line):
            program = f"{crates[documented[1].replace('-', '_')]} doctest"
            found.setdefault(program, {})
        elif again := re.match(r" +`(?:-p (\S+) )?--(\w+)(?: (\S+))?`$", line):
            failed.add((again[1], again[2], again[3]))
        elif program is None:
            continue
        elif test := TEST.match(line):
            found[program].setdefault(test[1], test[2])
        elif result := SUMS.match(line):
            add(sums, program, result)
    for program, tests in found.items():
        if not tests and (program, WORDS[0]) not in sums:
            package, name = program.split(" ", 1)
            is_failed = any(p in (None, package) and name == f"{kind}-{target}" for p, kind, target in failed)
            tests[""] = "FAILED" if is_failed else "ok"
    return found, sums


def add(sums, program, result):
    """Only rustdoc runs several harnesses; else the last line counts, as a test may print another's words."""
    for word, number in zip(WORDS, result.groups()):
        sums[program, word] = int(number) + (sums[program, word] if program.endswith(" doctest") else 0)


def ours(junit):
    found, sums = {}, Counter()
    for suite in tree.parse(junit).getroot():
        # A macro's tests are for the host; that is all the same here.
        program = suite.get("name").removesuffix(" (host)")
        found[program] = {}
        for case in suite.iter("testcase"):
            result = "ok"
            if case.find("failure") is not None or case.find("error") is not None:
                result = "FAILED"
            elif case.find("skipped") is not None:
                result = "ignored"
            name = case.get("name")
            found[program]["" if program == f"{program.split(' ')[0]} {name}" else name] = result
        for line in (suite.findtext("system-out") or "").splitlines():
            if result := SUMS.match(line):
                add(sums, program, result)
    return found, sums


def known(path, project):
    with open(path) as file:
        lines = [line.split("#")[0].strip() for line in file]
    rows = [re.split(r"\s{2,}", line) for line in lines if line]
    return {(program, test) for name, program, test, *users in rows
            if name == project and (not users or os.getuid() == 0)}


def total(sums):
    return ", ".join(f"{sum(n for (_, w), n in sums.items() if w == word)} {word}" for word in WORDS)


def main(project, known_file, metadata, messages, said, junit):
    with open(metadata) as file:
        files, crates = programs(json.load(file), objects(messages))
    one, one_sums = cargos(said, files, crates)
    two, two_sums = ours(junit)
    print(f"{project}: with Cargo {total(one_sums)}; in the sandbox {total(two_sums)}; "
          f"{len(one)} and {len(two)} programs")
    found, wrong = set(), []
    for program in sorted(set(one) | set(two)):
        a, b = one.get(program), two.get(program)
        if a is None or b is None:
            wrong.append(f"only {'in the sandbox' if a is None else 'with Cargo'}: {program}")
            continue
        for test in sorted(set(a) & set(b)):
            if a[test] != b[test]:
                found.add((program, test))
                print(f"  {program}  {test}: {a[test]} with Cargo, {b[test]} in the sandbox")
        counted = [sum(sums[program, word] for word in WORDS) for sums in (one_sums, two_sums)]
        if counted[0] != counted[1]:
            wrong.append(f"{program}: {counted[0]} tests with Cargo, {counted[1]} in the sandbox")
        # Words of a test may tear its line, so that its name is not there; sums are.
        elif a and b and set(a) ^ set(b):
            print(f"  {program}: told on one side only: {', '.join(sorted(set(a) ^ set(b)))}")
            same = len([1 for row in found if row[0] == program])
            change = sum(abs(one_sums[program, word] - two_sums[program, word]) for word in WORDS)
            if change != 2 * same:
                wrong.append(f"{program}: the sums differ by {change // 2} tests, the names by {same}")
    listed = known(known_file, project)
    wrong += [f"differs: {' '.join(row)}" for row in sorted(found - listed)]
    wrong += [f"is listed in {known_file}, and does not differ: {' '.join(row)}" for row in sorted(listed - found)]
    print("\n".join(wrong))
    return 1 if wrong or not one_sums else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
