"""Runs inside gdb (gdb_machine.typed() starts it): types the commands in `commands` and prints each one's output.

`commands` is set by gdb's command line. An error is output too, with "error: " before it.
"""
import json

import gdb
from gdb_stepping import run

RUNS = ("continue", "finish", "step", "next", "until", "advance", "reverse-", "ox-who")


def say(command):
    """Where the machine stops gdb says past us, so it is asked."""
    try:
        said = run(command)
        return said + (gdb.execute("frame", to_string=True) if command.startswith(RUNS) else "")
    except gdb.error as error:
        return f"error: {error}"


print("RESULT " + json.dumps([say(command) for command in commands]))  # noqa: F821
