"""Figures of the benchmark: as lines of text, and in the two stored lists (bench_targets.txt, bench_expected.txt).

The key of a figure is (row, name, pages), as user/bench.c prints it. In the stored lists the mode comes before the key.
"""
import re
from pathlib import Path

MODES = ("eager", "cow", "on_demand")
HERE = Path(__file__).resolve().parent


def number(text):
    return None if text == "skipped" else float(text) if "." in text else int(text)


def parse(output):
    """Bench's output as a list of {row, name, pages, value}. Value None: there was too little memory to measure it."""
    found = re.findall(r"^(\w+) (\w+) (\d+) ([\d.]+|skipped)$", output, re.MULTILINE)
    return [{"row": row, "name": name, "pages": int(pages), "value": number(value)}
            for row, name, pages, value in found]


def by_key(column):
    return {(figure["row"], figure["name"], figure["pages"]): figure["value"] for figure in column}


def text_of(key):
    return "{} {} {}".format(*key)


def read_stored(file):
    """{(mode, key): value} from a stored list. The mode `all` stands for the three modes."""
    stored = {}
    for line in (HERE / file).read_text().splitlines():
        words = line.partition("#")[0].split()
        if words:
            mode, row, name, pages, value = words
            for each in MODES if mode == "all" else (mode,):
                stored[each, (row, name, int(pages))] = number(value)
    return stored
