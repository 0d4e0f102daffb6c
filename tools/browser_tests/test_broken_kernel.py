"""A kernel with a seeded bug turns the page of its real run red, at the step and at the box where the bug shows."""
import pytest
from pages import ROOT, Page
from real_runs import entry_of_x, record

from broken_tree import broken_tree

LINES = (ROOT / "user/fork_page.c").read_text().splitlines()
STORE_10 = next(n for n, line in enumerate(LINES, 1) if "page.x = 10" in line)

# file, what stands there, what the bug makes of it: each at one page or 16 only, so that the program runs to its end.
BUGS = {
    "page_not_copied": ("kernel/vm/fault.cpp", "leaf.is_map_shared() || !memory_->frames.is_shared(old)",
                        "leaf.is_map_shared() || va.index(0) == {x} || !memory_->frames.is_shared(old)"),
    "count_one_too_low": ("kernel/vm/fork.cpp", "frames.share(entry.frame());",
                          "if (i != {x}) frames.share(entry.frame());"),
    "w_left_below_a_shared_table": ("kernel/vm/fork.cpp", "{ write_protect_group(table, first); }",
                                    "{{ if (first != {x} / 16 * 16) write_protect_group(table, first); }}"),
}


@pytest.fixture
def red(browser, made, tmp_path):
    """red(bug): the page of fork_page's run on the kernel that has it, where the verdict's button leads."""
    def open_page(bug):
        file, right, wrong = BUGS[bug]
        tree = broken_tree(tmp_path, file, right, wrong.format(x=entry_of_x()))
        recording = record(tree / "run.json", "--modes", "on_demand", "fork_page", tree=tree)
        page = Page(browser, made(recording)).open(hash="on_demand/0")
        page.browser.find_element("css selector", "#verdict button").click()
        return page
    return open_page


def step(page):
    """Who does what here, at which line; the rule that is said to be broken; the frames of the red boxes."""
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


def test_a_count_one_too_low_is_red_where_the_kernel_believes_it(red):
    page = red("count_one_too_low")
    event, words, boxes = step(page)
    assert event == (3, "fault", STORE_10) and "Rule 1 is broken here" in words
    assert boxes == [frame_of_x(page)]


def test_a_w_that_is_left_is_red_when_a_fork_seals_the_table(red):
    page = red("w_left_below_a_shared_table")
    event, words, boxes = step(page)
    assert event[1] == "seal" and "Rule 3 is broken here" in words and "kept it" in words
    assert boxes == [page.run("return page.now.event(page.m).table")]
