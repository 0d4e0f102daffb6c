#!/usr/bin/env python3
"""make grade: the gates and tests of a lab, on this tree. The exit status is 0 only for full points.

    python3 tools/labs/grade.py [LAB] [--test WORDS]... [--json FILE]

A gate is what the skeleton can do already: it gives no points, but if one fails, nothing does. FILE (build/grade.json)
has Gradescope's form, with the tree's commit.
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import broken  # noqa: E402
import host  # noqa: E402
import machine  # noqa: E402
import outside  # noqa: E402
import program_tests  # noqa: E402
from result import Result  # noqa: E402

JOBS = os.cpu_count() or 2
IN_FULL = 3  # so many failed tests say in the terminal all that they know; the others say what was expected and seen


def read_lab(name):
    folder = HERE / name
    if not (folder / "lab.toml").is_file():
        sys.exit(f"grade: there is no lab {name}; there is {', '.join(names())}")
    with open(folder / "lab.toml", "rb") as file:
        lab = tomllib.load(file)
    if (total := sum(test["points"] for test in lab["test"])) > 100:  # less where hidden tests stay with the instructor
        sys.exit(f"grade: the points of lab {name} add up to {total}, not to 100")
    return folder, lab


def names():
    return sorted(file.parent.name for file in HERE.glob("*/lab.toml"))


def holes_of(lab):
    """(file, function) of each; no function: the whole file."""
    return [(hole["file"], hole.get("function", "")) for hole in lab.get("hole", [])]


def only_lab():
    labs = names()
    return labs[0] if len(labs) == 1 else None


class Grading:
    """`build` is the folder with the kernel and the host tests; `environment` is for the host tests alone."""

    def __init__(self, folder, lab, build, environment=None):
        self.folder, self.lab, self.build = folder, lab, Path(build)
        self.environment = environment or {}
        self.kernel, self.program = self.build / "ox.elf", self.build / "host" / host.PROGRAM
        self.kernels = self.build / "host" / broken.PROGRAM
        self.programs = program_tests.Programs(folder, self.kernel, self.build / "user", folder / "answers.toml")
        self.broken = {}  # what did not compile: "host" or "machine", and what the compiler says

    def compile(self):
        if any("host" in entry for entry in self.entries()):
            if errors := host.build(self.build / "host", JOBS):
                self.broken["host"] = errors
        if any("kernel" in entry for entry in self.entries()):
            [(file, _)] = holes_of(self.lab)
            if errors := host.build(self.build / "host", JOBS) or broken.build(self.folder, self.build / "host", file):
                self.broken["kernel"] = errors
        if any("machine" in entry for entry in self.entries()):
            self.make("machine", self.kernel)
        if used := self.lab.get("programs"):
            self.make("program", self.kernel, *(self.build / "user" / name for name in used))

    def make(self, kind, *targets):
        # make knows its targets by these names.
        build, *targets = (os.path.relpath(each, ROOT) for each in (self.build, *targets))
        run = subprocess.run(["make", "--no-print-directory", "-k", f"-j{JOBS}", f"BUILD={build}", *targets], cwd=ROOT,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                             env={name: value for name, value in os.environ.items() if name != "MAKEFLAGS"})
        if run.returncode != 0:
            self.broken[kind] = host.first_errors(run.stdout)

    def entries(self):
        return [*self.lab.get("gate", []), *self.lab["test"]]

    def run_one(self, entry):
        kind = next(each for each in ("host", "kernel", "machine", "program", "answer") if each in entry)
        if kind in self.broken:
            return Result(entry, False, f"expected: it compiles; seen: {self.broken[kind]}")
        try:
            if kind == "host":
                return host.run(self.program, entry, self.environment)
            if kind == "kernel":
                return broken.run(self.kernels, entry)
            if kind == "machine":
                return machine.run(machine.load(self.folder), self.kernel, entry)
            return self.programs.run(entry)
        except Exception as error:  # of the grader itself, or of this computer: the other tests are graded all the same
            return Result(entry, False, f"expected: the grader comes to its end; seen: {type(error).__name__}: {error}")

    def run(self, words=()):
        """The results in their order: host tests first, then the machine."""
        chosen = [entry for entry in self.entries() if not words or named(entry, words)]
        if words and chosen:  # a test that fails on the right kernel too finds nothing
            chosen += [entry for entry in self.entries() if entry.get("kernel") == 0 and entry not in chosen]
        chosen.sort(key=lambda entry: ("points" in entry, "machine" in entry))
        with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
            return list(pool.map(self.run_one, chosen))


def named(entry, words):
    """Whether its name has one of the words; "kernel 1" is not in "kernel 12"."""
    return any(re.search(rf"(?<!\d){re.escape(word)}(?!\d)", entry["name"]) for word in words)


def score_of(results):
    """Points of the tests that passed; none if a gate failed."""
    if any("points" not in result.entry and not result.passed for result in results):
        return 0
    return sum(result.entry["points"] for result in results if result.passed and "points" in result.entry)


def verdict(lab, results):
    """Of a planted bug it is found or not; there are no points."""
    if lab["kind"] == "bug":
        return "found" if all(result.passed for result in results) else "not found"
    return f"score: {score_of(results)} of {sum(result.entry.get('points', 0) for result in results)}"


def commit():
    """The tree's commit, with a remark if the tree differs from it; None: there is no repository."""
    run = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True)
    if run.returncode != 0:
        return None
    return run.stdout.strip() + (" and changes that are not committed" if outside.git("status", "--porcelain") else "")


def as_json(results, seconds, warned):
    """Gradescope's results.json."""
    gates_pass = all(result.passed for result in results if "points" not in result.entry)
    tests = [{"name": result.name,
              "score": result.entry.get("points", 0) if result.passed and gates_pass else 0,
              "max_score": result.entry.get("points", 0),
              "status": "passed" if result.passed else "failed",
              "visibility": "after_published" if result.entry.get("hidden") else "visible",
              "output": "" if result.passed else result.text()} for result in results]
    return {"score": score_of(results), "execution_time": round(seconds, 1), "visibility": "visible",
            "stdout_visibility": "hidden", "output": "\n".join(warned), "tests": tests,
            "extra_data": {"commit": commit()}}


def panic_of(result):
    """What the kernel says in its panic, without numbers of frames and addresses; None: it was another failure."""
    panic = re.search(r"seen: .*?panic: (.*)", result.sentence)
    return re.sub(r"\b(?:0x[0-9a-f]+|\d{3,})\b", "N", panic[1].split(" [")[0]) if panic else None


def told_apart(results):
    """(failed result, how many more have the same panic), without these."""
    failed = [result for result in results if not result.passed]
    panics = [panic_of(result) for result in failed]
    return [(result, panics.count(panic) - 1 if panic else 0) for number, (result, panic) in enumerate(zip(failed, panics))
            if panic is None or panic not in panics[:number]]


def show(results, warned):
    """Why the first failed tests did, then the table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text
    console = Console(highlight=False, soft_wrap=True)
    for number, (result, more) in enumerate(told_apart(results)):
        console.print(Text(f"FAILED: {result.name}", style="bold red"))
        text = result.text() if number < IN_FULL else f"{result.sentence}\n{result.again}"
        text += f"\nand {more} more with the same panic" if more else ""
        console.print(Text("".join(f"    {line}\n" for line in text.splitlines())))
    gates = [result.entry for result in results if "points" not in result.entry and not result.passed]
    table = Table("", "test", "points")
    for result in results:
        points = result.entry.get("points")
        table.add_row(Text("passed", style="green") if result.passed else Text("failed", style="red"), Text(result.name),
                      "gate" if points is None else f"{points if result.passed and not gates else 0}/{points}")
    console.print(table)
    for line in warned:
        console.print(Text(f"outside of the holes: {line}", style="yellow"))
    if any("kernel" in entry for entry in gates):
        console.print(Text("A test fails on the right kernel, so there are no points: correct it, or take it out."))
    elif gates:
        console.print(Text("A gate failed, so there are no points: first let work again what the skeleton could do."))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lab", nargs="?", default=only_lab())
    parser.add_argument("--test", action="append", default=[], help="only the tests with these words in their names")
    parser.add_argument("--json", type=Path, default=None)
    arguments = parser.parse_args()
    if arguments.lab is None:
        sys.exit("grade: there are several labs here; name one: make grade LAB=cow")
    start = time.monotonic()
    folder, lab = read_lab(arguments.lab)
    grading = Grading(folder, lab, ROOT / "build")
    grading.compile()
    results = grading.run(arguments.test)
    if not results:
        sys.exit("grade: no test has these words in its name")
    warned = outside.warnings(arguments.lab, holes_of(lab))
    show(results, warned)
    if not arguments.test or arguments.json:
        file = arguments.json or ROOT / "build/grade.json"
        file.write_text(json.dumps(as_json(results, time.monotonic() - start, warned), indent=1) + "\n")
    print(verdict(lab, results))
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
