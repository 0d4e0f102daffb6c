"""ox-fault: explains the trap that the hart is in."""
import linecache

import gdb

from . import decide, regions
from .command import Command
from .physical import Refused
from .trap_filter import name_of, trap_at

ACCESS = {12: "execute", 13: "load", 15: "store"}
SYSTEM_CALL = 8


def trap_frame():
    """The frame of the innermost trap's entry, searched from the selected frame outwards."""
    frame = gdb.selected_frame()
    while frame is not None and frame.type() != gdb.SIGTRAMP_FRAME:
        frame = frame.older()
    if frame is None:
        raise Refused("no trap is being served here; `stepi` at a store to a shared page leads into one, "
                      "or `break ox::AddressSpace::fault`")
    return frame


def source_line(pc):
    """The place in the program's source, as far as it is known: `main at user/fork_page.c:24:  page.x = 10;`."""
    sal, block = gdb.find_pc_line(pc), gdb.block_for_pc(pc)
    function = block
    while function is not None and function.function is None:
        function = function.superblock
    words = [str(function.function)] if function is not None else []
    if sal.symtab is not None:
        text = linecache.getline(sal.symtab.fullname(), sal.line).strip()
        words.append(f"at {sal.symtab.filename}:{sal.line}" + (f":  {text}" if text else ""))
    return " ".join(words) or "no symbols there"


def handler_words(machine, process, trap):
    if trap.from_kernel:
        return "serves it and goes on" if trap.cause >> 63 else "panics: the kernel may not trap"
    if trap.cause in ACCESS:
        decision = decide.decide(machine, process, trap.value, ACCESS[trap.cause])
        return f"{decision.outcome}, as the tables stand now: {decision.words}"
    if trap.cause == SYSTEM_CALL:
        return "serves the call"
    return "serves it" if trap.cause >> 63 else "sends the program a signal"


def lines(machine, frame):
    trap, pc = trap_at(frame), frame.older().pc()
    process = machine.process_of(machine.hart())
    yield f"scause  {trap.cause:#x}  {name_of(trap.cause)} in {'the kernel' if trap.from_kernel else process}"
    if trap.cause == SYSTEM_CALL:
        yield f"a7      {int(frame.older().read_register('a7'))}  the call's number, as Linux has it"
    elif not trap.cause >> 63:
        region = None if trap.from_kernel else regions.find(machine, process, trap.value)
        where = f"in {region.start:#x}-{region.end:#x} {region.prot} {regions.name(machine, region)}" if region else ""
        yield f"stval   {trap.value:#x}  {where or 'not mapped'}"
    yield f"sepc    {pc:#x}  {source_line(pc)}"
    yield f"handler {handler_words(machine, process, trap)}"


class Fault(Command):
    """Explain the trap that this hart is in: scause, stval, sepc, and what the handler will do.

Usage: ox-fault
If traps are nested, it explains the one that is nearest to the selected frame (`up` goes outwards)."""
    usage = "ox-fault"

    def act(self, text):
        if text:
            raise ValueError
        trap_frame()
        super().act(text)

    def run(self, machine, text):
        print("\n".join(lines(machine, trap_frame())))


Fault()
