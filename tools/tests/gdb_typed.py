"""Runs inside gdb (gdb_machine.typed() starts it): types the commands in `commands` and prints each one's output.

`commands` is set by gdb's command line. An error is output too, with "error: " before it.
"""
import json

import gdb


def say(command):
    try:
        return gdb.execute(command, to_string=True)
    except gdb.error as error:
        return f"error: {error}"


print("RESULT " + json.dumps([say(command) for command in commands]))  # noqa: F821
