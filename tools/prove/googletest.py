"""Runs GoogleTest's programs so that each test is judged for itself: a panic, or any other death, is that test's alone.

A program runs as many tests as it can; if it dies in one, those that are left run in the next. A test that fails is
told by its name, then by the rule that its output names first, then by that output.
"""
import concurrent.futures
import os
import re
import subprocess
from pathlib import Path

import rules

ROOT = Path(__file__).resolve().parents[2]
JOBS = os.cpu_count() or 2
SECONDS = 60    # of processor time, for one run of a program: a test that never ends is killed
IN_FULL = 3     # so many failed tests show what they printed; the others show its first line
MOST_LINES = 15


def tests_of(program):
    """The names of its tests, in its own order."""
    listing = subprocess.run([program, "--gtest_list_tests"], stdout=subprocess.PIPE, text=True, check=True).stdout
    names, suite = [], ""
    for line in listing.splitlines():
        word = line.split("#")[0].rstrip()
        if not word.startswith(" "):
            suite = word
        else:
            names.append(suite + word.strip())
    return names


def run_once(command, names):
    """What became of each test that ran: its word ("OK", "FAILED", "SKIPPED", or "" where the program died), and what
    it printed."""
    run = subprocess.run(["prlimit", f"--cpu={SECONDS}", *command, "--gtest_brief=0", "--gtest_color=no",
                          "--gtest_filter=" + ":".join(names)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    pieces = re.split(r"^\[ RUN      \] (\S+)\n", run.stdout, flags=re.MULTILINE)
    results = {}
    for name, text in zip(pieces[1::2], pieces[2::2]):
        end = re.search(r"^\[ +(OK|FAILED|SKIPPED) +\] " + re.escape(name) + r"\b", text, re.MULTILINE)
        results[name] = (end[1], text[:end.start()]) if end else ("", f"{text}(the program died: status {run.returncode})\n")
    return results, pieces[0]


def run_all(command, names):
    """The same of all tests, in as many runs as it takes."""
    results = {}
    while left := [name for name in names if name not in results]:
        ran, said = run_once(command, left)
        results |= ran or {left[0]: ("", said)}  # it has died before the first one
    return results


def told(name, text, full):
    """A failed test, for a person."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    number = re.search(r"\b[Rr]ule (\d+)\b", text)
    sentence = rules.sentences().get(int(number[1])) if number else None
    if sentence:
        lines = [f"Rule {number[1]}: {sentence}"] + [line for line in lines if sentence not in line]
    most = MOST_LINES if full else 1
    shown = [f"    {line}" for line in lines[:most]]
    if full and len(lines) > most:
        shown.append(f"    ... and {len(lines) - most} lines more")
    return "\n".join([f"FAILED: {name}", *shown])


def run_side_by_side(program, wrapper):
    """What became of each test of the program, in its own order. It runs once on each processor, with its share."""
    names = tests_of(program)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        shares = pool.map(lambda i: run_all([*wrapper, program], names[i::JOBS]), range(min(JOBS, len(names))))
        results = {name: result for share in shares for name, result in share.items()}
    return {name: results[name] for name in names}


def run(programs, wrapper=()):
    """Runs all tests of the programs (paths). Returns how many have passed, failed, and were left out."""
    count = {"OK": 0, "FAILED": 0, "SKIPPED": 0}
    for program in programs:
        for name, (word, text) in run_side_by_side(program, wrapper).items():
            word = word or "FAILED"
            count[word] += 1
            if word == "FAILED":
                full = count[word] <= IN_FULL
                print(told(name, text, full))
                if full:
                    print(f"    alone: {os.path.relpath(program, ROOT)} --gtest_filter={name}")
    return tuple(count.values())
