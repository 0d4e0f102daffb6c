"""The broken kernels of a lab of kind tests: tools/labs/NAME/bugs.txt, compiled into one object, build/labs/NAME/kernels.o.

A student gets the object and not the list. It is one file of kernel/vm and kernel/lib with a body for each bug, as
tools/prove/mutants.py writes them; OX_KERNEL chooses at run time, and 0 is the right kernel. Neither the bugs' names nor
symbols of single files are in it, and no line numbers of theirs.
"""
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import mutants  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("kernel/vm", "kernel/lib")
FLAGS = ("-std=gnu++23", "-O1", "-w", "-fPIE", "-frandom-seed=ox", "-DOX_DEBUG=true", "-Ikernel", "-Ihost_tests",
         "-Ihost_tests/sim")
HEADER = """#pragma once
#include <cstdio>
#include <cstdlib>
namespace ox {
// Before main(), and before the tests' own constants: a test that asks the environment learns nothing.
static const int chosen = [] {
  const char* const word = std::getenv("OX_KERNEL");
  char* end = nullptr;
  const long number = word != nullptr ? std::strtol(word, &end, 10) : 0;
  if (number < 0 || number > LAST || (word != nullptr && (end == word || *end != 0))) {
    std::fputs("OX_KERNEL=N: the kernels are 0 (the right one) to LAST\\n", stderr);
    std::exit(2);
  }
  unsetenv("OX_KERNEL");
  return static_cast<int>(number);
}();
[[gnu::always_inline]] static inline constexpr bool seeded_bug(int number) {
  return !__builtin_is_constant_evaluated() && chosen == number;
}
}
"""


class KernelsError(Exception):
    """What is wrong with a list of bugs."""


def bugs(folder):
    found = mutants.read_bugs([folder / "bugs.txt"])
    files = [str(file.relative_to(ROOT)) for file in sources()]
    for bug in found:
        if bug.file not in files:
            raise KernelsError(f"{folder.name}/bugs.txt: {bug.name}: {bug.file} is not a .cpp of {' or '.join(FOLDERS)}")
    return found


def sources():
    return [file for folder in FOLDERS for file in sorted((ROOT / folder).glob("*.cpp"))]


def texts(folder):
    """By name, all that the compiler reads of this tree."""
    all_bugs = bugs(folder)
    found = {"kernel/lib/seeded_bug.h": HEADER.replace("LAST", str(len(all_bugs)))}
    for part in ("kernel", "host_tests/sim"):
        found |= {str(file.relative_to(ROOT)): file.read_text() for file in (ROOT / part).rglob("*.h")}
    for file in sources():
        name = str(file.relative_to(ROOT))
        text = mutants.with_bugs(name, file.read_text(), [bug for bug in all_bugs if bug.file == name])
        found[name] = re.sub(r"\n#line .*", "", text)  # they would name the bug
    if problems := [f"{bug.name}: {bug.problem}" for bug in all_bugs if bug.problem]:
        raise KernelsError(f"{folder.name}/bugs.txt: " + "; ".join(problems))
    found["all.cpp"] = "".join(f'#include "{file.relative_to(ROOT)}"\n' for file in sources())
    return found


def build(folder):
    """The object, made anew if anything in it has changed."""
    wanted = texts(folder)
    key = hashlib.sha256(repr((sorted(wanted.items()), FLAGS)).encode()).hexdigest()
    target = ROOT / "build/labs" / folder.name / "kernels.o"
    stamp = target.with_suffix(".of")
    if target.is_file() and stamp.is_file() and stamp.read_text() == key:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as tree:
        for name, text in wanted.items():
            (Path(tree) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(tree) / name).write_text(text)
        run = subprocess.run(["g++", *FLAGS, "-c", "-o", "kernels.o", "all.cpp"], cwd=tree, capture_output=True, text=True)
        if run.returncode != 0:
            raise KernelsError(f"{folder.name}/bugs.txt: the kernels do not compile:\n{run.stderr[-2000:]}")
        subprocess.run(["strip", "--strip-unneeded", "-R", ".comment", "kernels.o"], cwd=tree, check=True)
        target.write_bytes((Path(tree) / "kernels.o").read_bytes())
    stamp.write_text(key)
    return target
