#!/usr/bin/env python3
"""Keeps the line counts in README.md true.

The rows of the table between the markers begin "| `folder/` | lines | code |". "Code" counts the lines that are neither
blank nor comments. The rest of a row is written by hand. Elsewhere, "[`file`](file) (N lines)" counts that file.
Without an argument the script corrects the numbers; with --check it fails if one is wrong. In both cases it fails if a
folder of kernel/ has no row, or if the README counts a file that does not exist.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- line counts: begin -->", "<!-- line counts: end -->"
SOURCES = {".c", ".cpp", ".h", ".S", ".ld", ".py", ".sh", ".gdb", ".js", ".css", ".html"}
ROW = re.compile(r"^\| `([^`]+)` \| *[\d,]* *\| *[\d,]* *\|", re.MULTILINE)
FILE = re.compile(r"\[`([^`]+)`\]\(\1\)(\s+)\([\d,]+ lines\)")
COMMENT = ("//", "# ", "/*", "*/")


def count(name):
    """(lines, lines of code) of the source files in the folder and below."""
    path = ROOT / name
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.suffix in SOURCES or f.name == "CMakeLists.txt"]
    lines = [line.strip() for f in files if f.is_file() and "__pycache__" not in f.parts
             for line in f.read_text().splitlines()]
    return len(lines), sum(1 for line in lines if line and not line.startswith(COMMENT))


def recounted(text):
    """The README's text with the right numbers."""
    begin, end = text.index(BEGIN), text.index(END)
    table = ROW.sub(lambda row: "| `{}` | {:,} | {:,} |".format(row[1], *count(row[1])), text[begin:end])
    text = text[:begin] + table + text[end:]
    return FILE.sub(lambda file: f"[`{file[1]}`]({file[1]}){file[2]}({count(file[1])[0]:,} lines)", text)


def main():
    readme = ROOT / "README.md"
    text = readme.read_text()
    rows = {name.rstrip("/") for name in ROW.findall(text)}
    missing = [d.name for d in sorted((ROOT / "kernel").iterdir())
               if d.is_dir() and f"kernel/{d.name}" not in rows and any(d.rglob("*.h"))]
    if missing:
        print("README.md: the map has no row for", ", ".join(f"kernel/{name}/" for name in missing))
        return 1
    gone = [name for name in [*rows, *(name for name, _ in FILE.findall(text))] if not (ROOT / name).exists()]
    if gone:
        print("README.md: counts the lines of files that do not exist:", ", ".join(gone))
        return 1
    fresh = recounted(text)
    if fresh == text:
        return 0
    if "--check" in sys.argv:
        print("README.md: the line counts are wrong; run tools/build/line_counts.py")
        return 1
    readme.write_text(fresh)
    return 0


if __name__ == "__main__":
    sys.exit(main())
