#!/usr/bin/env python3
"""Seeded bugs (host_tests/mutants/*.txt): a host test must find each of them.

    tools/prove/mutants.py [WORD...]     only the bugs with one of the WORDs in their names
    tools/prove/mutants.py --states [WORD...]    only the tests of make check-states, which need not find all

The host tests are compiled once for each sanitizer, with all bugs in them: a function with bugs gets one body for each
bug, besides the right one. The environment variable OX_SEEDED_BUG chooses a bug by its number. The bug counts as failed
if no test finds it, if only a timeout finds it, or if the function does not contain the text that the bug replaces. The
last line is "N passed, N failed".
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import edits
from edits import replacements

ROOT = Path(__file__).resolve().parents[2]
LISTS = ROOT / "host_tests/mutants"
BUILD = ROOT / "build/mutants"  # with tree/, a copy of the sources with the bugs, and a folder for each sanitizer
JOBS = os.cpu_count() or 2
SECONDS = 120  # time limit for one run of the tests; the slowest takes a tenth of it
SLOW = 25      # milliseconds: slower tests run only if the faster ones have found nothing

# Constants are evaluated with the right code. The variable is read before main(), so no test runs without it.
HEADER = """#pragma once
#include <cstdlib>
namespace ox {
inline const int chosen_bug = std::getenv("OX_SEEDED_BUG") != nullptr ? std::atoi(std::getenv("OX_SEEDED_BUG")) : 0;
[[gnu::always_inline]] inline constexpr bool seeded_bug(int number) {
  return !__builtin_is_constant_evaluated() && chosen_bug == number;
}
}
"""


@dataclass
class Bug:
    number: int  # from 1
    name: str
    rule: str
    file: str
    function: str
    sanitizer: str
    edits: list  # [(old, new)]
    problem: str = ""  # why the bug does not apply to the sources


def read_bugs(files=None):
    bugs, files = [], files or sorted(LISTS.glob("*.txt"))
    for block in re.split(r"\n\s*\n", "\n\n".join(file.read_text() for file in files)):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if lines:
            about = re.fullmatch(r"(.+?), (\S+), function (.+?)(, thread)?", lines[1])
            if about is None or not (changes := list(replacements(lines[2:]))):
                sys.exit(f"mutants: {lines[0]}: wrong format; host_tests/mutants/fork_and_fault.txt explains it")
            sanitizer = "thread" if about[4] else "none"
            bugs.append(Bug(len(bugs) + 1, lines[0], about[1], about[2], about[3], sanitizer, changes))
    return bugs


def with_bugs(file, text, bugs):
    """The source with an extra body for each bug. A #line directive names the bug as the file of its lines."""
    bodies = {}  # function: the bodies of its bugs
    for bug in bugs:
        try:
            function = edits.find(text, bug.function)
            body = edits.edit(text[function.start:function.end], bug.function, bug.edits)
        except edits.EditError as error:
            bug.problem = f"{file}: {error}"
            continue
        bodies.setdefault(function, []).append(
            f'if (::ox::seeded_bug({bug.number})) {{\n#line 1 "seeded bug: {bug.name}"\n{body}\n}} else ')
    for function in sorted(bodies, key=lambda function: function.start, reverse=True):
        def line(at):
            return f'\n#line {text.count(chr(10), 0, at) + 1} "{file}"\n'
        text = (text[:function.start] + "".join(bodies[function]) + "{" + line(function.start) +
                text[function.start:function.end] + "}" + line(function.end) + text[function.end:])
    return f'#include "lib/seeded_bug.h"\n#line 1 "{file}"\n{text}' if bodies else text


def write_sources(bugs, tree):
    """Writes only the files that have changed since the last run, so that the others are not compiled again."""
    sources = {Path("kernel/lib/seeded_bug.h"): HEADER}
    for file in [ROOT / "CMakeLists.txt", *(ROOT / "kernel").rglob("*"), *(ROOT / "host_tests").rglob("*")]:
        if file.is_file():
            name = file.relative_to(ROOT)
            sources[name] = with_bugs(name, file.read_text(), [bug for bug in bugs if bug.file == str(name)])
    for file in tree.rglob("*"):
        if file.is_file() and file.relative_to(tree) not in sources:
            file.unlink()
    for name, text in sources.items():
        file = tree / name
        if not file.is_file() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    for bug in bugs:
        if not (ROOT / bug.file).is_file():
            bug.problem = f"there is no file {bug.file}"


class Tests:
    """The host tests with all bugs, under one sanitizer, compiled in a folder whose tree/ has the sources."""

    def __init__(self, sanitizer, states=False, folder=BUILD):
        build = folder / sanitizer
        names = ["thread_tests"] if sanitizer == "thread" else ["unit_tests", "model_tests"]
        if states:
            names = ["states_tests"]
        self.binaries = [build / name for name in names]
        self.wrapper = ["setarch", "-R"] if sanitizer == "thread" else []
        # Races are found without optimization, so that each access to memory is a real one. The model test would take
        # too long then.
        optimize = "-O0" if sanitizer == "thread" else "-O1"
        options = [f"-DOX_SANITIZE={sanitizer}", f"-DOX_OPTIMIZE={optimize}", "-DCMAKE_CXX_FLAGS=-w"]
        for command in (["cmake", "-S", folder / "tree", "-B", build, "-G", "Unix Makefiles", "--log-level=WARNING", *options],
                        ["cmake", "--build", build, "--parallel", str(JOBS), "--target", *names, "--", "--quiet"]):
            if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
                sys.exit("mutants: the host tests with the seeded bugs do not compile")

    def learn(self):
        """A test that fails without any bug, or None. From now on slow tests run last, since few bugs need them."""
        quick, slow = [], []
        for binary in self.binaries:
            found, output = self.run(binary, 0)
            if found:
                return found
            took = re.findall(r"^\[       OK \] (\S+) \((\d+) ms\)$", output, re.MULTILINE)
            names = ":".join(name for name, time in took if int(time) > SLOW)
            if any(int(time) <= SLOW for _, time in took):
                quick.append((binary, f"-{names}"))
            if names:
                slow.append((binary, names))
        self.runs = quick + slow
        return None

    def find(self, number):
        """What finds the bug: the name of a test, "timeout", or None."""
        return next(filter(None, (self.run(binary, number, chosen)[0] for binary, chosen in self.runs)), None)

    def run(self, binary, number, chosen="*"):
        """(what finds the bug among the chosen tests, as in find(); their output)."""
        command = [*self.wrapper, binary, "--gtest_fail_fast", "--gtest_brief=0", f"--gtest_filter={chosen}"]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, errors="replace",
                                 env={**os.environ, "OX_SEEDED_BUG": str(number)})
        except subprocess.TimeoutExpired:
            return "timeout", ""
        if run.returncode == 0:
            return None, run.stdout
        names = re.findall(r"^\[  FAILED  \] (\S+?),? .*ms\)$|^\[ RUN      \] (\S+)$", run.stdout, re.MULTILINE)
        failed = [name for name, _ in names if name]
        return failed[0] if failed else names[-1][1] if names else "a crash before the first test", run.stdout


def verdict(bug, tests):
    """(whether a test finds the bug, which test or why not)."""
    if bug.problem:
        return False, "does not apply: " + bug.problem
    found = tests[bug.sanitizer].find(bug.number)
    return found not in (None, "timeout"), found or "SURVIVES: no test finds it"


def main():
    start = time.monotonic()
    bugs = read_bugs()
    write_sources(bugs, BUILD / "tree")
    states, words = "--states" in sys.argv[1:], [word for word in sys.argv[1:] if word != "--states"]
    wanted = [bug for bug in bugs if not words or any(word in bug.name for word in words)]
    for bug in wanted:
        bug.sanitizer = "none" if states else bug.sanitizer  # the scheduler finds races without one
    if not wanted:
        sys.exit("mutants: there is none")
    tests = {sanitizer: Tests(sanitizer, states) for sanitizer in sorted({bug.sanitizer for bug in wanted})}
    for sanitizer, binaries in tests.items():
        if found := binaries.learn():
            sys.exit(f"mutants: without any bug (sanitizer: {sanitizer}) a test fails: {found}")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for bug, (found, by) in zip(wanted, pool.map(lambda bug: verdict(bug, tests), wanted)):
            failed += not found
            print(f"{'found' if found else 'FAILED'}: {bug.rule}: {bug.name}: {by}", flush=True)
    print(f"{len(wanted)} seeded bugs in {time.monotonic() - start:.0f} s")
    print(f"{len(wanted) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
