"""Reads the machine's memory by *physical* address, whatever the hart's mode and page table.

gdb reads memory through the hart: in user mode the hart cannot reach the kernel, and in the kernel it may not reach the
program. QEMU's gdb stub can be switched to physical addresses. This module switches it for each page that it reads, and
back at once, so that gdb itself never reads memory that way.
"""
from contextlib import contextmanager

import gdb
import sv39
from sv39 import PAGE

U64 = (1 << 64) - 1


def _symbol(name):
    return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))


# Symbols of the linker script. They are read now, while no frame is selected: inside a function of ox, gdb would look
# for them in namespace ox.
IMAGE, IMAGE_OFFSET = range(_symbol("text_start"), _symbol("kernel_end")), _symbol("image_offset")


class Refused(Exception):
    """The user asked for something impossible. The message is one line that names the thing and the remedy."""


@contextmanager
def physical_addresses():
    def switch(on):
        answer = gdb.execute(f"maintenance packet Qqemu.PhyMemMode:{on}", to_string=True)
        if "OK" not in answer:
            raise Refused("this machine does not let gdb read physical memory; use QEMU 4.1 or newer")
    switch(1)
    try:
        yield
    finally:
        switch(0)


class Memory:
    """Memory at this stop: each page is read once. `root` is a root table with the kernel's half, once one is known."""

    def __init__(self):
        self._pages = {}
        self.root = None

    def page(self, ppn):
        if ppn not in self._pages:
            with physical_addresses():
                self._pages[ppn] = bytes(gdb.selected_inferior().read_memory(ppn * PAGE, PAGE))
        return self._pages[ppn]

    def table(self, ppn):
        return sv39.entries(self.page(ppn))

    def read(self, address, size):
        data = b""
        while size > 0:
            start = address % PAGE
            part = self.page(address // PAGE)[start:start + size]
            data, address, size = data + part, address + len(part), size - len(part)
        return data

    def translate(self, va):
        """The physical address of a kernel address. Addresses in the kernel's image need no page table."""
        if va in IMAGE:
            return va - IMAGE_OFFSET
        level, _, bits = sv39.path(self.table, self.root, va)[-1]
        if not bits & sv39.V:
            raise Refused(f"{va:#x} is no address of the kernel")
        return sv39.frame_of(bits) * PAGE + va % sv39.span(level)

    def read_virtual(self, va, size):
        data = b""
        while len(data) < size:
            here = va + len(data)
            data += self.read(self.translate(here), min(size - len(data), PAGE - here % PAGE))
        return data

    # --- typed values. A *place* is a gdb value whose type and address are used, but whose memory gdb never reads.

    def place(self, type_name, address):
        kind = gdb.lookup_type(type_name) if isinstance(type_name, str) else type_name
        return gdb.Value(address & U64).cast(kind.pointer()).dereference()

    def fetch(self, place):
        """The value at a place, read by physical address."""
        return gdb.Value(self.read_virtual(int(place.address) & U64, place.type.sizeof), place.type)

    def number(self, place):
        """The value as a number: of an integer, an enumerator, a pointer, an Atomic, or a class of ox around one."""
        value = self.fetch(place)
        while value.type.strip_typedefs().code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
            value = value[next(f for f in value.type.strip_typedefs().fields() if hasattr(f, "bitpos") and not
                               (f.is_base_class and not f.type.fields()))]
        return int(value)

    def follow(self, place, name):
        """The place that a member points to. The member is a pointer, a reference or a Ref. None: it is null."""
        offset, kind = member(place.type.strip_typedefs(), name)
        if kind.code == gdb.TYPE_CODE_STRUCT:  # Ref<T>
            return self.follow(place[name], "object_")
        address = int.from_bytes(self.read_virtual((int(place.address) & U64) + offset, 8), "little")
        return self.place(kind.target(), address) if address else None


def member(kind, name):
    """(offset in bytes, type) of a member. Asking gdb for the address of a reference would read it."""
    for field in kind.fields():
        if field.is_base_class:
            try:
                offset, found = member(field.type.strip_typedefs(), name)
                return field.bitpos // 8 + offset, found
            except KeyError:
                continue
        if field.name == name:
            return field.bitpos // 8, field.type.strip_typedefs()
    raise KeyError(f"{kind}: no member {name}")
