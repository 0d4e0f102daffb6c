#!/usr/bin/env python3
"""Checks that the kernel's core calls signals, job control, /proc, pipes and the terminal only where ALLOWED says so.

The core is boot, traps, memory, the life of processes, and files: what a lecture reads. The two parts are on the same
floors, so the rule for includes (floors.py) does not keep them apart. ALLOWED lists every name of the second part that
an object file of the core uses, with the folders that use it.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

CORE = ("boot", "trap", "vm", "proc", "fs")
LEFT_OUT = ("signal/", "jobs/", "procfs/", "fs/pipe", "fs/terminal", "fs/line_discipline")
ALLOWED = {
    "ox::Groups::bear": "proc",
    "ox::Groups::forget": "proc",
    "ox::Groups::hang_up_orphans": "proc",
    "ox::Groups::new_session": "proc",
    "ox::Pipe::open": "fs",
    "ox::Signals::~Signals": "proc",
    "ox::Terminal::leave": "proc",
    "ox::Terminal::receive": "trap",
    "ox::action_of": "proc",
    "ox::copy_signals": "proc",
    "ox::deliver_signals": "proc trap",
    "ox::drop_signals": "proc",
    "ox::force_signal": "trap",
    "ox::keeps_from_being_orphaned": "proc",
    "ox::post_signal": "proc",
    "ox::queue_signal": "proc",
    "ox::reset_signals_for_exec": "proc",
    "vtable for ox::Alarm": "proc",
    "vtable for ox::Pipe": "fs",
}


def left_out(file):
    return file.startswith(LEFT_OUT)


def symbols(folder):
    """(file, kind, name) for each symbol of the object files below `folder`. The name has no parameter list."""
    nm = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-") + "nm"
    # An object file without a source is left over from an earlier build.
    objects = [file for file in folder.rglob("*.o") if Path("kernel", file.relative_to(folder)).with_suffix("").exists()]
    run = subprocess.run([nm, "-C", "-A", *objects], capture_output=True, text=True, check=True)
    for line in run.stdout.splitlines():
        file, _, rest = line.partition(":")
        kind, name = re.match(r"\s*[0-9a-f]*\s+(\w) ([^(]*)", rest).groups()
        yield str(Path(file).relative_to(folder)), kind, name


def calls(folder):
    """{name: folders}: the names that the core uses from the part that a lecture leaves out."""
    found, all_of_them = {}, list(symbols(folder))
    defined = {name for file, kind, name in all_of_them if kind in "TDBRV" and left_out(file)}
    for file, kind, name in all_of_them:
        room = file.split("/")[0]
        if kind == "U" and name in defined and room in CORE and not left_out(file):
            found.setdefault(name, set()).add(room)
    return found


def main():
    wrong = 0
    for name, rooms in sorted(calls(Path(sys.argv[1])).items()):
        for room in sorted(rooms - set(ALLOWED.get(name, "").split())):
            print(f"kernel/{room}/ uses {name}, which a lecture leaves out. Is there another way? If not: ALLOWED in {Path(__file__).name}")
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
