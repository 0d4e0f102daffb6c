"""gdb: shows a trap in a backtrace as what it is, not as <signal handler called>."""
import gdb
from gdb.FrameDecorator import FrameDecorator

EXCEPTIONS = {
    0: "instruction address misaligned", 1: "instruction access fault", 2: "illegal instruction", 3: "breakpoint",
    4: "load address misaligned", 5: "load access fault", 6: "store address misaligned", 7: "store access fault",
    8: "system call", 12: "instruction page fault", 13: "load page fault", 15: "store page fault",
}
INTERRUPTS = {1: "software interrupt", 5: "timer interrupt", 9: "external interrupt"}


def cause_and_value(frame):
    """scause and stval of the trap whose entry `frame` is: as saved, once the entry has called C++, or the CSRs."""
    if frame.newer() is None:
        return (int(frame.read_register(name)) for name in ("scause", "stval"))
    saved = frame.read_register("sp").cast(gdb.lookup_type("ox::TrapFrame").pointer())
    return int(saved["scause"]), int(saved["stval"])


def describe(frame):
    cause, value = (number & (1 << 64) - 1 for number in cause_and_value(frame))
    if cause >> 63:
        return f"=== trap: {INTERRUPTS.get(cause & 0xff, 'interrupt')} ==="
    name = EXCEPTIONS.get(cause, f"cause {cause}")
    return f"=== trap: {name} ===" if cause == 8 else f"=== trap: {name}, stval {value:#x} ==="


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


class TrapFilter:
    """Replaces the frames that entry.S marks with .cfi_signal_frame."""

    def __init__(self):
        self.name, self.priority, self.enabled = "ox-trap", 100, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        for frame in frames:
            trap = frame.inferior_frame().type() == gdb.SIGTRAMP_FRAME
            yield TrapDecorator(frame) if trap else frame


TrapFilter()
