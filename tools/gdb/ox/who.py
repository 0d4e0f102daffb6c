"""ox-who: backwards to the instruction that last wrote an address's leaf entry."""
import gdb

from . import entry
from .command import Command, address_and_pid, no_breakpoints
from .machine import Machine
from .physical import Refused, U64

NOT_RECORDED = "this machine cannot go back: it was not recorded (`make gdb-rr` does), or its QEMU cannot replay"
FIRMWARE = 3  # $priv at reset, where a recording begins


def step_back(command):
    try:
        gdb.execute(command, to_string=True)
    except gdb.error as error:
        raise Refused(f"{NOT_RECORDED}: {error}") from None
    if int(gdb.parse_and_eval("$priv")) == FIRMWARE:
        raise Refused("nothing has written the entry since the recording began; the machine stands there now")


def back_to_the_write(where):
    """`where` is the kernel's address of the entry: it writes tables through the direct map and no other way."""
    with no_breakpoints():
        watch = gdb.Breakpoint(f"*(unsigned long*){where:#x}", gdb.BP_WATCHPOINT, gdb.WP_WRITE, internal=True)
        watch.silent = True
        gdb.execute("set suppress-cli-notifications on")
        try:
            step_back("reverse-continue")
            step_back("reverse-stepi")  # the stop is behind the instruction
        finally:
            gdb.execute("set suppress-cli-notifications off")
            watch.delete()


class Who(Command):
    """Go back in time to the instruction that last wrote the leaf entry of an address.

Usage: ox-who ADDRESS [PID]
For a recorded machine (`make gdb-rr`). The machine stands at the instruction then: `bt` tells why it writes, ox-who
again goes to the one before, and `continue` forwards in time."""
    usage, needs_words = "ox-who ADDRESS [PID]", True

    def run(self, machine, text):
        va, pid = address_and_pid(text)
        process = machine.process(pid)
        leaf = entry.walk(machine, process.root, va)[-1]
        if not entry.is_leaf(leaf.bits, leaf.level):
            raise Refused(f"{va:#x} has no table of level 0; `ox-walk` shows how far its path goes")
        place = leaf.table * 4096 + 8 * leaf.index
        where = machine.direct_map() + place & U64
        back_to_the_write(where)
        before = int.from_bytes(Machine().memory.read(place, 8), "little")
        print(f"{va:#x} of {process}: entry {leaf.index} of table {leaf.table:#x}")
        print(f"  before the write  {entry.text(before)}")
        print(f"  after it          {entry.text(leaf.bits)}")
        gdb.execute("bt")


Who()
