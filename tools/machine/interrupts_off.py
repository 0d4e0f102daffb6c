"""Measures the longest time with interrupts off while a command runs, with a QEMU plugin (interrupts_off.c)."""
import os
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import qemu

PREFIX = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-")
SOURCE = Path(__file__).with_suffix(".c")


@cache
def windows(kernel):
    """The addresses of the instructions that enable interrupts (csrsi sstatus, SIE)."""
    text = subprocess.run([PREFIX + "objdump", "-d", kernel], check=True, capture_output=True, text=True).stdout
    return re.findall(r"^(\w+):.*\bcsrsi?\s+sstatus,2$", text, re.MULTILINE)


def plugin(folder, source=SOURCE):
    """The plugin, compiled for this QEMU: since version 9 QEMU refuses plugins for the first interface."""
    interface = 1 if qemu.version() < (9, 0) else 2
    library = Path(folder, source.stem).with_suffix(".so")
    subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", f"-DAPI_VERSION={interface}", "-I", SOURCE.parent,
                    "-o", library, source], check=True)
    return library


@cache
def counter():
    """The compiled plugin; its temporary folder lives as long as this process."""
    folder = tempfile.TemporaryDirectory(prefix="ox-")
    return plugin(folder.name), folder


def longest(kernel, archive, line, memory):
    """The longest time in instructions; None if this QEMU supports no plugins."""
    with tempfile.TemporaryDirectory(prefix="ox-") as folder:
        out = Path(folder, "out")
        words = [str(counter()[0]), f"out={out}", *(f"open=0x{address}" for address in windows(kernel))]
        run = qemu.boot(kernel, archive, line, memory=memory, timeout=300,
                        extra=(*qemu.ICOUNT, "-plugin", ",".join(words)))
        return int(out.read_text()) if run.status == 0 and out.is_file() else None
