"""Machines of every kind boot, and QEMU exits with init's status."""
from concurrent.futures import ThreadPoolExecutor

import initramfs
import pytest
from conftest import ended_well, stripped


@pytest.mark.parametrize("memory", ["32M", "33M", "64M", "128M", "1G", "2G", "3G", "4G"])
def test_boots_with_any_memory(machine, memory):
    run = machine.run("hello", memory=memory)
    assert ended_well(run)
    assert run.program_lines == ["hello"]


def test_boots_with_memory_in_banks(machine):
    banks = [word for name in "ab" for word in ("-object", f"memory-backend-ram,id={name},size=64M")]
    nodes = [word for cpu, name in enumerate("ab") for word in ("-numa", f"node,memdev={name},cpus={cpu}")]
    run = machine.run("hello", words="stats", cpus=2, memory="128M", extra=(*banks, *nodes))
    assert ended_well(run)
    assert run.stats()["frames_free_before"] > 110 * 256


@pytest.mark.parametrize("cpus", range(1, 9))
def test_boots_with_any_number_of_harts(machine, cpus):
    run = machine.run("hello", cpus=cpus)
    assert ended_well(run)
    assert run.program_lines == ["hello"]


@pytest.mark.parametrize("status", [0, 1, 42, 125, 255])
def test_exit_status_of_the_program_becomes_qemus(machine, status):
    run = machine.run(f"exit_codes exit {status}")
    assert run.status == status, run.output


def test_the_exit_status_is_kept_when_the_host_is_busy(machine):
    """QEMU 10 takes a moment to end. If the machine asks in another way meanwhile, it forgets the status."""
    with ThreadPoolExecutor(8) as pool:
        ends = pool.map(lambda _: machine.run("exit_codes exit 125").status, range(24))
    assert list(ends) == [125] * 24


def test_a_program_killed_by_a_signal_gives_128_plus_its_number(machine):
    run = machine.run("exit_codes signal 11")
    assert run.status == 128 + 11
    assert run.program_lines == ["init: /exit_codes was killed by signal 11 (Segmentation fault)"]


def test_an_unknown_word_of_the_command_line_is_named_and_left_alone(machine):
    run = machine.run("hello", words="quiet root=/dev/vda")
    assert ended_well(run)
    assert "ox: quiet: unknown word; known: init= fork= trace record record= debug recount= stats" in run.kernel_lines


def test_harts_beyond_eight_stay_off(machine):
    run = machine.run("hello", cpus=9)
    assert ended_well(run)
    assert "ox: more than 8 harts: 1 stay off" in run.kernel_lines


def test_what_stands_between_quotes_is_one_argument(machine):
    files = {name: stripped(name) for name in ("init", "echo")}
    run = machine.boot(initramfs.archive(files), init_arguments="/echo 'a  b' \"it's c\" '' d")
    assert ended_well(run)
    assert run.program_lines == ["a  b it's c  d"]


def test_no_frame_is_lost_between_boot_and_power_off(machine, mode):
    run = machine.run("hello", words=f"fork={mode} stats")
    assert ended_well(run)
    stats = run.stats()
    assert stats["frames_free_before"] == stats["frames_free_after"] > 0


def test_boot_to_power_off_time_is_reported(machine, record_property):
    seconds = min(machine.run("hello", debug=False).seconds for _ in range(3))
    record_property("boot_to_power_off_ms", round(seconds * 1000))
    print(f"boot to power-off: {seconds * 1000:.0f} ms")
    assert seconds < 10
