"""Runs inside gdb, started by test_gdb.py: steps through every instruction of trap entry and return, and checks in each
where the backtrace ends. gdb forces the cases that the program does not reach by itself.
"""
import re

import gdb
from gdb_stepping import finish_until, functions, in_assembler, number, play, run, step_into_the_kernel
from gdb_stepping import stop_in_the_handler

SOFTWARE_INTERRUPT = 1 << 63 | 1
SYSTEM_CALL = 8
A0 = 10

visited, blind = set(), []


def ends_in_the_program(names):
    """Whether the backtrace ends in main; or, with QEMU 10, where gdb cannot read the user's stack while the hart is in
    the
        kernel, in the function that trapped."""
    if names[-1] == "main":
        return True
    try:
        gdb.selected_inferior().read_memory(number("(unsigned long)&main"), 1)
    except gdb.MemoryError:
        return names[-2:] == ["trap", trapped]
    return False


trapped = ""


def of_the_entry(address):
    symtab = gdb.find_pc_line(address).symtab
    return symtab is not None and symtab.filename.endswith("entry.S")


def assembler():
    """[(address, instruction)] of the whole of trap_entry."""
    lines = gdb.execute("disassemble trap_entry", to_string=True).splitlines()
    found = (re.match(r"\W*(0x[0-9a-f]+) <\+\d+>:\t(.*)", line) for line in lines)
    code = [(int(line[1], 16), line[2].replace("\t", " ")) for line in found if line]
    return [line for line in code if of_the_entry(line[0])]


def step_through(change=lambda: None):
    """Steps through every instruction from here to C++ or to user mode, and calls `change()` before each one."""
    for _ in range(120):
        if not in_assembler() or number("$priv") == 0:
            return
        visited.add(number("$pc"))
        names = functions()
        if not ends_in_the_program(names):
            blind.append([hex(number("$pc")), names])
        change()
        run("stepi")
    raise gdb.GdbError("the trap entry does not end")


def at(address, register, value):
    """Changes a register just before the instruction at `address`."""
    def change():
        if number("$pc") == address:
            run(f"set ${register} = {value}")
    return change


def a_fault_in_the_handler():
    """Sets `this` to null, so the next access through it is a trap from the kernel. Returns the right value."""
    this = number("$a0")
    run("set $a0 = 0")
    for _ in range(30):
        run("stepi")
        if in_assembler():
            return this
    raise gdb.GdbError("no trap within 30 instructions")


def child():
    """A page fault of the child."""
    step_into_the_kernel()
    step_through()
    finish_until(in_assembler)
    step_through()


def a_system_call():
    """A system call made by main."""
    global trapped
    gdb.Breakpoint("main", temporary=True)
    run("continue")
    entry = gdb.Breakpoint("*(long)&trap_entry")
    run("continue")
    while number("$scause") != SYSTEM_CALL:
        run("continue")
    entry.delete()
    trapped = gdb.execute("info symbol $sepc", to_string=True).split()[0]
    code = assembler()
    step_through()
    finish_until(in_assembler)
    step_through()
    return code


def parent(overflow):
    """A page fault of the parent. It contains a trap from the kernel that returns, and then one that finds no room on
    the stack. Returns the backtrace of the resulting panic."""
    step_into_the_kernel()
    step_through()
    stop_in_the_handler()
    this = a_fault_in_the_handler()
    step_through()
    run(f"set frame->scause = {SOFTWARE_INTERRUPT}")
    run(f"set frame->x._M_elems[{A0}] = {this:#x}")
    finish_until(in_assembler)
    step_through()
    a_fault_in_the_handler()
    step_through(at(overflow, "t0", 0))
    gdb.Breakpoint("ox::panic_text")
    run("continue")
    return functions()


def main():
    code = a_system_call()
    gdb.Breakpoint("fork_page.c:24", temporary=True)
    gdb.Breakpoint("fork_page.c:33", temporary=True)
    run("continue")
    child()
    run("continue")
    panic = parent(next(address for address, text in code if text.startswith("bgez")))
    never = [text for address, text in code if address not in visited]
    return {"steps": len(visited), "blind": blind, "never": never, "panic": panic}


play(main)
