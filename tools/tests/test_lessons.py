"""The lessons in user/: what they say on ox is what they say on Linux, and every frame comes back."""
import re
import subprocess

import pytest
from conftest import ended_well, program


def without_numbers(lines):
    """Process numbers, frames and addresses are each machine's own."""
    return [re.sub(r"0x[0-9a-f]+|pid \d+|child of \d+", "N", line) for line in lines if line]


def on_linux(name, *arguments):
    run = subprocess.run(["qemu-riscv64", program(name), *arguments], stdout=subprocess.PIPE, text=True, timeout=60)
    assert run.returncode == 0
    return without_numbers(run.stdout.splitlines())


def on_ox(machine, command, mode, cpus=2, memory="128M"):
    run = machine.run(command, words=f"fork={mode} stats", cpus=cpus, memory=memory, timeout=90)
    assert ended_well(run)
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]
    return run.program_lines


@pytest.mark.parametrize("name, arguments", [("fork_tree", ["3", "3"]), ("snapshot", ["512"])])
def test_it_says_what_it_says_on_linux(machine, mode, name, arguments):
    lines = on_ox(machine, " ".join([name, *arguments]), mode)
    assert without_numbers(lines) == on_linux(name, *arguments)


def test_the_machine_survives_a_fork_bomb(machine, mode):
    lines = on_ox(machine, "forkbomb", mode, cpus=4, memory="64M")
    assert lines[-1] == "all of them are gone, and fork works again"
    assert lines[1] in ("Cannot allocate memory", "Resource temporarily unavailable", "five seconds are over")
