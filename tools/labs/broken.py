"""Graded kernels of a lab of kind tests. The student's test file is linked with kernels.o, which has the right kernel
and broken ones, and each entry `kernel = N` runs all its tests on one of them. On 0, the right one, all must pass; on any
other some test must fail.

A student has kernels.o in the lab's folder. In the whole tree kernels.py compiles it.
"""
import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import host
from result import Result

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "kernels"  # in the folder of the host tests
SUPPORT = ("host_tests/labs/lab.cpp",)
CPU_SECONDS = 10  # for all of a student's tests, on one kernel


def kernels(folder):
    """The object."""
    file = folder / "kernels.o"
    if file.is_file():
        return file
    import kernels as compiled  # the instructor's
    return compiled.build(folder)


def compile_test(build, file, source, target):
    """Compiles `source` as the build compiles `file` of the tree. None, or what the compiler says."""
    commands = {entry["file"]: entry["command"] for entry in json.loads((build / "compile_commands.json").read_text())}
    words = shlex.split(commands[str(ROOT / file)])
    at = words.index("-o")
    words[at + 1:] = [target, "-c", source]
    run = subprocess.run(words, cwd=build, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return host.first_errors(run.stdout) if run.returncode != 0 else None


def link(build, folder, test, program):
    """Links the object `test` with the simulated machine and the kernels. None, or what the linker says."""
    machine = sorted((build / "CMakeFiles/ox_sim.dir").rglob("*.o"))
    support = [build / f"CMakeFiles/lab_objects.dir/{file}.o" for file in SUPPORT]
    run = subprocess.run(["g++", "-o", program, kernels(folder), *machine, *support, test, "-lgtest", "-lpthread"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return host.first_errors(run.stdout) if run.returncode != 0 else None


def build(folder, build, file):
    """The program of the tree's own test file. None, or why there is none."""
    return link(build, folder, build / f"CMakeFiles/lab_objects.dir/{file}.o", build / PROGRAM)


def run(program, entry):
    number = entry["kernel"]
    process = subprocess.run(
        ["prlimit", f"--cpu={CPU_SECONDS}:{CPU_SECONDS + 1}", f"--fsize={host.OUTPUT}", "--core=0", program,
         "--gtest_color=no", "--gtest_brief=0", "--gtest_fail_fast"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env={**os.environ, "OX_KERNEL": str(number)})
    text = process.stdout
    ran = re.findall(r"^\[ RUN      \] (\S+)$", text, re.MULTILINE)
    ended = re.findall(r"^\[       OK \] (\S+) ", text, re.MULTILINE)
    over = process.returncode in host.OUT_OF_TIME
    if number == 0:
        return Result(entry, True) if process.returncode == 0 else Result(entry, False, right(ran, text, over))
    if process.returncode != 0 and ran and not over:
        return Result(entry, True)
    seen = f"stopped after {CPU_SECONDS} s of processor time" if over else \
        f"all {len(ended)} pass" if ran else "there is no test"
    return Result(entry, False, f"expected: some test fails on kernel {number}; seen: {seen}")


def right(ran, text, over):
    """What is wrong on the right kernel."""
    if not ran:
        return "expected: a test; seen: there is none"
    failed = re.findall(r"^\[  FAILED  \] (\S+) \(", text, re.MULTILINE)  # of those that came to their end
    panic = re.search(r"^panic: .*", text, re.MULTILINE)
    seen = host.failure_in(text) or (panic[0] if panic else "it crashes; make check-host says where")
    if over:
        seen = f"it was stopped after {CPU_SECONDS} s of processor time"
    return f"expected: every test passes on the right kernel; seen: {[*failed, ran[-1]][0]} does not: {seen}"
