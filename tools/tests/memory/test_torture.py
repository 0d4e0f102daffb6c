"""user/torture: generations of forks, every kind of page, every way to write, chains of forks until memory runs out."""
import re

import pytest
from conftest import ended_well


@pytest.mark.parametrize("cpus", [1, 2, 4])
def test_torture(machine, mode, cpus):
    # A recount stops all other harts, and torture traps all the time. Frequent recounts would keep two harts from ever
    # running at the same time.
    recount = 256 if cpus == 1 else 1024
    run = machine.run("torture 1", words=f"fork={mode} stats recount={recount}", cpus=cpus, memory="64M", timeout=180)
    assert ended_well(run)
    report = next(line for line in run.program_lines if line.startswith("torture: "))
    did = dict(re.findall(r"(\w+)=(\d+)", report))
    for what in ("processes", "user_writes", "kernel_writes", "failed_forks", "killed", "chains"):
        assert int(did[what]) > 0, f"{what}: {report}"
    stats = run.stats()
    assert stats["spurious"] == 0
    assert stats["frames_free_before"] == stats["frames_free_after"]
    assert stats["granted"] > 0 and stats["zeroed"] > 0
    assert (stats["pages_copied_by_forks" if mode == "eager" else "pages_copied_by_faults"]) > 0
