"""Runs inside gdb, started by test_gdb_trees.py: [number, count, references found] of all frames of trees and files."""
from collections import Counter

import gdb
from gdb_stepping import play, run
from ox import frame
from ox.machine import Machine


def main():
    gdb.Breakpoint("fork_page.c:24", temporary=True)
    run("continue")
    machine = Machine()
    kinds = ("page", "cached", "table")
    known = (ppn for ppn in range(machine.first, machine.end) if machine.frame(ppn).kind in kinds)
    found = Counter(ppn for ppn, _ in frame.references(machine, False))
    return [[ppn, machine.frame(ppn).count, found[ppn]] for ppn in known]


play(main)
