"""The lab "processes": what user/family.c does on ox, and what a run of fork_seed shows."""
import random
import re
from pathlib import Path

from guest import expect

HELPER = Path(__file__).with_name("helper.c")
HELPERS = {name: HELPER for name in ("source", "copy", "count", "drop", "first")}
FIRST = 2  # the program's pid: process 1 has started it
CAUSES = {"load": 13, "store": 15}  # the privileged specification's numbers of page faults


# --- answers

def answers(run, seed):
    """Of one run of fork_seed in mode cow, read from the kernel's trace and from what ps prints at the end."""
    ended = run(f"fork_seed {seed}", others=["ps"])
    address = int(re.search(r"address: (0x[0-9a-f]+)", ended.lines[0])[1], 16)
    faults = [re.search(rf"pid (\d+) (\w+) {address:#x}: (\w+)[^;]*;.*?\(count (\d+)\)", line) for line in ended.faults]
    faults = [match for match in faults if match and "zeros" not in match[0]]
    childs = next(match for match in faults if int(match[1]) != FIRST)
    parents = next(match for match in faults if int(match[1]) == FIRST)
    zombies = sum(" Z " in line for line in ended.lines)
    statuses = [int(line.split()[-1]) for line in ended.lines if line.startswith("child ")]
    return {"store_address": address, "cause": CAUSES[childs[2]], "references": int(childs[4]),
            "copies": sum(match[3] == "page" for match in faults),
            "parents_store": {"page": "copied", "granted": "granted"}[parents[3]],
            "last_childs_x": statuses[-1], "zombies": zombies,
            "reaper": 1 if ended.left == zombies else 0}  # watch.c is process 1, and counts what it reaps


# --- user/family.c

def children_of(ended, pid):
    return [child for parent, child in ended.forks if parent == pid]


def nobody_left(ended):
    expect(ended.left == 0, "every process has been waited for by its parent", f"process 1 has reaped {ended.left} of them")


def ends(ended, status=0):
    expect(ended.status == status, f"it ends with status {status}", f"status {ended.status}")


def places(ended):
    """The pid of each process of the tree by its number, as the processes print it."""
    found = [tuple(map(int, match)) for line in ended.lines
             for match in re.findall(r"^process (\d+): pid (\d+), child of (\d+)$", line)]
    expect(len({number for number, *_ in found}) == len(found), "each process prints its place once",
           f"{len(found)} lines of {len({number for number, *_ in found})} processes")
    return {number: pid for number, pid, _ in found}


def tree_shape(run):
    last = random.choice((6, 11, 12, 13))
    ended = run(f"family tree {last}")
    pids = places(ended)
    expect(sorted(pids) == list(range(1, last + 1)), f"the processes 1 to {last} print their places", f"{sorted(pids)}")
    for number, pid in pids.items():
        owed = [pids[child] for child in (2 * number, 2 * number + 1) if child in pids]
        expect(sorted(children_of(ended, pid)) == sorted(owed), f"process {number} (pid {pid}) forks the pids {owed}",
               f"it forks {children_of(ended, pid)}")


def tree_of_one(run):
    ended = run("family tree 1")
    expect(list(places(ended)) == [1], "process 1 prints its place", f"{ended.lines}")
    expect("sum 1" in ended.lines, "a line `sum 1`", f"{ended.lines[-1:]}")
    expect(not children_of(ended, FIRST), "no fork", f"{len(children_of(ended, FIRST))}")


def tree_sum(run):
    last = random.choice((7, 10, 19))
    ended = run(f"family tree {last}")
    owed = last * (last + 1) // 2
    expect(f"sum {owed}" in ended.lines, f"a line `sum {owed}`", f"{ended.lines[-1:]}")
    ends(ended)


def tree_waits(run):
    ended = run("family tree 10")
    expect(len(ended.forks) == 10, "9 forks", f"{len(ended.forks) - 1}")
    nobody_left(ended)


def sum_of(run, count):
    ended = run(f"family sum {count}")
    return ended, sum(5 + number * number for number in range(1, count + 1))


def sum_found(run):
    ended, owed = sum_of(run, random.randrange(3, 9))
    expect(any(line.startswith(f"sum {owed};") for line in ended.lines), f"a line `sum {owed}; ...`", f"{ended.lines[-1:]}")
    ends(ended)


def sum_separate(run):
    count = random.randrange(3, 9)
    ended, _ = sum_of(run, count)
    workers = [tuple(map(int, match)) for line in ended.lines
               for match in re.findall(r"^worker (\d+): pid (\d+), x = (\d+)$", line)]
    expect(len(workers) == count, f"{count} workers", f"{len(workers)}: where does a child go after its work?")
    wrong = [f"worker {n}: x = {x}, not {5 + n * n}" for n, _, x in workers if x != 5 + n * n]
    expect(not wrong, f"each of {count} workers begins with x = 5", "; ".join(wrong))
    expect(sorted(pid for _, pid, _ in workers) == sorted(children_of(ended, FIRST)),
           "each worker is a child of its own of the first process", f"it has the children {children_of(ended, FIRST)}")
    expect(any(line.endswith("; the parent's x = 5") for line in ended.lines), "the parent's x = 5", f"{ended.lines[-1:]}")


def sum_of_many(run):
    ended, owed = sum_of(run, 60)
    expect(any(line.startswith(f"sum {owed};") for line in ended.lines), f"a line `sum {owed}; ...`", f"{ended.lines[-1:]}")
    nobody_left(ended)


def pipe_two(run):
    ended = run("family pipeline source count", helpers=HELPERS)
    expect("count: 300000 bytes" in ended.lines, "a line `count: 300000 bytes`", f"{ended.lines}")
    expect(len(children_of(ended, FIRST)) == 2, "two children of the first process", f"{len(children_of(ended, FIRST))}")


def pipe_many(run):
    ended = run("family pipeline source copy copy copy count", helpers=HELPERS)
    expect("count: 300000 bytes" in ended.lines, "a line `count: 300000 bytes`", f"{ended.lines}")
    nobody_left(ended)


def pipe_status(run):
    ends(run("family pipeline source count", helpers=HELPERS), 7)
    ends(run("family pipeline source first drop", helpers=HELPERS), 0)
    ends(run("family pipeline nowhere", helpers=HELPERS), 127)


def pipe_ends_early(run):
    ended = run("family pipeline source first", helpers=HELPERS)
    expect(any(line.startswith("first: ") for line in ended.lines), "a line `first: ... bytes`", f"{ended.lines}")
    ends(ended, 7)
    nobody_left(ended)
