#!/usr/bin/env python3
"""Seeded bugs (host_tests/mutants/*.txt): puts each into the sources and demands that a host test finds it.

    tools/mutants.py [WORD...]     only the bugs in whose names a WORD occurs

A bug that does not apply, does not compile, is found by no test, or only by a timeout is a failure. The last line is
"N passed, N failed". Only what a bug touches is compiled again: without optimization the inline functions of a header
are weak symbols, so the changed kernel objects, linked first, decide for all; but for templates that the tests use with
types of their own ("template" behind the file).
"""
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LISTS = ROOT / "host_tests/mutants"
BUILD = ROOT / "build/mutants"
TREE = BUILD / "tree"  # a copy of the sources, so that an edit while this runs does no harm
JOBS = os.cpu_count() or 2
SECONDS = 120  # for one run of tests; the slowest takes a tenth of it


@dataclass
class Mutant:
    name: str
    rule: str
    file: str
    sanitizer: str
    template: bool  # the tests' own objects have it too
    old: str
    new: str


def parse(text):
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if not lines:
            continue
        name, about, *edit = lines
        rule, file, *flags = about.split(", ")
        old = "\n".join(line[1:] for line in edit if line[0] == "-")
        new = "\n".join(line[1:] for line in edit if line[0] == "+")
        yield Mutant(name, rule, file, flags[0] if flags else "none", "template" in flags, old, new)


class Base:
    """The host tests without a bug, compiled once; what a bug changes is replaced."""

    def __init__(self, sanitizer):
        self.build = BUILD / sanitizer
        self.binaries = ["thread_tests"] if sanitizer == "thread" else ["unit_tests", "model_tests"]
        self.wrapper = ["setarch", "-R"] if sanitizer == "thread" else []
        options = [f"-DOX_SANITIZE={sanitizer}", "-DOX_OPTIMIZE=-O0", "-G", "Unix Makefiles", "--log-level=WARNING"]
        for command in (["cmake", "-S", TREE, "-B", self.build, *options],
                        ["cmake", "--build", self.build, "--parallel", str(JOBS), "--", "--quiet"]):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for binary in self.binaries:
            verdict = self.run(self.build / binary)
            if verdict is not None:
                sys.exit(f"mutants: without any bug {binary} fails: {verdict}")
        self.units = []
        for entry in json.loads((self.build / "compile_commands.json").read_text()):
            words = shlex.split(entry["command"])
            output = words[words.index("-o") + 1]
            depends = self.build / (output + ".d")
            if depends.exists():  # precompiled headers have none: they know nothing of ours
                self.units.append((words, output, set(depends.read_text().split())))

    def run(self, binary):
        """Who finds a bug: a test's name, "timeout", or None."""
        command = [*self.wrapper, binary, "--gtest_fail_fast", "--gtest_brief=0"]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, errors="replace")
        except subprocess.TimeoutExpired:
            return "timeout"
        if run.returncode == 0:
            return None
        names = re.findall(r"^\[  FAILED  \] (\S+?),? .*ms\)$|^\[ RUN      \] (\S+)$", run.stdout, re.MULTILINE)
        failed = [name for name, _ in names if name]
        return failed[0] if failed else names[-1][1] if names else "a crash before the first test"

    def compile(self, mutant, folder):
        """The changed objects, by the names of those they replace."""
        overlay = folder / "kernel"
        shutil.copytree(TREE / "kernel", overlay)
        source = folder / mutant.file
        source.write_text(source.read_text().replace(mutant.old, mutant.new))
        touched = [unit for unit in self.units if str(TREE / mutant.file) in unit[2]]
        kernel = [unit for unit in touched if "/ox_kernel.dir/" in unit[1]]
        objects = {}
        for words, output, _ in touched if mutant.template or not kernel else kernel:
            objects[output] = str(folder / output.replace("/", "_"))
            command = [word.replace(f"{TREE}/kernel", str(overlay)) for word in words]
            command[command.index("-o") + 1] = objects[output]
            subprocess.run([*command, "-w"], cwd=self.build, check=True, capture_output=True)
        return objects

    def link(self, binary, objects, folder):
        words = shlex.split((self.build / f"CMakeFiles/{binary}.dir/link.txt").read_text())
        at = next(i for i, word in enumerate(words) if word.endswith(".o"))
        words = words[:at] + list(objects.values()) + [word for word in words[at:] if word not in objects]
        words[words.index("-o") + 1] = str(folder / binary)
        subprocess.run(words, cwd=self.build, check=True, capture_output=True)
        return folder / binary


def copy_sources():
    """Files keep their times, so what did not change since the last run is not compiled again."""
    shutil.rmtree(TREE, ignore_errors=True)
    for folder in ("kernel", "host_tests"):
        shutil.copytree(ROOT / folder, TREE / folder)
    shutil.copy2(ROOT / "CMakeLists.txt", TREE)


def verdict(mutant, bases):
    """(Whether it is found, by whom or why not.)"""
    count = (TREE / mutant.file).read_text().count(mutant.old)
    if count != 1:
        return False, f"does not apply: its text stands {count} times in {mutant.file}"
    base = bases[mutant.sanitizer]
    with tempfile.TemporaryDirectory(dir=BUILD) as name:
        folder = Path(name)
        try:
            objects = base.compile(mutant, folder)
            for binary in base.binaries:
                if not any(word in objects for word in (base.build / f"CMakeFiles/{binary}.dir/link.txt").read_text().split()):
                    continue
                found = base.run(base.link(binary, objects, folder))
                if found is not None:
                    return found != "timeout", found
        except subprocess.CalledProcessError as error:
            return False, "does not compile: " + (error.stderr or b"").decode(errors="replace").strip()[:600]
    return False, "SURVIVES: no test finds it"


def main():
    start = time.monotonic()
    mutants = [mutant for file in sorted(LISTS.glob("*.txt")) for mutant in parse(file.read_text())]
    if sys.argv[1:]:
        mutants = [mutant for mutant in mutants if any(word in mutant.name for word in sys.argv[1:])]
    if not mutants:
        sys.exit("mutants: there is none")
    copy_sources()
    bases = {sanitizer: Base(sanitizer) for sanitizer in sorted({mutant.sanitizer for mutant in mutants})}
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for mutant, (found, by) in zip(mutants, pool.map(lambda mutant: verdict(mutant, bases), mutants)):
            failed += not found
            print(f"{'found' if found else 'FAILED'}: {mutant.rule}: {mutant.name}: {by}", flush=True)
    print(f"{len(mutants)} seeded bugs in {time.monotonic() - start:.0f} s")
    print(f"{len(mutants) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
