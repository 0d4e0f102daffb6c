#!/usr/bin/env python3
"""make check-labs: proves labs: each can be cut, the skeleton gets no points, the tree all, and each wrong solution
exactly what its file says.

    python3 tools/labs/check.py [LAB] [--changed]

--changed: only the labs of which something is not as it was where this branch left main, or, on main itself, one commit
ago: the lab's folder, its host tests, a file that it has a hole or a wrong solution in. A change to a part that all labs
share concerns all of them, and all are proven in a repository without a main.
"""
import argparse
import os
import subprocess
import sys

import kernels
import lab as labs

ROOT = labs.ROOT
TESTS = ("tools/tests/labs/test_labs.py", "tools/tests/labs/test_grade.py")
SHARED = ("tools/labs/", "host_tests/labs/", "host_tests/sim/", *TESTS)


def git(*words):
    """None: it cannot say."""
    run = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True)
    return run.stdout.split() if run.returncode == 0 else None


def base():
    """The commit to compare with; None: there is no main."""
    for main in ("main", "origin/main"):
        if (common := git("merge-base", main, "HEAD")) is not None:
            return "HEAD~1" if common == git("rev-parse", "HEAD") else common[0]
    return None


def changed_files():
    """None: nobody knows."""
    commit = base()
    changed = git("diff", "--name-only", commit, "--") if commit else None
    new = git("ls-files", "--others", "--exclude-standard")
    return None if changed is None or new is None else {*changed, *new}


def of_lab(lab, file):
    """Whether the file is one of the lab's own."""
    tests = f"host_tests/labs/{lab.name}"
    return file.startswith((f"tools/labs/{lab.name}/", f"{tests}.", f"{tests}_"))


def edited_files(lab):
    """Those that the lab has holes, wrong solutions and broken kernels in."""
    broken = {bug.file for bug in kernels.bugs(lab.folder)} if lab.kind == "tests" else set()
    return broken | {hole.file for hole in lab.holes} | {file for name in lab.wrong_names() for file, *_ in lab.wrong(name).edits}


def concerned(files):
    """The names of the labs that these files belong to."""
    every = [labs.Lab(name) for name in labs.names()]
    if files is None or any(file.startswith(SHARED) and not any(of_lab(lab, file) for lab in every) for file in files):
        return labs.names()
    return [lab.name for lab in every if files & edited_files(lab) or any(of_lab(lab, file) for file in files)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lab", nargs="?")
    parser.add_argument("--changed", action="store_true")
    arguments = parser.parse_args()
    try:
        names = [labs.Lab(arguments.lab).name] if arguments.lab else \
            concerned(changed_files()) if arguments.changed else labs.names()
    except labs.LabError as error:
        sys.exit(str(error))
    if not names:
        print(f"check-labs: no lab has changed since {base()}")
        return 0
    print(f"check-labs: {', '.join(names)}", flush=True)
    # A test of a lab has its name first behind the bracket. OX_LABS: all of its wrong solutions are graded.
    chosen = " or ".join(f"[{name}" for name in names)
    environment = {**os.environ, "OX_LABS": " ".join(names), "OX_BUILD": "build/werror"}
    command = ["/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", chosen, *TESTS]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
