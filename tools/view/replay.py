"""Replays a recording's events, by the same rules as tools/view/replay.js. It serves the pictures as text, and the
tests: after the last event, its state must equal the frames and tables in the machine's RAM.
"""
from collections import Counter
from dataclasses import dataclass, field

from sv39 import SOFTWARE, W, entry_of, frame_of, index_of

MAY_WRITE, SHARED = SOFTWARE


@dataclass
class Frame:
    level: int
    count: int = 0
    entries: dict = field(default_factory=dict)  # index -> bits


class Replay:
    def __init__(self, run):
        self.run = run
        self.frames = {frame: Frame(-1, count) for frame, count in run["handles"]}
        self.roots = {}    # pid -> its roots; the last one is in use
        self.flights = {}  # pid -> [(from, to)]: copies that no entry names yet
        self.handles = Counter()  # frame -> references that the kernel has taken since the start
        self.at = 0

    def forward(self, step):
        while self.at < step:
            event = self.run["events"][self.at]
            getattr(self, "do_" + event["kind"], lambda event: None)(event)
            self.at += 1
        return self

    # --- the steps of which every event consists

    def in_flight(self, pid, frame, level, origin=None):
        self.frames[frame] = Frame(level, 1)
        self.flights.setdefault(pid, []).append((origin, frame))

    def land(self, pid, wanted):
        """Takes the first copy that is wanted from those that no entry names yet."""
        flights = self.flights.get(pid, [])
        for i, flight in enumerate(flights):
            if wanted(*flight):
                return flights.pop(i)[1]
        return None

    def refer(self, frame, level):
        self.frames.setdefault(frame, Frame(level)).count += 1

    def drop(self, frame):
        if frame not in self.frames:  # freed earlier by a broken kernel
            return
        self.frames[frame].count -= 1
        if self.frames[frame].count <= 0:
            for entry in self.frames.pop(frame).entries.values():
                self.drop(frame_of(entry))

    def replace(self, event, level):
        entries = self.frames.setdefault(event["table"], Frame(level, 1)).entries
        before, after = entries.get(event["index"], 0), int(event["after"], 16)
        entries[event["index"]] = after
        if not after:
            del entries[event["index"]]
        old, new = frame_of(before), frame_of(after)
        if new not in (0, old) and self.land(event["pid"], lambda _, to: to == new) is None:
            self.refer(new, level - 1)
        if old not in (0, new):
            self.drop(old)

    # --- the kinds of event

    def do_space(self, event):
        self.frames[event["root"]] = Frame(2, 1)
        self.roots.setdefault(event["pid"], []).append(event["root"])

    def do_table(self, event):
        self.in_flight(event["pid"], event["frame"], event["level"])

    def do_copy(self, event):
        pid, level = event["pid"], event["level"]
        self.in_flight(pid, event["to"], level, event["from"])
        if event["from"] not in self.frames:
            return
        for index, entry in self.frames[event["from"]].entries.items():
            below = frame_of(entry)
            copy = self.land(pid, lambda origin, _, below=below: origin == below) if level > event["stop"] else None
            if copy is None:
                self.refer(below, level - 1)
            self.frames[event["to"]].entries[index] = entry_of(copy or below, entry)

    def do_seal(self, event):
        entries = self.frames[event["table"]].entries if event["table"] in self.frames else {}
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
        self.handles[event["frame"]] += event["add"]
        if event["add"] > 0:
            self.refer(event["frame"], -1)
        else:
            self.drop(event["frame"])

    def do_fork(self, event):
        self.land(event["pid"], lambda _, to: to == event["root"])
        self.roots[event["child"]] = [event["root"]]

    def do_move(self, event):
        """Another process gets the root: a vfork's child, and then the parent again."""
        root = event["root"]
        self.roots = {pid: [one for one in roots if one != root] for pid, roots in self.roots.items()}
        self.roots.setdefault(event["pid"], []).append(root)

    # --- queries

    def cached(self, frame):
        """Whether the kernel has a reference of its own to the frame."""
        return sum(count for page, count in self.run["handles"] if page == frame) + self.handles[frame] > 0

    def path(self, pid, va):
        """[(frame, the entry that leads on)] from the root to the page of `va`, or to where the path ends."""
        path, frame = [], (self.roots.get(pid) or [None])[-1]
        for level in (2, 1, 0):
            if frame is None or frame not in self.frames:
                return path
            entry = self.frames[frame].entries.get(index_of(va, level), 0)
            path.append((frame, entry))
            frame = frame_of(entry) or None
        return path + ([(frame, 0)] if frame in self.frames else [])

    def sum(self, table):
        """The checksum of a table, computed as the recorder computes it."""
        return hex(sum(self.frames[table].entries.values()) & (1 << 64) - 1)

    # --- checks

    def broken_rules(self):
        """Contradictions to the rules: counts without references, a W that others can see."""
        seen = Counter(frame for frame, count in self.run["handles"] for _ in range(count))
        seen.update(self.handles)
        seen.update(root for roots in self.roots.values() for root in roots)
        seen.update(frame for flights in self.flights.values() for _, frame in flights)
        for frame in self.frames.values():
            seen.update(frame_of(entry) for entry in frame.entries.values())
        for number, frame in self.frames.items():
            if seen[number] != frame.count:
                yield f"rule 1: frame {number:#x} has count {frame.count} and {seen[number]} references"
        for pid, roots in self.roots.items():
            for root in roots:
                yield from self._writable_below(root, self.frames[root].count == 1, pid)

    def _writable_below(self, number, owned, pid):
        table = self.frames[number]
        for index, entry in table.entries.items():
            alone = owned and self.frames[frame_of(entry)].count == 1
            if table.level > 0:
                yield from self._writable_below(frame_of(entry), alone, pid)
            elif entry & W and not entry & SHARED and not alone:
                yield f"rule 3: pid {pid}: W in entry {index} of table {number:#x}, and others see the page"
            elif entry & W and not entry & MAY_WRITE:
                yield f"rule 3: pid {pid}: W without MAY_WRITE in entry {index} of table {number:#x}"

    def differences(self, recording):
        """The differences between this state and the frames and tables in the machine's RAM."""
        for number, frame in self.frames.items():
            there = recording.frame(number)["count"]
            if there != frame.count:
                yield f"frame {number:#x}: replayed count {frame.count}, in RAM {there}"
            entries = recording.table(number, frame.level) if frame.level >= 0 else frame.entries
            for index in frame.entries.keys() | entries.keys():
                if frame.entries.get(index) != entries.get(index):
                    yield f"table {number:#x}[{index}]: {frame.entries.get(index)}, in RAM {entries.get(index)}"
        for number in recording.users_frames():
            if number not in self.frames:
                count = recording.frame(number)["count"]
                yield f"frame {number:#x}: has count {count} in RAM, unknown to the replay"
