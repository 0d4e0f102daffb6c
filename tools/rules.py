"""The rules that vm/ keeps, as the kernel says them (kernel/vm/rules.h)."""
import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parent.parent / "kernel/vm/rules.h"


@cache
def sentences():
    """{number: sentence}"""
    text = re.sub(r'"\n\s*"', "", FILE.read_text())  # of a sentence in two pieces
    return {int(number): sentence for number, sentence in re.findall(r'// (\d+)\n\s*"(.*)",', text)}
