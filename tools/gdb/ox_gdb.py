"""gdb: loads the commands, the printers and the frame filter of tools/gdb/ox, one idea a file."""
import importlib
import sys
from pathlib import Path

sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

for module in ("trap_filter", "printers", "std_printers", "symbols", "fault", "walk", "tree", "frame", "maps", "ps",
               "diff", "breaks", "who"):
    importlib.import_module("ox." + module)
