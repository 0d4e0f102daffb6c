#!/usr/bin/env python3
"""make soak: checks that take too long for make test, to be run before a release.

    tools/prove/soak.py [--minutes N] [--seed N]

It runs storms of processes on four harts (tools/tests/programs/storm.c) in the three modes, with and without checker;
machines of every size; the benchmark twice, whose counts must be equal; the labs with all of their wrong solutions;
all states (`make check-states`); and the grading of the labs' solutions, twenty times while other programs keep the
processors busy. The variable QEMU chooses another QEMU, QEMU_FLAGS adds to its command line. The last line is "N passed,
N failed".
"""
import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

from conftest import MODES, Machine  # noqa: E402

FLAGS = os.environ.get("QEMU_FLAGS", "").split()
GRADINGS = 20
MEMORY = ("32M", "64M", "128M", "1G", "4G")
results = {True: 0, False: 0}


def judge(name, good, output=""):
    results[good] += 1
    print(f"{'passed' if good else 'FAILED'}: {name}", flush=True)
    if not good:
        print(output, flush=True)


def run(name, command, others=(), words="", **options):
    """Runs one machine. It must exit with 0, all frames must come back, and no fault may be spurious."""
    result = Machine().run(command, others, words + " stats", extra=FLAGS, **options)
    good = result.status == 0
    if good:
        stats = result.stats()
        good = stats["frames_free_before"] == stats["frames_free_after"] and stats["spurious"] == 0
    judge(f"{name} ({result.seconds:.0f} s)", good, result.output)


def storms(minutes, seed):
    draw = random.Random(seed)
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        mode, checked, number = draw.choice(MODES), draw.random() < 0.3, draw.randrange(1 << 30)
        actions, processes = (40, 8) if checked else (150, draw.choice((4, 12, 24)))
        run(f"storm {number} {actions} {processes}, fork={mode}{', checked' if checked else ''}",
            f"storm {number} {actions} {processes}", words=f"fork={mode}", cpus=4, memory="256M", debug=checked,
            timeout=300)


def machines():
    for memory in MEMORY:
        for cpus in range(1, 9):
            run(f"fork_example, -m {memory} -smp {cpus}", "fork_example", cpus=cpus, memory=memory, timeout=60)


def benchmark():
    command = ["python3", "tools/bench/bench.py", "--build", "build"]
    runs = [subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    print(runs[0].stdout)
    judge("the benchmark says the same twice", runs[0].returncode == 0 and runs[0].stdout == runs[1].stdout)


def labs():
    if not (ROOT / "tools/labs/check.py").exists():
        return  # a student's copy of ox
    proven = subprocess.run(["make", "--no-print-directory", "check-labs"], cwd=ROOT, text=True, stdout=subprocess.PIPE)
    judge("all labs, with their wrong solutions", proven.returncode == 0, proven.stdout)


def mutants():
    if not (ROOT / "tools/prove/every_mutant.py").exists():
        return  # a student's copy of ox
    found = subprocess.run(["python3", "tools/prove/every_mutant.py"], cwd=ROOT, text=True, stdout=subprocess.PIPE)
    judge("every mutant is found by a test, or explained", found.returncode == 0, found.stdout)


def states():
    if not (ROOT / "host_tests/states").exists():
        return  # a student's copy of ox
    found = subprocess.run(["make", "--no-print-directory", "check-states"], cwd=ROOT, text=True, stdout=subprocess.PIPE)
    judge("all states of small worlds", found.returncode == 0, found.stdout)


def grades():
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 2))]
    try:
        for lab in sorted(file.parent.name for file in ROOT.glob("tools/labs/*/lab.toml")):
            for number in range(1, GRADINGS + 1):
                graded = subprocess.run(["/usr/bin/python3", "tools/labs/grade.py", lab], cwd=ROOT, text=True,
                                        stdout=subprocess.PIPE)
                judge(f"lab {lab}, graded under load, {number}", graded.returncode == 0, graded.stdout)
    finally:
        for process in busy:
            process.kill()
            process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10, help="of storms")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"soak: --seed {options.seed}", flush=True)
    machines()
    benchmark()
    labs()
    states()
    mutants()
    grades()
    storms(options.minutes, options.seed)
    print(f"{results[True]} passed, {results[False]} failed")
    return 1 if results[False] else 0


if __name__ == "__main__":
    sys.exit(main())
