"""Sv39 as the privileged specification has it: page tables read from a machine's memory, and nothing the kernel says.

`table` is a function from a frame's number to the 512 entries that stand in it, so memory may come from wherever it is.
"""
import struct

PAGE = 4096
ENTRIES = 512
USER_ENTRIES = 256  # of a root: the lower half of the addresses
USER_END = 1 << 38
LETTERS = "VRWXUGAD"
V, R, W, X, U, G, A, D = (1 << bit for bit in range(8))
SOFTWARE = 1 << 8, 1 << 9  # the two bits that are left to the kernel
FLAGS = (1 << 10) - 1
FRAME = (1 << 44) - 1
MODE_SV39 = 8


def index_of(va, level):
    return va // span(level) % ENTRIES


def span(level):
    """How many bytes one entry of a table of this level leads to."""
    return PAGE * ENTRIES ** level


def user_half(level):
    """How many of a table's entries are of the lower half."""
    return USER_ENTRIES if level == 2 else ENTRIES


def is_address(va):
    """Bits 63 to 39 are as bit 38."""
    return va >> 38 in (0, (1 << 26) - 1)


def frame_of(bits):
    """The page number in an entry."""
    return bits >> 10 & FRAME


def entry_of(frame, flags):
    return frame << 10 | flags & FLAGS


def leaf_at(bits, level):
    return level == 0 or bits & (R | W | X) != 0


def root_of(satp):
    """The root table's frame; None: the hart translates nothing."""
    return satp & FRAME if satp >> 60 == MODE_SV39 else None


def entries(data):
    return struct.unpack(f"<{ENTRIES}Q", data)


def path(table, root, va):
    """[(level, frame of the table, entry)] from the root to the leaf, or to where there is no more."""
    steps, at = [], root
    for level in (2, 1, 0):
        bits = table(at)[index_of(va, level)]
        steps.append((level, at, bits))
        if not bits & V or leaf_at(bits, level):
            break
        at = frame_of(bits)
    return steps


def leaf(table, root, va):
    """The entry that maps a 4 KiB page at `va`; 0: none does."""
    level, _, bits = path(table, root, va)[-1]
    return bits if level == 0 and bits & V else 0
