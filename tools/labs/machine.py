"""Graded machine tests: functions of tools/labs/NAME/machine.py, or of hidden/machine.py beside it, which stays with the
instructor. Each gets boot(), which gives it a machine (guest.py), and its entry's limit.
"""
import importlib.util
import re

import result
from guest import MOST_STOPS, SECONDS, Failed, Guest
from result import Result
from stub import Ended, Hung


def load(folder):
    """By name, what the lab's files define."""
    found = {}
    for file in (folder / "machine.py", folder / "hidden/machine.py"):
        if file.is_file():
            spec = importlib.util.spec_from_file_location(f"lab_{folder.name}", file)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            found |= vars(module)
    return found


class Booted:
    """The machine of a test, once it has booted one."""

    def __init__(self, kernel):
        self.kernel, self.guest = kernel, None

    def __call__(self, **options):
        self.guest = Guest(self.kernel, **options)
        self.guest.start()
        return self.guest


def run(functions, kernel, entry):
    if entry["machine"] not in functions:
        return Result(entry, False, f"expected: the test {entry['machine']}; seen: machine.py has none of that name")
    booted = Booted(kernel)
    try:
        functions[entry["machine"]](booted, entry.get("limit", {}))
        return Result(entry, True)
    except (Failed, Ended, Hung) as error:
        return told(entry, booted.guest, error)
    finally:
        if booted.guest is not None:
            booted.guest.close()


def told(entry, guest, error):
    if guest is None:
        return Result(entry, False, "expected: QEMU starts; seen: it does not: make setup says what is missing")
    last = guest.log[-1] if guest.log else "the kernel boots, and its first program starts"
    rule, drawing, more = entry.get("rule"), "", []
    if isinstance(error, Failed):
        sentence = str(error)
        if error.va is not None:
            drawing = picture_of(guest, error.va)
    else:
        sentence, rule = f"expected: {last}; seen: {what_happened(guest, error)}", rule_of(guest)
    if not isinstance(error, Failed) or not guest.log:
        more += ["console:", *(f"  {line}" for line in guest.last_lines() or ["(nothing)"])]
        more += ["where it is:", *(f"  {line}" for line in guest.where())]
    return Result(entry, False, sentence, rule, drawing, guest.log[-12:], more)


def picture_of(guest, va):
    try:
        return result.drawn(guest, va)
    except Failed as error:
        return f"(no picture: {error.seen})"


def panic_in(guest):
    panic = [line for line in guest.last_lines(1000) if line.startswith("ox: panic: ")]
    return panic[0] if panic else None


def what_happened(guest, error):
    if panic := panic_in(guest):
        return panic
    if isinstance(error, Ended):
        return "the machine was switched off"
    if error.idle:
        return "nobody runs any more: every hart waits, or the process was killed"
    if guest.stops > MOST_STOPS:
        return "a process that waits at a pipe comes back from read() again and again"
    return f"{SECONDS * 1e9:.0e} instructions later the program is not back"


def rule_of(guest):
    number = re.search(r"\brule (\d+)", panic_in(guest) or "")
    return int(number[1]) if number else None
