"""make demo says what is wrong with a kernel, and what to do next. The machines' outputs are made up; nothing boots."""
import re
import sys

import demo
import pytest
import qemu

STATS = " ".join(f"{name}=7" for _, name in demo.ROWS if not name.startswith("frames_free"))
LEAK = "ox: panic: hart 0 pid 1: rule 1: frame 0x80304 (kind cached) has count 5, but 1 references"
PANIC = "ox: panic: hart 0 pid 3: rule 1: drop of frame 0x802e4, which has count 0 (kind free)"


@pytest.fixture
def demonstrated(monkeypatch, capsys):
    """demonstrated(free_after, at_the_end, in_it): the demo's status and text, if that many of 100 frames are free at
    the end, `debug` prints `at_the_end`, and every machine prints `in_it`."""
    def boot(free_after, at_the_end, in_it):
        def run(_, __, words):
            lines = ["Before fork: x = 5", *in_it]
            lines += [f"ox: stats: {STATS} frames_free_before=100 frames_free_after={free_after}"] if "stats" in words else []
            lines += at_the_end if "debug" in words else []
            return qemu.Run("\n".join(lines) + "\n", 134 if in_it else 0, False, 0.1)
        return run

    def demonstrate(free_after=100, at_the_end=(), in_it=()):
        monkeypatch.setattr(demo, "run", boot(free_after, at_the_end, in_it))
        monkeypatch.setattr(sys, "argv", ["demo.py"])
        try:
            status = demo.main()
        except SystemExit as end:
            status = end.code
        return status, capsys.readouterr().out
    return demonstrate


def test_a_right_kernel_is_not_complained_of(demonstrated):
    status, said = demonstrated()
    assert status == 0 and "demo:" not in said


def test_frames_that_are_lost_are_said_with_what_the_checker_says(demonstrated):
    status, said = demonstrated(90, [LEAK])
    assert status == 1
    assert re.search(rf"demo: fork=cow: 10 frames are lost.*\n`make view`.*APPEND=debug:\n    {re.escape(LEAK)}", said)


def test_frames_of_files_that_are_left_are_not_lost(demonstrated):
    status, said = demonstrated(90)
    assert status == 0 and "10 frames are in use at the end, by files that fork_example has left" in said


def test_a_panic_is_said_with_what_shows_its_cause(demonstrated):
    words, said = demonstrated(in_it=[PANIC])
    assert words == f"demo: fork=eager: the kernel panicked, status 134. `make view` shows the step that led to it.\n    {PANIC}"
    assert PANIC in said


def test_a_panic_of_init_is_not_left_out_of_the_story():
    lines = ["x = 5", "ox: exit: pid 1: 5 tables freed", LEAK]
    assert demo.story("\n".join(lines)) == [">>> x = 5", LEAK]
