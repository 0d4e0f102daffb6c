#!/usr/bin/env python3
"""make bench: instructions that fork costs, in the three modes. Exact and repeatable: one hart, -icount.

The program `bench` measures inside the machine with rdinstret and prints lines "bench: NAME NUMBER", NAME being one
word; here they become a table.
"""
import argparse
import re
import sys
from pathlib import Path

import qemu

MODES = ("eager", "cow", "on_demand")


def measure(build, mode):
    run = qemu.boot(build / "ox.elf", build / "initramfs.cpio", f"fork={mode} -- /bench", memory="512M",
                    extra=qemu.ICOUNT, timeout=300)
    rows = {name: int(number) for name, number in re.findall(r"^bench: (\S+) (\d+)$", run.output, re.MULTILINE)}
    if run.status != 0 or not rows:
        sys.exit(f"{run.output}\nbench: fork={mode} ended with status {run.status}")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    options = parser.parse_args()
    columns = [measure(options.build, mode) for mode in MODES]
    print(f"{'instructions':44}" + "".join(f"{mode:>14}" for mode in MODES))
    for name in columns[0]:
        print(f"{name.replace('_', ' '):44}" + "".join(f"{column.get(name, 0):>14,}" for column in columns))
    print("\nInstructions are not cycles: caches, the TLB and fences cost nothing here.")


if __name__ == "__main__":
    main()
