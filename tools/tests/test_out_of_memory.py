"""Out of memory is an answer: fork says ENOMEM, a fault kills that process alone, nothing leaks, the machine goes on."""
import pytest
from conftest import ended_well


@pytest.mark.parametrize("cpus", [1, 2])
def test_a_chain_of_forks_is_as_deep_the_third_time(machine, mode, cpus):
    run = machine.run("fork_until_full", words=f"fork={mode} stats", memory="32M", cpus=cpus, timeout=120)
    assert ended_well(run)
    assert len([line for line in run.program_lines if line.startswith("depth ")]) == 3
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]


def test_who_touches_too_much_dies_alone(machine, mode):
    run = machine.run("touch_until_killed", words=f"fork={mode} stats", memory="32M", timeout=120)
    assert ended_well(run)
    stats = run.stats()
    assert stats["no_memory"] == 4
    assert len([line for line in run.kernel_lines if "out of memory" in line]) == 4, "one console line for each"
    assert stats["frames_free_before"] == stats["frames_free_after"]
