"""ox-ps: lists the processes."""
from .command import Command
from .machine import short_name


def state(machine, process):
    memory, place = machine.memory, process.place
    if memory.number(place["exiting"]):
        return "zombie"
    if memory.number(place["signals"]["stopped"]):
        return "stopped"
    return short_name(memory.fetch(place["thread"]["state"]))


def parent_of(machine, process):
    parent = machine.memory.follow(process.place, "parent")
    return machine.memory.number(parent["pid"]) if parent is not None else 0


def running(machine):
    """{pid: hart} of the running processes."""
    found = {}
    for number, hart in enumerate(machine.harts):
        process = machine.process_of(hart) if machine.memory.number(hart["kernel"]) else None
        if process is not None:
            found[process.pid] = number
    return found


def lines(machine):
    harts = running(machine)
    yield f"{'PID':>5} {'PARENT':>6} {'HART':>4}  {'STATE':<8} {'FAULTS':>6}  {'ROOT':<9} NAME"
    for process in machine.processes():
        faults = machine.memory.number(process.place["faults"])
        root = f"{process.root:#x}" if process.root is not None else "-"
        yield (f"{process.pid:5} {parent_of(machine, process):6} {harts.get(process.pid, '-'):>4}  "
               f"{state(machine, process):<8} {faults:6}  {root:<9} {process.name}")


class Ps(Command):
    """List the processes: which hart runs them, page faults so far, the root of their page tables.

Usage: ox-ps"""
    usage = "ox-ps"

    def run(self, machine, text):
        if text:
            raise ValueError
        print("\n".join(lines(machine)))


Ps()
