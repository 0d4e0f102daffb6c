"""Runs inside gdb: loads everything in tools/gdb/ox: the commands, the pretty-printers and the frame filter."""
import importlib
import sys
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

for file in sorted(Path(__file__).with_name("ox").glob("[!_]*.py")):
    importlib.import_module(f"ox.{file.stem}")
