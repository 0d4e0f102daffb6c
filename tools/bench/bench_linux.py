#!/usr/bin/env python3
"""make bench-linux: runs the same programs on Debian's Linux (linux.sh) in the same QEMU, and compares them with ox.

Linux is measured three times (systems.py): as it is, without zeroed stacks, and with transparent huge pages. The script
takes ox's figures of memory operations from bench.json, measures on all of them the work that users do (work.py), writes
build/bench-linux.json in the same form, and prints all side by side. --repeat measures Linux once more, and fails unless
every figure is the same. --readme measures nothing, and puts the stored figures' key rows into the README.
"""
import argparse
import json
import re
import sys
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import bench  # noqa: E402
import qemu  # noqa: E402
import systems  # noqa: E402
import work  # noqa: E402
from figures import by_key  # noqa: E402
from key_rows import KEY_ROWS, WORK_ROWS, put  # noqa: E402

NAMES = (*systems.MODES, *systems.LINUX)
HEADS = ("ox, cow", "ox, on_demand", "Linux", "its stacks not zeroed", "with huge pages", "Linux / on_demand")
# Linux keeps free frames in a list for each hart that sysinfo() does not count, so of P11 only the average of many
# forks is compared. The libc rows are not compared either; they are in bench.json.
ONLY_OX = ("P11", "libc")


def compared(key):
    return key[0] not in ONLY_OX or key[1] == "frames_of_each_of_256_forks"


def measure_linux(options):
    programs = systems.bench_files(options.build)
    found = {name: systems.linux(options.linux, name) for name in systems.LINUX}
    return {name: [*system.measure(programs, "bench"), *work.measure(system, options.build, options.userland)]
            for name, system in found.items()}


def measure_ox(options):
    return {mode: work.measure(systems.ox(options.build, mode), options.build, options.userland)
            for mode in systems.MODES}


def conditions(linux):
    config = (linux / "config").read_text()
    compiler = re.search(r'CONFIG_CC_VERSION_TEXT="(.*)"', config)[1]
    return {
        "Linux": (linux / "version").read_text().strip(),
        "config": "tinyconfig, -O2, one hart, no preemption, 100 ticks a second, SLUB (tools/bench/linux.sh)",
        "columns": ", ".join(f"{name}: {image}, transparent_hugepage={word}"
                             for name, (image, word) in systems.LINUX.items()),
        "machine": f"QEMU virt, one hart, -m {systems.MEMORY} (ox's P and G rows: {bench.MEMORY}), "
                   + " ".join(systems.REPEATS),
        "emulator": bench.first_line(qemu.QEMU, "--version"),
        "compiler": f"{compiler} (Linux); {bench.first_line(bench.COMPILER, '--version')} (ox and the benchmark)",
    }


def ratio(figure, base):
    return f"{figure / base:.2f}" if figure is not None and base else "-"


def side_by_side(columns):
    """{key: [the values in the order of NAMES]} of what ox and Linux both have."""
    tables = {name: by_key(columns[name]) for name in NAMES}
    keys = [key for key in bench.in_order(tables["linux"]) if compared(key) and key in tables["on_demand"]]
    return {key: [tables[name].get(key) for name in NAMES] for key in keys}


def print_table(rows):
    print(f"{'':6}{'':33}{'pages':>9}" + "".join(f"{name:>13}" for name in NAMES) + "   linux / on_demand")
    last = None
    for key, values in rows.items():
        if key[0] != last:
            print()
        last = key[0]
        cells = "".join(f"{bench.in_words(value):>13}" for value in values)
        print(f"{key[0]:6}{key[1].replace('_', ' '):33}{key[2]:>9,}{cells}{ratio(values[2], values[1]):>10}")


def write_rows(rows):
    for name, keys in (("linux", KEY_ROWS), ("work", WORK_ROWS)):
        put(name, HEADS, [[key, *map(bench.in_words, rows[key]), ratio(rows[key][2], rows[key][1])]
                          for key in keys if key in rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--linux", type=Path, default=Path("build/linux"))
    parser.add_argument("--userland", type=Path, default=Path("build/debian/root"), help="Debian's busybox and bash")
    parser.add_argument("--repeat", action="store_true", help="twice, and compare")
    parser.add_argument("--readme", action="store_true", help="measure nothing; put the stored figures into the README")
    options = parser.parse_args()
    stored = options.build / "bench-linux.json"
    if options.readme:
        write_rows(side_by_side(json.loads(stored.read_text())["columns"]))
        return 0
    ox = json.loads((options.build / "bench.json").read_text())
    about = {"unit": ox["conditions"]["unit"], "not": ox["conditions"]["not"], **conditions(options.linux)}
    for name, text in about.items():
        print(f"{name:10}{text}")
    print(flush=True)
    linux, worked = measure_linux(options), measure_ox(options)
    columns = {**{mode: ox["columns"][mode] + worked[mode] for mode in systems.MODES}, **linux}
    stored.write_text(json.dumps({"conditions": about, "columns": columns}, indent=1) + "\n")
    print_table(side_by_side(columns))
    if options.repeat:
        same = measure_linux(options) == linux and measure_ox(options) == worked
        print("\na second run is the same, to the instruction" if same else "\na second run DIFFERS")
        return 0 if same else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
