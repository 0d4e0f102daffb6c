"""Runs inside gdb (test_gdb.py starts it): the session that a reader of the README types, by script.

Prints one line "RESULT {json}" with what it saw.
"""
import json

import gdb

SOURCE, X = "user/fork_page.c", "page.x"


def run(command):
    return gdb.execute(command, to_string=True)


def number(expression):
    return int(gdb.parse_and_eval(expression))


def line_of(text):
    with open(SOURCE, encoding="utf-8") as source:
        return 1 + next(n for n, line in enumerate(source) if text in line)


def functions(count=20):
    """The names in the backtrace, innermost first; "trap" for the frame that the trap entry is."""
    names, frame = [], gdb.newest_frame()
    while frame is not None and len(names) < count:
        names.append("trap" if frame.type() == gdb.SIGTRAMP_FRAME else frame.name() or "?")
        frame = frame.older()
    return names


def step_into_the_kernel():
    """stepi from a line of C to the trap that one of its instructions makes. Returns that instruction's address."""
    for _ in range(30):
        pc = number("$pc")
        run("stepi")
        if number("$priv") == 1:
            return pc
    raise gdb.GdbError("no trap within 30 instructions")


def in_assembler():
    return gdb.newest_frame().type() == gdb.SIGTRAMP_FRAME


def step_through_assembler():
    """Every instruction from here to C++ or to user mode: does the backtrace reach the program in each?"""
    blind = []
    for steps in range(100):
        if not in_assembler() or number("$priv") == 0:
            return steps, blind
        if functions()[-1] != "main":
            blind.append(hex(number("$pc")))
        run("stepi")
    raise gdb.GdbError("the trap entry does not end")


def finish_until(done):
    for _ in range(12):
        run("finish")
        if done():
            return
    raise gdb.GdbError("12 times finish, and not there yet")


def in_user_mode():
    return number("$priv") == 0


def stop_in_the_handler():
    gdb.Breakpoint("ox::AddressSpace::fault", temporary=True)
    run("continue")


def child_session():
    seen = {"before": number(X)}
    store = step_into_the_kernel()
    seen["entry"] = number("$pc") == number("(unsigned long)&trap_entry")
    seen["trap_line"] = next((line for line in run("bt").splitlines() if "=== trap" in line), "")
    seen["x_address"] = hex(number(f"(unsigned long)&{X}"))
    seen["entry_steps"], seen["blind"] = step_through_assembler()
    stop_in_the_handler()
    seen["handler"] = functions()
    seen["handler_text"] = run("bt")
    finish_until(in_user_mode)
    seen["back_at_store"] = number("$pc") == store
    seen["still"] = number(X)
    run("stepi")
    seen["after"] = number(X)
    return seen


def parent_session():
    """The same way, but out of the kernel instruction by instruction."""
    seen = {"before": number(X)}
    store = step_into_the_kernel()
    stop_in_the_handler()
    finish_until(in_assembler)
    seen["exit_steps"], seen["blind"] = step_through_assembler()
    seen["back_at_store"] = number("$pc") == store
    run("stepi")
    seen["after"] = number(X)
    seen["call_steps"], seen["call_blind"] = step_through_a_system_call()
    return seen


def step_through_a_system_call():
    """A fault saves and restores half of the registers, a system call all of them."""
    gdb.Breakpoint("*trap_entry", temporary=True).condition = "$scause == 8"
    run("continue")
    entry, blind = step_through_assembler()
    finish_until(in_assembler)
    back, more = step_through_assembler()
    return [entry, back], blind + more


def main():
    child_line, parent_line = line_of("x = 10;"), line_of("x = 20;")
    gdb.Breakpoint(f"fork_page.c:{child_line}")
    gdb.Breakpoint(f"fork_page.c:{parent_line}")
    seen = {"order": []}
    for _ in range(2):
        run("continue")
        if gdb.selected_frame().find_sal().line == child_line:
            seen["order"].append("child")
            seen["child"] = child_session()
        else:
            seen["order"].append("parent")
            seen["parent"] = parent_session()
    return seen


try:
    print("RESULT " + json.dumps(main()))
except Exception as error:  # shown by the test, with gdb's place
    print("RESULT " + json.dumps({"error": f"{type(error).__name__}: {error}", "where": run("info registers pc priv")}))
