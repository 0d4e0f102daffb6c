#!/usr/bin/env python3
"""make bench-model: the rows P1 to P12 in instructions and in modelled cycles, on ox and on Debian's Linux (linux.sh).

The unit of all other figures, instructions, hides what caches, TLBs and fences cost. A QEMU plugin (model.c) gives each
of them a price: a plain model of one core, not a measurement of it. The script prints both side by side and the rows in
which ox takes as many cycles as Linux, and writes build/bench-model.json. --price NAME=CYCLES changes a price. --readme
measures nothing, and puts the stored figures into the README.
"""
import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import interrupts_off  # noqa: E402
import systems  # noqa: E402
from figures import by_key, text_of  # noqa: E402
from key_rows import KEY_ROWS, put  # noqa: E402

LINUX = ("linux", "linux_stacks")
HEADS = ("ox, cow", "cycles", "ox, on_demand", "cycles", "Linux", "cycles", "its stacks not zeroed", "cycles",
         "cycles of Linux / on_demand")
SOURCE = Path(__file__).with_name("model.c")


def measure(options, plugin):
    """{name of a system: {key: [instructions, cycles]}}"""
    found = {mode: systems.ox(options.build, mode) for mode in systems.MODES}
    found |= {name: systems.linux(options.linux, name) for name in LINUX}
    model = ("-plugin", ",".join([str(plugin), *options.price]))
    files = systems.bench_files(options.build)
    asking = {**files, "bin/bench": options.build / "bench_cycles"}  # bench itself, which asks for cycles
    tables = {}
    for name, system in found.items():
        instructions = by_key(system.measure(files, "bench key"))
        cycles = by_key(system.measure(asking, "bench key", model))
        tables[name] = {key: [instructions[key], cycles[key]] for key in KEY_ROWS if key in cycles}
    return tables


def slower(tables):
    """The rows in which ox takes as many cycles as Linux: [(key, mode, name of the Linux)]."""
    return [(key, mode, name) for key in tables["linux"] for mode in systems.MODES for name in LINUX
            if tables[mode][key][1] >= tables[name][key][1]]


def rows(tables):
    for key in tables["linux"]:
        cells = [f"{value:,}" for table in tables.values() for value in table[key]]
        yield [key, *cells, f"{tables['linux'][key][1] / tables['on_demand'][key][1]:.2f}"]


def print_table(tables):
    print(f"{'':44}" + "".join(f"{name:>26}" for name in tables))
    print(f"{'':44}" + f"{'instructions':>13}{'cycles':>13}" * len(tables) + "   cycles of linux / on_demand")
    for key, *cells, ratio in rows(tables):
        name = f"{key[0]:4}{key[1].replace('_', ' '):30}{key[2]:>10,}"
        print(name + "".join(f"{cell:>13}" for cell in cells) + f"{ratio:>8}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--linux", type=Path, default=Path("build/linux"))
    parser.add_argument("--price", action="append", default=[], help="another price than model.c's: NAME=CYCLES")
    parser.add_argument("--readme", action="store_true", help="measure nothing; put the stored figures into the README")
    options = parser.parse_args()
    stored = options.build / "bench-model.json"
    if options.readme:
        found = json.loads(stored.read_text())
        put("model", HEADS, list(rows({name: {tuple(key): cells for key, cells in table}
                                       for name, table in found.items()})))
        return 0
    with tempfile.TemporaryDirectory(prefix="ox-") as folder:
        tables = measure(options, interrupts_off.plugin(folder, SOURCE))
    stored.write_text(json.dumps({name: list(table.items()) for name, table in tables.items()}, indent=1) + "\n")
    print("Cycles are those of a model (tools/bench/model.c), not of a machine.\n")
    print_table(tables)
    bad = slower(tables)
    pairs = len(tables["linux"]) * len(systems.MODES) * len(LINUX)
    print(f"\nox takes fewer cycles in {pairs - len(bad)} of {pairs} comparisons" + (". Not in:" if bad else ""))
    for key, mode, name in bad:
        print(f"    {text_of(key)}, {mode} against {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
