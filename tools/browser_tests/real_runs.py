"""Real recordings for the page's tests: of the kernel in build/, and of kernels into which a bug was put."""
import json
import shutil
import subprocess
from pathlib import Path

from pages import ROOT

# What a kernel is built of, and what its programs were built to: copied with its times, so only the bug is compiled.
TREE = ("Makefile", "kernel", "user", "tools", "build/kernel", "build/symbols", "build/user", "build/initramfs.cpio",
        "build/rootfs.made", "build/floors.ok", "build/ox.elf")


def record(out, *words, tree=ROOT):
    """What tools/record.py makes."""
    subprocess.run(["/usr/bin/python3", "tools/record.py", "--out", out, *words], cwd=tree, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return json.loads(Path(out).read_text())


def broken_tree(folder, file, right, wrong):
    """A copy of the sources in which `right` is `wrong`, built."""
    for name in TREE:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    text = (folder / file).read_text()
    assert text.count(right) == 1, f"{file} has no such line any more, or more than one: {right}"
    (folder / file).write_text(text.replace(right, wrong))
    subprocess.run(["make", "--no-print-directory", "build/ox.elf"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return folder


def entry_of_x():
    """Which entry of its level-0 table leads to fork_page's x."""
    names = subprocess.run(["riscv64-linux-gnu-nm", ROOT / "build/user/fork_page"], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    return next(int(line.split()[0], 16) for line in names if line.endswith(" page")) >> 12 & 511
