"""What `record` on the command line left in a machine's RAM (kernel/observe/recorder.h): the events, and the frames."""
import mmap
from functools import cache
from pathlib import Path

import layout
import sv39

RAM_START = 0x8000_0000
DIRECT_MAP = 0xffff_ffc0_0000_0000
IMAGE = 0xffff_ffff_8000_0000  # minus RAM_START


@cache
def of_kernel(kernel):
    """Its layouts, and where the recorder stands: read once, since reading takes a second."""
    elf = layout.open_elf(kernel)
    return (layout.Layouts(elf, ["observe/recorder.cpp", "dev/console.cpp", "dev/uart.cpp"]),
            layout.symbol(elf, "_ZN2ox12the_recorderE")[0])


class Recording:
    """`ram` is the file that was the machine's RAM, `kernel` the kernel that ran in it."""

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
        """Bytes at a kernel's address."""
        offset = address - (DIRECT_MAP if address < IMAGE else IMAGE - RAM_START) - RAM_START
        return self.ram[offset:offset + size]

    @property
    def told(self):
        return self.recorder["told"]

    @property
    def full(self):
        """Events were lost: there were more than the ring holds."""
        return self.told > self.recorder["capacity"]

    def records(self):
        """Each event and its circumstances, as the kernel's own names say."""
        count = min(self.told, self.recorder["capacity"])
        decode, size = self.layouts.type("Record"), self.layouts.size("Record")
        data = self.at(self.recorder["ring"], count * size)
        for i in range(count):
            yield decode(data, i * size)

    @property
    def printed(self):
        """Characters on the console, by the kernel and its programs."""
        return self.console["uart"]["written"]

    @property
    def zero(self):
        """The frame that untouched memory reads as."""
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
        """The tables and pages that are in use, whoever knows of them."""
        for number in self.frames():
            record = self.frame(number)
            if record["count"] and record["kind"] in ("table", "page", "cached"):
                yield number

    def table(self, number, level):
        """The user's entries that are not 0: {index: bits}."""
        offset = number * sv39.PAGE - RAM_START
        entries = sv39.entries(self.ram[offset:offset + sv39.PAGE])[:sv39.user_half(level)]
        return {index: bits for index, bits in enumerate(entries) if bits}


def qemu_ram(file, memory):
    """What makes QEMU keep a machine's RAM in `file`."""
    Path(file).unlink(missing_ok=True)
    return ["-machine", "memory-backend=ram0", "-object",
            f"memory-backend-file,id=ram0,size={memory},mem-path={file},share=on"]
