"""The kernel's objects, found through its one global variable: harts, processes, frame records."""
from collections import namedtuple

import gdb

from .physical import Memory, Refused

Frame = namedtuple("Frame", "ppn count kind used_groups writable_groups")
NO_FRAME = Frame(0, 0, "no frame of ox", 0, 0)


def short_name(enumerator):
    """The name without its class: ox::FrameKind::page -> page."""
    return str(enumerator).rsplit("::", 1)[-1]


def indices(array):
    low, high = array.type.strip_typedefs().range()
    return range(low, high + 1)


def text_of(characters):
    """The text in a std::array of characters."""
    array = characters["_M_elems"]
    return bytes(int(array[i]) & 0xff for i in indices(array)).split(b"\0")[0].decode(errors="replace")


class Process:
    def __init__(self, machine, place):
        self.machine, self.place = machine, place
        memory = machine.memory
        self.pid = memory.number(place["pid"])
        self.name = text_of(memory.fetch(place["name"]))
        payload = place["space"]["_M_payload"]
        self.space = payload["_M_payload"]["_M_value"] if memory.number(payload["_M_engaged"]) else None
        self.root = memory.number(self.space["tree_"]["root_"]) if self.space is not None else None

    def __str__(self):
        return f"pid {self.pid} {self.name}"


class Machine:
    """A view of the stopped machine. It caches what it reads, so each command makes a new one."""

    def __init__(self):
        self.memory = memory = Memory()
        harts = gdb.parse_and_eval("&ox::harts").dereference()["_M_elems"]
        self.harts = [harts[i] for i in indices(harts)]
        self.kernel = memory.follow(self.harts[0], "kernel")
        if self.kernel is None:
            raise Refused("the kernel is not up yet; `break ox::start_init` and `continue` first")
        self.vm = memory.follow(self.kernel, "memory")
        memory.root = memory.number(self.vm["kernel_root"])
        self.zero = memory.number(self.vm["zero"]["frame_"])
        frames = self.vm["frames"]
        self.first = memory.number(frames["first_"])
        self.end = self.first + memory.number(frames["record_count_"])
        self._records = memory.follow(frames, "by_number_")

    # --- frames

    def frame(self, ppn):
        if not self.first <= ppn < self.end:
            return NO_FRAME._replace(ppn=ppn)
        record = self.memory.fetch((self._records.address + ppn).dereference())
        count = int(record["count"]["_M_i"])
        groups = (int(record[name]) for name in ("used_groups", "writable_groups"))
        return Frame(ppn, count, short_name(record["kind"]), *groups)

    def direct_map(self):
        """The kernel's virtual address minus the physical one, for all of RAM; found from a frame record."""
        pointer = int((self._records.address + self.first).dereference().address) & (1 << 64) - 1
        return pointer - self.memory.translate(pointer)

    # --- the current hart and its process

    def hart(self):
        """The kernel's record of the hart that is selected in gdb."""
        wanted = int(gdb.parse_and_eval("$mhartid"))
        for hart in self.harts:
            if self.memory.number(hart["hartid"]) == wanted and self.memory.number(hart["kernel"]):
                return hart
        raise Refused(f"hart {wanted} has not started; choose another (`info threads`, `thread N`)")

    def process_of(self, hart):
        thread = self.memory.follow(hart, "current")
        process = self.memory.follow(thread, "process") if thread is not None else None
        return Process(self, process) if process is not None else None

    def processes(self):
        """{pid: process}, zombies included."""
        pids = self.memory.follow(self.kernel, "pids")
        slots = pids["slots_"]["_M_elems"]
        last = self.memory.number(pids["last_"])
        used = range(1, last + 1) if last < len(indices(slots)) else indices(slots)
        found = (self.memory.follow(slots[number], "process") for number in used)
        return sorted((Process(self, place) for place in found if place is not None), key=lambda process: process.pid)

    def process(self, pid=None):
        """The process with that pid, or the one on this hart. It must have an address space."""
        if pid is None:
            process = self.process_of(self.hart())
            if process is None:
                raise Refused("no process runs on this hart; name one by its pid (`ox-ps` lists them)")
        else:
            process = next((process for process in self.processes() if process.pid == pid), None)
            if process is None:
                raise Refused(f"there is no process {pid}; `ox-ps` lists them")
        if process.root is None:
            raise Refused(f"{process} has no address space: it has ended, or lent it; `ox-ps` lists who has one")
        return process
