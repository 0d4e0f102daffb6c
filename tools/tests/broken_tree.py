"""Copies of the tree, and kernels with a seeded bug."""
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = os.environ.get("OX_BUILD", "build")  # the same in the copy

# A kernel's sources and what is already built from them. Times are copied too, so make compiles only the changed file.
SOURCES = ("Makefile", "kernel", "user", "tools")
BUILT = ("kernel", "symbols", "user", "initramfs.cpio", "rootfs.made", "floors.ok", "ox.elf")


def copy_tree(folder, everything=False):
    """A copy of the kernel's sources. `everything`: also the rest of the tree, and the programs of the tests."""
    sources, built = SOURCES, BUILT
    if everything:
        sources = [file.name for file in ROOT.iterdir() if not file.name.startswith((".", "build"))]
        built = [*BUILT, "rootfs", "tests", "firmware_count.elf", "og"]
    for name in (*sources, *(f"{BUILD}/{name}" for name in built if (ROOT / BUILD / name).exists())):
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return folder


def broken_tree(folder, file, right, wrong):
    """A built copy of the sources in which the text `right` is replaced by `wrong`."""
    copy_tree(folder)
    text = (folder / file).read_text()
    assert text.count(right) == 1, f"{file} has no such line any more, or more than one: {right}"
    (folder / file).write_text(text.replace(right, wrong))
    subprocess.run(["make", "--no-print-directory", f"BUILD={BUILD}", f"{BUILD}/ox.elf"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    return folder
