"""Boots a machine under gdb, lets a script stop and change it, and then lets it run on alone.

The script (SUBJECT/*_session.py, with gdb_guest.py) runs inside gdb. Afterwards gdb is detached, so exit status and
console are the same as without gdb.
"""
import json
import os
import re
import subprocess

import initramfs
import qemu
import rules
from conftest import BUILD, ROOT, program, stripped

GDB = os.environ.get("GDB", "gdb-multiarch")
# gdb can connect only after QEMU has made the socket.
WAIT_FOR_SOCKET = 'until [ -S "$0" ]; do sleep 0.01; done; exec "$@"'


def run_under_gdb(machine, folder, script, case, command="fork_page", timeout=60, **options):
    """Runs the function `case` of `script`, which stops the machine where it wants to. Returns the run, and the
    function's result."""
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
    return run, result_of(text)


def in_gdb(folder, *words, command="fork_page", others=(), renamed=(), line="", extra=(), kernel=BUILD / "ox.elf",
           **options):
    """gdb starts a machine, executes `words` of its command line, and ends the machine. Returns gdb's output.

    `line` are words of the kernel's command line. `renamed` are pairs of a program and another name for it. The symbols
    of the first program are loaded, as in `make gdb`.
    """
    name, *arguments = command.split()
    archive = folder / "initramfs.cpio"
    files = {file: stripped(file) for file in {"init", name, *others}} | {to: stripped(file) for file, to in renamed}
    archive.write_bytes(initramfs.archive(files))
    machine = qemu.command(kernel, archive, f"{line} -- {' '.join(['/' + name, *arguments])}",
                           extra=["-S", "-gdb", "stdio", *extra], **options)
    machine[machine.index("-serial") + 1] = f"file:{folder}/console"
    pipe = " ".join(f'"{word}"' if " " in word else word for word in machine)
    run = subprocess.run([GDB, "-q", "-batch", kernel, "-x", "tools/gdb/ox.gdb",
                          "-ex", f"add-symbol-file {program(name)}", "-ex", f"target remote | exec {pipe}", *words,
                          "-ex", "kill"],
                         cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=120)
    return run.stdout


def result_of(text):
    """The value that a script printed as "RESULT {json}"."""
    results = [line for line in text.splitlines() if line.startswith("RESULT ")]
    assert results, text
    seen = json.loads(results[-1].removeprefix("RESULT "))
    assert not (isinstance(seen, dict) and "error" in seen), f"{seen}\n{text}"
    return seen


def typed(folder, *commands, **options):
    """gdb's answers to the commands, one for each; "error: ..." if a command failed."""
    return result_of(in_gdb(folder, "-ex", f"python commands = {list(commands)!r}", "-x",
                            ROOT / "tools/tests/gdb_typed.py", **options))


def panicked(run, *texts):
    """Checks a panic: status 134, one line with all the texts, then the rule that it names and where to read on.
    Returns the backtrace's names."""
    assert not run.timed_out, run.output
    assert run.status == 134, f"status {run.status}\n{run.output}"
    lines = run.output.splitlines()
    panics = [n for n, line in enumerate(lines) if line.startswith("ox: panic: ")]
    assert len(panics) == 1, run.output
    for text in texts:
        assert text in lines[panics[0]], f"not {text!r}:\n{run.output}"
    if broken := re.search(r"\brule (\d+): ", lines[panics[0]]):
        number = int(broken[1])
        assert lines[panics[0] + 1:panics[0] + 3] == [f"ox: Rule {number}: {rules.sentences()[number]}",
                                                      f"ox: Read on: kernel/vm/README.md, rule {number}"], run.output
    calls = re.findall(r"^ox:   #\d+ 0x[0-9a-f]+ (.+)\+0x[0-9a-f]+$", "\n".join(lines[panics[0]:]), re.MULTILINE)
    assert calls and "?" not in calls, run.output
    return calls
