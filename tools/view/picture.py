"""Draws the lecture's pictures as text, from a recording. They show one page of the program and the tables that lead to
it: before the fork, after it, and after each write, in each mode.
"""
import replay

BOX, GAP, MARGIN = 11, 7, 8
NAMES = ("root", "level 1", "level 0", "page")


def main_pair(run):
    """The first fork by a process whose source lines are known; else the first one by a process other than init."""
    forks = [event for event in run["events"] if event["kind"] == "fork"]
    told = {line["pid"] for line in run["lines"]}
    ranked = sorted(forks, key=lambda event: (event["pid"] not in told, event["pid"] == 1))
    return ranked[0] if ranked else None


def writes_after(run, fork):
    """The store faults by parent or child after the fork, on pages that existed at the fork."""
    first = run["events"].index(fork)
    return [(i, event) for i, event in enumerate(run["events"]) if i > first and event["kind"] == "fault"
            and event["outcome"] in ("copied", "granted") and event.get("frame_before")
            and event["pid"] in (fork["pid"], fork["child"])]


def chosen_page(recording):
    """(address, who writes it, at which line) of the page that the pictures show: the first page on which a line of the
    program itself faults. If no write faults, it is the page that the parent wrote last. None: no page."""
    for strict in (True, False):
        for run in recording["runs"]:
            fork = main_pair(run)
            writes = [event for _, event in writes_after(run, fork)] if fork else []
            own = [event for event in writes if not strict or (event["at"] or {}).get("line")]
            if own:
                va = own[0]["va"] & ~4095
                first = {event["pid"]: event for event in reversed(writes) if event["va"] & ~4095 == va}
                return va, list(first.values())
    for run in recording["runs"]:
        fork = main_pair(run)
        before = run["events"][:run["events"].index(fork)] if fork else []
        stores = [event for event in before if event["kind"] == "fault" and event["access"] == "store"
                  and event["pid"] == fork["pid"]]
        if stores:
            return stores[-1]["va"] & ~4095, []
    return None


def moments(run, fork, va, writes):
    """[(title, events done, characters printed)] of the pictures."""
    events = run["events"]
    last = events.index(fork)
    start = last
    while start > 0 and events[start - 1]["kind"] in ("copy", "seal") and events[start - 1]["pid"] == fork["pid"]:
        start -= 1
    shown = [("Before fork", start, fork["console"]),
             (f"After fork: pid {fork['child']} is pid {fork['pid']}'s child", last + 1, fork["console"])]
    for write in writes:
        at = write["at"] or {}
        words = at.get("text") or (f"a store in {at['function']}" if at.get("function") else "a store")
        done = after_write(run, last, write, va)
        if done is not None:
            shown.append((f"After pid {write['pid']}: {words}", *done))
    return sorted(shown, key=lambda moment: moment[1])


def after_write(run, fork, write, va):
    """(number of events, number of printed characters) just after the write: after its fault or, if it needs no fault,
    before the process reaches its next line. None if the recording cannot tell."""
    same = [(i + 1, event["console"]) for i, event in enumerate(run["events"])
            if i > fork and event["kind"] == "fault" and event["va"] & ~4095 == va and event["access"] == "store"
            and (event["pid"], event["at"]) == (write["pid"], write["at"])]
    if same:
        return same[0]
    lines = [line for line in run["lines"] if line["pid"] == write["pid"]]
    for line, following in zip(lines, lines[1:]):
        if write["at"] and (line["file"], line["line"]) == (write["at"]["file"], write["at"]["line"]):
            return following["at"], following["console"]
    return None


def letters(entry):
    flags = "".join(letter if entry & bit else "-" for letter, bit in (("R", 2), ("W", 4), ("X", 8)))
    return flags + ("M" if entry & 256 else "-")


class Canvas:
    def __init__(self):
        self.cells = {}

    def put(self, x, y, text):
        self.cells.update({(x + i, y): letter for i, letter in enumerate(text)})

    def box(self, column, y, *lines):
        x = MARGIN + column * (BOX + GAP)
        self.put(x, y, "┌" + "─" * (BOX - 2) + "┐")
        for i, line in enumerate(lines):
            self.put(x, y + 1 + i, "│" + line.center(BOX - 2) + "│")
        self.put(x, y + 1 + len(lines), "└" + "─" * (BOX - 2) + "┘")

    def text(self):
        tall = max(y for _, y in self.cells) + 1
        wide = max(x for x, _ in self.cells) + 1
        return "\n".join("".join(self.cells.get((x, y), " ") for x in range(wide)).rstrip() for y in range(tall))


def arrow(canvas, column, y, entry, leaf):
    x = MARGIN + column * (BOX + GAP) + BOX
    canvas.put(x, y, f"─{letters(entry)}─▶" if leaf else "──────▶")


def draw(state, pids, va, label="pid {}".format):
    """Two rows of boxes, from root to page. What the second process shares is drawn once, in the first row."""
    canvas, drawn = Canvas(), set()
    for column, name in enumerate(NAMES):
        canvas.put(MARGIN + column * (BOX + GAP), 0, name.center(BOX))
    for row, pid in enumerate(pids):
        path, y = state.path(pid, va), 1 + row * 5
        if path:
            canvas.put(0, y + 1, label(pid))
        for column, (frame, _) in enumerate(path):
            if frame in drawn:
                climb(canvas, column, y, path[column - 1][1])
                break
            drawn.add(frame)
            canvas.box(column, y, hex(frame), f"count {state.frames[frame].count}{'*' * state.cached(frame)}")
            if column:
                arrow(canvas, column - 1, y + 1, path[column - 1][1], column == 3)
    return canvas.text()


def climb(canvas, column, y, entry):
    """Draws the line from the last box of the second row up to the shared box in the first row."""
    start = MARGIN + (column - 1) * (BOX + GAP) + BOX
    middle = MARGIN + column * (BOX + GAP) + BOX // 2
    canvas.put(start, y + 1, "─" * (middle - start) + "┘")
    if column == 3:
        canvas.put(start + 1, y + 1, letters(entry))
    for above in (y, y - 1):
        canvas.put(middle, above, "│")
    canvas.put(middle, y - 1, "▲")


def console_so_far(run, length):
    """The last lines that were printed."""
    printed = run["console"][:length].rstrip("\n").rsplit("\n", 1)[-1]
    return f"console: {printed}" if printed else ""


def text(recording):
    page = chosen_page(recording)
    if page is None:
        return f"{recording['program']}: no fork, or nobody wrote to a page after it: there is nothing to draw."
    va, writes = page
    parts = [f"{recording['program']}: the page at {va:#x}. R, W, X: what the leaf allows; M: the process may write "
             "(M without W is copy-on-write).\n*: one of the references is the kernel's own, for the file of the page."]
    for run in recording["runs"]:
        fork = main_pair(run)
        if fork is None:
            continue
        full = " (the ring was full: later events are missing)" if run["full"] else ""
        full += f" ({run['panic'][0]})" if run.get("panic") else ""
        parts.append(f"=== fork={run['mode']}{full}")
        for number, (title, done, printed) in enumerate(moments(run, fork, va, writes), 1):
            state = replay.Replay(run).forward(done)
            picture = draw(state, (fork["pid"], fork["child"]), va)
            parts.append("\n".join(filter(None, [f"{number}. {title}", picture, console_so_far(run, printed)])))
    return "\n\n".join(parts)


# The characters for a terminal without UTF-8.
PLAIN = str.maketrans("┌┐└┘│─▶▲", "++++|->^")
