"""Tests of the house of floors (tools/build/floors.py) and of the calls out of the core (tools/build/calls.py)."""
import shutil
import subprocess
import sys
from pathlib import Path

import calls
import pytest
from conftest import BUILD, ROOT


@pytest.fixture
def floors(tmp_path):
    """Writes a line at the head of a kernel file in a copy, and returns the check's output and status."""
    shutil.copytree(ROOT / "kernel", tmp_path / "kernel")
    original = Path(calls.__file__).with_name("floors.py")
    tool = tmp_path / original.relative_to(ROOT)
    tool.parent.mkdir(parents=True)
    shutil.copy(original, tool)

    def check(file=None, line=""):
        if file:
            path = tmp_path / "kernel" / file
            path.write_text(f"{line}\n{path.read_text()}")
        run = subprocess.run([sys.executable, tool], capture_output=True, text=True)
        return run.stdout, run.returncode

    return check


def test_the_tree_itself_is_in_order(floors):
    assert floors() == ("", 0)


@pytest.mark.parametrize("file, header, complaint", [
    ("vm/fork.cpp", "sched/scheduler.h", "sched stands above vm"),
    ("vm/frame.cpp", "dev/console.h", "vm/ knows lib/, sync/ and the arch contract only"),
    ("proc/exit.cpp", "procfs/procfs.h", "procfs stands above proc"),
    ("syscall/time.cpp", "procfs/procfs.h", "which only main.cpp may know"),
    ("lib/list.h", "lib/list.h", "a circle: lib/list.h -> lib/list.h"),
    ("proc/fork.cpp", "fs/terminal.h", "headers, at most 45"),
    ("proc/fork.cpp", "no/such.h", "which does not exist"),
])
def test_an_include_that_is_not_allowed_is_named(floors, file, header, complaint):
    said, status = floors(file, f'#include "{header}"')
    assert status == 1 and complaint in said, said


def test_a_new_call_out_of_the_core_is_named(monkeypatch, capsys):
    monkeypatch.setitem(calls.ALLOWED, "ox::copy_signals", "")
    monkeypatch.setattr(sys, "argv", ["calls.py", BUILD / "kernel"])
    assert calls.main() == 1
    assert capsys.readouterr().out.startswith("kernel/proc/ uses ox::copy_signals, which a lecture leaves out.")


def test_all_calls_out_of_the_core_are_listed(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["calls.py", BUILD / "kernel"])
    assert calls.main() == 0
    assert calls.calls(BUILD / "kernel").keys() == calls.ALLOWED.keys()
