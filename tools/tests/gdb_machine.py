"""Boots a machine under gdb, lets a script stop and change it, and then lets it run on alone.

The script (*_session.py, with guest.py) runs inside gdb. The machine is nobody's but QEMU's when it ends, so its exit
status and console are what they would be without gdb.
"""
import json
import os
import re
import subprocess

from conftest import ROOT

GDB = os.environ.get("GDB", "gdb-multiarch")
# gdb can connect once QEMU has made the socket.
WAIT_FOR_SOCKET = 'until [ -S "$0" ]; do sleep 0.01; done; exec "$@"'


def run_under_gdb(machine, folder, script, case, command="fork_page", timeout=60, **options):
    """The function `case` of `script` stops the machine where it wants to. Returns the machine's end, and what the
    function returned."""
    socket, log = folder / "gdb.sock", folder / "gdb.log"
    words = [GDB, "-q", "-batch", machine.kernel, "-x", "tools/gdb/ox.gdb", "-ex", f"target remote {socket}",
             "-ex", f"python case = {case!r}", "-x", ROOT / "tools/tests" / script]
    with open(log, "wb") as file:
        gdb = subprocess.Popen(["sh", "-c", WAIT_FOR_SOCKET, socket, *words], cwd=ROOT, stdin=subprocess.DEVNULL,
                               stdout=file, stderr=subprocess.STDOUT)
    try:
        run = machine.run(command, extra=["-S", "-gdb", f"unix:{socket},server=on,wait=off"], timeout=timeout,
                          **options)
        gdb.wait(timeout=10)
    finally:
        gdb.kill()
        gdb.wait()
    text = log.read_text(errors="replace")
    results = [line for line in text.splitlines() if line.startswith("RESULT ")]
    assert results, f"{text}\n{run.output}"
    result = json.loads(results[-1].removeprefix("RESULT "))
    assert not (isinstance(result, dict) and "error" in result), f"{text}\n{run.output}"
    return run, result


def panicked(run, *texts):
    """Ended by a panic: status 134, one line that has all the texts, and below it the calls, by name. Returns them."""
    assert not run.timed_out, run.output
    assert run.status == 134, f"status {run.status}\n{run.output}"
    lines = run.output.splitlines()
    panics = [n for n, line in enumerate(lines) if line.startswith("ox: panic: ")]
    assert len(panics) == 1, run.output
    for text in texts:
        assert text in lines[panics[0]], f"not {text!r}:\n{run.output}"
    calls = re.findall(r"^ox:   #\d+ 0x[0-9a-f]+ (.+)\+0x[0-9a-f]+$", "\n".join(lines[panics[0]:]), re.MULTILINE)
    assert calls and "?" not in calls, run.output
    return calls
