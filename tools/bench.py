#!/usr/bin/env python3
"""make bench: instructions that fork costs, in the three modes. Exact and repeatable: one hart, -icount.

user/bench.c measures inside the machine with rdinstret and prints lines "row name pages value"; here they become a
table. Rows are named as in the project's performance targets.
"""
import argparse
import re
import sys
from pathlib import Path

import qemu

MODES = ("eager", "cow", "on_demand")


def measure(build, mode):
    run = qemu.boot(build / "ox.elf", build / "initramfs.cpio", f"fork={mode} -- bench", memory="512M",
                    extra=qemu.ICOUNT, timeout=300)
    found = re.findall(r"^(\w+) (\w+) (\d+) (\d+|skipped)$", run.output, re.MULTILINE)
    rows = {(row, name.replace("_", " "), int(pages)): value for row, name, pages, value in found}
    if run.status != 0 or not rows:
        sys.exit(f"{run.output}\nbench: fork={mode} ended with status {run.status}")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    options = parser.parse_args()
    columns = [measure(options.build, mode) for mode in MODES]
    print(f"{'row':5}{'instructions':30}{'pages':>8}" + "".join(f"{mode:>14}" for mode in MODES))
    for key in columns[0]:
        values = (column.get(key, "-") for column in columns)
        cells = "".join(f"{int(value):>14,}" if value.isdigit() else f"{value:>14}" for value in values)
        print(f"{key[0]:5}{key[1]:30}{key[2]:>8,}" + cells)
    print("\nP11 counts frames. Instructions are not cycles: caches, the TLB and fences cost nothing here.")


if __name__ == "__main__":
    main()
