"""A small model of kernel/vm in Python. It changes memory by the same rules (kernel/vm/README.md) and records the
events as tools/view/record.py does, so that tests of the page need no machine. A fork is a generator that stops after
each event. Two harts are two such generators that take turns.

`bug` seeds one of four bugs: "page_not_copied", "count_low" (the child's reference is not counted), "w_left" (by seal),
"not_dropped" (the child keeps its reference to the page that it has copied).
"""
from simulated_source import COST, FAULT_COST, WHERE, source_line
from sv39 import SOFTWARE, A, D, R, U, V, W, entry_of, frame_of, index_of

MAY_WRITE, SHARED = SOFTWARE
LEAF = V | R | U | A | D
STOP = {"eager": -1, "cow": 0, "on_demand": 2}
FIRST, FRAMES = 0x80000, 32768


class Panic(Exception):
    """The point at which the kernel itself would notice a seeded bug. The recording ends there."""


class Frame:
    def __init__(self, level):
        self.level, self.count, self.entries = level, 1, {}


class Kernel:
    def __init__(self, mode, harts=1, bug=None):
        self.mode, self.harts, self.bug = mode, harts, bug
        self.frames, self.free, self.next = {}, [], FIRST + 0x400
        self.roots, self.events, self.lines = {}, [], []
        self.console, self.time, self.hart, self.at = "", 380_000, {}, {}
        self.zero = self.new(-1)
        self.files = {}  # (name, page) -> frame
        self.handles = [[self.zero, 1]]

    # --- frames

    def new(self, level):
        number = self.free.pop() if self.free else self.next
        self.next += number == self.next
        self.frames[number] = Frame(level)
        return number

    def drop(self, number):
        """Returns the numbers of tables and pages that it freed."""
        if number not in self.frames:
            raise Panic(self)
        frame = self.frames[number]
        frame.count -= 1
        freed = [0, 0]
        if frame.count > 0:
            return freed
        for entry in frame.entries.values():
            freed = [a + b for a, b in zip(freed, self.drop(frame_of(entry)))]
        del self.frames[number]
        self.free.append(number)
        freed[frame.level < 0] += 1
        return freed

    def count(self, number):
        return self.frames[number].count if number in self.frames else 0

    def sum(self, number):
        frame = self.frames[number]
        return hex(sum(e for i, e in frame.entries.items() if frame.level < 2 or i < 256) % 2 ** 64)

    def emit(self, kind, pid, cost=None, site=None, **fields):
        cost = COST[kind] if cost is None else cost
        at = self.at.get(pid)
        event = {"kind": kind, "hart": self.hart.get(pid, 0), "pid": pid, "t": self.time, "cost": cost,
                 "pc": at["pc"] if at else 0, "at": at and {k: at[k] for k in ("file", "line", "function", "text")},
                 "console": len(self.console), "where": source_line(*WHERE[site or kind]), **fields}
        self.events.append(event)
        self.time += cost

    # --- the program's actions

    def source(self, pid, file, line, text, function="main", pc=None):
        """The process is about to run this line: adds it to the list of lines."""
        self.stand(pid, file, line, text, function, pc)
        self.lines.append({"at": len(self.events), "pid": pid, "file": file, "line": line,
                           "console": len(self.console)})
        self.time += 40

    def stand(self, pid, file, line, text, function="main", pc=None):
        self.at[pid] = {"file": file, "line": line, "function": function, "text": text, "pc": pc or 0x10500 + 4 * line}

    def write(self, text):
        self.console += text
        self.time += 300

    # --- the kernel's actions

    def space(self, pid):
        self.roots[pid] = root = self.new(2)
        self.emit("space", pid, root=root)

    def release(self, pid, root):
        self.emit("drop", pid, frame=root, level=2)
        return self.drop(root)

    def set_entry(self, pid, table, level, va, after):
        """Writes an entry and records an `entry` event; the old frame's reference is dropped afterwards."""
        index = index_of(va, level)
        before = self.frames[table].entries.get(index, 0)
        self.frames[table].entries[index] = after
        self.emit("entry", pid, table=table, level=level, index=index, va=va, before=hex(before), after=hex(after))
        if before and frame_of(before) != frame_of(after):
            self.drop(frame_of(before))

    def own(self, pid, va):
        """Makes the path to `va` the process's own; returns its level-0 table and how many tables were copied."""
        table, copied = self.roots[pid], 0
        for level in (2, 1):
            entry = self.frames[table].entries.get(index_of(va, level), 0)
            below = frame_of(entry)
            if not entry:
                below = self.new(level - 1)
                self.emit("table", pid, frame=below, level=level - 1)
                self.set_entry(pid, table, level, va, entry_of(below, V))
            elif self.frames[below].count > 1:
                below = self.copy_table(pid, below, level - 1)
                copied += 1
                self.set_entry(pid, table, level, va, entry_of(below, V))
            table = below
        return table, copied

    def copy_table(self, pid, node, level):
        copy = self.new(level)
        self.frames[copy].entries = dict(self.frames[node].entries)
        for index, entry in self.frames[node].entries.items():
            if not (self.bug == "count_low" and level == 0 and index == 0x7d):
                self.frames[frame_of(entry)].count += 1
        self.emit("copy", pid, cost=COST["copy"][level], **{"from": node}, to=copy, level=level, stop=level,
                  sum=self.sum(copy))
        return copy

    def copy(self, pid, node, level, stop):
        """PageTree::copy(); a generator that ends with the copy."""
        if level < stop or node == self.zero:
            self.frames[node].count += 1
            return node
        if level == stop and level >= 0:
            copy = self.copy_table(pid, node, level)
            yield
            return copy
        copy = self.new(level)
        for index, entry in self.frames[node].entries.items():
            below = yield from self.copy(pid, frame_of(entry), level - 1, 2 if entry & SHARED else stop)
            self.frames[copy].entries[index] = entry_of(below, entry)
        self.emit("copy", pid, cost=COST["copy"][level], **{"from": node}, to=copy, level=level, stop=stop,
                  sum=self.sum(copy))
        yield
        return copy

    def seal(self, pid, node, level):
        frame = self.frames[node]
        if level > 0:
            for entry in frame.entries.values():
                if self.frames[frame_of(entry)].count == 1:
                    yield from self.seal(pid, frame_of(entry), level - 1)
        elif any(entry & W for entry in frame.entries.values()):
            left = next(i for i, e in frame.entries.items() if e & W) if self.bug == "w_left" else None
            frame.entries = {i: e if i == left else e & ~W for i, e in frame.entries.items()}
            self.emit("seal", pid, table=node, level=0, sum=self.sum(node))
            yield

    def fork_steps(self, pid, child, hart=0):
        if self.mode != "eager":
            yield from self.seal(pid, self.roots[pid], 2)
        root = yield from self.copy(pid, self.roots[pid], 2, STOP[self.mode])
        self.roots[child], self.hart[child], self.at[child] = root, hart, self.at.get(pid)
        own, shared = self.tally(root, 2, [0] * 4, [0] * 4)
        self.emit("fork", pid, child=child, mode=self.mode, root=root, own=own, shared=shared)

    def fork(self, pid, child, hart=0):
        for _ in self.fork_steps(pid, child, hart):
            pass

    def tally(self, node, level, own, shared):
        is_shared = self.frames[node].count > 1
        (shared if is_shared else own)[level + 1] += 1
        if not is_shared and level >= 0:
            for entry in self.frames[node].entries.values():
                self.tally(frame_of(entry), level - 1, own, shared)
        return own, shared

    def leaf(self, pid, va):
        table = self.roots[pid]
        for level in (2, 1, 0):
            entry = self.frames[table].entries.get(index_of(va, level), 0)
            table = frame_of(entry)
            if not entry:
                return 0
        return entry

    def fault(self, pid, va, access, flags=LEAF | MAY_WRITE, file=None):
        """The access, with its fault if the leaf does not allow it. `flags` and `file` are the region's."""
        before = self.leaf(pid, va)
        if before & V and (access != "store" or before & W):
            return
        if before and access == "store" and not before & MAY_WRITE:
            return self.fault_event(pid, va, access, "denied", 0, before, before, 0)
        if not before and file:
            self.file_page(pid, *file)
        counts = self.count(frame_of(before))
        table, copied = self.own(pid, va)
        outcome, after = self.resolve(before, access, flags, file)
        self.frames[table].entries[index_of(va, 0)] = after
        self.fault_event(pid, va, access, outcome, table, before, after, copied, counts)
        if before and frame_of(before) != frame_of(after) and not (self.bug == "not_dropped" and pid == 3):
            self.drop(frame_of(before))

    def file_page(self, pid, name, page):
        if (name, page) not in self.files:
            self.files[name, page] = frame = self.new(-1)
            self.emit("handle", pid, frame=frame, add=1)

    def resolve(self, before, access, flags, file):
        old = frame_of(before)
        if before & SHARED:
            return "granted", before | W
        if before and (self.count(old) == 1 or self.bug == "page_not_copied"):
            return ("granted" if self.count(old) == 1 else "copied"), before | W
        if before and old != self.zero:
            return "copied", entry_of(self.new(-1), before | W)
        if before or access == "store" and not file:
            return "zeroed", entry_of(self.new(-1), (before or flags) | W)
        if access == "store" and not flags & SHARED:  # a file's page, which the file keeps
            return "copied", entry_of(self.new(-1), flags | W)
        page = self.files[file] if file else self.zero
        self.frames[page].count += 1
        return ("mapped_file" if file else "mapped_zero"), entry_of(page, flags | (W if access == "store" else 0))

    def fault_event(self, pid, va, access, outcome, table, before, after, copied, count_before=0):
        self.emit("fault", pid, cost=FAULT_COST[outcome], site=outcome, va=va, access=access,
                  outcome=outcome, table=table, index=index_of(va, 0), before=hex(before), after=hex(after),
                  frame_before=frame_of(before), frame_after=frame_of(after), count_before=count_before,
                  count_after=self.count(frame_of(after)), tables=copied)

    def unmap(self, pid, va):
        """A page is detached, and goes after the fence: two events."""
        table, _ = self.own(pid, va)
        entry = self.frames[table].entries[index_of(va, 0)]
        self.set_entry(pid, table, 0, va, entry & ~V)
        self.set_entry(pid, table, 0, va, 0)
        del self.frames[table].entries[index_of(va, 0)]

    def close(self, pid, name):
        """A file goes, and its handles with it."""
        for key in [key for key in self.files if key[0] == name]:
            frame = self.files.pop(key)
            self.emit("handle", pid, frame=frame, add=-1)
            self.drop(frame)

    def exec(self, pid, name):
        old = self.roots[pid]
        self.at[pid] = None
        self.space(pid)
        self.emit("exec", pid, name=name)
        self.release(pid, old)

    def exit(self, pid):
        tables, pages = self.release(pid, self.roots.pop(pid))
        self.emit("exit", pid, tables=tables, pages=pages)

    # --- the recording

    def run(self, names):
        live, work = {}, list(self.roots.values())
        while work:
            number = work.pop()
            frame = self.frames[number]
            if frame.level >= 0 and number not in live:
                live[number] = {str(i): hex(e) for i, e in frame.entries.items()}
                work += [frame_of(e) for e in frame.entries.values()]
        return {"mode": self.mode, "harts": self.harts, "full": False, "names": {str(p): n for p, n in names.items()},
                "console": self.console, "instructions": self.time - len(self.events) * 35,
                "ram": {"first": FIRST, "frames": FRAMES}, "handles": self.handles, "zero": self.zero,
                "events": self.events, "lines": self.lines,
                "final": {"tables": {str(n): t for n, t in live.items()},
                          "counts": {str(n): f.count for n, f in self.frames.items()}}}
