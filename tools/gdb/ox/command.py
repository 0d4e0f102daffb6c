"""What all commands share: how they read their arguments, and how they report an error in one line."""
from contextlib import contextmanager

import gdb
import sv39

from .machine import Machine
from .physical import Refused, U64


def number(expression):
    """The number that the user's expression stands for: an address, a pointer, $stval."""
    value = gdb.parse_and_eval(expression)
    if value.type.strip_typedefs().code in (gdb.TYPE_CODE_ARRAY, gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_FUNC):
        value = value.address
    return int(value) & U64


def address(expression):
    """The user's expression as a valid Sv39 address."""
    va = number(expression)
    if not sv39.is_address(va):
        raise Refused(f"{va:#x} is no Sv39 address: bits 63 to 39 must be as bit 38")
    return va


def address_and_pid(text):
    """Parses `EXPRESSION [PID]`."""
    expression, _, last = text.rpartition(" ")
    if expression.strip() and last.isdecimal():
        return address(expression), int(last)
    return address(text), None


def pids(text, most):
    words = text.split()
    if len(words) > most or not all(word.isdecimal() for word in words):
        raise ValueError
    return [int(word) for word in words]


own_breakpoints = []  # gdb.breakpoints() does not list them, because they are internal


@contextmanager
def no_breakpoints():
    """A context without breakpoints, for a command that lets the machine run."""
    found = [stop for stop in [*gdb.breakpoints(), *own_breakpoints] if stop.is_valid() and stop.enabled]
    for stop in found:
        stop.enabled = False
    try:
        yield
    finally:
        for stop in found:
            stop.enabled = True


class Command(gdb.Command):
    """A subclass has `usage`, and one of run(machine, text) and act(text); act() works without a running kernel. The
    docstring of the subclass is gdb's help text."""
    usage = ""
    needs_words = False

    def __init__(self):
        self.name = self.usage.split()[0]
        super().__init__(self.name, gdb.COMMAND_USER)

    def invoke(self, text, from_tty):
        self.dont_repeat()
        text = text.strip()
        try:
            if self.needs_words and not text:
                raise ValueError
            self.act(text)
        except ValueError:
            raise gdb.GdbError(f"usage: {self.usage}") from None
        except Refused as error:
            raise gdb.GdbError(f"{self.name}: {error}") from None
        except gdb.error as error:
            raise gdb.GdbError(f"{self.name}: {error} (usage: {self.usage})") from None

    def act(self, text):
        self.run(Machine(), text)
