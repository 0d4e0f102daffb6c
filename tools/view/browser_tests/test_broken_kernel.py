"""A real run on a kernel with a seeded bug: the page shows the event and the box that are wrong in red."""
import re

import pytest
from pages import ROOT, Page
from real_runs import entry_of_x, record

from broken_tree import broken_tree

LINES = (ROOT / "user/fork_page.c").read_text().splitlines()
STORE_10 = next(n for n, line in enumerate(LINES, 1) if "page.x = 10" in line)

# bug: (file, right code, wrong code). Some bugs affect only one page or one group of 16, so the program still runs to
# its end.
BUGS = {
    "page_not_copied": ("kernel/vm/fault.cpp", "leaf.is_map_shared() || !memory_->frames.is_shared(old)",
                        "leaf.is_map_shared() || va.index(0) == {x} || !memory_->frames.is_shared(old)"),
    "count_one_too_low": ("kernel/vm/fork.cpp", "frames.share(entry.frame());",
                          "if (i != {x}) frames.share(entry.frame());"),
    "w_left_below_a_shared_table": ("kernel/vm/fork.cpp", "{ write_protect_group(table, first); }",
                                    "{{ if (first != {x} / 16 * 16) write_protect_group(table, first); }}"),
    "reference_of_x_not_dropped": ("kernel/vm/fault.cpp", "  drop_page(*memory_, old);",
                                   "  if (va.index(0) != {x}) drop_page(*memory_, old);"),
    "no_reference_dropped": ("kernel/vm/fault.cpp", "  drop_page(*memory_, old);", "  //"),
    "no_reference_counted": ("kernel/vm/fork.cpp", "frames.share(entry.frame());", "(void)frames;"),
    # The bug in tools/gdb/README.md.
    "new_frame_forgotten": ("kernel/vm/fault.cpp", "leaf.with_frame(copy).with(Pte::W)", "leaf.with(Pte::W)"),
}


@pytest.fixture
def red(browser, made, tmp_path):
    """red(bug): the page of fork_page's run on the kernel with this bug, as it opens."""
    def open_page(bug):
        file, right, wrong = BUGS[bug]
        tree = broken_tree(tmp_path, file, right, wrong.format(x=entry_of_x()))
        recording = record(tree / "run.json", "--modes", "on_demand", "fork_page", tree=tree)
        return Page(browser, made(recording)).open()
    return open_page


def step(page):
    """(who does what at which line, the rule that the page calls broken, the frames of the red boxes) at this step."""
    event = page.run("const it = page.now.event(page.m); return [it.pid, it.kind, it.at?.line ?? 0]")
    boxes = page.run("""return [...page.shown.boxes.values()].filter((it) => it.wrong)
        .map((it) => it.only?.frame ?? null)""")
    return tuple(event), page.text("#wrong"), boxes


def frame_of_x(page):
    return page.run("const it = page.now.event(page.m); return it.frame_before")


def test_a_page_that_is_not_copied_is_red_at_the_child_s_store(red):
    page = red("page_not_copied")
    event, words, boxes = step(page)
    assert event == (3, "fault", STORE_10) and "Rule 3 is broken here" in words
    assert boxes == [frame_of_x(page)]


def test_a_count_one_too_low_is_red_at_the_copy_that_forgets_the_reference(red):
    page = red("count_one_too_low")
    event, words, boxes = step(page)
    assert event[1] == "copy" and "Rule 1 is broken here" in words and "is a share missing?" in words
    page.to_group("fault", 3, STORE_10)
    assert boxes == [frame_of_x(page)]


def test_a_reference_that_is_not_dropped_is_red_at_the_store_that_forgets_it(red):
    page = red("reference_of_x_not_dropped")
    event, words, boxes = step(page)
    assert event == (3, "fault", STORE_10) and "Rule 1 is broken here" in words and "is a drop missing?" in words
    assert boxes == [frame_of_x(page)]


def test_the_box_is_in_the_picture_though_nobody_has_its_frame_any_more(red):
    """At init's first store: after it only the file has the page."""
    page = red("no_reference_dropped")
    event, _, boxes = step(page)
    assert event[:2] == (1, "fault") and boxes == [frame_of_x(page)]
    first = page.run("return page.run.events.find((it) => it.outcome === 'copied').frame_before")
    assert boxes == [first]


def test_a_panic_s_page_opens_at_the_fault_that_led_to_it_and_has_its_text(red):
    page = red("new_frame_forgotten")
    event, words, boxes = step(page)
    assert event[:2] == (1, "fault") and "Rule 3 is broken here" in words and len(boxes) == 1
    # The page may be one of a run of pages, which are one box.
    assert page.run("""const [box] = [...page.shown.boxes.values()].filter((it) => it.wrong);
        return page.picture.holds(box, arguments[0])""", frame_of_x(page))
    assert re.search(r"The kernel panicked: .*rule 1: drop of frame 0x\w+, which has count 0", page.text("#panic"))
    assert "the kernel panicked" in page.text("#verdict")


def test_a_panic_s_page_ends_with_the_panic(red):
    page = red("new_frame_forgotten")
    page.run("page.go(Infinity)")
    assert "The kernel panics here: hart 0 pid 2" in page.text("#wrong")
    *_, frame, advice = page.text("#console").rstrip().splitlines()
    assert frame.startswith("ox:   #"), "the backtrace"
    assert advice.startswith("ox: APPEND=debug finds this at the fault"), "the remedy"


def test_a_panic_for_a_reference_that_was_not_counted_is_red_at_the_fork(red):
    page = red("no_reference_counted")
    event, words, _ = step(page)
    assert event[:2] == (1, "copy") and "is a share missing?" in words


def test_a_w_that_is_left_is_red_when_a_fork_seals_the_table(red):
    page = red("w_left_below_a_shared_table")
    event, words, boxes = step(page)
    assert event[1] == "seal" and "Rule 3 is broken here" in words and "kept it" in words
    assert boxes == [page.run("return page.now.event(page.m).table")]
