"""ox-who: goes back to the instruction that last wrote the leaf entry of an address."""
from contextlib import contextmanager

import gdb
from sv39 import PAGE

from . import entry
from .command import Command, address_and_pid, no_breakpoints
from .machine import Machine
from .physical import Refused, U64

NOT_RECORDED = "this machine cannot go back: it was not recorded (`make gdb-rr` does), or its QEMU cannot replay"
FIRMWARE = 3  # $priv at reset, where a recording starts


def recorded():
    try:
        return "ReverseStep+" in gdb.execute("maintenance packet qSupported", to_string=True)
    except gdb.error:
        return False


def step_back(command):
    gdb.execute(command, to_string=True)
    if int(gdb.parse_and_eval("$priv")) == FIRMWARE:
        raise Refused("nothing has written the entry since the recording began; the machine is at that point now")


def back_to_the_write(where):
    """`where` is the kernel's address of the entry. That suffices: all writes go through the direct map."""
    watch = gdb.Breakpoint(f"*(unsigned long*){where:#x}", gdb.BP_WATCHPOINT, gdb.WP_WRITE, internal=True)
    watch.silent = True
    try:
        step_back("reverse-continue")
    finally:
        watch.delete()
    step_back("reverse-stepi")  # the machine has stopped after the instruction


@contextmanager
def quiet():
    """Silences gdb, which prints where it stops even with to_string."""
    gdb.execute("set suppress-cli-notifications on")
    try:
        yield
    finally:
        gdb.execute("set suppress-cli-notifications off")


class ReverseStepi(gdb.Command):
    """Step backward exactly one instruction.

Usage: reverse-stepi [N]
It replaces gdb's own command and disables breakpoints while it steps: with a breakpoint a few instructions earlier,
QEMU (7.2 and 10) hangs. The machine must be recorded (`make gdb-rr`)."""

    def __init__(self):
        super().__init__("reverse-stepi", gdb.COMMAND_RUNNING)

    def invoke(self, text, from_tty):
        if not recorded():
            raise gdb.GdbError(f"reverse-stepi: {NOT_RECORDED}")
        with no_breakpoints():
            gdb.execute("set exec-direction reverse")
            try:
                gdb.execute(f"stepi {text}")
            finally:
                gdb.execute("set exec-direction forward")


class Who(Command):
    """Go back in time to the instruction that last wrote the leaf entry of an address.

Usage: ox-who ADDRESS [PID]
The machine must be recorded (`make gdb-rr`). It is stopped at the instruction afterwards: `bt` shows the reason for the
write, and another ox-who goes to the write before. Use it at a breakpoint's stop: a few instructions after the write,
QEMU (7.2 and 10) hangs."""
    usage, needs_words = "ox-who ADDRESS [PID]", True

    def run(self, machine, text):
        va, pid = address_and_pid(text)
        process = machine.process(pid)
        leaf = entry.walk(machine, process.root, va)[-1]
        if not entry.is_leaf(leaf.bits, leaf.level):
            raise Refused(f"{va:#x} has no table of level 0; `ox-walk` shows how far its path goes")
        place = leaf.table * PAGE + 8 * leaf.index
        where = machine.direct_map() + place & U64
        if not recorded():
            raise Refused(NOT_RECORDED)
        with no_breakpoints(), quiet():
            back_to_the_write(where)
        before = int.from_bytes(Machine().memory.read(place, 8), "little")
        print(f"{va:#x} of {process}: entry {leaf.index} of table {leaf.table:#x}")
        print(f"  before the write  {entry.text(before)}")
        print(f"  after it          {entry.text(leaf.bits)}")
        gdb.execute("bt")


ReverseStepi()
Who()
