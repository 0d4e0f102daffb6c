"""Copies of the tree, and kernels into which a bug was put."""
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = os.environ.get("OX_BUILD", "build")  # in the copy as here

# What a kernel is built of, and what its programs were built to: copied with its times, so only the bug is compiled.
SOURCES = ("Makefile", "kernel", "user", "tools")
BUILT = ("kernel", "symbols", "user", "initramfs.cpio", "rootfs.made", "floors.ok", "ox.elf")


def copy_tree(folder, everything=False):
    """What a kernel is built of; `everything`: the rest of the tree too, and the programs of the tests."""
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
    """A copy of the sources in which `right` is `wrong`, built."""
    copy_tree(folder)
    text = (folder / file).read_text()
    assert text.count(right) == 1, f"{file} has no such line any more, or more than one: {right}"
    (folder / file).write_text(text.replace(right, wrong))
    subprocess.run(["make", "--no-print-directory", f"BUILD={BUILD}", f"{BUILD}/ox.elf"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    return folder
