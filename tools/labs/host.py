"""Graded host tests: each in a process of its own, so a panic is one test, and nobody ends another's.

A test has passed if the program says so with the word that it was told, and ends with 0: a kernel that ends the program,
or prints what GoogleTest prints, does not know that word.
"""
import os
import re
import secrets
import subprocess
import tempfile
from pathlib import Path

from result import Result

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "lab_tests"
CPU_SECONDS = 2      # for one test, which needs a hundredth of one
WALL_SECONDS = 60    # the last guard: a test that sleeps
OUTPUT = 1 << 20     # bytes
OUT_OF_TIME = (99, -9, -24)
MEMORY = 1024        # MiB, where the address sanitizer keeps count


def build(folder, jobs):
    """None, or what the compiler says."""
    for command in (["cmake", "-S", ROOT, "-B", folder, "--log-level=WARNING"],
                    ["cmake", "--build", folder, "--parallel", str(jobs), "--target", PROGRAM]):
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        if run.returncode != 0:
            return first_errors(run.stdout)
    return None


def first_errors(text):
    lines = text.splitlines()
    errors = [line for line in lines if re.search(r"\berror\b|undefined reference", line)]
    return "\n".join(errors[:8] or lines[-8:]).replace(f"{ROOT}/", "")


def names(program, pattern):
    """The tests that a filter chooses; none: the program cannot even say so."""
    try:
        listing = subprocess.run([program, "--gtest_list_tests", f"--gtest_filter={pattern}"], stdout=subprocess.PIPE,
                                 text=True, errors="replace", timeout=WALL_SECONDS).stdout
    except subprocess.TimeoutExpired:
        return []
    found, suite = [], ""
    for line in listing.splitlines():
        if not line.startswith(" "):
            suite = line.split("#")[0].strip()
        else:
            found.append(suite + line.split("#")[0].strip())
    return found


def run(program, entry, environment):
    """All tests of the entry's filter; the first that fails tells why."""
    chosen = names(program, entry["host"])
    if not chosen:
        return Result(entry, False, f"expected: the test {entry['host']}; seen: {PROGRAM} has none of that name")
    for name in chosen:
        result = run_one(program, name, entry, environment)
        if not result.passed:
            return result
    return Result(entry, True)


def run_one(program, name, entry, environment):
    word = secrets.token_hex(16)
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            ["prlimit", f"--cpu={CPU_SECONDS}:{CPU_SECONDS + 1}", f"--fsize={OUTPUT}", "--core=0", program, f"--gtest_filter={name}",
             "--gtest_color=no"],
            stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, **environment, "OX_GRADED": "1", "ASAN_OPTIONS": f"hard_rss_limit_mb={MEMORY}"})
        try:
            process.communicate(f"{word}\n".encode(), timeout=WALL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode == 0 and f"\n{word} {name} passed\n" in text:
        return Result(entry, True)
    return judged(entry, text.replace(word, ""), process.returncode)


def failure_in(text):
    """What GoogleTest says of the first check that does not hold: where, what, and the test's own words. Or None."""
    found = re.search(r"^(\S+:\d+): Failure\n((?:(?!\[|\S+:\d+: ).+\n)*)", text, re.MULTILINE)
    return f"{found[1]}: {' '.join(found[2].split())}".replace(f"{ROOT}/", "") if found else None


def judged(entry, text, status):
    """Why it failed. The rule is the one that a panic names, else the entry's where its own checks failed."""
    panic = re.search(r"^panic: (?!in )(.*)", text, re.MULTILINE)
    said = re.search(r"^expected: .*; seen: .*", text, re.MULTILINE)
    broken = re.search(r".*(?:ERROR: AddressSanitizer|runtime error).*", text)
    failure = failure_in(text)
    rule = re.search(r"\b[Rr]ule (\d+)\b", text)
    rule = int(rule[1]) if rule else None
    if said and panic and said.start() < panic.start():
        panic = None  # what the test saw first is the cause
    if panic:
        sentence = f"expected: no panic; seen: {panic[0]}"
    elif said:
        named = re.search(r"\brule (\d+)\b", said[0])
        sentence, rule = said[0], int(named[1]) if named else entry.get("rule")
    elif broken:
        sentence = f"expected: no wrong access to memory; seen: {broken[0].strip()}"
    elif failure:
        sentence = f"expected: the test's checks hold; seen: {failure}"
    elif status in OUT_OF_TIME:
        sentence = f"expected: an end; seen: it was stopped after {CPU_SECONDS} s of processor time"
    else:
        sentence = f"expected: the test comes to its end; seen: the program ended before, with status {status}"
    events = re.findall(r"^event: (.*)", text, re.MULTILINE)
    return Result(entry, False, sentence.replace(f"{ROOT}/", ""), rule, events=events)
