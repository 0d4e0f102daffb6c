"""ox-walk: shows the path from the root to an address."""
from sv39 import USER_END, frame_of

from . import decide, entry
from .command import Command, address_and_pid


def node(machine, ppn, owned, above_owned):
    """One line, as `table 0x8055c  count 2  SHARED`. A count means something only if all tables above are owned."""
    count = machine.frame(ppn).count
    if owned:
        return f"{ppn:#x}  count {count}  owned"
    return f"{ppn:#x}  count {count}  " + ("SHARED: owned no further" if above_owned else "below a shared table")


def lines(machine, root, va):
    steps, above = entry.walk(machine, root, va), True
    for step in steps:
        yield f"level {step.level}  table {node(machine, step.table, step.owned, above)}"
        yield f"           entry {step.index:3}  {entry.text(step.bits)}"
        above = step.owned
    last = steps[-1]
    if last.bits:
        frame = machine.frame(frame_of(last.bits))
        yield f"page           {frame.ppn:#x}  count {frame.count}  {frame.kind}" + (
            "  the zero frame" if frame.ppn == machine.zero else "")
    elif last.level > 0:
        yield f"           the path ends here: no table of level {last.level - 1}"


def user_lines(machine, process, va):
    yield f"{va:#x} of {process}: root {process.root:#x}"
    yield from lines(machine, process.root, va)
    for access in ("load", "store"):
        decision = decide.decide(machine, process, va, access)
        if decision.outcome != "spurious":
            yield f"a {access} faults, {decision.outcome}: {decision.words}"
        else:
            yield f"a {access} does not fault"


class Walk(Command):
    """Show the path from the root of a process's page tables to an address, level by level.

Usage: ox-walk ADDRESS [PID]
ADDRESS is any expression, such as &page.x or $stval. Without PID, the process on this hart is meant. A table is
*owned* if it and all tables above it have count 1; below a shared table, counts mean nothing."""
    usage, needs_words = "ox-walk ADDRESS [PID]", True

    def run(self, machine, text):
        va, pid = address_and_pid(text)
        if va >= USER_END:
            print(f"{va:#x} of the kernel: root {machine.memory.root:#x}, whose upper half every root has")
            found = (line for step in entry.walk(machine, machine.memory.root, va) for line in (
                f"level {step.level}  table {step.table:#x}  entry {step.index:3}  {entry.text(step.bits)}",))
        else:
            found = user_lines(machine, machine.process(pid), va)
        print("\n".join(found))


Walk()
