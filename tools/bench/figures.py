"""Figures of the benchmark: lines of text, and the two stored lists (bench_targets.txt, bench_expected.txt).

A figure's key is (row, name, pages), as user/bench.c prints it; the stored lists have the mode before it.
"""
import re
from pathlib import Path

MODES = ("eager", "cow", "on_demand")
HERE = Path(__file__).resolve().parent


def number(text):
    return None if text == "skipped" else float(text) if "." in text else int(text)


def parse(output):
    """What bench printed: a list of {row, name, pages, value}; value None was not measured for want of memory."""
    found = re.findall(r"^(\w+) (\w+) (\d+) ([\d.]+|skipped)$", output, re.MULTILINE)
    return [{"row": row, "name": name, "pages": int(pages), "value": number(value)}
            for row, name, pages, value in found]


def by_key(column):
    return {(figure["row"], figure["name"], figure["pages"]): figure["value"] for figure in column}


def text_of(key):
    return "{} {} {}".format(*key)


def read_stored(file):
    """{(mode, key): value} of a stored list; the mode `all` stands for the three."""
    stored = {}
    for line in (HERE / file).read_text().splitlines():
        words = line.partition("#")[0].split()
        if words:
            mode, row, name, pages, value = words
            for each in MODES if mode == "all" else (mode,):
                stored[each, (row, name, int(pages))] = number(value)
    return stored
