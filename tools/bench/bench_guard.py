#!/usr/bin/env python3
"""make bench-accept: measures the key figures and stores them in bench_expected.txt as the accepted costs.

tools/tests/memory/test_cost.py compares later measurements with them. The head of bench_expected.txt says more.
"""
import argparse
import re
from pathlib import Path

import bench
from figures import HERE, by_key, read_stored, text_of

FILE = "bench_expected.txt"
TOLERANCE = 0.005
ACCEPT = "make bench-accept"


def tools_named():
    """The compiler and the emulator with which the list was made. Other versions give other counts."""
    text = (HERE / FILE).read_text()
    return {name: re.search(rf"^# {name}: (.*)$", text, re.MULTILINE)[1] for name in ("emulator", "compiler")}


def measure_expected(build):
    """{mode: {key: value}} for the modes in the list."""
    modes = sorted({mode for mode, _ in read_stored(FILE)})
    return {mode: by_key(bench.measure_all(build, mode)) for mode in modes}


def regressions(tables):
    """A line for each figure that has grown too much, or that is missing."""
    lines = []
    for (mode, key), old in read_stored(FILE).items():
        new = tables[mode].get(key)
        if new is None or new > old * (1 + TOLERANCE):
            more = "not measured" if new is None else f"{new:,} ({100 * (new / old - 1):+.1f} %)"
            lines.append(f"{text_of(key)}, {mode}: was {old:,}, is {more}")
    return lines


def accept(build):
    tables, about = measure_expected(build), bench.conditions()
    old = read_stored(FILE)

    def renewed(line):
        if named := re.match(r"# (emulator|compiler): ", line):
            return named[0] + about[named[1]]
        words = line.split()
        if not words or words[0] not in tables:
            return line
        key = (words[1], words[2], int(words[3]))
        new = tables[words[0]][key]
        if new != old[words[0], key]:
            print(f"{text_of(key)}, {words[0]}: {old[words[0], key]:,} -> {new:,}")
        return line[:line.rindex(words[4])] + str(new)

    file = HERE / FILE
    file.write_text("".join(renewed(line) + "\n" for line in file.read_text().splitlines()))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    accept(parser.parse_args().build)


if __name__ == "__main__":
    main()
