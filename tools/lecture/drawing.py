"""Draws one moment of a recording as SVG: the tables of two processes that lead to one page, and what they share."""
from html import escape

from picture import letters

WIDTH, HEIGHT, STEP, TOP, LEFT, ROW = 112, 46, 170, 40, 96, 92
NAMES = ("root", "level 1", "level 0", "page")


def place(column, row):
    return LEFT + column * STEP, TOP + row * ROW


def text(x, y, words, kind):
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(words)}</text>'


def box(state, frame, column, row, both):
    x, y = place(column, row)
    count = state.frames[frame].count
    kind = " ".join(filter(None, ["box", "both" if both else f"of{row}", "shared" if count > 1 else ""]))
    of_file = text(x + WIDTH / 2, y - 6, "the file's own page", "remark") if state.cached(frame) else ""
    return (f'<g class="{kind}"><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>'
            + text(x + WIDTH / 2, y + 19, hex(frame), "name")
            + text(x + WIDTH / 2, y + 36, f"count {count}", "count") + of_file + "</g>")


def arrow(column, row, entry, target_row):
    """An arrow from the box in `column` of `row` to the next box, which is in `target_row`."""
    x, y = place(column, row)
    to_x, to_y = place(column + 1, target_row)
    start, line, flags = x + WIDTH, y + HEIGHT / 2, letters(entry) if column == 2 else ""
    if row == target_row:
        path, tip = f"M{start} {line}H{to_x - 7}", f"{to_x},{line} {to_x - 8},{line - 4} {to_x - 8},{line + 4}"
        label = text((start + to_x) / 2 - 3, line - 6, flags, "flags")
    else:  # up to the shared box in the first row
        middle, end = to_x + WIDTH / 2, to_y + HEIGHT
        path, tip = f"M{start} {line}H{middle}V{end + 7}", f"{middle},{end} {middle - 4},{end + 8} {middle + 4},{end + 8}"
        label = text(start + 28, line - 6, flags, "flags")
    return f'<g class="arrow of{row}"><path d="{path}"/><polygon points="{tip}"/>{label}</g>'


def draw(state, processes, va, title):
    """`processes` are (pid, name, the value at `va`). What both share is drawn once, in the row of the first."""
    rows = [state.path(pid, va) for pid, _, _ in processes]
    seen, parts = {}, [text(place(i, 0)[0] + WIDTH / 2, 14, name, "column") for i, name in enumerate(NAMES)]
    others = {frame for frame, _ in rows[1]}
    for row, (path, (_, name, value)) in enumerate(zip(rows, processes)):
        if path:
            y = place(0, row)[1]
            parts += [text(0, y + 19, name, f"who of{row}"), text(0, y + 37, value, "value")]
        for column, (frame, _) in enumerate(path):
            here = seen.get(frame, row)
            if column:
                parts.append(arrow(column - 1, row, path[column - 1][1], here))
            if frame in seen:
                break
            seen[frame] = row
            parts.append(box(state, frame, column, row, row == 0 and frame in others))
    size = f"0 0 {LEFT + 3 * STEP + WIDTH + 4} {TOP + (2 if rows[1] else 1) * ROW - 40}"
    return f'<svg viewBox="{size}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
