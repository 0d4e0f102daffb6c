"""Writes newc cpio archives, the format of Linux's initramfs. Tests also use it to make broken archives."""
import stat
from pathlib import Path

MAGIC = b"070701"
TRAILER = "TRAILER!!!"


def _pad(data):
    return data + b"\0" * (-len(data) % 4)


def entry(name, data=b"", mode=stat.S_IFREG | 0o755, inode=0, magic=MAGIC, size=None, links=1, device=(0, 0)):
    """One file of an archive. `size` replaces the true size in the header. `device` is the (major, minor) number of
    the inode's file system."""
    encoded = name.encode() + b"\0"
    fields = [inode, mode, 0, 0, links, 0, len(data) if size is None else size, *device, 0, 0,
              len(encoded), 0]
    header = magic + b"".join(b"%08X" % field for field in fields)
    return _pad(header + encoded) + _pad(data)


def archive(files):
    """An archive of {path: bytes, or a pathlib.Path whose file has them}. It also gets the folders on the way and an
    empty /tmp."""
    out, folders = [entry("tmp", mode=stat.S_IFDIR | 0o1777)], set()
    for number, (path, content) in enumerate(sorted(files.items()), start=1000):
        name = path.lstrip("/")
        for folder in reversed(Path(name).parents):
            if str(folder) not in folders | {"."}:
                folders.add(str(folder))
                out.append(entry(str(folder), mode=stat.S_IFDIR | 0o755, inode=len(folders)))
        data = content.read_bytes() if isinstance(content, Path) else content
        out.append(entry(name, data, inode=number))
    out.append(entry(TRAILER, mode=0))
    return b"".join(out)
