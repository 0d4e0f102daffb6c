"""Does again what a recording's events say (kernel/vm/event.h), in the plainest way: the oracle of what a kernel did."""
from collections import defaultdict, deque

V, W, MAY_WRITE, SHARED = 1 << 0, 1 << 2, 1 << 8, 1 << 9
LEAF = 0b1110  # R, W or X


def frame_of(bits):
    return bits >> 10


class Trees:
    """Tables, counts and who holds what, after the events so far."""

    def __init__(self):
        self.tables = {}                    # frame: {index: bits}
        self.levels = {}                    # frame: level, -1 for a page
        self.counts = {}                    # frame: references, while it lives
        self.roots = {}                     # root: pid
        self.kept = set()                   # pages on which the kernel has a handle
        self.in_flight = set()              # frames that no entry names yet
        self.copies = defaultdict(deque)    # pid, frame: its copies of it, some not in flight any more

    def _new(self, frame, level):
        self.levels[frame], self.counts[frame] = level, 1
        if level >= 0:
            self.tables[frame] = {}
        self.in_flight.add(frame)

    def _take_over(self, frame):
        flying = frame in self.in_flight
        self.in_flight.discard(frame)
        return flying

    def _copy_of(self, pid, frame):
        """The first copy that the process made and that is in flight, if there is one."""
        copies = self.copies.pop((pid, frame), ())
        while copies and copies[0] not in self.in_flight:
            copies.popleft()
        if not copies:
            return None
        self.copies[pid, frame] = copies
        return copies.popleft()

    def _refer(self, frame):
        if self._take_over(frame):
            return
        if frame not in self.counts:  # a page that nobody had yet
            self.levels[frame], self.counts[frame] = -1, 0
        self.counts[frame] += 1

    def _drop(self, frame):
        self._take_over(frame)
        self.counts[frame] -= 1
        if self.counts[frame]:
            return
        del self.counts[frame], self.levels[frame]
        for bits in self.tables.pop(frame, {}).values():
            self._drop(frame_of(bits))

    def _set(self, table, index, bits):
        old = self.tables[table].get(index, 0)
        if bits and frame_of(bits) != frame_of(old):
            self._refer(frame_of(bits))
        if bits:
            self.tables[table][index] = bits
        else:
            self.tables[table].pop(index, None)
        if old and frame_of(old) != frame_of(bits):
            self._drop(frame_of(old))

    def _copy(self, event):
        self._new(event["twin"], event["level"])
        self.copies[event["pid"], event["frame"]].append(event["twin"])
        if event["level"] < 0:
            return
        twin = self.tables[event["twin"]]
        for index, bits in self.tables[event["frame"]].items():
            copy = self._copy_of(event["pid"], frame_of(bits)) if event["level"] > event["stop"] else None
            if copy:
                self._take_over(copy)
                bits = copy << 10 | bits & 0x3ff
            else:
                self.counts[frame_of(bits)] += 1
            twin[index] = bits

    def sum(self, table):
        """As the recorder computes it."""
        return sum(self.tables[table].values()) & (1 << 64) - 1

    def apply(self, event):
        kind, frame = event["kind"], event["frame"]
        if kind == "space":
            self._new(frame, 2)
            self._take_over(frame)
            self.roots[frame] = event["pid"]
        elif kind == "table":
            self._new(frame, event["level"])
        elif kind == "copy":
            self._copy(event)
        elif kind == "fork":
            self._take_over(frame)
            self.roots[frame] = event["child"]
        elif kind in ("entry", "fault") and frame:
            self._set(frame, event["index"], event["after"])
        elif kind == "seal":
            self.tables[frame] = {index: bits & ~W for index, bits in self.tables[frame].items()}
        elif kind == "drop":
            self.roots.pop(frame, None)
            self._drop(frame)
        elif kind == "keep":
            self.kept.add(frame)
            self._refer(frame)
        elif kind == "let_go":
            self.kept.discard(frame)
            self._drop(frame)

    def broken_rules(self):
        """What contradicts the design: references that nobody holds, W where others see it."""
        seen = defaultdict(int)
        for frame in [*self.roots, *self.kept, *self.in_flight]:
            seen[frame] += 1
        for entries in self.tables.values():
            for bits in entries.values():
                seen[frame_of(bits)] += 1
        for frame, count in self.counts.items():
            if seen[frame] != count:
                yield f"rule 1: frame {frame:#x} has count {count} and {seen[frame]} references"
        for root, pid in self.roots.items():
            yield from self._writable_below(root, self.counts[root] == 1, pid)

    def _writable_below(self, table, owned, pid):
        for index, bits in self.tables[table].items():
            alone = owned and self.counts.get(frame_of(bits)) == 1
            if self.levels.get(table) > 0:
                yield from self._writable_below(frame_of(bits), alone, pid)
            elif bits & W and not bits & SHARED and not alone:
                yield f"rule 3: pid {pid}: W in entry {index} of table {table:#x}, and others see the page"
            elif bits & W and not bits & MAY_WRITE:
                yield f"rule 3: pid {pid}: W without MAY_WRITE in entry {index} of table {table:#x}"

    def differences(self, recording):
        """Between this and the frames and tables in the machine's RAM."""
        for frame, count in self.counts.items():
            there = recording.frame(frame)["count"]
            if there != count:
                yield f"frame {frame:#x}: replayed count {count}, in RAM {there}"
        for table, entries in self.tables.items():
            there = recording.table(table, self.levels[table])
            for index in entries.keys() | there.keys():
                if entries.get(index, 0) != there.get(index, 0):
                    yield f"table {table:#x}[{index}]: {entries.get(index, 0):#x}, in RAM {there.get(index, 0):#x}"
        for frame in recording.frames():
            record = recording.frame(frame)
            if record["count"] and record["kind"] in ("page", "kept") and frame not in self.counts:
                yield f"frame {frame:#x}: {record['kind']} with count {record['count']} in RAM, unknown to the replay"
