"""Files of the initramfs: links, modes, and folders that are created on the way."""
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


def pair(first, second, data, **options):
    """An archive with one file that has two names."""
    return [initramfs.entry(first, links=2, inode=7, mode=stat.S_IFREG | 0o640, **options),
            initramfs.entry(second, data, links=2, inode=7, mode=stat.S_IFREG | 0o640, **options)]


def test_files_of_several_devices_and_archives_and_what_comes_later_replaces(machine):
    """Two names are links if device, inode and archive are the same. A FIFO is created too."""
    end = initramfs.entry(initramfs.TRAILER, mode=0)
    first = pair("a1", "a2", b"a") + pair("b1", "b2", b"b", device=(8, 1)) + pair("c1", "c2", b"c", device=(8, 2))
    second = pair("d1", "d2", b"d") + [initramfs.entry("fifo", mode=stat.S_IFIFO | 0o620, inode=8)]
    old = [initramfs.entry("file", b"old", inode=20), initramfs.entry("folder", mode=stat.S_IFDIR | 0o755, inode=21),
           initramfs.entry("full", mode=stat.S_IFDIR | 0o755, inode=22), initramfs.entry("full/f", b"kept", inode=23),
           link("link", "file"), initramfs.entry("other", b"old", inode=24)]
    new = [initramfs.entry("file", b"new", inode=30), initramfs.entry("folder", b"a file now", inode=31),
           initramfs.entry("full", mode=stat.S_IFDIR | 0o711, inode=32), initramfs.entry("link", b"no link", inode=33),
           link("other", "file")]
    assert ended_well(run(machine, "unpacked_twice", first + old + [end] + second + new))


def test_a_directory_with_files_is_not_replaced(machine):
    entries = [initramfs.entry("d", mode=stat.S_IFDIR | 0o755, inode=2), initramfs.entry("d/f", b"x", inode=3),
               initramfs.entry("d", b"x", inode=4)]
    assert refused(run(machine, "hello", entries), "'d'", "has files in it")
