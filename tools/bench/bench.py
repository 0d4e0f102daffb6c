#!/usr/bin/env python3
"""make bench: measures what fork costs in the three modes, in retired instructions, and compares it with the targets.

user/bench.c counts with rdinstret inside the machine and prints lines "row name pages value". This script prints them
as a table and writes build/bench.json: {"conditions": {name: text}, "columns": {mode: [{"row", "name", "pages",
"value"}]}}. Two runs give exactly the same counts. The targets are in bench_targets.txt.
"""
import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import initramfs  # noqa: E402
import interrupts_off  # noqa: E402
import qemu  # noqa: E402
from figures import MODES, by_key, parse, read_stored, text_of  # noqa: E402
from key_rows import KEY_ROWS, put  # noqa: E402

MEMORY = "512M"
MOST_PAGES = 16384
COMPILER = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-") + "gcc"
WORK_LIMIT = 1.01  # P15: on_demand divided by cow


def first_line(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[0]


def conditions():
    return {
        "unit": "retired instructions, the least of some repetitions (P11: frames)",
        "not": "cycles: caches, the TLB and fences cost nothing here",
        "machine": f"QEMU virt, one hart, -m {MEMORY}, {' '.join(qemu.ICOUNT)}",
        "emulator": first_line(qemu.QEMU, "--version"),
        "compiler": first_line(COMPILER, "--version"),
    }


def measured(run, what):
    column = parse(run.output)
    if run.status != 0 or not column:
        sys.exit(f"{run.output}\nbench: {what} ended with status {run.status}")
    return column


def boot_figures(build):
    """Instructions from the firmware's last to init's first: with init as the only file, and with all files."""
    def count(kernel, archive):
        return qemu.boot(build / kernel, archive, "init=/bin/boot_count", memory=MEMORY, extra=qemu.ICOUNT)

    column = []
    for name, archive in (("no_files", initramfs.archive({"bin/boot_count": build / "rootfs/bin/boot_count"})),
                          ("all_files", build / "initramfs.cpio")):
        firmware = int(count("firmware_count.elf", archive).output, 16)
        [figure] = measured(count("ox.elf", archive), "boot_count")
        column.append({**figure, "name": f"{figure['name']}_{name}", "value": figure["value"] - firmware})
    return column


def measure(build, mode, command="bench", memory=MEMORY):
    """The figures of one mode."""
    run = qemu.boot(build / "ox.elf", build / "initramfs.cpio", f"fork={mode} -- {command}", memory=memory,
                    extra=qemu.ICOUNT, timeout=300)
    return measured(run, f"{command}, fork={mode}")


def pause_figure(build, mode, pages, memory):
    """The longest time with interrupts off while that many pages are forked and unmapped."""
    value = interrupts_off.longest(build / "ox.elf", build / "initramfs.cpio", f"fork={mode} -- bench pages {pages}",
                                   memory)
    return {"row": "worst", "name": "interrupts_off", "pages": pages, "value": value}


def measure_all(build, mode):
    return [*measure(build, mode), pause_figure(build, mode, MOST_PAGES, MEMORY), *boot_figures(build)]


def measure_pages(build, mode, pages, memory="4G"):
    return [*measure(build, mode, f"bench pages {pages}", memory), pause_figure(build, mode, pages, memory)]


# --- the table

def in_order(keys):
    """P1, P2, ..., then the other rows; in a row the names in bench's order, each with its sizes in ascending order."""
    names = list(dict.fromkeys(key[:2] for key in keys))
    return sorted(keys, key=lambda key: (int(key[0][1:]) if key[0][1:].isdigit() else 99, names.index(key[:2]), key[2]))


def in_words(value):
    return "-" if value is None else f"{value:,}"


def judge(key, figures, targets):
    """(the target as text, whether it is met) for the values {mode: value} of a row."""
    if key[0] == "P15":
        share = figures["on_demand"] / figures["cow"]
        return f"{share:.3f} of cow", share <= WORK_LIMIT
    wanted = {mode: targets[mode, key] for mode in MODES if (mode, key) in targets}
    if not wanted:
        return "", True
    ok = all(figures[mode] is not None and figures[mode] <= target for mode, target in wanted.items())
    modes = "" if len(wanted) == len(MODES) else " " + ", ".join(wanted)
    return f"{next(iter(wanted.values())):,}{modes}", ok


def print_table(columns):
    """Prints the table. Returns the number of targets, and the keys of the missed ones."""
    tables = {mode: by_key(column) for mode, column in columns.items()}
    targets = read_stored("bench_targets.txt")
    judged, missed, last = 0, [], None
    print(f"{'':6}{'':28}{'pages':>7}" + "".join(f"{mode:>13}" for mode in columns) + "   at most")
    for key in in_order(tables["on_demand"]):
        figures = {mode: table.get(key) for mode, table in tables.items()}
        target, ok = judge(key, figures, targets)
        judged += target != ""
        missed += [] if ok else [key]
        if key[0] != last and key[0] != "boot":
            print()
        cells = "".join(f"{in_words(figures[mode]):>13}" for mode in columns)
        name = key[1].replace("_", " ")
        verdict = "" if ok else "  MISSED"
        print(f"{key[0]:6}{name:28}{key[2]:>7,}{cells}   {target}{verdict}".rstrip())
        last = key[0]
    return judged, missed


def write_key_rows(columns):
    tables, targets = {mode: by_key(column) for mode, column in columns.items()}, read_stored("bench_targets.txt")
    rows = []
    for key in KEY_ROWS:
        figures = {mode: tables[mode][key] for mode in MODES}
        rows.append([key, *(in_words(figures[mode]) for mode in MODES), judge(key, figures, targets)[0]])
    put("bench", [*MODES, "at most"], rows)


def print_all(build):
    about = conditions()
    for name, text in about.items():
        print(f"{name:10}{text}")
    print(flush=True)
    columns = {mode: measure_all(build, mode) for mode in MODES}
    judged, missed = print_table(columns)
    print(f"\n{judged - len(missed)} of {judged} targets met" + (". Missed:" if missed else ""))
    for key in missed:
        print(f"    {text_of(key)}")
    (build / "bench.json").write_text(json.dumps({"conditions": about, "columns": columns}, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--pages", type=int, help="measure only fork and munmap of this many pages, with 4 GiB")
    parser.add_argument("--readme", action="store_true", help="measure nothing; put the stored figures into the README")
    options = parser.parse_args()
    if options.readme:
        write_key_rows(json.loads((options.build / "bench.json").read_text())["columns"])
    elif options.pages is None:
        print_all(options.build)
    else:
        print_table({mode: measure_pages(options.build, mode, options.pages) for mode in MODES})


if __name__ == "__main__":
    main()
