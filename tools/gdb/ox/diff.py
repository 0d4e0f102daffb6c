"""ox-diff: compares the page tables of two processes."""
from sv39 import PAGE, frame_of, span

from . import entry
from .command import Command, pids

NAMES = {-1: "page", 0: "table of level 0", 1: "table of level 1"}


def differences(machine, one, other, level=2, base=0):
    """[(va, level, what)] of the entries below two tables; level is that of the frame that the entry names. If both
    name the same frame, it is one item."""
    mine, its = (dict(entry.children(machine, table, level)) for table in (one, other))
    for index in sorted({*mine, *its}):
        va, bits = base + index * span(level), [mine.get(index, 0), its.get(index, 0)]
        frames = [frame_of(each) for each in bits]
        if 0 in bits:
            yield va, level - 1, "only in the second" if bits[0] == 0 else "only in the first", frames
        elif frames[0] == frames[1]:
            yield va, level - 1, "shared", frames
        elif level == 0:
            yield va, level - 1, "differs", frames
        else:
            yield from differences(machine, *frames, level - 1, va)


def folded(items):
    """Joins neighbouring items of one kind: (va, level, what, frames, how many)."""
    runs = []
    for va, level, what, frames in items:
        last = runs[-1] if runs else None
        if last and last[1:3] == [level, what] and level < 0 and va == last[0] + last[4] * PAGE:
            last[4] += 1
        else:
            runs.append([va, level, what, frames, 1])
    return runs


def lines(machine, first, second):
    yield f"{first}: root {first.root:#x};  {second}: root {second.root:#x}"
    found = list(differences(machine, first.root, second.root))
    for va, level, what, frames, count in folded(found):
        thing = f"{count} pages" if count > 1 else f"1 {NAMES[level]}" if level < 0 else NAMES[level]
        named = [f"{frame:#x} (count {machine.frame(frame).count})" for frame in dict.fromkeys(frames) if frame]
        yield f"  {va:#12x}  {thing:<16}  {what:<18}  {' and '.join(named) if count == 1 else ''}".rstrip()
    yield "sum: " + (", ".join(summary(found)) or "both are empty")


def summary(found):
    for level in (1, 0, -1):
        for what in ("shared", "differs", "only in the first", "only in the second"):
            number = sum(item[1:3] == (level, what) for item in found)
            if number:
                kind, _, rest = NAMES[level].partition(" ")
                verb = "differ" if number > 1 and what == "differs" else what
                yield " ".join(filter(None, [str(number), kind + "s" * (number > 1), rest, verb]))


class Diff(Command):
    """Compare the page tables of two processes: what they share, and where they differ.

Usage: ox-diff PID PID
A shared table is one line, whatever is below it."""
    usage, needs_words = "ox-diff PID PID", True

    def run(self, machine, text):
        wanted = pids(text, 2)
        if len(wanted) != 2:
            raise ValueError
        print("\n".join(lines(machine, *(machine.process(pid) for pid in wanted))))


Diff()
