"""Keeps the symbols of one program loaded, the one that was executed last: all static programs have the same addresses.

Only init is linked at another address (Makefile), so its symbols are kept beside those of another program. They are
loaded when the machine stops in init.
"""
import os

import gdb

from . import files
from .command import Command, own_breakpoints
from .machine import Machine, Process
from .physical import Refused

INIT = "init"
FOLDERS = ("user", "tests", "../user", "../tests")  # relative to ox.elf; the kernel of make gdb is one folder deeper


def kernel_file():
    return next(file for file in gdb.objfiles() if os.path.basename(file.filename) == "ox.elf").filename


def file_of(name):
    """The program's file with symbols; None: we did not build it."""
    folder = os.path.dirname(kernel_file())
    candidates = (os.path.normpath(os.path.join(folder, kind, name)) for kind in FOLDERS)
    return next((file for file in candidates if os.path.isfile(file)), None)


def loaded():
    """The symbol files of programs that are loaded. Other object files are not programs."""
    return [file.filename for file in gdb.objfiles() if file.is_valid() and file.filename != kernel_file()]


def use(file):
    """Replaces the last program's symbols by those of `file`, or by none. True if that changed anything."""
    others = [old for old in loaded() if old not in (file, file_of(INIT))]
    for old in others:
        gdb.execute(f"remove-symbol-file {old}", to_string=True)
    return add(file) or bool(others)


def add(file):
    if file is None or file in loaded():
        return False
    gdb.execute(f"add-symbol-file {file}", to_string=True)
    return True


def program_of(process):
    """(path in the machine, symbol file or None)"""
    memory = process.machine.memory
    opened = memory.follow(process.place, "program")
    inode = opened and memory.follow(opened, "inode_")
    path = (files.path_of(process.machine, inode) if inode else None) or process.name  # process 1 has no program at first
    return path, file_of(os.path.basename(path))


class AtExec(gdb.Breakpoint):
    """exec_process() has just set the process's file; replaces the old program's symbols. exit stops here too."""

    def __init__(self):
        super().__init__("ox::give_up_space", internal=True)
        self.silent = True
        own_breakpoints.append(self)

    def stop(self):
        try:
            self.new_program()
        except (gdb.error, Refused) as error:  # an error in stop() would stop the machine
            print(f"ox: the symbols were not changed: {error}")
        return False

    @staticmethod
    def new_program():
        at_stop.satp = None
        machine = Machine()
        address = int(gdb.selected_frame().read_var("self").referenced_value().address)
        process = Process(machine, machine.memory.place("ox::Process", address))
        if process.pid == 1 or machine.memory.number(process.place["exiting"]):
            return
        path, file = program_of(process)
        if use(file):
            symbols = f"symbols of {os.path.relpath(file)}" if file else "no symbols"
            print(f"[pid {process.pid} runs {path}: {symbols}]")


def at_stop(event):
    """The current process may not be the last one that called exec. The symbols stay loaded: a change would remove
    breakpoints."""
    try:
        satp = int(gdb.parse_and_eval("$satp"))
        if satp == at_stop.satp:
            return
        at_stop.satp = satp
        machine = Machine()
        process = machine.process_of(machine.hart())
        if process is not None and process.root is not None:
            look_at(process)
    except (gdb.error, Refused):
        pass  # the machine has ended, or the kernel has not started yet


def look_at(process):
    path, file = program_of(process)
    name = os.path.basename(path)
    if name == INIT:
        add(file)
    elif file is not None and file not in loaded():
        print(f"[pid {process.pid} runs {path}, whose symbols are not loaded: `ox-symbols {name}`]")


at_stop.satp = None


class Symbols(Command):
    """Use the symbols of a program. An exec does this by itself.

Usage: ox-symbols NAME"""
    usage, needs_words = "ox-symbols NAME", True

    def act(self, text):
        file = file_of(text)
        if file is None:
            raise Refused(f"{text} is not among the programs that were built; `make all test-programs` builds them")
        use(file)


AtExec()
gdb.events.stop.connect(at_stop)
Symbols()
