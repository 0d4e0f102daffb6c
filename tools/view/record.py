#!/usr/bin/env python3
"""Records a program in the three fork modes, and writes the recording to build/view/PROGRAM.json.

    tools/view/record.py [--harts N] [--memory SIZE] [--modes MODE,...] [--no-lines] [--out FILE] PROGRAM [ARGUMENT...]

Each mode runs twice: once without recording, to count the instructions, and once with `record` under gdb, which notes
when the program reaches which line. Events, counts and tables are read from the machine's RAM
(tools/view/recording.py).
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import qemu  # noqa: E402
import recording  # noqa: E402
import replay  # noqa: E402
import sv39  # noqa: E402
from sources import Addresses, Sources  # noqa: E402

MODES = ("eager", "cow", "on_demand")
GDB = os.environ.get("GDB", "gdb-multiarch")
SECONDS = 300


def program_file(build, name):
    """The program's file with debug information; None if the program is not one of ours."""
    name = Path(name).name
    return next((file for file in (build / "user" / name, build / "tests" / name) if file.is_file()), None)


def running_file(build, name):
    """The file that a process of this name executes: for a script, the shell."""
    return program_file(build, "sh" if Path("user", f"{name}.sh").is_file() else name)


def silent(build, words, options):
    """The number of instructions from init's first to the machine's end. None on several harts, where QEMU does not
    count instructions, or if the kernel panics before it prints the number."""
    if options.harts > 1:
        return None
    run = qemu.boot(build / "ox.elf", options.initramfs, f"stats {words}", cpus=options.harts,
                    memory=options.memory, extra=icount(options), timeout=SECONDS)
    if run.timed_out or run.status is None:
        raise SystemExit(f"record: the program does not end within {SECONDS} s:\n{run.output}")
    return run.stats()["instructions"] if not panic_of(run.output) else None


def panic_of(console):
    """The lines of the kernel's panic; None if there was none."""
    return console[console.index("ox: panic: "):].splitlines() if "ox: panic: " in console else None


def icount(options):
    return ["-icount", "shift=0"] if options.harts == 1 else []


def recorded(build, words, options, folder):
    """(the recording, the console's text, gdb's notes)"""
    ram, console, lines = folder / "ram", folder / "console", folder / "lines"
    command = qemu.command(build / "ox.elf", options.initramfs, f"record {words}", options.harts, options.memory,
                           [*recording.qemu_ram(ram, options.memory), *icount(options)])
    command[command.index("stdio")] = f"file:{console}"
    source = program_file(build, options.program[0])
    if options.lines and source:
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in [*command, "-S", "-gdb", "stdio"])
        command = [GDB, "-q", "-batch", "-nx", build / "ox.elf", "-ex", "set osabi none", "-ex", "set confirm off",
                   "-ex", f"target remote | exec {quoted}", "-x", "tools/gdb/lines.py"]
    try:
        run = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             timeout=SECONDS, env=os.environ | {"OX_LINES": str(lines), "OX_PROGRAM": str(source)})
    except subprocess.TimeoutExpired:
        raise SystemExit(f"record: the recorded program does not end within {SECONDS} s") from None
    if not ram.is_file() or (source and options.lines and not lines.is_file()):
        raise SystemExit("record: the machine could not be recorded:\n" + run.stdout + run.stderr)
    notes = json.loads(lines.read_text()) if lines.is_file() else []
    try:
        return recording.Recording(ram, build / "ox.elf"), console.read_bytes(), notes
    except ValueError as error:
        raise SystemExit(f"record: {error}\n{console.read_text(errors='replace')}") from None


def describe(record, places, sources, counted=True):
    """One event in the page's format. `counted`: whether its instructions are known."""
    event = record["event"]
    told = {"kind": event["kind"], "hart": record["hart"], "pid": event["pid"], "t": record["instructions"],
            "cost": record["cost"] if event["kind"] in ("fault", "fork") and counted else 0, "pc": record["pc"],
            "console": record["printed"], "root": record["root"], "where": sources and sources.kernel_place(event),
            "at": places.of(event["pid"], record["pc"]) if places and record["pc"] else None}
    return told | OWN[event["kind"]](event, record)


def bits(event):
    return {"before": hex(event["before"]), "after": hex(event["after"]), "index": event["index"]}


# The members that events of each kind have besides the common ones.
OWN = {"space": lambda event, record: {"root": event["frame"]},
       "drop": lambda event, record: {"frame": event["frame"], "level": event["level"]},
       "table": lambda event, record: {"frame": event["frame"], "level": event["level"]},
       "copy": lambda event, record: {"from": event["frame"], "to": event["copy"], "level": event["level"],
                                      "stop": event["stop"], "sum": hex(record["sum"])},
       "seal": lambda event, record: {"table": event["frame"], "level": 0, "sum": hex(record["sum"])},
       "entry": lambda event, record: bits(event) | {"table": event["frame"], "level": event["level"]},
       "fault": lambda event, record: bits(event) | {
           "table": event["frame"], "va": event["va"], "access": event["access"], "outcome": event["outcome"],
           "frame_before": sv39.frame_of(event["before"]), "frame_after": sv39.frame_of(event["after"]),
           "count_before": event["count_before"], "count_after": event["count_after"], "tables": event["tables"]},
       "fork": lambda event, record: {"child": event["child"], "mode": event["mode"], "root": event["frame"],
                                      "own": record["tally"]["own"], "shared": record["tally"]["shared"]},
       "cache": lambda event, record: {"kind": "handle", "frame": event["frame"], "add": 1},
       "uncache": lambda event, record: {"kind": "handle", "frame": event["frame"], "add": -1},
       "move": lambda event, record: {"root": event["frame"], "name": ""},
       "exec": lambda event, record: {"name": name_of(event)},
       "exit": lambda event, record: {"tables": event["tables"], "pages": event["pages"]}}


def name_of(event):
    return bytes(event["name"]).split(b"\0")[0].decode(errors="replace")


def one_run(build, mode, options):
    program = " ".join(f'"{word}"' if " " in word else word for word in options.program)  # as the kernel takes it
    words = f"fork={mode} -- {program}"
    instructions = silent(build, words, options)
    with tempfile.TemporaryDirectory(prefix="ox-") as folder:
        recorded_run, console, notes = recorded(build, words, options, Path(folder))
        return describe_run(build, mode, options, recorded_run, console, notes) | {"instructions": instructions}


class Description:
    """A recording in the page's format: handles, events, names, and which process had which root when."""

    def __init__(self, recorded_run, places=None, sources=None, counted=True):
        self.counted = counted
        self.handles, self.events, self.names = [], [], {}
        self.roots = {}   # frame: [(number of events before, pid)]
        self.reach = {}   # frame of a table: the first address that the table covers
        self.newest = 0   # pid of the newest address space: before init runs, no process builds it
        for record in recorded_run.records():
            self.add(record, places, sources)

    def add(self, record, places, sources):
        event = record["event"]
        event["pid"] = event["pid"] or self.newest
        pid, kind = event["pid"], event["kind"]
        if kind in ("exec", "fork"):
            pid = event["child"] if kind == "fork" else pid
            self.names[pid] = name_of(event) if kind == "exec" else self.names.get(event["pid"], "")
            if places:
                places.run(pid, self.names[pid])
        if kind == "space":
            self.newest = pid
        if kind == "move":
            self.names.setdefault(pid, self.names.get(self.whose(event["frame"], len(self.events)), ""))
        if kind in ("space", "fork", "move"):
            self.roots.setdefault(event["frame"], []).append((len(self.events), pid))
            self.reach[event["frame"]] = 0
        if kind == "cache" and not self.events:
            self.handles.append([event["frame"], 1])
            return
        told = describe(record, places, sources, self.counted)
        if kind == "entry":
            told["va"] = self.address(event)
        if kind == "move":
            told["name"] = self.names[pid]
        if kind == "copy":
            self.reach[event["copy"]] = self.reach.get(event["frame"], 0)
        self.events.append(told)

    def address(self, event):
        """The address that an entry maps; with it, the address range of a table that the entry names is known."""
        va = self.reach.get(event["frame"], 0) + event["index"] * sv39.span(event["level"])
        if event["level"] > 0:
            self.reach[sv39.frame_of(event["after"])] = va
        return va

    def whose(self, root, at):
        """The process that had this root after `at` events."""
        return next((pid for since, pid in reversed(self.roots.get(root, ())) if since <= at), 0)

    def replay(self):
        return replay.Replay({"handles": self.handles, "events": self.events})


def describe_run(build, mode, options, run, console, notes):
    places = Addresses(build, options.program[0], running_file)
    told = Description(run, places, Sources(run), options.harts == 1)
    state = told.replay().forward(len(told.events))
    text = console[len(console) - run.printed:].decode(errors="replace") if run.printed else ""
    panic = panic_of(text)
    problems = [] if panic or run.full else list(state.differences(run))
    if panic:
        print(f"record: fork={mode}: the kernel panicked:", *panic[:1], sep="\n    ", file=sys.stderr)
    elif problems:
        print(f"record: fork={mode}: the events and the machine's RAM differ:", *problems[:5], sep="\n    ",
              file=sys.stderr)
    lines = [note | {"at": at, "pid": told.whose(note["root"], at)}
             for note in notes for at in [max(0, note["at"] - len(told.handles))]]
    return {"mode": mode, "harts": options.harts, "full": run.full, "panic": panic,
            "names": {str(pid): name for pid, name in told.names.items()}, "console": text,
            "ram": {"first": run.first_frame, "frames": run.frame_count}, "zero": run.zero, "handles": told.handles,
            "events": told.events, "lines": list(places.with_files(lines)), "final": None if panic else final(run, state)}


def final(run, state):
    """The counts and tables in RAM after power-off. (After a panic they may be inconsistent.)"""
    tables = {number: run.table(number, frame.level) for number, frame in state.frames.items() if frame.level >= 0}
    return {"tables": {str(number): {str(i): hex(bits) for i, bits in table.items()}
                       for number, table in tables.items()},
            "counts": {str(number): run.frame(number)["count"] for number in {*state.frames, *run.users_frames()}}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build", type=Path)
    parser.add_argument("--initramfs", type=Path)
    parser.add_argument("--harts", default=1, type=int)
    parser.add_argument("--memory", default="128M")
    parser.add_argument("--modes", default=",".join(MODES), type=lambda text: text.split(","))
    parser.add_argument("--no-lines", dest="lines", action="store_false")
    parser.add_argument("--out", type=Path)
    parser.add_argument("program", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.program:
        parser.error("name a program, as in: tools/view/record.py fork_page")
    if unknown := [mode for mode in options.modes if mode not in MODES]:
        parser.error(f"{unknown[0]}: no such mode; there are {', '.join(MODES)}")
    options.initramfs = options.initramfs or options.build / "initramfs.cpio"
    name = Path(options.program[0]).name
    out = options.out or options.build / "view" / f"{name}.json"
    runs = [one_run(options.build, mode, options) for mode in options.modes]
    source = next(filter(Path.is_file, (Path("user", name + kind) for kind in (".c", ".cpp", ".sh"))), Path())
    page = {"program": name, "command": " ".join(options.program), "runs": runs,
            "sources": {str(source): source.read_text().splitlines()} if source.is_file() else {}}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(page))
    told = ', '.join(f"{len(run['events'])} events in {run['mode']}" for run in runs)
    print(f"record: {out}: {told}", file=sys.stderr)


if __name__ == "__main__":
    main()
