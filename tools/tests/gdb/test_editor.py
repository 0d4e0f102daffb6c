"""The debugger configuration for editors (.vscode/launch.json): gdb gets its commands as an editor would send them."""
import json
import subprocess

import pexpect
import pytest
from conftest import BUILD, ROOT

THERE = str(BUILD.relative_to(ROOT))  # used instead of build/, since it is built already
LAUNCH, = json.loads((ROOT / ".vscode/launch.json").read_text().replace("build/", f"{THERE}/"))["configurations"]
TASKS = json.loads((ROOT / ".vscode/tasks.json").read_text())["tasks"]


@pytest.fixture
def waiting_machine():
    """What its preLaunchTask starts: a machine that waits for gdb at the configured socket."""
    command = next(task["command"] for task in TASKS if task["label"] == LAUNCH["preLaunchTask"])
    machine = pexpect.spawn("/bin/sh", ["-c", f"{command} BUILD={THERE} WERROR=1"], cwd=ROOT, timeout=300)
    machine.expect("The machine waits for gdb")
    machine.expect("target remote " + LAUNCH["miDebuggerServerAddress"])
    yield machine
    machine.close(force=True)


def test_it_stops_in_the_fault_handler_with_the_symbols_of_kernel_and_program(waiting_machine):
    kernel = LAUNCH["program"].replace("${workspaceFolder}", str(ROOT))
    commands = [step["text"] for step in LAUNCH["setupCommands"]]
    commands += [f"target remote {LAUNCH['miDebuggerServerAddress']}", "continue", "print page.x",
                 "break ox::AddressSpace::write_fault", "continue", "backtrace 1"]
    words = ["gdb-multiarch", "-q", "-batch", kernel]
    for command in commands:
        words += ["-ex", command]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=240).stdout
    assert "$1 = 5" in said, said
    assert "#0  ox::AddressSpace::write_fault" in said.split("$1 = 5")[1], said


def test_every_task_is_a_verb_of_make():
    verbs = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for task in TASKS:
        verb = " ".join(task["command"].split()[:2])
        assert verb in verbs, verb
