"""Runs inside gdb, started by test_gdb.py: the session of tools/gdb/README.md as a script."""
import gdb
from gdb_stepping import (finish_until, functions, in_user_mode, number, play, run, step_into_the_kernel,
                          stop_in_the_handler)

SOURCE, X = "user/fork_page.c", "page.x"


def line_of(text):
    with open(SOURCE, encoding="utf-8") as source:
        return 1 + next(n for n, line in enumerate(source) if text in line)


def child_session():
    seen = {"before": number(X)}
    store = step_into_the_kernel()
    seen["entry"] = number("$pc") == number("(unsigned long)&trap_entry")
    seen["trap_line"] = next((line for line in run("bt").splitlines() if "=== trap" in line), "")
    seen["x_address"] = hex(number(f"(unsigned long)&{X}"))
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
    seen = {"before": number(X)}
    store = step_into_the_kernel()
    stop_in_the_handler()
    finish_until(in_user_mode)
    seen["back_at_store"] = number("$pc") == store
    run("stepi")
    seen["after"] = number(X)
    return seen


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


play(main)
