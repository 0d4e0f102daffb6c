"""A recording's events done again, in Python: the same rules as tools/view/replay.js, without its checks. For the
pictures in text, and for tests: after the last event it must be what the last dump says.
"""
from dataclasses import dataclass, field

W = 4


@dataclass
class Frame:
    level: int
    count: int = 0
    entries: dict = field(default_factory=dict)  # index -> bits


class Replay:
    def __init__(self, run):
        self.run = run
        self.frames = {frame: Frame(-1, count) for frame, count in run["handles"]}
        self.roots = {}    # pid -> its roots, the last one is in use
        self.flights = {}  # pid -> [(from, to)]: made, and named by nobody yet
        self.at = 0

    def forward(self, step):
        while self.at < step:
            event = self.run["events"][self.at]
            getattr(self, "do_" + event["kind"], lambda event: None)(event)
            self.at += 1
        return self

    # --- the steps that every event is made of

    def in_flight(self, pid, frame, level, origin=None):
        self.frames[frame] = Frame(level, 1)
        self.flights.setdefault(pid, []).append((origin, frame))

    def land(self, pid, wanted):
        """The first frame in flight that is wanted; it is in flight no more."""
        flights = self.flights.get(pid, [])
        for i, flight in enumerate(flights):
            if wanted(*flight):
                return flights.pop(i)[1]
        return None

    def refer(self, frame, level):
        self.frames.setdefault(frame, Frame(level)).count += 1

    def drop(self, frame):
        if frame not in self.frames:
            return
        self.frames[frame].count -= 1
        if self.frames[frame].count <= 0:
            for entry in self.frames.pop(frame).entries.values():
                self.drop(entry >> 10)

    def replace(self, event, level):
        entries = self.frames.setdefault(event["table"], Frame(level, 1)).entries
        before, after = entries.get(event["index"], 0), int(event["after"], 16)
        entries[event["index"]] = after
        if not after:
            del entries[event["index"]]
        if after >> 10 not in (0, before >> 10) and self.land(event["pid"], lambda _, to: to == after >> 10) is None:
            self.refer(after >> 10, level - 1)
        if before >> 10 not in (0, after >> 10):
            self.drop(before >> 10)

    # --- the kinds of event

    def do_space(self, event):
        self.frames[event["root"]] = Frame(2, 1)
        self.roots.setdefault(event["pid"], []).append(event["root"])

    def do_table(self, event):
        self.in_flight(event["pid"], event["frame"], event["level"])

    def do_copy(self, event):
        pid, level = event["pid"], event["level"]
        self.in_flight(pid, event["to"], level, event["from"])
        for index, entry in self.frames[event["from"]].entries.items():
            below = entry >> 10
            copy = self.land(pid, lambda origin, _, below=below: origin == below) if level > event["stop"] else None
            if copy is None:
                self.refer(below, level - 1)
            self.frames[event["to"]].entries[index] = (copy or below) << 10 | entry & 1023

    def do_seal(self, event):
        entries = self.frames[event["table"]].entries
        entries.update({index: entry & ~W for index, entry in entries.items()})

    def do_entry(self, event):
        self.replace(event, event["level"])

    def do_fault(self, event):
        if event.get("table") and event["before"] != event["after"]:
            self.replace(event, 0)

    def do_drop(self, event):
        frame = event["frame"]
        if self.land(event["pid"], lambda _, to: to == frame) is None:
            for pid, roots in list(self.roots.items()):
                self.roots[pid] = [root for root in roots if root != frame]
        self.drop(frame)

    def do_handle(self, event):
        if event["add"] > 0:
            self.refer(event["frame"], -1)
        else:
            self.drop(event["frame"])

    def do_fork(self, event):
        self.land(event["pid"], lambda _, to: to == event["root"])
        self.roots[event["child"]] = [event["root"]]

    # --- questions

    def path(self, pid, va):
        """[(frame, entry that leads on)] from the root to the page that `va` is in, as far as it goes."""
        path, frame = [], (self.roots.get(pid) or [None])[-1]
        for level in (2, 1, 0):
            if frame is None or frame not in self.frames:
                return path
            entry = self.frames[frame].entries.get(va >> (12 + 9 * level) & 511, 0)
            path.append((frame, entry))
            frame = entry >> 10 or None
        return path + ([(frame, 0)] if frame in self.frames else [])
