"""Programs that take all that there is of something, or make calls that make no sense. The machine goes on, and has
everything back afterwards."""
import pytest
from conftest import ended_well


def check(run):
    assert ended_well(run)
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]


@pytest.mark.parametrize("cpus", [1, 4])
def test_without_a_free_frame_a_process_gets_errors_and_others_go_on(machine, mode, cpus):
    check(machine.run("full_tables memory", words=f"fork={mode} stats", memory="32M", cpus=cpus, timeout=60))


def test_without_a_free_region_a_process_gets_an_error_and_others_go_on(machine, mode):
    check(machine.run("full_tables regions", words=f"fork={mode} stats", memory="256M", cpus=4, timeout=60))


@pytest.mark.parametrize("cpus", [1, 4])
def test_without_a_free_pid_a_process_gets_an_error_and_others_go_on(machine, cpus):
    check(machine.run("full_tables processes", words="fork=on_demand stats", memory="512M", cpus=cpus, debug=False,
                      timeout=120))


@pytest.mark.parametrize("seed, cpus", [(1, 1), (2, 4)])
def test_random_calls_harm_no_other_process(machine, mode, seed, cpus):
    run = machine.run(f"random_calls {seed}", words=f"fork={mode} stats", memory="256M", cpus=cpus, timeout=60)
    assert ended_well(run)
    assert not any("lost frames" in line for line in run.kernel_lines)
    # The program removes some of the kernel's files, too.
    assert run.stats()["frames_free_before"] <= run.stats()["frames_free_after"]
