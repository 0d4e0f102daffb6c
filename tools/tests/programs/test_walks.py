"""Random walks of calls about files and about memory: each line must equal Linux's line for the same program."""
import subprocess

import pytest
from conftest import ROOT, ended_well, for_the_host


def goes_as_on_linux(machine, walk, seed, steps, mode, folder):
    on_host = for_the_host(ROOT / "tools/tests/programs" / f"{walk}.c")
    linux = subprocess.run([on_host, str(seed), str(steps)], cwd=folder, capture_output=True, text=True, timeout=60)
    assert linux.returncode == 0, linux.stderr
    run = machine.run(f"{walk} {seed} {steps}", words=f"fork={mode} recount=1000", cpus=2, timeout=60)
    assert ended_well(run)
    expected = linux.stdout.splitlines()
    different = [lines for lines in zip(run.program_lines, expected) if lines[0] != lines[1]]
    assert different[:1] == [], "the first line that differs: ox's, and Linux's"
    assert len(run.program_lines) == len(expected)


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_walk_of_files_goes_as_on_linux(machine, seed, tmp_path):
    goes_as_on_linux(machine, "walk_files", seed, 4000, "on_demand", tmp_path)


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_walk_of_memory_goes_as_on_linux(machine, mode, seed, tmp_path):
    goes_as_on_linux(machine, "walk_memory", seed, 300, mode, tmp_path)
