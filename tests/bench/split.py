"""What the split costs where there are no idle processors, and that programs are the same: real builds by
Nix, unsplit and in the other ways, all cold. PROJECTS="ripgrep jj-cli" builds these, PROFILE=dev by that
profile."""

import os

from common import RBN_PLAN, Failed, forget, nix_build, row, run, work, write_plan
from cores import JJ_MEMBERS, RIPGREP_MEMBERS, workspace

PROFILE = os.environ.get("PROFILE", "release")
# A published package alone has no library that its members are compiled against.
PROJECTS = {
    "ripgrep": ("14.1.1", RIPGREP_MEMBERS, ("off", "members", "all")),
    "mdbook": ("0.4.47", [], ("off", "all")),
    "bat": ("0.25.0", [], ("off", "all")),
    "jj-cli": ("0.38.0", JJ_MEMBERS, ("off", "members", "all")),
}
# Those that are built where PROJECTS names none.
USUAL = ["ripgrep", "mdbook", "bat"]


def programs(place):
    """The bytes of what a build left in bin/."""
    return {file.name: file.read_bytes() for file in sorted((place / "result/bin").iterdir())}


def built(place, way):
    """Seconds by the clock, seconds of processor time, and the programs of a cold build."""
    forget(place)
    command = [*nix_build(place), "--argstr", "split", way]
    run([*command, "--dry-run"], place)
    return *work(command, place), programs(place)


def part_split(temporary):
    chosen = os.environ.get("PROJECTS", " ".join(USUAL)).split()
    for name in chosen:
        version, members, ways = PROJECTS[name]
        place = workspace((name, version), members, temporary)
        write_plan(place, [RBN_PLAN, "--profile", PROFILE, "--locked", "--offline"])
        off = None
        for way in ways:
            seconds, processor, made = built(place, way)
            off = off or (processor, made)
            if made != off[1]:
                raise Failed(f"{name}: a program is another one with split = \"{way}\"")
            row(f"{name}, {PROFILE}, split = \"{way}\": processor time", f"{processor:.1f} s",
                f"{processor / off[0]:.2f} of off; {seconds:.1f} s by the clock; "
                f"{len(made)} program{'s' * (len(made) > 1)}, bit for bit as with off")
