"""The page in a browser: what it shows of a recording, and how a reader moves in it."""
import re
import xml.etree.ElementTree as xml

import pytest
from pages import MODES, ROOT, Page
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import simulated_programs as programs

LINES = (ROOT / "user/fork_page.c").read_text().splitlines()
STORE_10, STORE_20, WAIT = (next(n for n, line in enumerate(LINES, 1) if words in line)
                            for words in ("page.x = 10", "page.x = 20", "if (waitpid("))


def box(page, frame):
    """The picture's data for the one box of a frame: its count, its place, the number of arrows to it."""
    return page.run("""const frame = arguments[0];
        const box = [...page.shown.boxes.values()].find((it) => it.only?.frame === frame);
        const arrows = [...page.shown.arrows.values()].filter((it) => it.box === box);
        return box && { count: countOf(box), place: box.place, arrows: arrows.length, born: box.born };""", frame)


def heads(page):
    return page.run("return [...document.querySelectorAll('.who')].map((it) => it.textContent).slice(0, 2)")


def x_page(page):
    """The frame at x's address that both processes have after the fork."""
    return page.run("return frameOf(page.now.replay.walk(2, 0x7d000)[2].entry)")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("story", ["two_harts", "mappings"])
def test_every_story_is_shown_without_an_error(browser, stories, story, mode):
    page = Page(browser, stories[story]).open(hash=f"{mode}/1")
    page.run("for (let m = 0; m < page.now.moments.length; ++m) page.go(m)")
    assert page.errors() == []
    assert "hold at all" in page.text("#verdict")


def test_the_page_asks_nothing_of_the_network(fork_page):
    fork_page.open()
    assert fork_page.run("return performance.getEntriesByType('resource').map((it) => it.name)") == []


def test_it_opens_just_before_the_fork(fork_page):
    fork_page.open(hash="cow")
    assert fork_page.run("return [page.shown.scene.left, page.shown.scene.right]") == [2, 3]
    assert fork_page.run("return [2, 3].map((pid) => page.now.replay.root(pid) !== undefined)") == [True, False]


def test_eager_shares_nothing_but_the_page_of_zeros(fork_page):
    fork_page.open(hash="eager").to_group("fork", 2)
    middle = fork_page.run("""return [...page.shown.boxes.values()].filter((it) => it.place === 'middle')
        .map((it) => it.only.frame)""")
    assert middle == [fork_page.run("return page.run.zero")]


def test_cow_page_has_count_two_and_an_arrow_from_each_side(fork_page):
    fork_page.open(hash="cow").to_group("fork", 2)
    assert box(fork_page, x_page(fork_page)) == {"count": "1→2", "place": "middle", "arrows": 2, "born": False}


def test_a_shared_table_is_one_box_with_two_arrows(fork_page):
    fork_page.open(hash="on_demand").to_group("fork", 2)
    table = fork_page.run("return page.now.replay.walk(3, 0x7d000)[1].node.frame")
    shown = box(fork_page, table)
    assert (shown["count"], shown["arrows"]) == ("1→2", 2)


def test_the_child_s_write_puts_a_new_page_on_its_side(fork_page):
    fork_page.open(hash="cow").to_group("fault", 3, STORE_10)
    new = fork_page.run("return frameOf(page.now.replay.walk(3, 0x7d000)[2].entry)")
    assert box(fork_page, new) == {"count": "1", "place": "right", "arrows": 1, "born": True}


def test_the_last_owner_s_write_copies_nothing(fork_page):
    fork_page.open(hash="cow").to_group("fault", 2, STORE_20)
    card = fork_page.text("#card")
    assert "Rule 4" in card and "Nothing is copied" in card


@pytest.mark.parametrize("mode", MODES)
def test_no_box_moves(fork_page, mode):
    fork_page.open(hash=mode)
    moved = fork_page.run("""const seen = new Map(), moved = [];
        for (let m = page.start(); m < page.now.moments.length; ++m) {
          page.go(m);
          for (const it of page.shown.boxes.values()) {
            if (!it.only || it.only.frame === page.run.zero) continue;
            const { x, y } = spotOf(it), at = `${x},${y}`;
            if (seen.has(it.only) && seen.get(it.only) !== at) moved.push([m, it.only.frame, at]);
            seen.set(it.only, at);
          }
        }
        return moved;""")
    assert moved == []


@pytest.mark.parametrize("mode", MODES)
def test_many_scattered_writes_fold_into_the_rows_that_there_are(opened, mode):
    page = opened(programs.recording(programs.scattered, [mode])).to_group("exit", 3)
    assert 10 < page.run("return page.shown.scene.rows.length") < 45
    assert clashes(page, step=50) == []


@pytest.mark.parametrize("mode", MODES)
def test_no_two_boxes_overlap(fork_page, mode):
    assert clashes(fork_page.open(hash=mode)) == []


def clashes(page, step=1):
    """The pairs of boxes that overlap, at every moment (or at every few)."""
    return page.run("""const clashes = [];
        for (let m = 0; m < page.now.moments.length; m += arguments[0]) {
          page.go(m);
          const spots = [...page.shown.boxes.values()].map(spotOf);
          spots.forEach((a, i) => spots.slice(i + 1).forEach((b) => {
            if (Math.abs(a.y - b.y) < TALL && a.x < b.x + b.wide && b.x < a.x + a.wide) clashes.push([m, a, b]);
          }));
        }
        return clashes;""", step)


def test_an_exit_shows_what_it_frees(fork_page):
    fork_page.open(hash="eager").to_group("exit", 3)
    freed = fork_page.run("""return [...page.shown.boxes.values()].filter((it) => it.dead)
        .reduce((n, it) => n + it.n, 0)""")
    assert freed == sum(fork_page.run("const it = page.now.event(page.m); return [it.tables, it.pages]"))


def test_markers_stand_at_the_line_that_each_process_comes_to(fork_page):
    fork_page.open(hash="cow").to_group("fault", 3, STORE_10)
    marks = fork_page.run("""return [0, 1].map((i) => [...document.querySelectorAll(`.m${i}`)]
        .filter((it) => it.textContent).map((it) => Number(it.parentNode.dataset.line)))""")
    assert marks == [[WAIT], [STORE_10]]


def test_the_console_says_what_was_printed_so_far(fork_page):
    fork_page.open(hash="cow").to_group("fault", 3, STORE_10)
    assert fork_page.text("#console").splitlines() == ["Before fork: x = 5 (address: 0x7d000)",
                                                       "Child: x = 5 (address: 0x7d000)"]


def test_a_link_opens_its_step_and_pair(fork_page):
    fork_page.open(hash="cow/150/3-2")
    assert fork_page.run("return [page.run.mode, page.m, page.left, page.right]") == ["cow", 150, 3, 2]


@pytest.mark.parametrize("where, word", [({"hash": "lazy"}, "no mode “lazy” (there are eager, cow, on_demand)"),
                                         ({"hash": "cow/9999"}, "no step “9999” (there are 0 to "),
                                         ({"hash": "cow/ten"}, "no step “ten”"),
                                         ({"hash": "cow/e9999"}, "no step “e9999”"),
                                         ({"hash": "cow/10/2-77"}, "no process “77” (there are 1, 2, 3)"),
                                         ({"hash": "cow/10/2-3/7"}, "no frame “7”"),
                                         ({"query": "?aks"}, "no “?aks” (there is “?ask”)"),
                                         ({"hash": "%"}, "no mode “%”")])
def test_what_an_address_names_wrongly_is_said_until_the_next_step(fork_page, where, word):
    fork_page.open(**where)
    assert word in fork_page.text("#astray") and "Shown is" in fork_page.text("#astray")
    fork_page.run("page.steps().back()")
    assert fork_page.run("return document.getElementById('astray').hidden")


def test_a_right_address_is_not_complained_of(fork_page):
    fork_page.open(hash="cow/150/3-2", query="?ask")
    assert fork_page.run("return document.getElementById('astray').hidden")


def test_a_link_may_name_how_many_events_have_happened(fork_page):
    fork_page.open(hash="cow/e150")
    assert fork_page.run("return page.now.moments[page.m].events") == 150
    assert fork_page.run("return document.getElementById('astray').hidden")


def test_the_address_follows_the_step(fork_page):
    fork_page.open(hash="cow/150/2-3").run("page.steps().on()")
    assert fork_page.run("return location.hash") == "#cow/151/2-3"


def press(page, keys):
    page.browser.find_element(By.TAG_NAME, "body").send_keys(keys)
    return page.run("return page.m")


def test_arrow_keys_step(fork_page):
    fork_page.open(hash="cow/100")
    assert [press(fork_page, Keys.ARROW_RIGHT), press(fork_page, Keys.ARROW_LEFT)] == [101, 100]


def test_n_goes_to_the_next_fault(fork_page):
    fork_page.open(hash="cow/140")
    press(fork_page, "n")
    assert fork_page.run("return page.now.event(page.m).kind") == "fault"


def test_a_clicked_frame_s_next_change_is_a_key_away(fork_page):
    fork_page.open(hash="cow").to_group("fork", 2)
    frame = x_page(fork_page)
    fork_page.run("page.pick([...page.shown.boxes.values()].find((it) => it.only?.frame === arguments[0]))", frame)
    press(fork_page, "c")
    assert fork_page.run("return page.now.event(page.m).frame_before") == frame


def test_a_box_is_picked_by_keyboard(fork_page):
    fork_page.open(hash="cow")
    fork_page.run("document.querySelector('.box.page:not(.run)').focus()")
    fork_page.browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert fork_page.run("return page.picked !== null && document.querySelectorAll('.box.picked').length") == 1


def test_another_mode_shows_the_same_place_of_the_program(fork_page):
    fork_page.open(hash="cow").to_group("fault", 3, STORE_10)
    fork_page.run("page.enter('eager', page.counterpart('eager'))")
    assert fork_page.run("return page.now.line(page.m).line") == STORE_10


def test_modes_are_rows_aligned_at_the_program_s_lines(fork_page):
    fork_page.open()
    fork_page.run("page.compareAll()")
    heads = fork_page.text("#compare thead").splitlines()
    rows = fork_page.run("""return [...document.querySelectorAll('#compare tbody tr')]
        .map((row) => row.cells[1].innerText)""")
    assert any("fork()" in head for head in heads)
    copied = [re.findall(r"copied .*", row) for row in rows]
    assert copied == [["copied 5 tables, 36 pages"], ["copied 5 tables"], ["copied 1 table"]]


def test_a_cell_that_sums_a_fork_and_faults_says_each(fork_page):
    fork_page.open(hash="cow")
    words = fork_page.run("""return partsInWords({ parts: new Map([["fork", { instructions: 5000, tables: 1, pages: 0 }],
        ["faults", { instructions: 3200, tables: 2, pages: 1, faults: 3 }]]) })""")
    assert words == ["fork 5,000: copied 1 table", "3 faults 3,200: copied 2 tables, 1 page"]


def test_costs_are_summed(fork_page):
    fork_page.open(hash="cow").to_group("fork", 2)
    summed, events = fork_page.run("""const at = page.now.moments[page.m].events;
        return [page.now.cost(0, at).instructions, page.run.events.slice(0, at)];""")
    assert summed == sum(event["cost"] for event in events)


def test_two_of_many_processes_can_be_chosen(browser, stories):
    page = Page(browser, stories["pipeline"]).open(hash="on_demand/260/4-5")
    assert heads(page) == ["pid 4cat", "pid 5sh"]


def test_a_tick_s_lane_is_its_hart_s(browser, stories):
    page = Page(browser, stories["two_harts"]).open(hash="cow")
    assert page.run("return document.querySelectorAll('#scrubber .lane').length") == 2


def test_the_picture_is_exported_as_an_svg_of_its_own(fork_page):
    fork_page.open(hash="cow").to_group("fork", 2)
    picture = xml.fromstring(fork_page.run("return page.svg()"))
    style = picture.find("{http://www.w3.org/2000/svg}style").text
    assert "var(" not in style and "1→2" in "".join(picture.itertext())


def test_a_full_ring_is_said(opened):
    recording = programs.recording(programs.fork_page, ["cow"])
    recording["runs"][0]["full"] = True
    assert "ring was full" in opened(recording).text("#full")


def test_a_process_has_the_name_of_the_program_that_it_runs_now(browser, stories):
    page = Page(browser, stories["pipeline"]).open(hash="cow").to_group("fork", 2)
    before = heads(page)
    assert [before, heads(page.to_group("exec", 3))] == [["pid 2sh", "pid 3sh"], ["pid 2sh", "pid 3ls"]]


def test_a_run_without_events_is_shown(opened):
    run = {**programs.fork_page("cow"), "events": [], "lines": [], "final": None}
    page = opened({"program": "true", "command": "true", "sources": {}, "runs": [run]})
    assert page.errors() == [] and "The start" in page.text("#card")


def test_words_of_the_recording_are_no_html(opened):
    recording = programs.recording(programs.fork_page, ["cow"])
    recording["program"] = recording["command"] = "<img src=x onerror=alert(1)>"
    recording["runs"][0]["names"]["2"] = "<b>2</b>"
    page = opened(recording)
    assert page.run("return document.querySelectorAll('img, option b, #card b b').length") == 0
