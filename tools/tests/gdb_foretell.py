"""Runs inside gdb (test_gdb_walk.py starts it): for every page fault of a run, what ox-fault's words foretell in the
handler, and what the handler then returns.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

import gdb  # noqa: E402
from gdb_stepping import number, play, run  # noqa: E402
from ox import breaks, decide  # noqa: E402
from ox.machine import Machine, short_name  # noqa: E402

OUTCOMES = gdb.lookup_type("ox::FaultOutcome")


def one_fault(process):
    access = short_name(gdb.newest_frame().read_var("access"))
    told = decide.decide(process.machine, process, breaks.argument("va"), access).outcome
    run("finish")
    return told, short_name(gdb.Value(number("$a0") & 0xff).cast(OUTCOMES))


def main():
    gdb.Breakpoint("main", temporary=True)
    run("continue")
    gdb.Breakpoint("ox::AddressSpace::fault")
    gdb.Breakpoint("ox::power_off")
    seen = []
    while True:
        run("continue")
        if gdb.newest_frame().name() == "ox::power_off":
            return seen
        process = breaks.served(Machine())
        if process is not None:
            seen.append(one_fault(process))


play(main)
