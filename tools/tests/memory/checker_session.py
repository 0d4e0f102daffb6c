"""Runs inside gdb, started by test_checker.py: stops the machine on its way to user mode and breaks one rule.

A case is a line of words: the name of a function below, and its arguments. It returns what the panic must name.
"""
import gdb
import gdb_guest as guest
import sv39
from gdb_guest import MAY_WRITE
from sv39 import PAGE, A, D, G, R, U, V, W, X

FLAGS = {"V": V, "R": R, "W": W, "X": X, "U": U, "G": G, "A": A, "D": D, "MAY_WRITE": MAY_WRITE,
         "9": 1 << 9, "54": 1 << 54, "63": 1 << 63}
PIDS = {"parent": 2, "child": 3}  # of user/fork_page; init's pid is 1


def stop(who):
    """Stops at a trap exit, before the checker looks: for the parent the first one after the fork, when it is sealed
    and shares what the mode allows; for the child the first one after it has written to its stack."""
    def there():
        if guest.pid() != PIDS[who] or int(guest.user_registers()["scause"]) >> 63 != 0:
            return False  # the exit from an interrupt has no recount
        return who == "parent" or PLACES["stack"]().bits & W
    guest.run_to("ox::AddressSpace::fork", lambda: guest.pid() == PIDS["parent"])
    guest.run_to("ox::Audit::check_trap", there)


def seen_now():
    """The pages that the checker's path() looks at; all other pages need a recount."""
    return {va // PAGE for va in (guest.user_pc(), guest.user_sp(), int(guest.user_registers()["stval"]))}


def leaf_elsewhere(flags):
    entries = (entry for entry in guest.user_entries() if entry.leaf() and entry.va // PAGE not in seen_now())
    return next(entry for entry in entries if entry.bits & (V | R | W | X | MAY_WRITE) == flags)


PLACES = {
    "root": lambda: guest.way_to(guest.user_sp())[0],
    "table": lambda: guest.way_to(guest.user_sp())[1],
    "stack": lambda: guest.way_to(guest.user_sp())[2],
    "text": lambda: guest.way_to(guest.user_pc())[2],
    "data": lambda: leaf_elsewhere(V | R | MAY_WRITE),
}
FRAMES = {
    "below_ram": lambda: 1,
    "above_ram": lambda: guest.first_frame() + int(guest.frames()["record_count_"]),
    "free": lambda: guest.next_free_frame(0, guest.RESERVE),
    "table": guest.root,
    "page": lambda: PLACES["stack"]().frame,
    "kernel": lambda: int(guest.hart()["kernel"]["memory"]["kernel_root"]["value_"]),
}


def named(entry):
    """The checker's description of an entry."""
    known = 0 <= entry.frame - guest.first_frame() < int(guest.frames()["record_count_"])
    return {"pid": guest.pid(), "va": entry.va, "level": entry.level, "table": entry.table, "index": entry.index,
            "entry": entry.bits, "count": guest.count(entry.frame) if known else 0}


def entry(who, place, *changes):
    """Changes an entry: -A clears A, +W sets W, frame=free makes it name a free frame."""
    stop(who)
    found = PLACES[place]()
    for change in changes:
        if change.startswith("frame="):
            found = found.write_frame(FRAMES[change.removeprefix("frame=")]())
        else:
            flag = FLAGS[change[1:]]
            found = found.write(found.bits | flag if change[0] == "+" else found.bits & ~flag)
    return named(found)


def lost(who, place):
    """Clears an entry without dropping its reference."""
    stop(who)
    found = PLACES[place]()
    found.write(0)
    return found.frame


def forgotten(who, place):
    """Clears an entry and lowers the count to 0, but does not free the frame."""
    frame = lost(who, place)
    guest.set_count(frame, 0)
    return frame


def groups(who, place, name):
    """Makes the table's group bits miss the group of the entry."""
    stop(who)
    found = PLACES[place]()
    before = guest.groups(found.table, name)
    if before & guest.group(found.index) == 0:
        raise gdb.GdbError("the bit is 0 already")
    guest.set_groups(found.table, name, before & ~guest.group(found.index))
    return named(found)


def writable_groups_shared(who, place):
    """Gives writable groups to the table that the entry names. It is shared, or below a shared table."""
    stop(who)
    found = PLACES[place]()
    if found.owned and guest.count(found.frame) == 1:
        raise gdb.GdbError("it is not shared")
    guest.set_groups(found.frame, "writable_groups", 1)
    return named(found)


COUNTED = {
    "page": lambda: PLACES["stack"]().frame,
    "table": lambda: PLACES["table"]().frame,
    "root": guest.root,
    "file_page": lambda: PLACES["text"]().frame,
    "free": FRAMES["free"],
    # Of the kernel's own frames, only those of region lists are counted.
    "regions": lambda: int(guest.process()["space"]["_M_payload"]["_M_payload"]["_M_value"]["regions_"]["index_"]
                           ["frame_"]["value_"]),
}


def count(who, what, change):
    stop(who)
    frame = COUNTED[what]()
    before = guest.count(frame)
    guest.set_count(frame, before + int(change))
    return {"frame": frame, "kind": guest.kind(frame), "count": before + int(change), "references": before}


def kernel_half(index, bits):
    """Changes an entry in the upper half of one root."""
    stop("child")
    before = guest.entries_of(guest.root())[int(index)]
    return named(guest.Entry(2, guest.root(), int(index), 0, before, True).set_flags(int(bits, 0)))


def kernel_mapping(address, flag):
    """Adds a permission to a mapping of the kernel."""
    stop("child")
    found = guest.way_to(guest.number(address))[-1].set_flags(FLAGS[flag])
    return {**named(found), "pid": 0, "va": found.va & -sv39.span(found.level) & guest.U64}


def zero_frame():
    stop("child")
    guest.write(int(guest.hart()["kernel"]["memory"]["zero"]["frame_"]["value_"]) * PAGE + 4088, b"\1")


def free_list():
    """Makes the stored size of a list of free frames too large."""
    stop("child")
    size = guest.list_of_free_frames()["size"]["_M_i"]
    guest.set_value(size, int(size) + 1)


def free_frame_written(content, offset):
    """Writes to a free frame, just before an allocation takes it."""
    def frame():
        return guest.number("$a2") == int(content) and guest.next_free_frame(int(content))
    guest.run_to("ox::AddressSpace::fork")
    written = guest.run_to("ox::Frames::take", frame)
    guest.write(written * PAGE + int(offset), b"\x17")
    return written


def uncounted(function, place):
    """Sets a count of the parent's page to 0 when the parent is about to `function`."""
    guest.run_to(function, lambda: guest.pid() == PIDS["parent"])
    frame = PLACES[place]().frame
    guest.set_count(frame, 0)
    return frame


def one_too_many(function, place):
    """Adds 1 to the count of the parent's page when the parent is about to `function`."""
    guest.run_to(function, lambda: guest.pid() == PIDS["parent"])
    frame = PLACES[place]().frame
    guest.set_count(frame, guest.count(frame) + 1)
    return frame


def kernel_root():
    """Lets the hart translate through the kernel's own root, which has the same upper half."""
    stop("child")
    frame = FRAMES["kernel"]()
    gdb.execute(f"set $satp = {8 << 60 | frame}")
    return {"satp": 8 << 60 | frame}


def sstatus(bit):
    stop("child")
    gdb.execute(f"set $sstatus = $sstatus | {1 << int(bit)}")


def saved_sstatus(bit):
    """Changes the value that trap return will write to sstatus."""
    stop("child")
    saved = guest.user_registers()["sstatus"]
    guest.set_value(saved, int(saved) | 1 << int(bit))


function, *arguments = case.split()  # noqa: F821: gdb's command line sets `case`
guest.play(globals()[function], *arguments)
