"""Programs that check themselves: each must end with 0 in every mode, and all frames must come back."""
import subprocess

import pytest
from conftest import ended_well, program

BEHAVIOURS = {
    "fork_contents": "each process sees its own writes only, in every kind of page, over generations",
    "kernel_writes": "the kernel's writes to user memory take the same path as a user's",
    "float_state": "floating-point registers survive traps, switches and fork",
    "memory_calls": "brk, mmap, munmap, mprotect",
    "signals": "a fault ends a process with the signal that Linux sends",
    "spawn": "vfork, posix_spawn, exec",
    "calls": "pipes, files, time, processes",
}
# What qemu-riscv64 cannot run as Linux does: it has no way to exec a riscv64 file, and the path /calls is ox's.
NO_ORACLE = {"spawn", "calls"}


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_program(machine, mode, name):
    run = machine.run(name, words=f"fork={mode} stats")
    assert ended_well(run), BEHAVIOURS[name]
    assert run.stats()["spurious"] == 0
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_program_on_four_harts(machine, mode, name):
    run = machine.run(name, words=f"fork={mode} stats", cpus=4)
    assert ended_well(run), BEHAVIOURS[name]
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]


@pytest.mark.parametrize("name", [name for name in BEHAVIOURS if name not in NO_ORACLE])
def test_program_says_the_same_under_linux(name):
    assert subprocess.run(["qemu-riscv64", program(name)], timeout=120).returncode == 0


@pytest.mark.parametrize("cpus", [1, 2])
def test_orphans_are_adopted_and_the_status_is_still_the_programs(machine, mode, cpus):
    run = machine.run("orphans", words=f"fork={mode} stats", cpus=cpus)
    assert run.status == 5, run.output
    assert run.output.count("orphan\n") == 5
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]
