"""Real recordings for the page's tests: of the kernel in build/, and of kernels with a seeded bug."""
import json
import subprocess
from pathlib import Path

from pages import ROOT

import sv39


def record(out, *words, tree=ROOT):
    """The recording that tools/view/record.py makes."""
    subprocess.run(["/usr/bin/python3", "tools/view/record.py", "--out", out, *words], cwd=tree, check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return json.loads(Path(out).read_text())


def entry_of_x():
    """The index of the level-0 entry for fork_page's x."""
    names = subprocess.run(["riscv64-linux-gnu-nm", ROOT / "build/user/fork_page"], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    x = next(int(line.split()[0], 16) for line in names if line.endswith(" page"))
    return sv39.index_of(x, 0)
