#!/usr/bin/env python3
"""make demo: runs the lecture's example in the three modes of fork, and prints the kernel's account of each.

Each mode runs twice: with `trace`, whose output is shown, and with `stats` alone for the counts, which printing would
change.
"""
import argparse
import re
import sys
import textwrap
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import qemu  # noqa: E402

MODES = {
    "eager": "fork copies all page tables and all pages at once, and shares only the zero frame (as in xv6).",
    "cow": "fork copies every page table, but shares the pages, read-only; the first write to a page copies that page "
           "(as in Linux).",
    "on_demand": "fork copies the root table only, and shares everything below it, page tables too; the first write to "
                 "a page copies the shared tables on its path, and the page.",
}
ROWS = [
    ("forks (one is init's)", "forks"),
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
    machine = qemu.boot(build / "ox.elf", build / "initramfs.cpio", f"{words} -- {program}", extra=qemu.ICOUNT)
    if machine.timed_out:
        sys.exit(f"{machine.output}\ndemo: the machine did not power off in time")
    return machine


def story(output):
    """The lines of the program and the kernel, from the program's first line on, without those about init (pid 1)."""
    lines = [line for line in output.splitlines() if line and not re.search(r"^ox: (?!panic).*\bpid 1\b", line)]
    first = next((n for n, line in enumerate(lines) if not line.startswith("ox: ")), 0)
    return [line if line.startswith("ox: ") else f">>> {line}" for line in lines[first:]]


def panic_of(machine):
    """The text of the kernel's panic in one line, or None."""
    return next((line for line in machine.output.splitlines() if line.startswith("ox: panic: ")), None)


def lost_frames(build, program, mode, stats):
    """(a message about frames that are still in use, whether the kernel has lost them: with `debug` it recounts)."""
    gone = stats["frames_free_before"] - stats["frames_free_after"]
    if gone == 0:
        return "", False
    panic = panic_of(run(build, program, f"fork={mode} debug"))
    if panic is None:
        return f"\ndemo: fork={mode}: {gone} frames are in use at the end, by files that {program} has left.\n", False
    return (f"\ndemo: fork={mode}: {gone} frames are lost: nobody refers to them any more, and their counts are not 0.\n"
            f"`make view` shows the step that lost them. The kernel says with APPEND=debug:\n    {panic}\n", True)


def print_table(stats):
    print(f"\n{'':32}" + "".join(f"{mode:>14}" for mode in stats))
    for title, name in ROWS:
        print(f"{title:32}" + "".join(f"{numbers[name]:>14,}" for numbers in stats.values()))
    print("\nIn every mode the first store to a page of the program's data copies it: exec maps the file's own pages.")
    print("Instructions are not cycles: caches, the TLB and fences cost nothing here.")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--program", default="fork_example")
    options = parser.parse_args()

    stats, failed = {}, False
    print(f"The program's lines begin with >>>, the kernel's with ox:. Lines before the program's first line, and lines\n"
          f"about init, are left out (make qemu APPEND=trace PROG={options.program} shows all).\n")
    for mode, sentence in MODES.items():
        print(f"=== fork={mode}\n" + textwrap.fill(sentence, 110, initial_indent="    ", subsequent_indent="    ") + "\n")
        machine = run(options.build, options.program, f"fork={mode} trace")
        print("\n".join(story(machine.output)) + "\n")
        silent = run(options.build, options.program, f"fork={mode} stats")
        if panic_of(machine) or panic_of(silent):
            sys.exit(f"demo: fork={mode}: the kernel panicked, status {silent.status}. `make view` shows the step that led "
                     f"to it.\n    {panic_of(silent) or panic_of(machine)}")
        stats[mode] = silent.stats()
        failed |= machine.status != 0 or silent.status != 0
        if failed:
            print(f"demo: ended with status {machine.status} (with trace), {silent.status} (silent)")
    print_table(stats)
    for mode, numbers in stats.items():
        words, lost = lost_frames(options.build, options.program, mode, numbers)
        print(words, end="")
        failed |= lost
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
