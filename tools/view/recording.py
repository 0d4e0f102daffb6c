"""Reads what `record` left in a machine's RAM (kernel/observe/recorder.h): the events, and the frame records."""
import mmap
from functools import cache
from pathlib import Path

import layout
import sv39

RAM_START = 0x8000_0000
DIRECT_MAP = 0xffff_ffc0_0000_0000
IMAGE = 0xffff_ffff_8000_0000  # its virtual start minus RAM_START


@cache
def of_kernel(kernel):
    """(the layouts, the recorder's address) of a kernel. Cached, since reading them takes a second."""
    elf = layout.open_elf(kernel)
    return (layout.Layouts(elf, ["observe/recorder.cpp", "dev/console.cpp", "dev/uart.cpp"]),
            layout.symbol(elf, "_ZN2ox12the_recorderE")[0])


class Recording:
    """`ram` is the file that was the machine's RAM, `kernel` is the kernel that ran in it."""

    def __init__(self, ram, kernel):
        with open(ram, "rb") as file:
            self.ram = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.layouts, recorder = of_kernel(kernel)
        self.recorder = self.object("Recorder", recorder)
        if self.recorder["ring"] == 0:
            raise ValueError("nothing was recorded; is `record` on the command line, and did the kernel start?")
        self.memory = self.object("Memory", self.recorder["memory"])
        self.console = self.object("Console", self.recorder["console"])

    def object(self, name, address):
        return self.layouts.type(name)(self.at(address, self.layouts.size(name)))

    def at(self, address, size):
        """The bytes at a virtual address of the kernel."""
        offset = address - (DIRECT_MAP if address < IMAGE else IMAGE - RAM_START) - RAM_START
        return self.ram[offset:offset + size]

    @property
    def told(self):
        return self.recorder["told"]

    @property
    def full(self):
        """Whether events were lost, because there were more than the ring holds."""
        return self.told > self.recorder["capacity"]

    def records(self):
        """Each event with its circumstances, under the names of the kernel's members."""
        count = min(self.told, self.recorder["capacity"])
        decode, size = self.layouts.type("Record"), self.layouts.size("Record")
        data = self.at(self.recorder["ring"], count * size)
        for i in range(count):
            yield decode(data, i * size)

    @property
    def printed(self):
        """The number of characters that the kernel and the programs printed."""
        return self.console["uart"]["written"]

    @property
    def zero(self):
        """The zero frame, which untouched memory reads as."""
        return self.memory["zero"]["frame"]

    # --- the dump

    @property
    def first_frame(self):
        return self.memory["frames"]["first"]

    @property
    def frame_count(self):
        return self.memory["frames"]["record_count"]

    def frame(self, number):
        """The record of a frame: count, kind, ..."""
        return self.object("Frame", self.memory["frames"]["by_number"] + self.layouts.size("Frame") * number)

    def frames(self):
        return range(self.first_frame, self.first_frame + self.frame_count)

    def users_frames(self):
        """All tables and pages of users that have references."""
        for number in self.frames():
            record = self.frame(number)
            if record["count"] and record["kind"] in ("table", "page", "cached"):
                yield number

    def table(self, number, level):
        """{index: bits} of the user's entries that are not 0."""
        offset = number * sv39.PAGE - RAM_START
        entries = sv39.entries(self.ram[offset:offset + sv39.PAGE])[:sv39.user_half(level)]
        return {index: bits for index, bits in enumerate(entries) if bits}


def qemu_ram(file, memory):
    """QEMU's options that keep the machine's RAM in `file`."""
    Path(file).unlink(missing_ok=True)
    return ["-machine", "memory-backend=ram0", "-object",
            f"memory-backend-file,id=ram0,size={memory},mem-path={file},share=on"]
