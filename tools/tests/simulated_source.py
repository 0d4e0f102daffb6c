"""The approximate cost of a simulated event, and the line of the kernel's source that does it."""
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COST = {"copy": {-1: 1190, 0: 8100, 1: 900, 2: 1600}, "seal": 2100, "space": 400, "table": 300, "drop": 4000,
        "entry": 60, "handle": 30, "fork": 700, "exec": 900, "exit": 200}
FAULT_COST = {"granted": 244, "copied": 1424, "zeroed": 905, "mapped_zero": 320, "mapped_file": 390, "denied": 200}


@cache
def source_line(file, words):
    """The line of the kernel's source with these words, so that the recording names lines that exist."""
    for number, line in enumerate((ROOT / file).read_text().splitlines(), 1):
        if words in line:
            return {"file": file, "line": number}
    raise ValueError(f"{file} has no line with {words!r}")


WHERE = {
    "copy": ("kernel/vm/fork.cpp", "Ppn PageTree::copy("),
    "seal": ("kernel/vm/fork.cpp", "void PageTree::seal"),
    "fork": ("kernel/vm/space.cpp", "Event::Kind::fork"),
    "space": ("kernel/vm/space.cpp", "Event::Kind::space"),
    "table": ("kernel/vm/page_tree.cpp", "Ppn PageTree::replace_table"),
    "entry": ("kernel/vm/page_tree.cpp", "Ppn PageTree::replace_table"),
    "drop": ("kernel/vm/page_tree.cpp", "void drop_tree("), "handle": ("kernel/fs/file_pages.cpp", "Event::Kind::cache"),
    "exec": ("kernel/proc/exec.cpp", "reset_signals_for_exec"), "exit": ("kernel/proc/exit.cpp", "Event::Kind::exit"),
    "granted": ("kernel/vm/fault.cpp", "return FaultOutcome::granted"),
    "copied": ("kernel/vm/fault.cpp", ": FaultOutcome::copied"),
    "zeroed": ("kernel/vm/fault.cpp", "? FaultOutcome::zeroed"),
    "mapped_zero": ("kernel/vm/fault.cpp", ": FaultOutcome::mapped_zero"),
    "mapped_file": ("kernel/vm/fault.cpp", ": FaultOutcome::mapped_file"),
    "denied": ("kernel/vm/fault.cpp", "return FaultOutcome::denied"),
}
