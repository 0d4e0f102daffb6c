"""Page-table entries: how they are printed, and the walk from a root to an address."""
from collections import namedtuple

import gdb
from sv39 import LETTERS, V, frame_of, index_of, leaf_at, user_half


def own_flags():
    """[(name, bit)] of the two software bits that ox defines in vm/pte.h."""
    pte = gdb.Value(bytes(8), gdb.lookup_type("ox::Pte"))
    return [(name, int(pte[name])) for name in ("MAY_WRITE", "MAP_SHARED")]


def flags(bits):
    letters = "".join(letter if bits >> n & 1 else "-" for n, letter in enumerate(LETTERS))
    return " ".join([letters, *(name for name, bit in own_flags() if bits & bit)])


def text(bits):
    return f"Pte(ppn {frame_of(bits):#x} {flags(bits)})" if bits else "Pte(empty)"


# An entry and its place. `owned`: the table that holds it and all tables above have count 1 (rule 2).
Step = namedtuple("Step", "level table index bits owned")


def walk(machine, root, va):
    """The entries from the root to the leaf of `va`, or to where the path ends; the last one may be empty."""
    table, owned, steps = root, True, []
    for level in (2, 1, 0):
        bits = machine.memory.table(table)[index_of(va, level)]
        steps.append(Step(level, table, index_of(va, level), bits, owned))
        if bits == 0 or leaf_at(bits, level):
            break
        table = frame_of(bits)
        owned = owned and machine.frame(table).count == 1
    return steps


def children(machine, table, level):
    """[(index, bits)] of the entries in a table's user half that are not empty."""
    entries = machine.memory.table(table)[:user_half(level)]
    return [(index, bits) for index, bits in enumerate(entries) if bits]


def is_leaf(bits, level):
    """Whether the entry is a leaf. In a user's tree, an entry without any access is a leaf too."""
    return level == 0 or bool(bits & V) and leaf_at(bits, level)
