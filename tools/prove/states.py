#!/usr/bin/env python3
"""make check-states: every state of small worlds, and every order of two harts (host_tests/states). It builds those tests
for speed, without sanitizer, and runs all of them with their larger worlds. The last line is "N passed, N failed".
"""
import concurrent.futures
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import googletest  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/states"
TESTS = BUILD / "states_tests"
JOBS = os.cpu_count() or 2


def build():
    if not (ROOT / "host_tests/states").exists():
        sys.exit("states: there is no host_tests/states here: a student's copy of ox is graded by its own tests (make grade)")
    options = ["-DOX_SANITIZE=none", "-DOX_OPTIMIZE=-O2", "--log-level=WARNING"]
    for command in (["cmake", "-S", ROOT, "-B", BUILD, *options],
                    ["cmake", "--build", BUILD, "--parallel", str(JOBS), "--target", TESTS.name]):
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
            sys.exit(f"states: {TESTS.name} does not build")


def run(name):
    """(whether the test passes, its figures; all that it prints if it fails)."""
    start = time.monotonic()
    done = subprocess.run([TESTS, f"--gtest_filter={name}"], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    figures = "".join(line for line in done.stdout.splitlines(keepends=True) if line.startswith("states: "))
    passed = done.returncode == 0
    word = "passed" if passed else "FAILED"
    return passed, f"{figures if passed else done.stdout}{word}: {name} ({time.monotonic() - start:.0f} s)"


def main():
    build()
    os.environ["OX_STATES"] = "whole"  # the larger worlds have names of their own
    failed = 0
    names = googletest.tests_of(TESTS)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for passed, output in pool.map(run, names):
            print(output, flush=True)
            failed += not passed
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed or not names else 0


if __name__ == "__main__":
    sys.exit(main())
