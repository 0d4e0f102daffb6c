"""With a broken kernel, the page is red at the right step and the right box; the two replays agree."""
import pytest
from pages import MODES, Page

import simulated_programs as programs
from replay import Replay

def child_s_table_of_x(events):
    return next(event["table"] for event in events if event.get("va") == programs.SHARED_X and event["pid"] == 3)


BUGS = {
    # bug: how to find the first event that is wrong, and the rule that it breaks
    "page_not_copied": (lambda event, _: event.get("outcome") == "copied"
                        and event["frame_before"] == event["frame_after"], 3),
    "count_low": (lambda event, events: child_s_table_of_x(events) in (event.get("from"), event.get("to")), 1),
    "not_dropped": (lambda event, _: event.get("outcome") == "copied" and event["pid"] == 3, 1),
    "w_left": (lambda event, _: event["kind"] == "seal", 3),
}


@pytest.mark.parametrize("mode", ["cow", "on_demand"])
@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_turns_the_page_red_at_its_step(opened, bug, mode):
    recording = programs.recording(programs.fork_page, [mode], bug=bug)
    is_bad, rule = BUGS[bug]
    events = recording["runs"][0]["events"]
    first = next(i for i, event in enumerate(events) if is_bad(event, events))
    page = opened(recording, hash=f"{mode}/0")
    page.browser.find_element("css selector", "#verdict button").click()
    assert page.run("return page.now.moments[page.m].event") == first
    assert f"Rule {rule} is broken here" in page.text("#wrong")
    pid = events[first]["pid"]
    page.run("page.choose(arguments[0], null); page.draw()", pid)  # the box may belong to another pair
    assert page.run("return document.querySelectorAll('.box.wrong').length") >= 1


def test_a_step_before_the_bug_is_not_red(opened):
    page = opened(programs.recording(programs.fork_page, ["cow"], bug="page_not_copied"), hash="cow/0")
    page.run("page.go(page.now.momentOf[page.now.replay.wrong[0].step - 1] - 1)")
    assert page.run("return document.querySelectorAll('.box.wrong').length") == 0


def test_a_panic_is_the_last_step_and_its_text_stands_at_each(opened):
    def change(run):
        run |= {"panic": ["ox: panic: hart 0 pid 1: no more", "ox:   #0 0x1 f+0x1"], "final": None}
    page = opened(changed(programs.recording(programs.fork_page, ["cow"]), change))
    assert page.run("return page.m === page.now.moments.length - 1"), "nothing else is wrong"
    assert "The kernel panics here: hart 0 pid 1: no more" in page.text("#wrong")
    page.run("page.go(0)")
    assert "The kernel panicked: hart 0 pid 1: no more" in page.text("#panic")


def test_a_mode_that_went_wrong_is_marked(opened):
    recording = programs.recording(programs.fork_page, ["cow", "eager"])
    recording["runs"][0] |= {"panic": ["ox: panic: hart 0 pid 1: no more"], "final": None}
    page = opened(recording)
    page.run("page.compareAll()")
    assert page.run("return [...document.querySelectorAll('.modes .bad')].map((it) => it.innerText.trim())") == ["cow"]
    assert "the kernel panicked" in page.text("#compare tbody")


def changed(recording, change):
    change(recording["runs"][0])
    return recording


def test_a_last_dump_that_differs_is_said(opened):
    def change(run):
        table = next(iter(run["final"]["counts"]))
        run["final"]["counts"][table] += 1
    recording = changed(programs.recording(programs.fork_page, ["cow"]), change)
    page = opened(recording)
    frame = int(next(iter(recording["runs"][0]["final"]["counts"])))
    assert page.run("return page.now.replay.wrong.map((it) => [it.rule, it.frame])") == [[1, frame]]


def test_a_write_below_a_shared_table_breaks_rule_2(opened):
    def change(run):  # leave out the copies of the path
        fault = next(i for i, e in enumerate(run["events"]) if e["kind"] == "fault" and e.get("tables") == 2)
        gone = [i for i in range(fault - 4, fault)]
        original = run["events"][gone[2]]["from"]
        run["events"][fault] = {**run["events"][fault], "table": original}
        run["events"] = [event for i, event in enumerate(run["events"]) if i not in gone]
        run["lines"] = []
    page = opened(changed(programs.recording(programs.fork_page, ["on_demand"]), change))
    assert 2 in page.run("return page.now.replay.wrong.map((it) => it.rule)")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("story", ["fork_page", "two_harts", "pipeline", "mappings"])
def test_both_replays_say_the_same_at_every_step(browser, stories, story, mode):
    theirs = Page(browser, stories[story]).open(hash=f"{mode}/0").run("""const all = [];
        for (let i = 0; i <= page.run.events.length; ++i) {
          page.now.replay.goTo(i);
          all.push([...page.now.replay.nodes.values()].map((it) => [it.frame, it.count,
            it.entries ? it.entries.reduce((a, b) => a + b) : 0]).sort((a, b) => a[0] - b[0]));
        }
        return all;""")
    run = getattr(programs, story)(mode)
    replay = Replay(run)
    for step, state in enumerate(theirs):
        replay.forward(step)
        assert state == sorted([f, it.count, sum(it.entries.values())] for f, it in replay.frames.items()), step
