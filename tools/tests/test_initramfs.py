"""The archive becomes files: links, modes, what is made on the way."""
import stat

import initramfs
from conftest import ended_well, refused, stripped


def run(machine, name, entries):
    programs = [initramfs.entry("init", stripped(name), inode=1)]
    end = [initramfs.entry(initramfs.TRAILER, mode=0)]
    return machine.boot(b"".join(programs + entries + end))


def link(name, target):
    return initramfs.entry(name, target.encode(), mode=stat.S_IFLNK | 0o777)


def test_symbolic_links(machine):
    entries = [initramfs.entry("dir", mode=stat.S_IFDIR | 0o755, inode=2),
               initramfs.entry("dir/file", b"hello", inode=3), link("absolute", "/dir/file"), link("relative", "dir/file"),
               link("dir/up", "../relative"), link("folder", "dir"), link("dir/self", "."), link("loop", "loop"),
               link("dangling", "nothing")]
    assert ended_well(run(machine, "symlinks", entries))


def test_hard_links_modes_and_devices(machine):
    regular = stat.S_IFREG | 0o640
    entries = [initramfs.entry("dir", mode=stat.S_IFDIR | 0o711, inode=5),
               initramfs.entry("first", mode=regular, inode=6, links=3),
               initramfs.entry("empty", mode=regular, inode=7, links=2),
               initramfs.entry("dir/second", mode=regular, inode=6, links=3),
               initramfs.entry("nothing", mode=regular, inode=7, links=2),
               initramfs.entry("third", b"the data", mode=regular, inode=6, links=3),
               initramfs.entry("sda", mode=stat.S_IFBLK | 0o600, inode=9)]
    assert ended_well(run(machine, "unpacked", entries))


def test_a_file_without_its_directory(machine):
    assert refused(run(machine, "hello", [initramfs.entry("no/file", b"x", inode=2)]), "no/file", "directory")
