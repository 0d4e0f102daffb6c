"""Finds lines of source: the kernel's line that reported an event, and the program's line that the event is about."""
import os
import re
import subprocess
from pathlib import Path

ADDR2LINE = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-") + "addr2line"


class Sources:
    """The lines of the kernel that made a recording."""

    def __init__(self, recording):
        self.recording = recording
        self.known = {}
        text = Path("kernel/vm/fault.cpp").read_text().splitlines()
        self.outcomes = {}
        for number, line in enumerate(text, 1):
            for outcome in re.findall(r"FaultOutcome::(\w+)", line) if "return" in line else ():
                self.outcomes.setdefault(outcome, []).append(number)

    def kernel_place(self, event):
        """The kernel's line for an event: for a fault, the line that decided its outcome."""
        if event["kind"] == "fault" and event["outcome"] in self.outcomes:
            places = self.outcomes[event["outcome"]]  # a new page replaces nothing, or the zero frame
            instead = event["outcome"] == "zeroed" and event["before"] != 0
            return {"file": "kernel/vm/fault.cpp", "line": places[-1 if instead else 0]}
        where = event["where"]
        if where == 0:
            return None
        if where not in self.known:
            # The members of libstdc++'s std::source_location::__impl: two strings, line, column.
            data = self.recording.at(where, 24)
            file, line = int.from_bytes(data[:8], "little"), int.from_bytes(data[16:20], "little")
            self.known[where] = {"file": self._string(file), "line": line}
        return self.known[where]

    def _string(self, address):
        return self.recording.at(address, 200).split(b"\0")[0].decode()


class Addresses:
    """The lines of the programs that processes run, by the names that exec gave them."""

    def __init__(self, build, program, find):
        self.build, self.program, self.find = build, program, find
        self.programs = {}  # pid: name
        self.known = {}     # (name, pc): place

    def run(self, pid, name):
        self.programs[pid] = name

    def of(self, pid, pc):
        name = self.programs.get(pid)
        if (name, pc) not in self.known:
            file = name and self.find(self.build, name)
            self.known[name, pc] = self._look_up(file, pc) if file else None
        return self.known[name, pc]

    @staticmethod
    def _look_up(file, pc):
        out = subprocess.run([ADDR2LINE, "-f", "-e", file, hex(pc)], capture_output=True, text=True, check=True).stdout
        function, place = out.splitlines()[:2]
        source, _, line = place.split(" ")[0].rpartition(":")
        number = int(line) if line.isdigit() else 0
        path = Path(source)
        if not number or not path.is_file():
            return {"file": None, "line": 0, "function": function, "text": ""}
        lines = path.read_text().splitlines()
        ours = Path("user", path.name)  # it may have been compiled in another folder
        named = str(ours) if ours.is_file() else os.path.relpath(path)
        return {"file": named, "line": number, "function": function, "text": lines[number - 1].strip()}

    def with_files(self, notes):
        """gdb's notes about the program itself, not about another program at the same addresses."""
        for note in notes:
            if self.programs.get(note["pid"]) == Path(self.program).name:
                yield {"at": note["at"], "pid": note["pid"], "file": f"user/{Path(self.program).name}.c",
                       "line": note["line"], "console": note["console"]}
