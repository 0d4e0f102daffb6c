"""ox-frame: shows one frame of memory, and what refers to it."""
from sv39 import PAGE, USER_END, USER_ENTRIES, frame_of, leaf_at, span

from . import entry, files, regions
from .command import Command, number
from .machine import indices
from .physical import Refused

# Each function that ends in _references yields (page number, description) for each reference that it finds.


def handle_references(machine):
    yield machine.zero, "the kernel's handle: the zero frame"
    signal_code = machine.memory.number(machine.kernel["signal_code"]["frame_"])
    yield signal_code, "the kernel's handle: the page with the signal return code"


def tree_references(machine, processes):
    """Roots and entries. Each reference is found once, however many processes share its table."""
    found = {}

    def visit(process, table, level, base):
        for index, bits in entry.children(machine, table, level):
            va = base + index * span(level)
            found.setdefault((table, index), (level, va, bits, []))[3].append(str(process.pid))
            if level > 0:
                visit(process, frame_of(bits), level - 1, va)

    for process in processes:
        yield process.root, f"root of {process}"
        visit(process, process.root, 2, 0)
    for (table, index), (level, va, bits, pids) in found.items():
        yield frame_of(bits), (f"entry {index} of table {table:#x} (level {level}): {va:#x} of pid {', '.join(pids)}  "
                               f"{entry.text(bits)}")


def sources(machine, processes):
    """The inodes of all files that have a name or are mapped."""
    inodes = {int(inode.address): inode for inode in files.regular_files(machine)}
    for process in processes:
        for region in regions.regions(machine, process):
            inode = regions.inode_of(machine, region)
            if inode is not None:
                inodes.setdefault(int(inode.address), inode)
    return inodes.values()


def file_references(machine, processes):
    for inode in sources(machine, processes):
        path = files.path_of(machine, inode) or "a file without a name"
        for frame, page in files.frames_of(machine, inode):
            yield frame, f"page {page} of {path}" if page is not None else f"index of the pages of {path}"


def stack_references(machine, processes):
    queues = machine.memory.follow(machine.kernel, "scheduler")["queues_"]["_M_elems"]
    idle = ((f"hart {n} when idle", machine.memory.follow(queues[n], "idle")) for n in indices(queues))
    for who, thread in [*((str(process), process.place["thread"]) for process in processes), *idle]:
        if thread is not None:
            frames = thread["stack"]["frames_"]["_M_elems"]
            yield from ((machine.memory.number(frames[i]["frame_"]), f"kernel stack of {who}") for i in indices(frames))


def kernel_table_references(machine, table, level=2):
    for index, bits in enumerate(machine.memory.table(table)):
        if bits and not leaf_at(bits, level) and (level < 2 or index >= USER_ENTRIES):
            yield frame_of(bits), f"entry {index} of the kernel's table {table:#x} (level {level})"
            yield from kernel_table_references(machine, frame_of(bits), level - 1)


def kernel_references(machine, processes):
    """References that belong to the kernel, not to a process: its tables, stacks, lists of regions."""
    yield machine.memory.root, "the kernel's root"
    indexes = set()
    for process in processes:
        if process.root is not None:
            index, blocks = regions.list_frames(machine, process)
            yield index, f"list of regions of {process}"
            if index not in indexes:
                yield from ((block, f"block of the list of regions {index:#x}") for block in blocks)
            indexes.add(index)
    yield from stack_references(machine, processes)
    yield from kernel_table_references(machine, machine.memory.root)


def references(machine, kernels_too):
    processes = machine.processes()
    with_space = [process for process in processes if process.root is not None]
    yield from handle_references(machine)
    yield from tree_references(machine, with_space)
    yield from file_references(machine, with_space)
    if kernels_too:
        yield from kernel_references(machine, processes)


def lines(machine, ppn):
    frame = machine.frame(ppn)
    groups = f"  used groups {frame.used_groups:#010x}  writable groups {frame.writable_groups:#010x}"
    yield f"frame {ppn:#x}: {frame.kind}  count {frame.count}{groups if frame.kind == 'table' else ''}"
    found = [words for named, words in references(machine, frame.kind == "kernel") if named == ppn]
    yield from ("  " + words for words in found)
    if frame.kind == "kernel" and not found:
        yield "  an object, a pipe or a buffer of the kernel's: gdb does not look into those"
    elif frame.kind != "kernel" and len(found) != frame.count:
        yield f"  {len(found)} referrers, not {frame.count}: a change is under way, or rule 1 is broken"


class FrameCommand(Command):
    """Show a frame of memory: its kind, its count, and all references to it.

Usage: ox-frame ADDRESS
ADDRESS is a physical address, or a page number as in an entry."""
    usage, needs_words = "ox-frame ADDRESS", True

    def run(self, machine, text):
        address = number(text)
        ppn = address if machine.first <= address < machine.end else address // PAGE
        if not machine.first <= ppn < machine.end:
            raise Refused(f"{address:#x} is no frame of ox: those are {machine.first * PAGE:#x} to "
                          f"{machine.end * PAGE:#x}, or as page numbers {machine.first:#x} to {machine.end:#x}" +
                          ("; a user's address: ox-walk tells its frame" if address < USER_END else ""))
        print("\n".join(lines(machine, ppn)))


FrameCommand()
