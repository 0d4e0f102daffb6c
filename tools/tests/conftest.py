"""What the QEMU tests share: how to boot a machine with a program in it.

The kernel and the programs are built by `make all test-programs`; OX_BUILD names the folder (default build).
"""
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import initramfs  # noqa: E402
import qemu  # noqa: E402

BUILD = ROOT / os.environ.get("OX_BUILD", "build")
MODES = ("eager", "cow", "on_demand")


def program(name):
    """The executable of user/NAME or of tools/tests/programs/NAME."""
    for folder in ("tests", "user"):
        if (BUILD / folder / name).is_file():
            return BUILD / folder / name
    raise FileNotFoundError(f"{name}: no such program under {BUILD}; run make all test-programs")


def for_the_host(source, folder):
    """The same source as a program of this machine: Linux itself, without an emulator between, says what is right."""
    made = folder / source.stem
    subprocess.run(["cc", "-O1", "-w", "-o", made, source], check=True)
    return made


def stripped(name):
    """Its bytes as they stand in an initramfs: without debug information, which would only slow the boot."""
    file = program(name)
    small = BUILD / "stripped" / name
    if not small.is_file() or small.stat().st_mtime < file.stat().st_mtime:
        small.parent.mkdir(exist_ok=True)
        strip = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-") + "strip"
        new = small.with_name(f"{name}.{os.getpid()}")  # tests run in several processes
        subprocess.run([strip, "-o", new, file], check=True)
        new.replace(small)
    return small.read_bytes()


class Machine:
    """Boots with `debug` (the run-time checker) on the command line unless told not to."""
    kernel = BUILD / "ox.elf"

    def boot(self, initrd, words="", init_arguments="", debug=True, **options):
        line = f"{'debug ' if debug else ''}{words}" + (f" -- {init_arguments}" if init_arguments else "")
        return qemu.boot(self.kernel, initrd, line.strip(), **options)

    def run(self, command, others=(), words="", **options):
        """init runs `command`, a line of words whose first is the program; `others` are programs that it needs."""
        name, *arguments = command.split()
        files = {name: stripped(name) for name in {"init", name, *others}}
        return self.boot(initramfs.archive(files), words, " ".join([f"/{name}", *arguments]), **options)


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture(params=MODES)
def mode(request):
    return request.param


def ended_well(run):
    """For asserts: the output, to be read, if the machine did not end with 0."""
    assert not run.timed_out, run.output
    assert run.status == 0, f"status {run.status}\n{run.output}"
    return True


def refused(run, *words):
    """Nothing could be started: status 125, and one of the kernel's lines has all the words."""
    assert not run.timed_out, run.output
    assert run.status == 125, f"status {run.status}\n{run.output}"
    assert any(all(word in line for word in words) for line in run.kernel_lines), run.output
    return True
