"""Every pointer argument, with every kind of bad pointer, gets the host's answer. The program is compiled for both."""
import os
import subprocess

import pexpect
import pytest
from conftest import ROOT, ended_well

SOURCE = ROOT / "tools/tests/programs/pointer_errors.c"
# The lines in which ox differs from Linux, and the reasons.
DIFFERENT = {
    "read_pipe buf straddling fine",  # ox moves the bytes that fit, as for files
    "write_pipe buf straddling fine",
    "getrandom buf straddling EFAULT",  # ox moves all bytes or none
    "futex_wait word read_only EFAULT",  # waiting for memory that nobody can write is useless
    "futex_wait timeout null EFAULT",
    "futex_wait timeout read_only EFAULT",
    "futex_wait timeout misaligned EFAULT",
    "munmap addr null EINVAL",  # user memory does not begin at 0
    "madvise addr kernel EINVAL",  # not a user's address, as in the other calls on mappings
    "madvise addr no_address EINVAL",
}


def lines_of(output):
    return [line.strip("\r") for line in output.split("\n") if line.strip("\r") and not line.startswith("ox: ")]


@pytest.fixture(scope="module")
def answers_of_linux(tmp_path_factory):
    """The host's answers, at a terminal of its own, as on ox."""
    binary = tmp_path_factory.mktemp("host") / "pointer_errors"
    subprocess.run([os.environ.get("CC", "gcc"), "-O1", "-o", binary, SOURCE], check=True)
    output = pexpect.run(str(binary), timeout=60, encoding="utf-8")
    lines = lines_of(output)
    assert lines[-1] == "end of the list", output
    return lines


@pytest.mark.parametrize("cpus", [1, 4])
def test_bad_pointers_get_linuxs_answers(machine, answers_of_linux, mode, cpus):
    run = machine.run("pointer_errors", words=f"fork={mode} stats", cpus=cpus, memory="256M", timeout=90)
    assert ended_well(run)
    answers = lines_of(run.output)
    assert answers[-1] == "end of the list", run.output
    wrong = [(ours, linuxs) for ours, linuxs in zip(answers, answers_of_linux) if ours != linuxs and ours not in DIFFERENT]
    assert not wrong, "\n".join(f"ox: {ours}   Linux: {linuxs}" for ours, linuxs in wrong)
    assert len(answers) == len(answers_of_linux)
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]
