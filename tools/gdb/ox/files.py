"""The machine's files: the path of an inode, and the frames that hold a file's pages."""
from sv39 import ENTRIES, PAGE

INDEX_SHIFT = 9  # a frame of the index names 512 others (fs/file_pages.h)
DIRECTORY, REGULAR, SYMLINK = 0o040000, 0o100000, 0o120000


def name_of(machine, entry):
    fetched = machine.memory.fetch(entry)
    characters = fetched["characters"]["_M_elems"]
    return bytes(int(characters[i]) & 0xff for i in range(int(fetched["length"]))).decode(errors="replace")


def path_of(machine, inode):
    """The path of a file in the in-memory file system; None: it has no name, or no name any more."""
    names, memory = [], machine.memory
    inode = memory.place("ox::MemoryInode", int(inode.address))
    entry = memory.follow(inode, "entry_")
    while entry is not None:
        names.append(name_of(machine, entry))
        entry = memory.follow(memory.follow(entry, "directory"), "entry_")
    return "/" + "/".join(reversed(names)) if names else None


def _below(machine, directory):
    memory = machine.memory
    entry = memory.follow(memory.place("ox::Directory", int(directory.address))["entries_"], "first_")
    while entry is not None:
        inode = memory.follow(entry, "inode")
        kind = memory.number(inode["type_"])
        if kind == DIRECTORY:
            mounted = memory.place("ox::MemoryInode", int(inode.address))
            if memory.number(mounted["entry_"]) == int(entry.address) & (1 << 64) - 1:  # skip files under a mount point
                yield from _below(machine, inode)
        elif kind in (REGULAR, SYMLINK):
            yield inode
        entry = memory.follow(entry["hook"], "next")


def regular_files(machine):
    """All files that have a name. Symbolic links count too: their bytes are their target (fs/regular_file.h)."""
    return _below(machine, machine.memory.follow(machine.memory.follow(machine.kernel, "fs"), "root_"))


def frames_of(machine, inode):
    """(ppn, page) of a regular file's pages, and (ppn, None) of the frames of its index."""
    memory = machine.memory
    pages = memory.place("ox::RegularFile", int(inode.address))["pages_"]
    yield from _frames(machine, memory.number(pages["root_"]), memory.number(pages["height_"]), 0)


def _frames(machine, ppn, height, first):
    if ppn == 0:
        return
    yield ppn, first if height == 0 else None
    if height > 0:
        assert ENTRIES * 8 == PAGE
        for index, below in enumerate(machine.memory.table(ppn)):
            yield from _frames(machine, below, height - 1, first + (index << INDEX_SHIFT * (height - 1)))
