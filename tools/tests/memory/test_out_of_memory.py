"""Out of memory is an answer: a fault kills only its process, nothing leaks, and the machine goes on. (test_torture.py
has chains of forks that end with ENOMEM.)"""
import pytest
from conftest import ended_well


@pytest.mark.parametrize("cpus", [1, 2])
def test_a_process_that_touches_too_much_memory_is_killed_alone(machine, mode, cpus):
    run = machine.run("oom_kill", words=f"fork={mode} stats", memory="32M", cpus=cpus, timeout=120)
    assert ended_well(run)
    stats = run.stats()
    killed = [line for line in run.kernel_lines if "out of memory" in line]
    assert stats["no_memory"] >= len(killed) == len(set(killed)) > 0, "one console line for each killed process"
    assert stats["frames_free_before"] == stats["frames_free_after"]


def test_removing_files_gives_their_memory_back(machine):
    run = machine.run("full_files", words="stats", memory="40M", debug=False, timeout=120)
    assert ended_well(run)
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]
