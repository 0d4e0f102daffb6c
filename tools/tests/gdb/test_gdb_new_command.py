"""gdb loads every file in tools/gdb/ox: a new command needs a new file there, and nothing else."""
import shutil
import subprocess

import pytest
from conftest import BUILD, ROOT
from gdb_machine import GDB

COMMAND = '''"""ox-greet: for this test."""
from .command import Command


class Greet(Command):
    """Greet somebody.

Usage: ox-greet NAME"""
    usage, needs_words = "ox-greet NAME", True

    def act(self, text):
        print(f"hello, {text}")


Greet()
'''


@pytest.fixture
def said(tmp_path):
    """The output of gdb with one more file in that folder."""
    for room in ("gdb", "machine"):
        shutil.copytree(ROOT / "tools" / room, tmp_path / "tools" / room)
    (tmp_path / "tools/gdb/ox/greet.py").write_text(COMMAND)

    def type_in(*commands):
        words = [word for command in commands for word in ("-ex", command)]
        run = subprocess.run([GDB, "-q", "-batch", BUILD / "ox.elf", "-x", "tools/gdb/ox.gdb", *words], cwd=tmp_path,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return run.stdout
    return type_in


def test_a_file_that_was_put_there_is_a_command(said):
    assert "hello, world" in said("ox-greet world")
    assert "usage: ox-greet NAME" in said("ox-greet")


def test_a_new_command_is_listed_beside_the_others(said):
    listed = said("help user-defined")
    assert "ox-greet -- Greet somebody." in listed and "ox-walk -- " in listed
