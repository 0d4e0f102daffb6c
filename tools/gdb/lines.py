"""Runs inside gdb: notes each time that a process reaches a line of its program, with the number of events recorded so
far. tools/view/record.py starts it, and passes OX_LINES (the file to write) and OX_PROGRAM (the program's file) in its
environment.

The machine is stopped while gdb looks, so its counts are the same as in a run without gdb.
"""
import json
import os
import sys
from pathlib import Path

import gdb

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import sv39  # noqa: E402
from ox.physical import IMAGE_OFFSET, U64, physical_addresses  # noqa: E402

MOST = 200  # the most stops at one line: later rounds of a loop say nothing new

notes = []


def physical(expression):
    """The physical address of one of the kernel's objects."""
    return int(gdb.parse_and_eval(f"&{expression}")) - IMAGE_OFFSET


def read(address):
    return int.from_bytes(gdb.selected_inferior().read_memory(address, 8), "little")


class Line(gdb.Breakpoint):
    def __init__(self, pc, line, told, printed):
        super().__init__(f"*{pc:#x}")
        self.silent, self.line, self.places, self.stops = True, line, (told, printed), 0

    def stop(self):
        # Physical addresses, because the hart uses the program's mappings here, which lack the kernel.
        with physical_addresses():
            told, printed = map(read, self.places)
        root = sv39.root_of(int(gdb.parse_and_eval("$satp")) & U64)
        notes.append({"at": told, "console": printed, "root": root, "line": self.line})
        self.stops += 1  # gdb's own hit_count counts only stops that are kept
        if self.stops >= MOST:
            self.enabled = False
        return False


def starts_of_lines(program):
    """(pc, line) of each line in the file that main() is in."""
    gdb.execute(f"add-symbol-file {program}", to_string=True)
    table = gdb.lookup_global_symbol("main").symtab.linetable()
    seen, last = {}, None
    for entry in table:
        if entry.line and entry.line != last:
            seen.setdefault(entry.pc, entry.line)
        last = entry.line
    return seen.items()


places = physical("ox::the_recorder.told_"), physical("ox::the_console.uart_.written_")
for pc, line in starts_of_lines(os.environ["OX_PROGRAM"]):
    Line(pc, line, *places)
try:
    gdb.execute("continue", to_string=True)
except gdb.error:  # QEMU 7.2 closes the connection when the machine powers off
    pass
with open(os.environ["OX_LINES"], "w") as file:
    json.dump(notes, file)
