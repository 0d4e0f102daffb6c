"""A lab's wrong solutions and forgers, all compiled at once: one program of host tests and one kernel have them all, as
tools/prove/mutants.py has its bugs, and a number chooses. So each costs a grading, and no compiler.
"""
import json
import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import edits
import grade
import host
import lab as labs
import layout
import mutants
from broken_tree import BUILD, ROOT

# The number stands in the kernel's file, so that a copy with another number is another kernel.
KERNEL_HEADER = """#pragma once
namespace ox {
inline constinit volatile int chosen_bug = -1;
[[gnu::always_inline]] inline constexpr bool seeded_bug(int number) {
  return !__builtin_is_constant_evaluated() && chosen_bug == number;
}
}
"""
SYMBOL = "_ZN2ox10chosen_bugE"
# The labs of which all wrong solutions are graded; of the others the skeleton alone is. `make check-labs` names some.
IN_FULL = os.environ.get("OX_LABS", "cow").split()


@dataclass
class Variant:
    number: int
    name: str
    score: int
    fails: tuple  # the tests that must fail; empty: nobody says
    bugs: list    # of mutants.Bug, one for each function


def bug(number, name, file, function, changes):
    return mutants.Bug(number, name, "", file, function, "none", changes)


def variants(lab):
    """The wrong solutions, the forgers, which are written like them, and the skeleton; or the skeleton alone: IN_FULL."""
    lab = labs.Lab(lab)
    forgers = sorted(f"../forgers/{file.stem}" for file in (lab.folder / "forgers").glob("*.txt"))
    names = [*lab.wrong_names(), *forgers] if lab.name in IN_FULL else []
    found = []
    for number, wrong in enumerate(map(lab.wrong, names), 1):
        name = wrong.name.rpartition("/")[2]
        found.append(Variant(number, name, wrong.score, wrong.fails, [bug(number, name, *edit) for edit in wrong.edits]))
    number = len(found) + 1
    if lab.kind in ("tests", "answers"):  # nothing is compiled in
        return [*found, Variant(number, "skeleton", 0, tuple(test["name"] for test in lab.about["test"]), [])]
    fails = tuple(test["name"] for test in lab.about["test"])
    return [*found, Variant(number, "skeleton", 0, fails, [
        bug(number, "skeleton", hole.file, hole.function, [(edits.body(lab.source(hole.file), hole.function), hole.skeleton)])
        for hole in lab.holes])]


class Kernels:
    """Built in `folder`, of the objects that this tree's builds have; only what a variant changes is compiled."""

    def __init__(self, lab, folder):
        self.lab, self.folder = lab, folder
        self.variants = {variant.name: variant for variant in variants(lab)}
        bugs = [bug for variant in self.variants.values() for bug in variant.bugs]
        self.changed = {file: mutants.with_bugs(Path(file), (ROOT / file).read_text(),
                                                [bug for bug in bugs if bug.file == file])
                        for file in sorted({bug.file for bug in bugs})}
        problems = [f"{bug.name}: {bug.problem}" for bug in bugs if bug.problem]
        assert not problems, problems
        self.program, self.machine = folder / host.PROGRAM, folder / "machine"

    def build_program(self, jobs):
        """The host tests, from build/host: its own commands, with other sources and objects."""
        build = ROOT / "build/host"
        assert not (errors := host.build(build, jobs)), errors
        commands = {entry["file"]: entry for entry in json.loads((build / "compile_commands.json").read_text())}
        link = (build / f"CMakeFiles/{host.PROGRAM}.dir/link.txt").read_text()
        (self.folder / "lib").mkdir()
        (self.folder / "lib/seeded_bug.h").write_text(mutants.HEADER)
        for file, text in self.changed.items():
            assert not file.endswith(".h"), f"{file}: put holes and wrong solutions into a .cpp: a header is not compiled again"
            if str(ROOT / file) not in commands:
                continue  # of the machine alone
            source = self.folder / file.replace("/", "-")
            source.write_text(text)
            words = shlex.split(commands[str(ROOT / file)]["command"])
            at = words.index("-o")
            words[at + 1:] = [f"{source}.o", "-w", f"-I{self.folder}", "-iquote", str((ROOT / file).parent), "-c", str(source)]
            subprocess.run(words, cwd=build, check=True)
            link = link.replace(f"CMakeFiles/ox_kernel.dir/{file}.o", f"{source}.o")
        subprocess.run(shlex.split(link.replace(f"-o {host.PROGRAM} ", f"-o {self.program} ")), cwd=build, check=True)

    def build_kernel(self, jobs):
        for part in ("kernel", "tools", "Makefile"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
            copy(ROOT / part, self.machine / part)
        for part in ("kernel", "symbols", "floors.ok"):
            if (ROOT / BUILD / part).exists():
                copy = shutil.copytree if (ROOT / BUILD / part).is_dir() else shutil.copy2
                copy(ROOT / BUILD / part, self.machine / "build" / part)
        (self.machine / "kernel/lib/seeded_bug.h").write_text(KERNEL_HEADER)
        for file, text in self.changed.items():
            (self.machine / file).write_text(text)
        subprocess.run(["make", "--no-print-directory", f"-j{jobs}", "build/ox.elf"], cwd=self.machine, check=True,
                       stdout=subprocess.DEVNULL)

    def kernel(self, number):
        """A copy of the kernel that has chosen that number."""
        file = self.machine / f"build/ox-{number}.elf"
        elf = layout.open_elf(self.machine / "build/ox.elf")
        address, size = layout.symbol(elf, SYMBOL)
        segment = next(part for part in elf.iter_segments()
                       if 0 <= address - part["p_vaddr"] < part["p_filesz"])
        data = bytearray((self.machine / "build/ox.elf").read_bytes())
        place = segment["p_offset"] + address - segment["p_vaddr"]
        data[place:place + size] = number.to_bytes(size, "little")
        file.write_bytes(data)
        return file

    def grading(self, number):
        folder, lab = grade.read_lab(self.lab)
        grading = grade.Grading(folder, lab, self.folder, {"OX_SEEDED_BUG": str(number)})
        grading.kernel, grading.program = self.kernel(number), self.program
        return grading

    def results(self, name, words=()):
        """Of a variant; "": of the tree itself."""
        return self.grading(self.variants[name].number if name else 0).run(words)
