"""A broken kernel turns the page red, at the right step and the right box; and the two replays say the same."""
import pytest
from pages import MODES, Page

import simulated_programs as programs
from replay import Replay

BUGS = {
    # bug: how the first event that goes wrong is known, and the rule
    "page_not_copied": (lambda event: event.get("outcome") == "copied"
                        and event["frame_before"] == event["frame_after"], 3),
    "count_low": (lambda event: event.get("va") == programs.SHARED_X and event["pid"] == 3, 1),
    "w_left": (lambda event: event["kind"] == "seal", 3),
}


@pytest.mark.parametrize("mode", ["cow", "on_demand"])
@pytest.mark.parametrize("bug", BUGS)
def test_a_seeded_bug_turns_the_page_red_at_its_step(opened, bug, mode):
    recording = programs.recording(programs.fork_page, [mode], bug=bug)
    is_bad, rule = BUGS[bug]
    first = next(i for i, event in enumerate(recording["runs"][0]["events"]) if is_bad(event))
    page = opened(recording, hash=f"{mode}/0")
    page.browser.find_element("css selector", "#verdict button").click()
    assert page.run("return page.now.moments[page.m].event") == first
    assert f"Rule {rule} is broken here" in page.text("#wrong")
    pid = recording["runs"][0]["events"][first]["pid"]
    page.run("page.choose(arguments[0], null); page.draw()", pid)  # the box may be another pair's
    assert page.run("return document.querySelectorAll('.box.wrong').length") >= 1


def test_a_step_before_the_bug_is_not_red(opened):
    page = opened(programs.recording(programs.fork_page, ["cow"], bug="page_not_copied"), hash="cow/0")
    page.run("page.go(page.now.momentOf[page.now.replay.wrong[0].step - 1] - 1)")
    assert page.run("return document.querySelectorAll('.box.wrong').length") == 0


def changed(recording, change):
    change(recording["runs"][0])
    return recording


def test_a_last_dump_that_differs_is_said(opened):
    def change(run):
        table = next(iter(run["final"]["counts"]))
        run["final"]["counts"][table] += 1
    page = opened(changed(programs.recording(programs.fork_page, ["cow"]), change))
    assert page.run("return page.now.replay.wrong.map((it) => it.step)") == [page.run("return page.run.events.length")]


def test_a_write_below_a_shared_table_breaks_rule_2(opened):
    def change(run):  # the path's copies are left out
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
