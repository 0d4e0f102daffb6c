#!/usr/bin/env python3
"""make lecture: writes the lecture about fork as one page to read, show or print, and the replay that it links to.

    tools/lecture/lecture.py build/view/fork_page.json        writes build/lecture/index.html and replay.html

Everything that depends on the sources is taken from them: pictures and counts from the recording, code and rules from
kernel/vm, costs from the benchmark's figures, which `make test` checks.
"""
import argparse
import json
import re
import sys
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import bench_guard  # noqa: E402
import drawing  # noqa: E402
import edits  # noqa: E402
import picture  # noqa: E402
import replay  # noqa: E402
import rules  # noqa: E402
import view  # noqa: E402
from figures import read_stored  # noqa: E402

ROOM = Path(__file__).resolve().parent
ROOT = ROOM.parents[1]
SAYS = {"eager": "Copy everything at once, as the first Unix did, and xv6 does.",
        "cow": "Copy the page tables, share the pages, as Linux does.",
        "on_demand": "Copy the root alone, share everything below it. This is ox's default."}


def figures(run, page):
    """[a picture] of one mode: each has a caption and a link to the step of the replay."""
    fork, (va, writes) = picture.main_pair(run), page
    names, values, found = {fork["pid"]: "parent", fork["child"]: "child"}, {}, []
    for title, done, printed in picture.moments(run, fork, va, writes):
        state = replay.Replay(run).forward(done)
        before = re.search(r"^Before fork: x = (\d+)", run["console"][:printed], re.MULTILINE)
        values = values or {pid: before[1] for pid in names}
        written = re.fullmatch(r"After pid (\d+): (.*= (\d+);)", title)
        if written:
            values[int(written[1])] = written[3]
        found.append({"line": written and written[2], "name": written and names[int(written[1])],
                      "link": f"replay.html#{run['mode']}/e{done}", "fault": fault_at(run, done, va),
                      "picture": drawing.draw(state, [(pid, name, f"x = {values[pid]}") for pid, name in names.items()],
                                              va, f"{run['mode']}: {title}")})
    return found


def fault_at(run, done, va):
    """The outcome and cost of the last of the `done` events, if it is a fault in the page at `va`; else None."""
    event = run["events"][done - 1]
    if event["kind"] != "fault" or event["va"] & ~4095 != va:
        return None
    return {"outcome": event["outcome"], "cost": event["cost"]}


def mode(run, page):
    fork = picture.main_pair(run)
    pages, *tables = fork["own"]
    return {"name": run["mode"], "says": SAYS[run["mode"]], "pages": pages, "tables": sum(tables), "cost": fork["cost"],
            "figures": figures(run, page)}


def function(file, name):
    """(number of the first line, the lines) of a function with the comment above it."""
    source = (ROOT / file).read_text()
    found = edits.find(source, name)
    start = source.rfind("\n\n", 0, found.start) + 2
    lines = source[start:source.index("\n}", found.end - 1) + 2].split("\n")
    return {"file": file, "line": source.count("\n", 0, start) + 1, "lines": view.highlighted(file, lines)}


def costs():
    """[(text, instructions in cow, in on_demand)] of the figures that `make test` guards."""
    wanted = {("P1", "fork", 16384): "fork of a process with 64 MiB", ("P3", "fork", 0): "fork of a small process",
              ("P5", "copy_fault", 2048): "a store fault that copies its page"}
    guarded = read_stored(bench_guard.FILE)
    return [(words, *(f"{guarded[mode, key]:,}" for mode in ("cow", "on_demand"))) for key, words in wanted.items()]


def page(recording):
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    chosen = picture.chosen_page(recording)
    template = Environment(loader=FileSystemLoader(ROOM), autoescape=True, trim_blocks=True, lstrip_blocks=True,
                           undefined=StrictUndefined).get_template("lecture.html")
    program, lines = next(iter(recording["sources"].items()))
    return template.render(
        style=(ROOM / "lecture.css").read_text(), program=program, source=view.highlighted(program, lines),
        console=recording["runs"][-1]["console"], address=hex(chosen[0]),
        modes=[mode(run, chosen) for run in recording["runs"]], rules=rules.sentences(), costs=costs(),
        fault=function("kernel/vm/fault.cpp", "AddressSpace::write_fault"),
        fork=function("kernel/vm/fork.cpp", "PageTree::fork"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=Path, help="of user/fork_page.c on one hart")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "build/lecture", help="a folder")
    options = parser.parse_args()
    recording = json.loads(options.recording.read_text())
    if recording["program"].split()[0] != "fork_page":
        sys.exit(f"lecture.py: {options.recording} is no recording of fork_page; make lecture makes one")
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "index.html").write_text(page(recording))
    (options.output / "replay.html").write_text(view.page(recording))
    print(f"lecture: {options.output}/index.html")


if __name__ == "__main__":
    main()
