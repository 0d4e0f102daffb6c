#!/usr/bin/env python3
"""make demo: the lecture's example under the three ways of forking, with the kernel's own account of it.

Each way runs twice: with `trace`, to be read, and silently with `stats`, because printing would be counted too.
"""
import argparse
import sys
from pathlib import Path

import qemu

MODES = {
    "eager": "fork copies every page of the parent at once, tables and contents: the child shares nothing (xv6).",
    "cow": "fork copies every page table but shares the pages, read-only; who writes first copies that one page (Linux).",
    "on_demand": "fork copies the root table only and shares all that stands below it, page tables too; who writes first "
                 "copies the tables on the way to the page, and the page.",
}
ROWS = [
    ("tables copied by fork", "tables_copied_by_forks"),
    ("pages copied by fork", "pages_copied_by_forks"),
    ("tables copied by writes", "tables_copied_by_faults"),
    ("pages copied by writes", "pages_copied_by_faults"),
    ("writes granted without a copy", "granted"),
    ("instructions, boot to exit", "instructions"),
    ("free frames before", "frames_free_before"),
    ("free frames after", "frames_free_after"),
]


def run(build, program, words):
    machine = qemu.boot(build / "ox.elf", build / "initramfs.cpio", f"{words} -- /{program}", extra=qemu.ICOUNT)
    if machine.timed_out:
        sys.exit(f"{machine.output}\ndemo: the machine did not come to an end")
    return machine


def print_table(stats):
    print(f"\n{'':32}" + "".join(f"{mode:>14}" for mode in stats))
    for title, name in ROWS:
        print(f"{title:32}" + "".join(f"{numbers[name]:>14,}" for numbers in stats.values()))
    print("\nInstructions are not cycles: caches, the TLB and fences cost nothing here.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--program", default="fork_example")
    options = parser.parse_args()

    stats, failed = {}, False
    for mode, sentence in MODES.items():
        print(f"=== fork={mode}\n    {sentence}\n")
        machine = run(options.build, options.program, f"fork={mode} trace")
        print(machine.output.strip() + "\n")
        silent = run(options.build, options.program, f"fork={mode} stats")
        stats[mode] = silent.stats()
        failed |= machine.status != 0 or silent.status != 0
        if failed:
            print(f"demo: ended with status {machine.status} (with trace), {silent.status} (silent)")
    print_table(stats)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
