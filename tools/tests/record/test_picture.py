"""Replays of recordings, and their pictures as text. The recordings are the simulated kernel's."""
import re

import picture
import pytest
import simulated_programs as programs
from conftest import MODES
from replay import Replay

STORIES = (programs.fork_page, programs.two_harts, programs.pipeline, programs.mappings)


def counts(state):
    return {str(frame): it.count for frame, it in state.frames.items()}


def tables(state, run):
    return {frame: {str(i): hex(entry) for i, entry in state.frames[int(frame)].entries.items()}
            for frame in run["final"]["tables"]}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_all_events_over_the_first_dump_give_the_last(story, mode):
    run = story(mode)
    state = Replay(run).forward(len(run["events"]))
    assert (counts(state), tables(state, run)) == (run["final"]["counts"], run["final"]["tables"])


def lost(run, kind):
    """The run without its last event of a kind."""
    last = max(i for i, event in enumerate(run["events"]) if event["kind"] == kind)
    return {**run, "events": run["events"][:last] + run["events"][last + 1:]}


@pytest.mark.parametrize("kind", ["drop", "copy"])
def test_a_lost_event_shows_in_the_last_dump(kind):
    run = lost(programs.fork_page("cow"), kind)
    try:
        state = Replay(run).forward(len(run["events"]))
    except KeyError:  # a later event refers to a frame that was never created
        return
    assert counts(state) != run["final"]["counts"]


@pytest.mark.parametrize("bug", ["page_not_copied", "count_low", "w_left", "not_dropped"])
def test_what_a_broken_kernel_did_is_replayed_too(mode, bug):
    run = programs.run_of(programs.fork_page, mode, {"bug": bug})
    assert Replay(run).forward(len(run["events"])).at == len(run["events"])
    assert f"=== fork={mode}" in picture.text({"program": "fork_page", "runs": [run]})


def test_a_panic_is_said():
    run = {**programs.fork_page("cow"), "panic": ["ox: panic: hart 0 pid 1: no more", "ox:   #0 0x1 f+0x1"]}
    assert "=== fork=cow (ox: panic: hart 0 pid 1: no more)" in picture.text({"program": "fork_page", "runs": [run]})


def pictures(mode):
    """The text of one mode, cut into its pictures."""
    text = picture.text(programs.recording(programs.fork_page))
    return re.split(r"^\d\. ", text.split(f"=== fork={mode}")[1].split("===")[0], flags=re.MULTILINE)[1:]


def boxes(text):
    return len(set(re.findall(r"0x[0-9a-f]{5}\b", text.replace("0x7d000", ""))))


def test_pictures_are_before_after_fork_and_after_each_write(mode):
    titles = [text.splitlines()[0] for text in pictures(mode)]
    assert titles == ["Before fork", "After fork: pid 3 is pid 2's child", "After pid 3: page.x = 10;",
                      "After pid 2: page.x = 20;"]


def test_before_the_fork_there_is_one_way_to_the_page(mode):
    assert boxes(pictures(mode)[0]) == 4


@pytest.mark.parametrize("mode,drawn", [("eager", 8), ("cow", 7), ("on_demand", 5)])
def test_what_the_fork_shares_is_drawn_once(mode, drawn):
    assert boxes(pictures(mode)[1]) == drawn


def test_after_the_write_both_have_a_page_of_their_own(mode):
    assert boxes(pictures(mode)[2]) == 8


def test_cow_page_has_count_two_and_no_write_bit_after_the_fork():
    text = pictures("cow")[1]
    assert "count 2" in text and text.count("R--M") == 2


def test_on_demand_shares_a_table_with_count_two():
    assert re.search(r"│ count 1 │\s+│ count 2 │\s+│ count 1 │", pictures("on_demand")[1])


def test_pictures_fit_a_terminal(mode):
    assert max(len(line) for text in pictures(mode) for line in text.splitlines()) <= 80


def test_console_stands_below_the_picture():
    assert "console: Before fork: x = 5" in pictures("cow")[0]


def test_eager_alone_draws_the_page_that_the_parent_wrote_last():
    assert "the page at 0x7d000" in picture.text(programs.recording(programs.fork_page, ["eager"]))


def test_a_run_without_a_fork_says_that_there_is_nothing_to_draw():
    run = programs.fork_page("cow")
    alone = {**run, "events": [event for event in run["events"] if event["kind"] == "space"][:1]}
    assert "nothing to draw" in picture.text({"program": "true", "runs": [alone]})


def test_a_full_ring_is_said():
    run = {**programs.fork_page("cow"), "full": True}
    assert "the ring was full" in picture.text({"program": "fork_page", "runs": [run]})


def test_every_mode_is_drawn():
    text = picture.text(programs.recording(programs.fork_page))
    assert [mode for mode in MODES if f"=== fork={mode}" in text] == list(MODES)
