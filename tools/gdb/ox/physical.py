"""The machine's memory by *physical* address: what stands there does not depend on the hart's mode or page table.

gdb reads memory as the hart would, so a hart in user mode hides the kernel, and one in the kernel may hide the program.
QEMU's stub can be told to take addresses as physical ones; that is done for each page that is read, and undone at once,
so that gdb itself never sees memory that way.
"""
from contextlib import contextmanager

import gdb
import sv39
from sv39 import PAGE

U64 = (1 << 64) - 1


def _symbol(name):
    return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))


# Of the linker script. Asked for now, while no frame is selected: in a function of ox gdb takes them for ox's.
IMAGE, IMAGE_OFFSET = range(_symbol("text_start"), _symbol("kernel_end")), _symbol("image_offset")


class Refused(Exception):
    """What the user asked for cannot be: one line that names the thing and the remedy."""


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
    """As it stands at this stop: every page is read once. `root` leads to the kernel's own half once it is known."""

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
        """A kernel address; the image's are known without a page table."""
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

    # --- typed. A *place* is a gdb value of which only type and address are known: gdb reads nothing for its parts.

    def place(self, type_name, address):
        kind = gdb.lookup_type(type_name) if isinstance(type_name, str) else type_name
        return gdb.Value(address & U64).cast(kind.pointer()).dereference()

    def fetch(self, place):
        """The value at a place."""
        return gdb.Value(self.read_virtual(int(place.address) & U64, place.type.sizeof), place.type)

    def number(self, place):
        """Of a number, an enumerator, a pointer, an Atomic of those, or one of ox's classes around one."""
        value = self.fetch(place)
        while value.type.strip_typedefs().code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
            value = value[next(f for f in value.type.strip_typedefs().fields() if hasattr(f, "bitpos") and not
                               (f.is_base_class and not f.type.fields()))]
        return int(value)

    def follow(self, place, name):
        """The place that a member leads to: a pointer, a reference, or a Ref. None: it leads nowhere."""
        offset, kind = member(place.type.strip_typedefs(), name)
        if kind.code == gdb.TYPE_CODE_STRUCT:  # Ref<T>
            return self.follow(place[name], "object_")
        address = int.from_bytes(self.read_virtual((int(place.address) & U64) + offset, 8), "little")
        return self.place(kind.target(), address) if address else None


def member(kind, name):
    """(offset in bytes, type) of a member; gdb would read a reference to say where it is."""
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
