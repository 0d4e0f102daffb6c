#!/usr/bin/env python3
"""The house of floors: no include in kernel/ goes to a higher floor, none forms a circle, and vm/ needs little else.

kernel/README.md lists the floors: each folder uses only the folders below it. vm/ includes only lib/, sync/, the
headers of the arch contract and itself, and each of its files sees a limited number of headers.
"""
import re
import sys
from pathlib import Path

KERNEL = Path(__file__).resolve().parents[2] / "kernel"
FLOORS = [("lib", "abi"), ("arch",), ("sync",), ("vm", "dev"), ("objects", "boot", "hub"), ("sched",), ("fs",),
          ("proc", "signal", "jobs", "audit"), ("syscall", "procfs", "observe"), ("trap",), ("main.cpp",)]
UNSEEN = ("procfs", "observe")  # only main.cpp may include these
# The most headers that a file may see, directly or indirectly: for each file of a folder, or for one file.
MOST_HEADERS = {"vm": 21, "proc/fork.cpp": 45, "trap/trap.cpp": 45}
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
STD = set("algorithm array atomic bit compare concepts cstddef cstdint cstring expected limits new optional "
          "source_location span string_view type_traits utility".split())
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def room(path):
    """The folder of `path`, which is relative to kernel/; for a file at the top, the file itself."""
    return path.parts[0]


def resolve(name):
    for root in (KERNEL, KERNEL / "arch/riscv"):
        if (root / name).is_file():
            return (root / name).relative_to(KERNEL)
    return None


def seen_from(graph, path):
    """All headers that the file includes, directly or indirectly."""
    seen, todo = set(), [path]
    while todo:
        fresh = set(graph.get(todo.pop(), ())) - seen
        seen |= fresh
        todo.extend(fresh)
    return seen


def circles(graph):
    done, path = set(), []

    def visit(node):
        if node in path:
            yield path[path.index(node):] + [node]
        elif node not in done:
            path.append(node)
            for below in graph.get(node, ()):
                yield from visit(below)
            path.pop()
            done.add(node)

    for node in graph:
        yield from visit(node)


def check_include(path, name):
    """(what is wrong with `#include "name"` in the file `path`, or None; the file that it includes)."""
    target = resolve(name)
    if target is None:
        return f'includes "{name}", which does not exist', None
    here, there = room(path), room(target)
    if there not in FLOOR:
        return f'includes "{name}", which stands on no floor', target
    if FLOOR[there] > FLOOR[here]:
        return f'includes "{name}": {there} stands above {here}', target
    if there in UNSEEN and here not in (there, "main.cpp"):
        return f'includes "{name}", which only main.cpp may know', target
    contract = target.parts[:3] == ("arch", "riscv", "arch")
    if here == "vm" and there not in ("lib", "sync", "vm") and not contract:
        return f'includes "{name}": vm/ knows lib/, sync/ and the arch contract only', target
    if here == "vm" and name.startswith("arch/riscv/"):
        return f'includes "{name}": vm/ names contract headers as "arch/..."', target
    return None, target


def main():
    problems, graph = [], {}
    for file in sorted(KERNEL.rglob("*")):
        if file.suffix not in (".h", ".cpp", ".S"):
            continue
        path = file.relative_to(KERNEL)
        if room(path) not in FLOOR:
            problems.append(f"kernel/{path}: stands on no floor")
            continue
        graph[path] = []
        for own, std in INCLUDE.findall(file.read_text()):
            if std and std not in STD:
                problems.append(f"kernel/{path}: includes <{std}>, which is not among the headers the kernel uses")
            if own:
                problem, target = check_include(path, own)
                if problem:
                    problems.append(f"kernel/{path}: {problem}")
                if target:
                    graph[path].append(target)
    problems += ["a circle: " + " -> ".join(map(str, circle)) for circle in circles(graph)]
    for path in graph:
        most = MOST_HEADERS.get(str(path), MOST_HEADERS.get(room(path)))
        headers = len(seen_from(graph, path))
        if most is not None and headers > most:
            problems.append(f"kernel/{path}: sees {headers} headers, at most {most}")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
