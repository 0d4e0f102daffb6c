#!/usr/bin/env python3
"""make test (all parts) and make check-host (`host`): runs the parts and counts their results. It fails if a part
fails or runs no test. The last line is "N passed, N failed", which counts GoogleTest's and pytest's tests and bugs.
"""
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import googletest  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "build/results"
JOBS = str(os.cpu_count() or 2)


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def call(*words, **environment):
    return subprocess.run(words, cwd=ROOT, env={**os.environ, **environment}).returncode


def count_junit(folder):
    """The sums of the counts in JUnit files. GoogleTest's and pytest's files differ slightly."""
    count = Count()
    for file in folder.glob("**/*.xml"):
        for case in xml.parse(file).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                count.failed += 1
            elif case.find("skipped") is not None or case.get("result") == "skipped":
                count.skipped += 1
            elif case.get("status", "run") == "run":
                count.passed += 1
    return count


def fresh(name):
    folder = RESULTS / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def host_tests(name, *options):
    build = f"build/{name}"
    if call("cmake", "-S", ".", "-B", build, "--log-level=WARNING", *options) or \
            call("cmake", "--build", build, "--parallel", JOBS):
        return 1, Count()
    programs = sorted((ROOT / build).glob("*_tests"), reverse=True)  # the unit tests first
    # GCC 12's ThreadSanitizer does not work with address-space randomization everywhere.
    count = Count(*googletest.run(programs, ["setarch", "-R"] if name == "tsan" else []))
    return count.failed != 0, count


def kernel():
    """Builds the kernel, the kernel for make gdb, and the programs; a warning is an error. It counts no tests."""
    return call("make", "--no-print-directory", "WERROR=1", "all", "test-programs", "gdb-kernel"), None


def seeded_bugs():
    run = subprocess.run(["python3", "tools/prove/mutants.py"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    print(run.stdout, end="")
    counts = re.search(r"^(\d+) passed, (\d+) failed$", run.stdout, re.MULTILINE)
    return run.returncode, Count(int(counts[1]), int(counts[2])) if counts else Count()


def qemu_tests():
    results = fresh("qemu")
    status = call("pytest-3", "-q", "-rs", "-p", "no:cacheprovider", "-n", JOBS, "--dist", "loadgroup",
                  "--junitxml", str(results / "qemu.xml"), "tools/tests", OX_BUILD="build/werror")
    return status, count_junit(results)


PARTS = {
    "host": ("tests of kernel/vm", lambda: host_tests("host")),
    "kernel": ("kernel and programs build without a warning", kernel),
    "tsan": ("threads as harts, under ThreadSanitizer", lambda: host_tests("tsan", "-DOX_SANITIZE=thread")),
    "mutants": ("seeded bugs, each must be found", seeded_bugs),
    "qemu": ("the kernel in QEMU", qemu_tests),
}


def run_part(name):
    title, action = PARTS[name]
    print(f"--- {name}: {title}", flush=True)
    start = time.monotonic()
    status, count = action()
    if count is not None and status == 0 and count.passed == 0:
        print(f"{name}: ran no tests")
        status = 1
    counted = count is not None
    count = count or Count()
    if status != 0 and count.failed == 0:
        count.failed = 1  # it did not build, or it crashed before it could count
    summary = f"{count.passed} passed, {count.failed} failed, {count.skipped} skipped" if counted else "done"
    print(f"--- {name}: {'FAILED: ' if status else ''}{summary} ({time.monotonic() - start:.0f} s)\n", flush=True)
    return count, status != 0 or count.failed != 0


def main():
    for name in ("MAKEFLAGS", "MAKELEVEL"):
        os.environ.pop(name, None)  # else the makes that run here would share the processors of the calling make
    wanted = sys.argv[1:] or ["all"]
    names = list(PARTS) if wanted == ["all"] else wanted
    if not (ROOT / "tools/prove/mutants.py").exists():  # the tree is a student's copy of ox
        names = [name for name in names if name != "mutants"]
    results = {name: run_part(name) for name in names}
    failed_parts = [name for name, (_, failed) in results.items() if failed]
    if wanted == ["all"]:
        print("left out: the tests of make view's page, which need a browser (make check-view)")
    if failed_parts:
        print("failed:", ", ".join(failed_parts))
    skipped = sum(count.skipped for count, _ in results.values())
    if skipped:
        print(f"{skipped} skipped")
    passed = sum(count.passed for count, _ in results.values())
    failed = sum(count.failed for count, _ in results.values())
    print(f"{passed} passed, {failed} failed")
    return 1 if failed_parts else 0


if __name__ == "__main__":
    sys.exit(main())
