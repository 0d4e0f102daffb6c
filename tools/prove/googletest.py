"""Runs GoogleTest programs so that a crash fails only the test that crashed.

A program runs as many tests as it can. If it dies in one, a new run starts with the tests that are left. A failed test
is reported with its name, the first rule that its output names, and then the output.
"""
import concurrent.futures
import os
import re
import subprocess
from pathlib import Path

import rules

ROOT = Path(__file__).resolve().parents[2]
JOBS = os.cpu_count() or 2
SECONDS = 60    # of processor time for one run, which kills a test that never ends
IN_FULL = 3     # this many failed tests are reported with all their output, the others with its first line
MOST_LINES = 15


def tests_of(program):
    """The names of the program's tests, in the program's order."""
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
    """{test: (result, output)} of each test that ran. The result is "OK", "FAILED", "SKIPPED", or "" if the program
    died in the test."""
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
    """The results of all tests, from as many runs as it takes."""
    results = {}
    while left := [name for name in names if name not in results]:
        ran, said = run_once(command, left)
        results |= ran or {left[0]: ("", said)}  # the program died before its first test
    return results


def told(name, text, full):
    """The report of a failed test."""
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
    """The results of all tests of the program, in its order. Each processor runs a share of the tests."""
    names = tests_of(program)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        shares = pool.map(lambda i: run_all([*wrapper, program], names[i::JOBS]), range(min(JOBS, len(names))))
        results = {name: result for share in shares for name, result in share.items()}
    return {name: results[name] for name in names}


def run(programs, wrapper=()):
    """Runs all tests of the programs (paths). Returns how many passed, failed, and were skipped."""
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
