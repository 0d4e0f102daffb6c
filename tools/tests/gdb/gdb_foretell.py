"""Runs inside gdb, started by test_gdb_walk.py: for every page fault of a run, prints what ox-fault predicts and what
the handler then returns.
"""
import gdb
from gdb_stepping import number, play, run
from ox import breaks, decide
from ox.machine import Machine, short_name

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
