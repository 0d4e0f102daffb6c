#!/usr/bin/env python3
"""Counts the code to be read: make lint fails above LIMITS, and prints the size of what a lecture reads."""
import sys

from line_counts import ROOT, count

LIMITS = {"kernel": 10975, "kernel/vm": 1680, "kernel/vm/fault.cpp": 89, "kernel/vm/fork.cpp": 74}
LECTURE = ["kernel/vm", "kernel/trap", *(f"kernel/proc/{name}" for name in
           ("fork.cpp", "exec.cpp", "exit.cpp", "process.cpp", "process.h"))]
AIM = 2200


def main():
    failed = 0
    for name, limit in LIMITS.items():
        code = count(ROOT / name)[1]
        if code > limit:
            print(f"{name}: {code} lines of code, at most {limit}")
            failed = 1
    print(f"what a lecture reads: {sum(count(ROOT / name)[1] for name in LECTURE):,} lines of code (aim: {AIM:,})")
    return failed


if __name__ == "__main__":
    sys.exit(main())
