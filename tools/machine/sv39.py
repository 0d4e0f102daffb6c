"""Sv39 as the privileged specification has it: page tables read from a machine's memory, and nothing the kernel says.

`table` is a function from a frame's number to the 512 entries that stand in it, so memory may come from wherever it is.
"""
import struct

PAGE = 4096
ENTRIES = 512
USER_ENTRIES = 256  # of a root: the lower half of the addresses
V, R, W, X, U = 1, 2, 4, 8, 16
MODE_SV39 = 8


def index_of(va, level):
    return va >> 12 + 9 * level & ENTRIES - 1


def frame_of(bits):
    """The page number in an entry."""
    return bits >> 10 & (1 << 44) - 1


def leaf_at(bits, level):
    return level == 0 or bits & (R | W | X) != 0


def root_of(satp):
    """The root table's frame; None: the hart translates nothing."""
    return satp & (1 << 44) - 1 if satp >> 60 == MODE_SV39 else None


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


def user_leaves(table, root):
    """{address: entry} of the pages of the lower half."""
    def below(at, level, va):
        for index, bits in enumerate(table(at)[:USER_ENTRIES if level == 2 else ENTRIES]):
            here = va + (index << 12 + 9 * level)
            if not bits & V:
                continue
            if leaf_at(bits, level):
                yield here, bits
            else:
                yield from below(frame_of(bits), level - 1, here)
    return dict(below(root, 2, 0))
