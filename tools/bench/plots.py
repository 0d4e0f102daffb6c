#!/usr/bin/env python3
"""make bench-plots: draws what the benchmarks measured, as SVG files in build/plots/.

It reads build/bench.json, build/fault_parts.json and, if it exists, build/bench-linux.json. --keep copies the pictures
to tools/bench/plots/, from where the README shows them. The same figures give the same files.
"""
import argparse
import json
import shutil
from pathlib import Path

import matplotlib

from figures import by_key

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "ox", "figure.facecolor": "white", "font.size": 11, "axes.grid": True,
                            "grid.color": "#dddddd", "axes.axisbelow": True, "axes.spines.top": False,
                            "axes.spines.right": False, "figure.figsize": (8, 4.8)})
from matplotlib import pyplot  # noqa: E402  after the backend is chosen

# Colours that colour-blind readers can tell apart (Okabe and Ito), and a line style and a marker for each column.
STYLE = {
    "eager": ("ox, eager", "#d55e00", "--", "s"),
    "cow": ("ox, cow", "#0072b2", "-.", "^"),
    "on_demand": ("ox, on_demand", "#009e73", "-", "o"),
    "linux": ("Linux", "#000000", ":", "D"),
    "linux_thp": ("Linux, huge pages", "#8c5a8c", (0, (3, 1, 1, 1, 1, 1)), "v"),
}
# The parts in the order of a fault (tools/bench/fault_parts.py), with what each one does.
PARTS = {
    "trap": ("save registers,\nfind the cause", "#56b4e9"),
    "walk": ("walk and write\nthe page table", "#0072b2"),
    "decide": ("decide,\nkeep statistics", "#009e73"),
    "frames": ("counts and\nfree frames", "#f0e442"),
    "copy": ("copy or zero\nthe page", "#d55e00"),
    "fence": ("fence", "#000000"),
    "return": ("restore\nregisters", "#cc79a7"),
}
TRAPS = {"getpid": "null system call", "last": "store,\nlast owner", "touch": "store,\nfirst touch",
         "copy": "store,\npage copied"}
SHARES = {"work_0": 0, "work_sparse": 100 / 512, "work_25": 25, "work_50": 50, "work_100": 100}
NOTE = "QEMU -icount, one hart. Instructions are not cycles: caches, the TLB and fences cost nothing here."


def label_ends(axes, ends, gap=0.06):
    """Puts names beside the lines' last points, and moves them apart if they overlap. `gap` is a share of the axis."""
    axes.figure.canvas.draw()  # only drawing settles the scales
    to_share = axes.transData + axes.transAxes.inverted()
    placed = -1.0
    for x, y, text, color in sorted(ends, key=lambda end: end[1]):
        placed = max(to_share.transform((x, y))[1], placed + gap)
        axes.annotate(text, (x, y), (1.015, placed), textcoords="axes fraction", color=color, va="center",
                      annotation_clip=False)


def draw_lines(axes, lines, wide=None):
    """`lines` is {column: [(x, y), ...]}. `wide` is a column that another one covers; its wide line stays visible."""
    ends = []
    for name, points in lines.items():
        text, color, line, mark = STYLE[name]
        width = 5 if name == wide else 1.7
        axes.plot(*zip(*points), color=color, linestyle=line, marker=mark, markersize=5, linewidth=width, clip_on=False)
        ends.append((*points[-1], text, color))
    label_ends(axes, ends, gap=0.06)


def over_pages(tables, row, name):
    return {column: [(pages, value) for (r, n, pages), value in sorted(table.items())
                     if (r, n) == (row, name) and pages > 0 and value is not None] for column, table in tables.items()}


def log_log(axes):
    axes.set_xscale("log", base=4)
    axes.set_yscale("log")
    ticks = [1, 16, 256, 4096, 16384]
    axes.set_xticks(ticks, [f"{pages:,}\n{size}" for pages, size in
                            zip(ticks, ("4 KiB", "64 KiB", "1 MiB", "16 MiB", "64 MiB"))])
    axes.minorticks_off()


def fork_over_pages(tables):
    figure, axes = pyplot.subplots()
    log_log(axes)
    draw_lines(axes, over_pages(tables, "P1", "fork"))
    axes.set_xlabel("pages that the process has written")
    axes.set_ylabel("instructions of one fork")
    return figure


def frames_over_pages(tables):
    figure, axes = pyplot.subplots()
    log_log(axes)
    counted = {name: table for name, table in tables.items() if "linux" not in name}
    draw_lines(axes, over_pages(counted, "P11", "frames_of_a_fork"))
    axes.set_xlabel("pages that the process has written")
    axes.set_ylabel("frames of 4 KiB that one fork takes")
    return figure


def crossing(one, other):
    """The first point where two lines cross (they have the same x values), or None."""
    for (x0, a0), (x1, a1), (_, b0), (_, b1) in zip(one, one[1:], other, other[1:]):
        if (a0 - b0) * (a1 - b1) < 0:
            t = (a0 - b0) / ((a0 - b0) - (a1 - b1))
            return x0 + t * (x1 - x0), a0 + t * (a1 - a0)
    return None


def work_over_share(tables, pages):
    """Draws Smith and Maguire's curve (Computing Systems 1(3), 1988)."""
    lines = {column: [(share, table["P15", name, pages] / 1e6) for name, share in SHARES.items()]
             for column, table in tables.items()}
    figure, axes = pyplot.subplots()
    axes.set_xlim(0, 100)
    axes.set_ylim(0, max(y for points in lines.values() for _, y in points) * 1.05)
    draw_lines(axes, lines, wide="cow")
    met = crossing(lines["eager"], lines["on_demand"])
    if met:
        axes.annotate(f"{met[0]:.0f} %: from here on\ncopying at once is cheaper", met, (0.98, 0.08), ha="right",
                      textcoords="axes fraction", arrowprops={"arrowstyle": "->"})
    axes.set_xlabel(f"pages that the child writes, % of {pages:,}")
    axes.set_ylabel("million instructions:\nfork, the child's stores, exit, wait")
    return figure


def fault_by_parts(traps):
    figure, axes = pyplot.subplots(figsize=(8, 4.4))
    axes.grid(axis="y", visible=False)
    largest = max(sum(parts.values()) for parts in traps.values())
    for row, (trap, title) in enumerate(TRAPS.items()):
        left = 0
        for name, (_, color) in PARTS.items():
            width = traps[trap].get(name, 0)
            axes.barh(row, width, left=left, color=color, edgecolor="white", height=0.62)
            if width > largest * 0.035:
                axes.text(left + width / 2, row, f"{width:,}", ha="center", va="center", fontsize=9,
                          color="black" if name in ("frames", "trap", "return") else "white")
            left += width
        axes.text(left + largest * 0.01, row, f"{left:,}", va="center", weight="bold")
    axes.set_yticks(range(len(TRAPS)), TRAPS.values())
    axes.set_xlim(0, largest * 1.08)
    axes.set_xlabel("instructions in the kernel, from the trap to the return")
    handles = [pyplot.Rectangle((0, 0), 1, 1, color=color) for _, color in PARTS.values()]
    figure.legend(handles, [text for text, _ in PARTS.values()], ncols=len(PARTS), loc="upper center", frameon=False,
                  fontsize=8.5, handlelength=1, handletextpad=0.4, columnspacing=1.1)
    return figure


def save(figure, file):
    figure.text(0.01, -0.05, NOTE, fontsize=8, color="#555555")
    figure.savefig(file, metadata={"Date": None, "Creator": None}, bbox_inches="tight")
    pyplot.close(figure)
    print(f"  {file}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build"))
    parser.add_argument("--keep", action="store_true", help="copy them to tools/bench/plots/")
    options = parser.parse_args()
    columns = json.loads((options.build / "bench.json").read_text())["columns"]
    linux = options.build / "bench-linux.json"
    if linux.exists():
        columns.update(json.loads(linux.read_text())["columns"])
    else:
        print("plots: Linux is missing, because it was not measured (make bench-linux)")
    tables = {name: by_key(column) for name, column in columns.items() if name in STYLE}
    folder = options.build / "plots"
    folder.mkdir(exist_ok=True)
    save(fork_over_pages(tables), folder / "fork.svg")
    save(work_over_share(tables, 16384), folder / "work.svg")
    save(frames_over_pages(tables), folder / "frames.svg")
    save(fault_by_parts(json.loads((options.build / "fault_parts.json").read_text())), folder / "fault.svg")
    if options.keep:
        shutil.copytree(folder, Path(__file__).with_name("plots"), dirs_exist_ok=True)


if __name__ == "__main__":
    main()
