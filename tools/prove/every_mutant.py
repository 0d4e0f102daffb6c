#!/usr/bin/env python3
"""make mutants: faults that nobody chose. A generator makes some thousand small faults in what the host tests compile of the
kernel (generator.py), and a test must find each of them.

    tools/prove/every_mutant.py [WORD]...      only those with one of the WORDs in their names

They are compiled in and chosen at run time, as the seeded bugs are (mutants.py). All of kernel/vm is taken, and of the
other files a sample with a fixed seed. A mutant that no test finds must stand in equivalent.txt beside this file, with
one sentence that says why none can; and what stands there must survive. The last line is "N passed, N failed".
"""
import concurrent.futures
import functools
import hashlib
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import generator
import mutants

ROOT = mutants.ROOT
BUILD = ROOT / "build/every_mutant"
EXPLAINED = Path(__file__).with_name("equivalent.txt")
WHOLE = ("kernel/vm",)
SAMPLED = ("kernel/lib", "kernel/sync", "kernel/boot/kernel_map.cpp", "kernel/objects/slab.cpp", "kernel/observe/tally.cpp",
           "kernel/fs/cpio.cpp", "kernel/fs/file_pages.cpp", "kernel/fs/line_discipline.cpp", "kernel/proc/elf.cpp",
           "kernel/hub/options.cpp", "kernel/dev/device_tree.cpp")
TESTS = [str(file.relative_to(ROOT)) for file in ROOT.glob("host_tests/*_test.cpp")]  # they make more of the templates
SAMPLE = 0.35  # of the mutants of those files
SEED = 20
THREADS = re.compile(r"acquire$|release$|acq_rel$|(?:const )?LockGuard\b")  # what only the thread sanitizer sees


def files(places):
    for place in places:
        path = ROOT / place
        found = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.suffix in (".cpp", ".h"))
        yield from (str(each.relative_to(ROOT)) for each in found)


def line_of(text, place):
    start = text.rfind("\n", 0, place) + 1
    return text[start:text.find("\n", place)].strip()


def generated():
    """A Bug for each mutant. Its name says the file, the function, the line and what has become of it, so it stays the
    same when lines move. The name alone decides whether it is in the sample, so a change elsewhere does not."""
    bugs, seen = [], Counter()
    for file in [*files(WHOLE), *files(SAMPLED)]:
        text = (ROOT / file).read_text()
        for mutant in generator.mutants(text):
            old, new = (" ".join(each.split()) for each in (mutant.old, mutant.new))
            name = f"{file}, {mutant.function}: `{line_of(text, mutant.place)}`: {mutant.kind}: `{old}` -> `{new}`"
            seen[name] += 1
            name += f" #{seen[name]}" if seen[name] > 1 else ""
            if not file.startswith(WHOLE) and random.Random(f"{SEED} {name}").random() >= SAMPLE:
                continue
            function = mutants.edits.find(text, mutant.function)
            body = text[function.start:function.end]
            sanitizer = "thread" if THREADS.match(mutant.old) else "none"
            bugs.append(mutants.Bug(len(bugs) + 1, name, "", file, mutant.function, sanitizer, [(body, mutant.body)]))
    return bugs


# --- what compiles

def chains(messages):
    """For each of the compiler's errors, the mutants it comes from: the one that it stands in, then, outwards, those
    that a template is used by there."""
    outwards = []
    for line in messages.splitlines():
        mutant = re.match(r"seeded bug: (\d+):", line)
        if ": In " in line or ": At global scope" in line:
            outwards = []
        elif mutant and ("required from" in line or "expansion of" in line):
            outwards.append(int(mutant[1]))
        elif ": error: " in line:
            yield [int(mutant[1]), *outwards] if mutant else list(outwards)


def errors(source, tree):
    """The chains of the errors in this source, and whether it compiles."""
    run = subprocess.run(["g++", "-std=gnu++23", "-w", "-fsyntax-only", "-fmax-errors=0", "-DOX_DEBUG=true", "-Ikernel",
                          "-Ihost_tests", "-Ihost_tests/sim", source], cwd=tree, stderr=subprocess.PIPE, text=True)
    return list(chains(run.stderr)), run.returncode == 0


def culprits(found):
    """Mutants that are to blame for errors. One that calls a template in a wrong way is to blame for errors in the
    template's right body too. As long as there are such errors, no mutant of the template is blamed."""
    sure = {chain[0] for chain in found if len(set(chain)) == 1}
    return sure or {chain[0] for chain in found if chain}


def write(bugs):
    """The sources with these mutants. In the compiler's messages the number is the name."""
    mutants.write_sources([mutants.Bug(bug.number, str(bug.number), "", bug.file, bug.function, "", bug.edits)
                           for bug in bugs], BUILD / "tree")


def without_stillborn(bugs):
    """Those that compile. Which do not is remembered for the same sources."""
    key = hashlib.sha256(repr([(bug.name, bug.edits) for bug in bugs]).encode()).hexdigest()
    memory = BUILD / "stillborn.json"
    known = json.loads(memory.read_text()) if memory.is_file() else {}
    dead = set(known.get(key, ()))
    if key not in known:
        sources = [file for file in files([*WHOLE, *SAMPLED, "host_tests/sim", "host_tests/model", *TESTS]) if file.endswith(".cpp")]
        while sources:
            write([bug for bug in bugs if bug.number not in dead])
            with concurrent.futures.ThreadPoolExecutor(mutants.JOBS) as pool:
                found = list(pool.map(lambda source: errors(source, BUILD / "tree"), sources))
            sources = [source for source, (_, compiles) in zip(sources, found) if not compiles]
            new = culprits([chain for its_chains, _ in found for chain in its_chains]) - dead
            if sources and not new:
                sys.exit("mutants: the kernel does not compile on the host: make check-host says why")
            dead |= new
        memory.write_text(json.dumps({key: sorted(dead)}))
    return [bug for bug in bugs if bug.number not in dead]


@functools.cache
def in_template(file, function):
    """Whether the function is a template."""
    text = mutants.edits.code_of((ROOT / file).read_text())
    return "template" in re.split("[;{}]", text[:mutants.edits.find(text, function).start - 1])[-1]


def batches(bugs):
    """Those in function templates, then the others. Together they would take the compiler for ever: a mutant with a
    lambda makes one more of each template that it hands it on to, and of all mutants there."""
    return [[bug for bug in bugs if in_template(bug.file, bug.function) == inside] for inside in (True, False)]


# --- the verdicts

def explanations():
    """By name, the sentence. A line with a name, then one with its sentence; lines with # are comments."""
    lines = [line for line in EXPLAINED.read_text().splitlines() if line and not line.startswith("#")]
    return dict(zip(lines[::2], lines[1::2]))


def verdict(bug, tests, explained):
    """(right, what to say)."""
    found = tests[bug.sanitizer].find(bug.number)
    if bug.name in explained:
        unfound = found in (None, "timeout")
        return unfound, f"survives: {explained[bug.name]}" if unfound else f"found by {found}: take it out of {EXPLAINED.name}"
    return found not in (None, "timeout"), found or f"SURVIVES, and {EXPLAINED.name} does not say why"


def verdicts(batch, wanted, explained):
    """Compiles the batch, and yields (bug, whether the verdict is right, what to say) for those of it that are wanted."""
    write(batch)
    tests = {sanitizer: mutants.Tests(sanitizer, folder=BUILD) for sanitizer in sorted({bug.sanitizer for bug in wanted})}
    for binaries in tests.values():
        if found := binaries.learn():
            sys.exit(f"mutants: without any mutant a test fails: {found}")
    with concurrent.futures.ThreadPoolExecutor(mutants.JOBS) as pool:
        for bug, (right, why) in zip(wanted, pool.map(lambda bug: verdict(bug, tests, explained), wanted)):
            yield bug, right, why


def main():
    start = time.monotonic()
    BUILD.mkdir(parents=True, exist_ok=True)
    every, explained = generated(), explanations()
    bugs = without_stillborn(every)
    print(f"{len(every)} mutants, {len(bugs)} of them compile", flush=True)
    gone = set(explained) - {bug.name for bug in every}
    total, passed, survive = 0, 0, 0
    for batch in batches(bugs):
        wanted = [bug for bug in batch if not sys.argv[1:] or any(word in bug.name for word in sys.argv[1:])]
        for bug, right, why in verdicts(batch, wanted, explained) if wanted else ():
            total += 1
            passed += right
            survive += why.startswith("survives")
            print(f"{'ok' if right else 'FAILED'}: {bug.name}: {why}", flush=True)
    for name in sorted(gone):
        print(f"FAILED: {EXPLAINED.name} explains what is no mutant any more: {name}")
    failed = total - passed + len(gone)
    print(f"{total} mutants in {time.monotonic() - start:.0f} s: {passed - survive} found by a test, {survive} explained")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
