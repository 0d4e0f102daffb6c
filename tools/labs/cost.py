"""The instructions that the kernel executes for each call of one kind that a machine's program makes: a QEMU plugin
counts them."""
import tempfile
from pathlib import Path

import interrupts_off

SOURCE = Path(__file__).with_name("instructions.c")
RETURNS = {"fork": 2, "map": 1}  # how often a call comes back; program.c has a name for the ecall of each


class Counter:
    """As a Guest's `counter`; `counts` are those of the calls so far."""

    def __init__(self, call):
        self.call = call
        self.folder = tempfile.TemporaryDirectory(prefix="ox-lab-")
        self.out = Path(self.folder.name, "counts")

    def __call__(self, symbols):
        library = interrupts_off.plugin(self.folder.name, SOURCE)
        start, back = (symbols[f"{self.call}_{place}"] for place in ("call", "return"))
        return ["-plugin", f"{library},out={self.out},call={start:#x},back={back:#x},returns={RETURNS[self.call]}"]

    @property
    def counts(self):
        return list(map(int, self.out.read_text().split())) if self.out.is_file() else []
