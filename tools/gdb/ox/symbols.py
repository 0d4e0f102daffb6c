"""The symbols of the program that was executed last, and of no other: all static programs stand at the same addresses.

init is left alone: it stands elsewhere (Makefile), so its start does not take the symbols of PROG away.
"""
import os

import gdb

from . import files
from .command import Command
from .machine import Machine, Process
from .physical import Refused

FOLDERS = ("user", "tests")  # under the folder of ox.elf


def kernel_file():
    return next(file for file in gdb.objfiles() if os.path.basename(file.filename) == "ox.elf").filename


def file_of(name):
    """The program with its symbols; None: we did not build it."""
    folder = os.path.dirname(kernel_file())
    candidates = (os.path.join(folder, kind, name) for kind in FOLDERS)
    return next((file for file in candidates if os.path.isfile(file)), None)


def loaded():
    """The programs' symbol files; QEMU's machine has no others."""
    return [file.filename for file in gdb.objfiles() if file.is_valid() and file.filename != kernel_file()]


def use(file):
    """Symbols of `file`, or of none, replace the last program's. True if that changed anything."""
    others = [old for old in loaded() if old != file]
    for old in others:
        gdb.execute(f"remove-symbol-file {old}", to_string=True)
    if file is not None and file not in loaded():
        gdb.execute(f"add-symbol-file {file}", to_string=True)
        return True
    return bool(others)


class AtExec(gdb.Breakpoint):
    """The old program is about to go. exec_process() has just said which file the process runs; exit comes by too."""

    def __init__(self):
        super().__init__("ox::give_up_space", internal=True)
        self.silent = True

    def stop(self):
        try:
            self.new_program()
        except (gdb.error, Refused) as error:  # a stop() that fails would stop the machine
            print(f"ox: symbols stay as they are: {error}")
        return False

    @staticmethod
    def new_program():
        machine = Machine()
        place = gdb.selected_frame().read_var("self")
        address = int(place.referenced_value().address)
        process = Process(machine, machine.memory.place("ox::Process", address))
        if process.pid == 1 or machine.memory.number(process.place["exiting"]):
            return
        path = files.path_of(machine, machine.memory.follow(process.place, "executable")) or process.name
        file = file_of(os.path.basename(path))
        if use(file):
            symbols = f"symbols of {os.path.relpath(file)}" if file else "no symbols"
            print(f"[pid {process.pid} runs {path}: {symbols}]")


class Symbols(Command):
    """Use the symbols of a program, as an exec does by itself.

Usage: ox-symbols NAME"""
    usage, needs_words = "ox-symbols NAME", True

    def act(self, text):
        file = file_of(text)
        if file is None:
            raise Refused(f"{text} is not among the programs that were built; `make all test-programs` builds them")
        use(file)


AtExec()
Symbols()
