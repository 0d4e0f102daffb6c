"""gdb: loads the commands, the printers and the frame filter of tools/gdb/ox, one idea a file."""
import importlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

for module in ("trap_filter", "printers", "std_printers", "symbols", "fault", "walk", "tree", "frame", "maps", "ps",
               "diff", "breaks", "who"):
    importlib.import_module("ox." + module)
