#!/usr/bin/env python3
"""make bench-linux: runs the same programs on Debian's Linux (linux.sh) in the same QEMU, and compares them with ox.

Linux runs twice, without and with transparent huge pages. The script takes ox's figures from bench.json, writes Linux's
to build/bench-linux.json in the same form, and prints both side by side. --repeat measures Linux once more, and fails
unless every figure is the same. --readme measures nothing, and puts the stored figures' key rows into the README.
"""
import argparse
import json
import re
import sys
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import bench  # noqa: E402
import initramfs  # noqa: E402
import qemu  # noqa: E402
from figures import by_key, parse  # noqa: E402
from key_rows import KEY_ROWS, put  # noqa: E402

COLUMNS = {"linux": "never", "linux_thp": "always"}
MEMORY = "1G"  # with less than 512 MiB of free memory Linux uses no huge pages, whatever its settings say
# Linux uses the machine's random numbers and the time of day. With these options they are the same in each run.
REPEATS = (*qemu.ICOUNT, "-seed", "1", "-rtc", "base=2024-01-01,clock=vm")
# Linux keeps free frames in a list for each hart that sysinfo() does not count, so of P11 only the average of many
# forks is compared. The libc rows are not compared either; they are in bench.json.
ONLY_OX = ("P11", "libc")


def compared(key):
    return key[0] not in ONLY_OX or key[1] == "frames_of_each_of_256_forks"


def files(build):
    """init, and the programs that bench runs."""
    return {name: build / "rootfs" / name for name in ("init", "bin/bench", "bin/true")}


def measure(image, programs, huge_pages):
    words = f"console=ttyS0 quiet panic=-1 transparent_hugepage={huge_pages} -- bench"
    run = qemu.boot(image, initramfs.archive(programs), words, memory=MEMORY, extra=REPEATS, timeout=600)
    column = parse(run.output)
    # When init ends, Linux panics and prints init's exit status.
    if not column or "exitcode=0x00000000" not in run.output:
        sys.exit(f"{run.output}\nbench: Linux with transparent_hugepage={huge_pages} did not end with init's status 0")
    return column


def conditions(linux):
    config = (linux / "config").read_text()
    compiler = re.search(r'CONFIG_CC_VERSION_TEXT="(.*)"', config)[1]
    return {
        "Linux": (linux / "version").read_text().strip(),
        "config": "tinyconfig, -O2, one hart, no preemption, 100 ticks a second, SLUB (tools/bench/linux.sh)",
        "columns": ", ".join(f"{name}: transparent_hugepage={word}" for name, word in COLUMNS.items()),
        "machine": f"QEMU virt, one hart, -m {MEMORY} (ox: {bench.MEMORY}), {' '.join(REPEATS)}",
        "emulator": bench.first_line(qemu.QEMU, "--version"),
        "compiler": f"{compiler} (Linux); {bench.first_line(bench.COMPILER, '--version')} (ox and the benchmark)",
    }


def times(figure, base):
    return f"{figure / base:>9.1f}" if figure is not None and base else f"{'-':>9}"


def print_table(columns):
    """Prints the columns side by side, and Linux's count divided by that of ox in mode on_demand."""
    names = ["cow", "on_demand", *COLUMNS]
    tables = {name: by_key(columns[name]) for name in names}
    print(f"{'':6}{'':26}{'pages':>7}" + "".join(f"{name:>13}" for name in names) + "   / on_demand")
    last = None
    for key in bench.in_order(tables["linux"]):
        if not compared(key) or key not in tables["on_demand"]:
            continue
        values = {name: tables[name].get(key) for name in names}
        ratios = "".join(times(values[name], values["on_demand"]) for name in COLUMNS)
        if key[0] != last:
            print()
        last = key[0]
        cells = "".join(f"{bench.in_words(value):>13}" for value in values.values())
        print(f"{key[0]:6}{key[1].replace('_', ' '):26}{key[2]:>7,}{cells}{ratios}")


def write_key_rows(columns):
    names = ["cow", "on_demand", *COLUMNS]
    tables = {name: by_key(columns[name]) for name in names}
    rows = []
    for key in KEY_ROWS:
        if not compared(key) or key not in tables["linux"] or key not in tables["on_demand"]:
            continue
        values = [tables[name][key] for name in names]
        ratios = " and ".join(f"{value / values[1]:.1f}" for value in values[2:])
        rows.append([key, *(f"{value:,}" for value in values), ratios])
    put("linux", ["ox, cow", "ox, on_demand", "Linux", "Linux, huge pages", "Linux / ox"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--linux", type=Path, default=Path("build/linux"))
    parser.add_argument("--repeat", action="store_true", help="twice, and compare")
    parser.add_argument("--readme", action="store_true", help="measure nothing; put the stored figures into the README")
    options = parser.parse_args()
    ox = json.loads((options.build / "bench.json").read_text())
    if options.readme:
        stored = json.loads((options.build / "bench-linux.json").read_text())
        write_key_rows(ox["columns"] | stored["columns"])
        return 0
    about = {"unit": ox["conditions"]["unit"], "not": ox["conditions"]["not"], **conditions(options.linux)}
    for name, text in about.items():
        print(f"{name:10}{text}")
    print(flush=True)
    columns = {name: measure(options.linux / "Image", files(options.build), word) for name, word in COLUMNS.items()}
    written = {"conditions": about, "columns": columns}
    (options.build / "bench-linux.json").write_text(json.dumps(written, indent=1) + "\n")
    print_table(ox["columns"] | columns)
    if options.repeat:
        same = all(measure(options.linux / "Image", files(options.build), word) == columns[name]
                   for name, word in COLUMNS.items())
        print("\na second run of Linux is the same, to the instruction" if same else "\na second run of Linux DIFFERS")
        return 0 if same else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
