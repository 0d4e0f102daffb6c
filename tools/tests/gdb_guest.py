"""For scripts that run inside gdb: reads and writes the stopped machine's frames and page tables.

The machine must be stopped in the kernel, because everything here reaches physical memory through the kernel's direct
map.
"""
import json
import struct
import traceback
from collections import namedtuple

import gdb
import sv39
from sv39 import PAGE

MAY_WRITE = sv39.SOFTWARE[0]
U64 = (1 << 64) - 1
DIRECT_MAP = 0xffffffc000000000
SLOT = 4 * PAGE


def number(expression):
    return int(gdb.parse_and_eval(expression))


def hart():
    """The record of the hart that is stopped here."""
    return gdb.Value(number("$tp")).cast(gdb.lookup_type("ox::Hart").pointer()).dereference()


def process():
    """The process whose system call or fault the hart handles."""
    return hart()["current"]["process"].dereference()


def frames():
    return hart()["kernel"]["memory"]["frames"]


def set_value(place, value):
    """Writes a variable, or a part of one, that gdb has found."""
    size = place.type.sizeof
    gdb.selected_inferior().write_memory(int(place.address), value.to_bytes(size, "little"))


def read(physical, size):
    return bytes(gdb.selected_inferior().read_memory(DIRECT_MAP + physical, size))


def write(physical, data):
    gdb.selected_inferior().write_memory(DIRECT_MAP + physical, data)


def element(array, index):
    """An element of an array, or of a std::array."""
    if array.type.strip_typedefs().code == gdb.TYPE_CODE_ARRAY:
        return array[index]
    return (array.address.cast(array.type.strip_typedefs().template_argument(0).pointer()) + index).dereference()


# --- stopping

def start_of(function):
    """The function's first instruction, where its arguments are still in a0, a1, ... (gdb's breakpoints come later.)"""
    block = gdb.block_for_pc(gdb.decode_line(function)[1][0].pc)
    while block.function is None or block.function.name.split("(")[0] != function:
        block = block.superblock
    return block.start


def run_to(name, wanted=lambda: True, most=2000):
    """Runs until the machine is at the start of the function `name` and `wanted()` holds. Returns the value of
    `wanted()`."""
    stop = gdb.Breakpoint(f"*{start_of(name):#x}")
    stop.silent = True
    for _ in range(most):
        gdb.execute("continue", to_string=True)
        value = wanted()
        if value:
            stop.delete()
            return value
    raise gdb.GdbError(f"{name} was reached {most} times, but never with the wanted condition")


def pid():
    return int(hart()["pid"])


def hart_number():
    return int(hart()["index"])


def stack_top():
    return (number("$sp") & -SLOT) + SLOT


def user_registers():
    """The TrapFrame of the process that this hart runs."""
    frame = gdb.lookup_type("ox::TrapFrame")
    return gdb.Value(stack_top() - frame.sizeof).cast(frame.pointer()).dereference()


def user_sp():
    return int(element(user_registers()["x"], 2))


def user_pc():
    return int(element(user_registers()["x"], 0))


# --- frames and tables

def first_frame():
    return int(frames()["first_"]["value_"])


def record(frame):
    return (frames()["by_number_"] + frame).dereference()


def count(frame):
    return int(record(frame)["count"]["_M_i"])


def set_count(frame, value):
    set_value(record(frame)["count"]["_M_i"], value)


def kind(frame):
    """The name of the frame's kind, as the kernel prints it."""
    return str(record(frame)["kind"]).rsplit("::", 1)[-1]


def groups(frame, name):
    """A table's `used_groups` or `writable_groups`."""
    return int(record(frame)[name])


def set_groups(frame, name, value):
    set_value(record(frame)[name], value)


def group(index):
    return 1 << index // 16


class Entry(namedtuple("Entry", "level table index va bits owned")):
    """An entry and its place: `table` is the number of its frame, `owned` says whether the table is owned."""

    @property
    def frame(self):
        return sv39.frame_of(self.bits)

    def leaf(self):
        return self.level == 0

    def write(self, bits):
        """Writes `bits` there and returns the new entry."""
        write(self.table * PAGE + 8 * self.index, struct.pack("<Q", bits))
        return self._replace(bits=bits)

    def write_frame(self, frame):
        return self.write(sv39.entry_of(frame, self.bits))

    def set_flags(self, flags):
        return self.write(self.bits | flags)


def entries_of(table):
    return sv39.entries(read(table * PAGE, PAGE))


def root():
    return sv39.root_of(number("$satp") & U64)


def way_to(va, table=None):
    """The entries from the root to `va`, as far as there are any."""
    table, owned, way = table or root(), True, []
    for level in (2, 1, 0):
        index = sv39.index_of(va, level)
        bits = entries_of(table)[index]
        if bits == 0:
            break
        way.append(Entry(level, table, index, va, bits, owned))
        if sv39.leaf_at(bits, level):
            break
        table = way[-1].frame
        owned = owned and count(table) == 1
    return way


def user_entries(table=None, level=2, va=0, owned=True):
    """All entries of the user's half; those of a table come before those of the tables below."""
    table = table or root()
    for index, bits in enumerate(entries_of(table)[:sv39.user_half(level)]):
        if bits == 0:
            continue
        entry = Entry(level, table, index, va + index * sv39.span(level), bits, owned)
        yield entry
        if level > 0:
            yield from user_entries(entry.frame, level - 1, entry.va, owned and count(entry.frame) == 1)


def kernel_leaves(table=None, level=2, va=0):
    """(address, size, physical address, bits) of each mapping in the kernel's half."""
    table = table or root()
    span = sv39.span(level)
    for index, bits in enumerate(entries_of(table)):
        here = va + index * span
        if bits == 0 or level == 2 and index < sv39.USER_ENTRIES:
            continue
        if level == 2:
            here |= -1 << 39
        frame = sv39.frame_of(bits)
        if sv39.leaf_at(bits, level):
            yield here & U64, span, frame * PAGE, bits
        else:
            yield from kernel_leaves(frame, level - 1, here)


RESERVE = 8  # the number of the list that is reserved for pid 1


def list_of_free_frames(number=None):
    """This hart's list of free frames, or the list with that number."""
    return element(frames()["lists_"], hart_number() if number is None else number)


def next_free_frame(content, number=None):
    """The first frame of a list, with old bytes (content 0) or zeros (1); 0: the list is empty."""
    return int(element(list_of_free_frames(number)["head"], content))


# --- the end of the script

def play(function, *arguments):
    """Calls the function, prints "RESULT {json}" for the test, and lets the machine run on. An error ends it."""
    try:
        print("RESULT " + json.dumps(function(*arguments)), flush=True)
    except Exception as error:  # the test shows it
        traceback.print_exc()
        print("RESULT " + json.dumps({"error": f"{type(error).__name__}: {error}"}))
        gdb.execute("kill")
        return
    try:
        gdb.execute("delete")
        gdb.execute("detach")
    except gdb.error:
        pass  # the machine has ended already; if it has not, the test waits until it times out
