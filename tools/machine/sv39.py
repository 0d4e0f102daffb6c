"""Sv39 page tables, decoded from a machine's memory. It follows the privileged specification alone, not the kernel.

`table` is a function from a frame's number to the 512 entries of the table in that frame, so any memory will do.
"""
import struct

PAGE = 4096
ENTRIES = 512
USER_ENTRIES = 256  # of a root: the entries for the lower half of the addresses
USER_END = 1 << 38
LETTERS = "VRWXUGAD"
V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
SOFTWARE = 1 << 8, 1 << 9  # the two bits that the specification leaves to software
FLAGS = (1 << 10) - 1
FRAME = (1 << 44) - 1
MODE_SV39 = 8


def index_of(va, level):
    return va // span(level) % ENTRIES


def span(level):
    """The number of bytes that one entry of a table of this level covers."""
    return PAGE * ENTRIES ** level


def user_half(level):
    """The number of entries of a table that belong to the lower half of the addresses."""
    return USER_ENTRIES if level == 2 else ENTRIES


def is_address(va):
    """Whether bits 63 to 39 equal bit 38."""
    return va >> 38 in (0, (1 << 26) - 1)


def frame_of(bits):
    """The frame number in an entry."""
    return bits >> 10 & FRAME


def entry_of(frame, flags):
    return frame << 10 | flags & FLAGS


def leaf_at(bits, level):
    return level == 0 or bits & (R | W | X) != 0


def root_of(satp):
    """The frame of the root table; None if the hart does not translate."""
    return satp & FRAME if satp >> 60 == MODE_SV39 else None


def entries(data):
    return struct.unpack(f"<{ENTRIES}Q", data)


def path(table, root, va):
    """[(level, frame of the table, entry)] from the root to the leaf, or to the last table that exists."""
    steps, at = [], root
    for level in (2, 1, 0):
        bits = table(at)[index_of(va, level)]
        steps.append((level, at, bits))
        if not bits & V or leaf_at(bits, level):
            break
        at = frame_of(bits)
    return steps


def leaf(table, root, va):
    """The leaf entry of the 4 KiB page at `va`; 0 if there is none."""
    level, _, bits = path(table, root, va)[-1]
    return bits if level == 0 and bits & V else 0
