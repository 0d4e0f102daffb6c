#!/usr/bin/env python3
"""make bench-smp: does a second hart make fork, exit and wait faster (P14)? It measures wall time, so it is no test.

Independent workers fork a child that exits, and wait for it, again and again ("bench workers N", user/bench.c). QEMU
runs each hart in a thread of its own and does not count instructions. The machines take turns, so that other load on
the host affects all of them alike.
"""
import argparse
import os
import statistics
import sys
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import bench  # noqa: E402
import qemu  # noqa: E402
from figures import MODES, parse  # noqa: E402

MACHINES = ((1, 1), (2, 1), (2, 2))  # harts, workers
ROUNDS = 5
TARGET = 1.8


def rate(build, mode, harts, workers):
    run = qemu.boot(build / "ox.elf", build / "initramfs.cpio", f"fork={mode} -- bench workers {workers}", cpus=harts,
                    memory=bench.MEMORY, timeout=120)
    figures = parse(run.output)
    if run.status != 0 or len(figures) != 1:
        sys.exit(f"{run.output}\nbench-smp: ended with status {run.status}")
    return figures[0]["value"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--mode", choices=MODES, default="on_demand")
    options = parser.parse_args()
    print(f"fork, exit, wait in a second, 0 pages, fork={options.mode}; wall time, {ROUNDS} rounds; "
          f"{bench.first_line(qemu.QEMU, '--version')}")
    print(f"this host has {os.cpu_count()} processors; its load before: {os.getloadavg()[0]:.1f}", flush=True)
    rates = {machine: [] for machine in MACHINES}
    for _ in range(ROUNDS):
        for machine in MACHINES:
            rates[machine].append(rate(options.build, options.mode, *machine))
    for (harts, workers), values in rates.items():
        print(f"{harts} hart(s), {workers} worker(s): " + "".join(f"{value:>8,}" for value in values) +
              f"   median {statistics.median(values):,}")
    gain = statistics.median(rates[2, 2]) / statistics.median(rates[1, 1])
    print(f"P14  2 harts, 2 workers over 1 hart, 1 worker: {gain:.2f} (target: at least {TARGET}"
          f"{')' if gain >= TARGET else '; MISSED)'}")


if __name__ == "__main__":
    main()
