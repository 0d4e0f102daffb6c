#!/usr/bin/env python3
"""make gradescope: an autograder for Gradescope, build/gradescope-LAB.zip.

    python3 tools/labs/gradescope.py LAB [--out FILE]

It has setup.sh, run_autograder, and what a grading needs of this tree. What a student's kernel could read there holds no
solution: the functions that are holes are empty. (A submission brings its own.)
"""
import argparse
import zipfile
from pathlib import Path

import grade
import outside
import submission

ROOT = submission.ROOT
SETUP = """#!/bin/sh
# Once, when Gradescope builds the image.
set -eu
apt-get update
cd /autograder/source/ox
tools/build/setup.sh install build qemu host grade
"""
RUN = """#!/bin/sh
# For each submission.
cd /autograder/source/ox
exec /usr/bin/python3 tools/labs/regrade.py {lab} --one /autograder/submission --json /autograder/results/results.json
"""


def contents(name, lab):
    """By name in the archive, its bytes and whether it can be executed."""
    holes = grade.holes_of(lab)
    yield "setup.sh", SETUP.encode(), True
    yield "run_autograder", RUN.format(lab=name).encode(), True
    files = submission.instructors_files(holes) | {f"kernel/{part}": file
                                              for part, file in submission.files_of(ROOT / "kernel").items()}
    for part, file in sorted(files.items()):
        data = file.read_bytes()
        if functions := [function for hole, function in holes if hole == part]:
            data = outside.without_bodies(data.decode(), functions).encode()
        yield f"ox/{part}", data, file.stat().st_mode & 0o100 != 0


def write(file, name, lab):
    """The same bytes for the same tree."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data, executable in contents(name, lab):
            entry = zipfile.ZipInfo(part)
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lab")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    _, lab = grade.read_lab(arguments.lab)
    file = arguments.out or ROOT / f"build/gradescope-{arguments.lab}.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    write(file, arguments.lab, lab)
    print(f"{file}: upload it as the assignment's autograder (Ubuntu 24.04 or Debian 12, at least 1 CPU and 2 GB)")


if __name__ == "__main__":
    main()
