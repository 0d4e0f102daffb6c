#!/usr/bin/env python3
"""make bench-linux: the same programs on Debian's Linux (tools/linux.sh) in the same QEMU, beside ox (bench.json).

Linux runs twice, without and with transparent huge pages. Writes build/bench-linux.json, in the form of bench.json, and
prints both kernels side by side. --repeat: measures Linux once more, and fails unless every figure is the same.
"""
import argparse
import json
import re
import sys
from pathlib import Path

import bench
import initramfs
import qemu
from figures import by_key, parse

COLUMNS = {"linux": "never", "linux_thp": "always"}
# Linux takes random numbers from the machine and the time of day; here they are always the same.
REPEATS = (*qemu.ICOUNT, "-seed", "1", "-rtc", "base=2024-01-01,clock=vm")
# Linux keeps free frames in a list of its hart that sysinfo() does not count, so P11 says nothing there; the libc rows
# are there to be looked at in bench.json.
ONLY_OX = ("P11", "libc", "boot")


def files(build):
    """init, and the programs that bench needs."""
    return {name: build / "rootfs" / name for name in ("init", "bin/bench", "bin/true")}


def measure(image, programs, huge_pages):
    words = f"console=ttyS0 quiet panic=-1 transparent_hugepage={huge_pages} -- bench"
    run = qemu.boot(image, initramfs.archive(programs), words, memory=bench.MEMORY, extra=REPEATS, timeout=600)
    column = parse(run.output)
    # init's end is the end of Linux too, which says init's status.
    if not column or "exitcode=0x00000000" not in run.output:
        sys.exit(f"{run.output}\nbench: Linux with transparent_hugepage={huge_pages} did not come to a good end")
    return column


def conditions(linux):
    config = (linux / "config").read_text()
    compiler = re.search(r'CONFIG_CC_VERSION_TEXT="(.*)"', config)[1]
    return {
        "Linux": (linux / "version").read_text().strip(),
        "config": "tinyconfig, -O2, one hart, no preemption, 100 ticks a second, SLUB (tools/linux.sh)",
        "columns": ", ".join(f"{name}: transparent_hugepage={word}" for name, word in COLUMNS.items()),
        "machine": f"QEMU virt, one hart, -m {bench.MEMORY}, {' '.join(REPEATS)}",
        "emulator": bench.first_line(qemu.QEMU, "--version"),
        "compiler": f"{compiler} (Linux); {bench.first_line(bench.COMPILER, '--version')} (ox and the benchmark)",
    }


def times(figure, base):
    return f"{figure / base:>9.1f}" if figure is not None and base else f"{'-':>9}"


def print_table(ox, linux):
    """Columns side by side, and how many times as much as ox's on_demand Linux takes."""
    names = [*ox, *linux]
    tables = {name: by_key(column) for name, column in {**ox, **linux}.items()}
    print(f"{'':5}{'':26}{'pages':>7}" + "".join(f"{name:>13}" for name in names) + "   of on_demand, times")
    last = None
    for key in sorted(tables["linux"], key=bench.row_number):
        if key[0] in ONLY_OX or key not in tables["on_demand"]:
            continue
        values = {name: tables[name].get(key) for name in names}
        ratios = "".join(times(values[name], values["on_demand"]) for name in linux)
        if key[0] != last:
            print()
        last = key[0]
        cells = "".join(f"{bench.in_words(value):>13}" for value in values.values())
        print(f"{key[0]:5}{key[1].replace('_', ' '):26}{key[2]:>7,}{cells}{ratios}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--linux", type=Path, default=Path("build/linux"))
    parser.add_argument("--repeat", action="store_true", help="twice, and compare")
    options = parser.parse_args()
    ox = json.loads((options.build / "bench.json").read_text())
    about = {"unit": ox["conditions"]["unit"], "not": ox["conditions"]["not"], **conditions(options.linux)}
    for name, text in about.items():
        print(f"{name:10}{text}")
    print(flush=True)
    columns = {name: measure(options.linux / "Image", files(options.build), word) for name, word in COLUMNS.items()}
    print_table(ox["columns"], columns)
    written = {"conditions": about, "columns": columns}
    (options.build / "bench-linux.json").write_text(json.dumps(written, indent=1) + "\n")
    if options.repeat:
        same = all(measure(options.linux / "Image", files(options.build), word) == columns[name]
                   for name, word in COLUMNS.items())
        sys.exit(None if same else "bench: a second run of Linux differs")


if __name__ == "__main__":
    main()
