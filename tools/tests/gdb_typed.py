"""Runs inside gdb, started by gdb_machine.typed(): types the commands in `commands` and prints each one's output.

gdb's command line sets `commands`. An error is output too, with "error: " before it.
"""
import json

import gdb
from gdb_stepping import run

RUNS = ("continue", "finish", "step", "next", "until", "advance", "reverse-", "ox-who")


def say(command):
    """gdb prints where it stops directly, not into the output of the command. So this function asks for the place."""
    try:
        said = run(command)
        return said + (gdb.execute("frame", to_string=True) if command.startswith(RUNS) else "")
    except gdb.error as error:
        return f"error: {error}"


print("RESULT " + json.dumps([say(command) for command in commands]))  # noqa: F821
