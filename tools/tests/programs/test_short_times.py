"""Very short timers, or a very long call, keep no other process from running: one hart, counted in instructions."""
import pytest
import qemu
from conftest import ended_well


@pytest.mark.parametrize("scene", ["timer", "sleepers", "fair", "populate", "random", "long_read", "long_fork"])
def test_other_processes_run_beside_very_short_timers_and_long_calls(machine, scene):
    run = machine.run(f"short_times {scene}", words="fork=eager stats", memory="512M", extra=qemu.ICOUNT, timeout=60)
    assert ended_well(run)
    stats = run.stats()
    assert stats["frames_free_before"] == stats["frames_free_after"]
