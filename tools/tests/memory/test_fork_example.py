"""The lecture's example prints the same on ox as on Linux, and copies in each mode what it should."""
import os
import pty
import re
import subprocess

import qemu
from conftest import ended_well, program


def on_linux():
    """Its lines under qemu-riscv64, at a terminal: into a pipe, the child would also print its parent's buffer."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(["qemu-riscv64", program("fork_example")], stdout=theirs, stderr=theirs)
    os.close(theirs)
    text = b""
    try:
        while chunk := os.read(ours, 4096):
            text += chunk
    except OSError:  # how a pty says that no process has it open any more: the child has exited too
        pass
    os.close(ours)
    assert process.wait() == 0
    return text.decode().replace("\r", "").splitlines()


def each_process(lines):
    """(the parent's lines, the child's lines), each in order, without addresses."""
    lines = [re.sub(r"0x[0-9a-f]+", "ADDRESS", line) for line in lines]
    child = [line for line in lines if line.startswith("Child")]
    return [line for line in lines if line not in child], child


def test_prints_what_it_prints_on_linux(machine, mode):
    run = machine.run("fork_example", words=f"fork={mode}")
    assert ended_well(run)
    assert each_process(run.program_lines) == each_process(on_linux())


def test_the_address_is_the_same_and_the_values_are_not(machine, mode):
    run = machine.run("fork_example", words=f"fork={mode}")
    assert len(set(re.findall(r"address: (0x[0-9a-f]+)", run.output))) == 1
    values = dict(re.findall(r"^(.*): x = (\d+)", run.output, re.MULTILINE))
    assert values == {"Before fork": "5", "Child": "5", "Child after change": "10", "Parent": "5",
                      "Parent after change": "20"}


def test_runs_on_any_number_of_harts(machine, mode):
    for cpus in (2, 4, 8):
        run = machine.run("fork_example", words=f"fork={mode} stats", cpus=cpus)
        assert ended_well(run)
        assert len(run.program_lines) == 5
        assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]


def silent(machine, mode):
    return machine.run("fork_example", words=f"fork={mode} stats", debug=False, extra=qemu.ICOUNT).stats()


def test_what_each_mode_copies(machine):
    eager, cow, on_demand = (silent(machine, mode) for mode in ("eager", "cow", "on_demand"))
    forks = on_demand["forks"]
    assert forks == cow["forks"] == eager["forks"] == 2, "init's and the example's"
    assert eager["pages_copied_by_forks"] > 0 and eager["pages_copied_by_faults"] <= cow["pages_copied_by_faults"]
    assert cow["pages_copied_by_forks"] == 0 and cow["tables_copied_by_faults"] == 0
    assert cow["tables_copied_by_forks"] == eager["tables_copied_by_forks"] > forks
    assert on_demand["pages_copied_by_forks"] == 0 and on_demand["tables_copied_by_forks"] <= forks
    assert on_demand["tables_copied_by_faults"] > 0
    assert on_demand["pages_copied_by_faults"] == cow["pages_copied_by_faults"] > 0
    for stats in (eager, cow, on_demand):
        assert stats["spurious"] == stats["denied"] == stats["no_memory"] == 0


def test_counts_repeat_exactly(machine, mode):
    assert silent(machine, mode) == silent(machine, mode)
