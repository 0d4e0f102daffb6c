"""Typed input arrives: lines and their editing, raw characters, and long pastes, of which no byte is lost."""
import pty
import random
import re
import subprocess

import pytest
from conftest import ROOT, ended_well

PASTE = 64 * 1024


def typed_lines(machine, *texts):
    """Types each text at a prompt and returns what echo_input reads; the last read is the end of the input."""
    typed = [("ready", texts[0])] + [("got", text) for text in texts[1:]]
    run = machine.run("echo_input", typed=typed)
    assert ended_well(run)
    return re.findall(r"got \d+: .*", run.output)


def test_erase_kill_and_word_erase_edit_a_line(machine):
    got = typed_lines(machine, "tyx\x7fped\n", "away\x15here\n", "one two\x17three\n", "\x04")
    assert got == ["got 6: typed", "got 5: here", "got 10: one three"]


def test_end_of_input_also_ends_a_part_of_a_line(machine):
    assert typed_lines(machine, "part\x04", "\x04") == ["got 4: part|"]


def test_single_characters_arrive_raw(machine):
    typed = [("ready", "a"), ("got 97", "\x03"), ("got 3", "\r"), ("got 13", "\x04"), ("got 4", "q")]
    assert ended_well(machine.run("typed one", typed=typed))


def checksum(data):
    value = 0
    for byte in data:
        value = (value * 31 + byte) & (1 << 64) - 1
    return f"{value:x}"


def pasted(machine, way, text, cpus):
    run = machine.run(f"typed {way} {len(text)}", typed=[("ready", text)], cpus=cpus, timeout=60)
    assert ended_well(run)
    lines = text.count("\n")
    assert f"read {len(text)} bytes, {lines} lines, sum {checksum(text.encode())}" in run.output


@pytest.mark.parametrize("cpus", [1, 4])
def test_no_byte_of_a_long_paste_of_lines_is_lost(machine, cpus):
    choose = random.Random(cpus)
    text = ""
    while len(text) < PASTE:
        text += "".join(choose.choices("abcdefgh ", k=choose.choice([0, 1, 30, 79, 200, 4094]))) + "\n"
    pasted(machine, "canonical", text, cpus)


@pytest.mark.parametrize("cpus", [1, 4])
def test_no_byte_of_a_long_raw_paste_is_lost(machine, cpus):
    choose = random.Random(cpus)
    pasted(machine, "raw", "".join(chr(choose.randrange(128)) for _ in range(PASTE)), cpus)


@pytest.mark.parametrize("cpus", [1, 4])
@pytest.mark.parametrize("way", ["spins", "waits"])
def test_typed_signals_go_to_the_foreground(machine, way, cpus):
    typed = [("ready", "away\x03"), ("killed 2", ""), ("ready", "\x1c"), ("killed 3", ""), ("ready", "\x1a"),
             ("stopped 20", "\x1a"), ("stopped 20", "x" * 5000 + "\x03"), ("killed 2", ""), ("ready", "q\n")]
    run = machine.run(f"typed_signals {way}", typed=typed, cpus=cpus)
    assert ended_well(run)
    assert "killed 2" in run.output and "killed 3" in run.output and run.output.count("stopped 20") == 2


@pytest.mark.parametrize("name", ["job_control", "termios"])
def test_the_host_has_the_same_terminal(name, tmp_path):
    subprocess.run(["gcc", "-o", tmp_path / name, ROOT / "tools/tests/programs" / f"{name}.c"], check=True)
    assert pty.spawn([str(tmp_path / name)]) == 0
