"""The programs in user/ print the same on ox as on Linux, and every frame is free again at the end."""
import re
import subprocess

import initramfs
import pytest
from conftest import ROOT, ended_well, for_the_host, stripped


def without_numbers(lines):
    """The lines without pids, frames and addresses, which differ between machines."""
    return [re.sub(r"0x[0-9a-f]+|pid \d+|child of \d+", "N", line) for line in lines if line]


def on_linux(name, *arguments):
    on_host = for_the_host(ROOT / "user" / f"{name}.c")
    run = subprocess.run([on_host, *arguments], stdout=subprocess.PIPE, text=True, timeout=60)
    assert run.returncode == 0
    return without_numbers(run.stdout.splitlines())


def on_ox(machine, command, mode, cpus=2, memory="128M", debug=True):
    run = machine.run(command, words=f"fork={mode} stats", cpus=cpus, memory=memory, debug=debug, timeout=90)
    assert ended_well(run)
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]
    return run.program_lines


@pytest.mark.parametrize("name, arguments", [("board", []), ("fork_tree", ["3", "3"]), ("snapshot", ["512"]), ("zombies", ["5"])])
def test_it_says_what_it_says_on_linux(machine, mode, name, arguments):
    lines = on_ox(machine, " ".join([name, *arguments]), mode)
    assert without_numbers(lines) == on_linux(name, *arguments)


@pytest.mark.parametrize("arguments", [["tree", "6"], ["sum", "5"]])
def test_a_family_says_the_same_as_on_linux_in_an_order_of_its_own(machine, mode, arguments):
    lines = on_ox(machine, " ".join(["family", *arguments]), mode)
    assert sorted(without_numbers(lines)) == sorted(on_linux("family", *arguments))


def test_a_family_of_a_seed_says_the_same_as_on_linux(machine, mode):
    files = {"init": stripped("init"), "bin/fork_seed": stripped("fork_seed"), "bin/ps": stripped("ps")}
    run = machine.boot(initramfs.archive(files), f"fork={mode}", "/bin/fork_seed 77")
    assert ended_well(run)
    lines = without_numbers(run.program_lines)
    known = lines[:lines.index("parent: x = 113") + 1]
    assert known == on_linux("fork_seed", "77")[:len(known)]


@pytest.mark.parametrize("cpus", [1, 4])
def test_the_machine_survives_a_fork_bomb_of_as_many_as_there_is_room_for(machine, mode, cpus):
    # Without debug: this test does not need the checker, which would count the references of all the processes.
    lines = on_ox(machine, "forkbomb", mode, cpus, memory="64M", debug=False)
    assert lines[-1] == "all of them are gone, and fork works again"


def test_the_machine_survives_a_fork_bomb_of_a_hundred(machine, mode):
    lines = on_ox(machine, "forkbomb 100", mode, cpus=4)
    assert lines[-1] == "all of them are gone, and fork works again"
    assert lines[-2] in ("it stops at the number it was given", "five seconds are over")  # as fast as the host is


def test_pagemap_shows_one_frame_and_then_two(machine, mode):
    lines = on_ox(machine, "pagemap", mode, cpus=1)
    frames = [int(frame, 16) for frame in re.findall(r"frame (0x[0-9a-f]+)", "\n".join(lines))]
    own = ["its own" in line for line in lines[:5]]
    assert len(frames) == 5
    if mode == "eager":
        assert frames[0] != frames[1]
    else:
        assert frames[0] == frames[1] == frames[2] == frames[4] != frames[3]
        assert own == [True, False, False, True, True]


def test_cow_demo_counts_what_is_copied(machine, mode):
    lines = on_ox(machine, "cow_demo 1000 10", mode, cpus=1)
    numbers = {re.sub(r" {2,}.*", "", line): [int(n) for n in re.findall(r"(\d+) (?:faults|frames)", line)]
               for line in lines[1:]}
    faults, frames = numbers["the child's writes"]
    if mode == "eager":
        assert numbers["fork"][1] >= 1000 and frames < 10
    else:
        assert numbers["fork"][1] < 20
        assert 100 <= faults < 120 and 100 <= frames < 120
    assert numbers["all, the child gone"][1] < 10
