"""Shows a trap in gdb's backtrace by its cause, not as <signal handler called>."""
from collections import namedtuple

import gdb
from gdb.FrameDecorator import FrameDecorator

from .physical import U64

EXCEPTIONS = {
    0: "instruction address misaligned", 1: "instruction access fault", 2: "illegal instruction", 3: "breakpoint",
    4: "load address misaligned", 5: "load access fault", 6: "store address misaligned", 7: "store access fault",
    8: "system call", 12: "instruction page fault", 13: "load page fault", 15: "store page fault",
}
SPP = 1 << 8  # sstatus: the trap came from the kernel
INTERRUPTS = {1: "software interrupt", 5: "timer interrupt", 9: "external interrupt"}


Trap = namedtuple("Trap", "cause value from_kernel")


def trap_at(frame):
    """The trap whose entry is `frame`. Registers come from the TrapFrame once the entry has called C++, before that
    from CSRs."""
    if frame.newer() is None:
        cause, value, status = (int(frame.read_register(name)) for name in ("scause", "stval", "sstatus"))
    else:
        saved = frame.read_register("sp").cast(gdb.lookup_type("ox::TrapFrame").pointer())
        cause, value, status = (int(saved[name]) for name in ("scause", "stval", "sstatus"))
    return Trap(cause & U64, value & U64, bool(status & SPP))


def name_of(cause):
    if cause >> 63:
        return INTERRUPTS.get(cause & 0xff, "interrupt")
    return EXCEPTIONS.get(cause, f"cause {cause}")


def describe(frame):
    trap = trap_at(frame)
    value = "" if trap.cause >> 63 or trap.cause == 8 else f", stval {trap.value:#x}"
    return f"=== trap: {name_of(trap.cause)}{value} ==="


class PlainDecorator(FrameDecorator):
    """Prints a function without the types of its parameters."""

    def function(self):
        return self.inferior_frame().name()


class TrapDecorator(FrameDecorator):
    def function(self):
        try:
            return describe(self.inferior_frame())
        except gdb.error:
            return "=== trap ==="

    def address(self):
        return None

    def filename(self):
        return None

    def line(self):
        return None

    def frame_args(self):
        return None


def outwards(frame):
    """The frames from here to main, or to where unwinding ends: the C library's functions may have no CFI."""
    while frame is not None:
        yield frame
        try:
            frame = frame.older()
        except gdb.error:
            return


class TrapFilter:
    """Replaces the frames that entry.S marks with .cfi_signal_frame."""

    def __init__(self):
        self.name, self.priority, self.enabled = "ox-trap", 100, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        first = next(iter(frames), None)
        for frame in outwards(first.inferior_frame() if first is not None else None):
            trap = frame.type() == gdb.SIGTRAMP_FRAME
            yield TrapDecorator(frame) if trap else PlainDecorator(frame)


TrapFilter()
