"""ox-break-fault and ox-break-copy: breakpoints at copy-on-write events instead of lines."""
import gdb
from sv39 import PAGE, USER_END

from . import decide, tree, walk
from .command import Command, address, own_breakpoints
from .machine import Machine, short_name
from .physical import Refused, U64

FAULT, FORK = "ox::AddressSpace::fault", "ox::AddressSpace::fork"


def argument(name):
    """An argument of the function that the hart has just entered, as a number."""
    value = gdb.newest_frame().read_var(name)
    return int(value["value_"] if value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT else value) & U64


def is_store():
    access = gdb.newest_frame().read_var("access")
    return str(access).endswith("::store")


def served(machine):
    """The process whose address space the handler works on. None while exec builds a new space."""
    process = machine.process_of(machine.hart())
    own = process is not None and process.space is not None
    return process if own and argument("this") == int(process.space.address) & U64 else None


def caller():
    """(pc, sp) to which the current function will return."""
    frame = gdb.newest_frame()
    while frame.type() == gdb.INLINE_FRAME:
        frame = frame.older()
    frame = frame.older()
    return frame.pc(), int(frame.read_register("sp")) & U64


class Stop(gdb.Breakpoint):
    """A breakpoint that prints something when it stops the machine. gdb calls wanted() before it stops, and at_stop()
    after the stop. Only at_stop() may set or delete breakpoints."""

    def __init__(self, where):
        super().__init__(where, internal=True)
        self.hit = False
        own_breakpoints.append(self)

    def stop(self):
        try:
            self.hit = self.wanted()
        except (gdb.error, Refused) as error:
            print(f"ox: no stop here: {error}")
            self.hit = False
        return self.hit


def at_stop(event):
    for stop in getattr(event, "breakpoints", ()):
        if isinstance(stop, Stop) and stop.hit:
            stop.hit = False
            try:
                stop.report()
            except (gdb.error, Refused) as error:
                print(f"ox: {error}")


gdb.events.stop.connect(at_stop)


class FaultBreak(Stop):
    """A breakpoint in the fault handler, so it also sees the kernel's own stores for a process. It stops once."""

    def __init__(self, page):
        super().__init__(FAULT)
        self.page = page

    def wanted(self):
        return is_store() and argument("va") & -PAGE == self.page and served(Machine()) is not None

    def report(self):
        machine = Machine()
        print("\n".join(walk.user_lines(machine, served(machine), argument("va"))))
        self.delete()


class BreakFault(Command):
    """Stop at the first store fault in the page of an address, in any process.

Usage: ox-break-fault ADDRESS
The machine stops in the fault handler; `bt` shows the store. It stops once: for the next fault, type the command
again."""
    usage, needs_words = "ox-break-fault ADDRESS", True

    def act(self, text):
        va = address(text)
        if va >= USER_END:
            raise Refused(f"{va:#x} is an address of the kernel, which never faults")
        FaultBreak(va & -PAGE)
        print(f"Stops at the first store fault in the page {va & -PAGE:#x}.")


class After(Stop):
    """The end of a copy: prints its outcome, and the tables again."""

    def __init__(self, copy):
        pc, self.sp = caller()
        super().__init__(f"*{pc:#x}")
        self.copy = copy

    def wanted(self):
        return int(gdb.parse_and_eval("$sp")) & U64 == self.sp

    def report(self):
        print("--- after: " + "\n".join(self.copy.after(Machine())))
        self.delete()


class FaultCopy:
    """A fault that copies. It shows the path to the fault's address."""

    def __init__(self, machine):
        self.pid, self.va = machine.process().pid, argument("va")

    def path(self, machine):
        return walk.lines(machine, machine.process(self.pid).root, self.va)

    def before(self, machine):
        words = decide.decide(machine, machine.process(), self.va, "store").words
        return [f"pid {self.pid} stores to {self.va:#x}: {words}", *self.path(machine)]

    def after(self, machine):
        outcome = gdb.parse_and_eval("$a0").cast(gdb.lookup_type("ox::FaultOutcome"))
        return [f"{short_name(outcome)}", *self.path(machine)]


class ForkCopy:
    """A fork. It shows the parent's tree, and at the end the child's, which fork() is about to return."""

    def __init__(self, machine):
        self.pid, self.child = machine.process().pid, argument("child_pid")
        self.mode = short_name(gdb.newest_frame().read_var("mode"))
        self.result = int(gdb.parse_and_eval("$a0"))

    def before(self, machine):
        return [f"pid {self.pid} forks, {self.mode}", *tree.lines(machine, [machine.process(self.pid)])]

    def after(self, machine):
        result = machine.memory.place("ox::Result<ox::AddressSpace, ox::Errno>", self.result)
        if not machine.memory.number(result["_M_has_value"]):
            return ["fork failed: no memory", *tree.lines(machine, [machine.process(self.pid)])]
        drawing = tree.Tree(machine)
        root = machine.memory.number(result["_M_val"]["tree_"]["root_"])
        return [f"the child is pid {self.child}", *drawing.process(machine.process(self.pid)),
                *drawing.tree(f"pid {self.child}", self.child, root)]


class CopyBreak(Stop):
    """QEMU 7.2 sometimes reports a step that it has not made, so gdb stops here twice for one copy. A copy whose end is
    still awaited is therefore not reported again."""

    def __init__(self, where, kind, copies=lambda: True):
        super().__init__(where)
        self.kind, self.copies, self.awaited = kind, copies, []

    def wanted(self):
        self.awaited = [after for after in self.awaited if after.is_valid()]
        return caller()[1] not in [after.sp for after in self.awaited] and self.copies()

    def report(self):
        copy = self.kind(Machine())
        print("--- before: " + "\n".join(copy.before(Machine())))
        self.awaited.append(After(copy))


def fault_copies():
    if not is_store():
        return False
    machine = Machine()
    process = served(machine)
    if process is None:
        return False
    decision = decide.decide(machine, process, argument("va"), "store")
    return decision.outcome in decide.COPIES or bool(decision.tables)


class BreakCopy(Command):
    """Stop at each fork, and at each fault that copies a page or a table: before the copy and after it.

Usage: ox-break-copy [off]
Each stop shows the tables: for a fault the path to its address, for a fork the parent's tree."""
    usage = "ox-break-copy [off]"
    stops = []

    def act(self, text):
        if text not in ("", "off"):
            raise ValueError
        for stop in self.stops:
            stop.delete()
        self.stops.clear()
        if not text:
            self.stops += [CopyBreak(FAULT, FaultCopy, fault_copies), CopyBreak(FORK, ForkCopy)]
        print("Copies no longer stop the machine." if text else "Stops before and after each copy, until `ox-break-copy off`.")


BreakFault()
BreakCopy()
