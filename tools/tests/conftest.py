"""What the QEMU tests share: how to boot a machine with a program in it.

`make all test-programs` builds the kernel and the programs; OX_BUILD names the folder (default: build).
"""
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import initramfs  # noqa: E402
import qemu  # noqa: E402

BUILD = ROOT / os.environ.get("OX_BUILD", "build")
MODES = ("eager", "cow", "on_demand")
# The longest tests, and those that one process has to run alone.
LONGEST = ("test_grade", "test_debug_build", "test_shells", "test_cost", "test_readmes", "test_unoptimized",
           "test_torture", "test_recording")


def pytest_collection_modifyitems(items):
    """Runs the longest tests first. Otherwise one process would start such a test when the others are done already."""
    items.sort(key=lambda item: [*LONGEST, item.module.__name__].index(item.module.__name__))


def program(name):
    """The executable of user/NAME or of tools/tests/programs/NAME."""
    for folder in ("tests", "user"):
        if (BUILD / folder / name).is_file():
            return BUILD / folder / name
    raise FileNotFoundError(f"{name}: no such program under {BUILD}; run make all test-programs")


def newest(folder, name, sources, *command):
    """BUILD/FOLDER/NAME. If it is missing, or older than a source, the command makes it."""
    file = BUILD / folder / name
    if not file.is_file() or file.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        file.parent.mkdir(exist_ok=True)
        new = file.with_name(f"{name}.{os.getpid()}")  # tests run in several processes
        subprocess.run([*command, "-o", new], check=True)
        new.replace(file)
    return file


def for_the_host(source):
    """The same source compiled for this machine, so that Linux itself gives the right answers, without an emulator."""
    return newest("for_the_host", source.stem, [source, *source.parent.glob("*.h")], "cc", "-O1", "-w", source)


def stripped(name):
    """The program's bytes for an initramfs: without debug information, which would only slow the boot."""
    file = program(name)
    strip = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-") + "strip"
    return newest("stripped", name, [file], strip, file).read_bytes()


class Machine:
    """Boots with `debug` (the run-time checker) on the command line, unless debug=False."""
    kernel = BUILD / "ox.elf"

    def boot(self, initrd, words="", init_arguments="", debug=True, **options):
        line = f"{'debug ' if debug else ''}{words}" + (f" -- {init_arguments}" if init_arguments else "")
        return qemu.boot(self.kernel, initrd, line.strip(), **options)

    def run(self, command, others=(), words="", **options):
        """Boots a machine whose init runs `command`, a program with arguments. The machine also has `others`."""
        name, *arguments = command.split()
        files = {name: stripped(name) for name in {"init", name, *others}}
        return self.boot(initramfs.archive(files), words, " ".join([f"/{name}", *arguments]), **options)


def built(name, *variables):
    """A machine with a kernel that make builds with these variables, in a folder of its own."""
    folder = BUILD.relative_to(ROOT) / name
    subprocess.run(["make", "--no-print-directory", f"BUILD={folder}", *variables, folder / "ox.elf"], cwd=ROOT,
                   check=True)
    machine = Machine()
    machine.kernel = ROOT / folder / "ox.elf"
    return machine


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture(params=MODES)
def mode(request):
    return request.param


def ended_well(run):
    """For `assert`: true if the machine ended with status 0; otherwise it fails and shows the machine's output."""
    assert not run.timed_out, run.output
    assert run.status == 0, f"status {run.status}\n{run.output}"
    return True


def refused(run, *words):
    """For `assert`: true if nothing was started: status 125, and one of the kernel's lines has all the words."""
    assert not run.timed_out, run.output
    assert run.status == 125, f"status {run.status}\n{run.output}"
    assert any(all(word in line for word in words) for line in run.kernel_lines), run.output
    return True
