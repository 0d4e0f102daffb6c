"""ox-frame: one frame of memory, and who refers to it."""
from . import entry, files, regions
from .command import Command, number
from .machine import indices
from .physical import PAGE, Refused, frame_of, leaf_at


def tree_referrers(machine, ppn, processes):
    """Entries that name it, each once however many processes share its table, and roots."""
    seen, found = set(), {}
    def visit(process, table, level, base):
        for index, bits in entry.children(machine, table, level):
            va = base + (index * PAGE << 9 * level)
            if frame_of(bits) == ppn:
                found.setdefault((table, index), (level, va, bits, []))[3].append(process.pid)
            if level > 0:
                visit(process, frame_of(bits), level - 1, va)
    for process in processes:
        if process.root == ppn:
            yield f"root of {process}"
        visit(process, process.root, 2, 0)
    for (table, index), (level, va, bits, owners) in found.items():
        who = ", ".join(map(str, owners))
        yield f"entry {index} of table {table:#x} (level {level}): {va:#x} of pid {who}  {entry.text(bits)}"


def sources(machine, processes):
    """Inodes of all files that have a name, or are mapped."""
    inodes = {int(inode.address): inode for inode in files.regular_files(machine)}
    for process in processes:
        for region in regions.regions(machine, process):
            inode = regions.inode_of(machine, region)
            if inode is not None:
                inodes.setdefault(int(inode.address), inode)
    return inodes.values()


def file_referrers(machine, ppn, processes):
    for inode in sources(machine, processes):
        for frame, page in files.frames_of(machine, inode):
            if frame == ppn:
                path = files.path_of(machine, inode) or "a file without a name"
                yield f"page {page} of {path}" if page is not None else f"index of the pages of {path}"


def handles(machine, ppn):
    if ppn == machine.zero:
        yield "the kernel's handle: the zero frame"
    if ppn == machine.memory.number(machine.kernel["signal_code"]["frame_"]):
        yield "the kernel's handle: the page with the signal return code"


def stack_referrers(machine, ppn, processes):
    queues = machine.kernel["scheduler"]["queues_"]["_M_elems"]
    idle = ((f"hart {n} when idle", machine.memory.follow(queues[n], "idle")) for n in indices(queues))
    threads = [*((str(process), process.place["thread"]) for process in processes), *idle]
    for who, thread in threads:
        frames = thread["stack"]["frames_"]["_M_elems"] if thread is not None else None
        if frames is not None and any(machine.memory.number(frames[i]["frame_"]) == ppn for i in indices(frames)):
            yield f"kernel stack of {who}"


def kernel_table_referrers(machine, ppn, table, level=2):
    for index, bits in enumerate(machine.memory.table(table)):
        if bits and not leaf_at(bits, level) and (level < 2 or index >= entry.user_half(2)):
            if frame_of(bits) == ppn:
                yield f"entry {index} of the kernel's table {table:#x} (level {level})"
            yield from kernel_table_referrers(machine, ppn, frame_of(bits), level - 1)


def kernel_referrers(machine, ppn, processes):
    if ppn == machine.memory.root:
        yield "the kernel's root"
    for process in processes:
        if process.root is not None and regions.list_frame(machine, process) == ppn:
            yield f"list of regions of {process}"
    yield from stack_referrers(machine, ppn, processes)
    yield from kernel_table_referrers(machine, ppn, machine.memory.root)


def referrers(machine, ppn):
    processes = machine.processes()
    with_space = [process for process in processes if process.root is not None]
    yield from handles(machine, ppn)
    yield from tree_referrers(machine, ppn, with_space)
    yield from file_referrers(machine, ppn, with_space)
    if machine.frame(ppn).kind == "kernel":
        yield from kernel_referrers(machine, ppn, processes)


def lines(machine, ppn):
    frame = machine.frame(ppn)
    masks = f"  used {frame.used:#010x}  hot {frame.hot:#010x}" if frame.kind == "table" else ""
    yield f"frame {ppn:#x}: {frame.kind}  count {frame.count}{masks}"
    found = list(referrers(machine, ppn))
    yield from ("  " + line for line in found)
    if frame.kind == "kernel" and not found:
        yield "  an object, a pipe or a buffer of the kernel's: gdb does not look into those"
    elif frame.kind != "kernel" and len(found) != frame.count:
        yield f"  {len(found)} referrers, not {frame.count}: a change is under way, or rule 1 is broken"


class FrameCommand(Command):
    """Show a frame of memory: its kind, its count, and everyone who has a reference to it.

Usage: ox-frame ADDRESS
ADDRESS is physical; a page number, as entries have it, will do too."""
    usage, needs_words = "ox-frame ADDRESS", True

    def run(self, machine, text):
        address = number(text)
        ppn = address if machine.first <= address < machine.end else address // PAGE
        if not machine.first <= ppn < machine.end:
            raise Refused(f"{address:#x} is no frame of ox: those are {machine.first * PAGE:#x} to "
                          f"{machine.end * PAGE:#x}, or as page numbers {machine.first:#x} to {machine.end:#x}")
        print("\n".join(lines(machine, ppn)))


FrameCommand()
