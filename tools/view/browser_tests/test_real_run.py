"""A teacher's view of real runs: the pages as make view makes them."""
import re
import xml.etree.ElementTree as xml

import pytest
from pages import MODES, ROOT, Page
from real_runs import record

LINES = (ROOT / "user/fork_page.c").read_text().splitlines()
MAIN, STORE_10, STORE_20 = (next(n for n, line in enumerate(LINES, 1) if words in line)
                            for words in ("int main", "page.x = 10", "page.x = 20"))
# story: options and program. Each is recorded once, in the modes that differ most.
RUNS = {"fork_page": ["fork_page"],
        "two harts": ["--harts", "2", "--modes", "cow,on_demand", "family", "tree", "15"],
        "pipeline": ["--modes", "cow,on_demand", "pipeline"],
        "large": ["--modes", "cow", "--memory", "256M", "cow_demo", "10000", "100"]}
pytestmark = pytest.mark.xdist_group("real runs")


@pytest.fixture(scope="module")
def real(browser, made, tmp_path_factory):
    """real(story): its page."""
    files = {}

    def page_of(story):
        if story not in files:
            files[story] = made(record(tmp_path_factory.mktemp("run") / "run.json", *RUNS[story]))
        return Page(browser, files[story])
    return page_of


@pytest.fixture
def page(real):
    return real("fork_page")


def x_frames(page):
    """The frames of x in the parent and in the child."""
    return page.run("return [2, 3].map((pid) => frameOf(page.now.replay.walk(pid, arguments[0])[2].entry))",
                    int(re.search(r"address: (0x\w+)", page.run("return page.run.console"))[1], 16))


def test_it_opens_at_the_first_line_of_main(page):
    page.open()
    assert page.run("return [page.now.line(page.m).line, page.left, page.right]") == [MAIN, 2, 3]


def test_an_exec_is_one_step(page):
    page.open(hash="cow").to_group("exec", 2)
    assert page.run("return page.now.moments[page.m].events - page.now.moments[page.m - 1].events") > 100
    assert page.run("return page.shown.boxes.size") > 10


@pytest.mark.parametrize("mode, same", [("eager", False), ("cow", True), ("on_demand", True)])
def test_after_the_fork_both_live_and_x_is_shared_unless_fork_is_eager(page, mode, same):
    page.open(hash=mode).to_group("fork", 2)
    heads = page.run("return [...document.querySelectorAll('.who')].map((it) => it.textContent).slice(0, 2)")
    assert heads == ["pid 2fork_page", "pid 3fork_page"]
    parents, childs = x_frames(page)
    assert (parents == childs) is same


@pytest.mark.parametrize("mode", ["cow", "on_demand"])
def test_the_child_s_store_copies_the_page_of_x(page, mode):
    page.open(hash=mode).to_group("fault", 3, STORE_10)
    parents, childs = x_frames(page)
    assert parents != childs
    card = page.text("#card")
    assert "the page is copied" in card and f"user/fork_page.c:{STORE_10} page.x = 10;" in card
    assert re.search(r"kernel/vm/fault\.cpp:\d+", card)


def test_the_line_of_each_process_is_marked(page):
    page.open(hash="on_demand").to_group("fault", 2, STORE_20)
    assert page.run("return document.querySelector('.here .m0').parentNode.dataset.line") == str(STORE_20)


def test_a_fault_in_the_libc_names_the_program_s_line(page):
    page.open(hash="cow").to_group("fork", 2)
    assert "_Fork, during user/fork_page.c:17 pid_t pid = fork();" in page.text("#card")


@pytest.mark.parametrize("mode", MODES)
def test_the_console_tells_5_10_5_20_at_one_address(page, mode):
    page.open(hash=mode).run("page.go(Infinity)")
    said = re.findall(r"x = (\d+) \(address: (0x\w+)\)", page.text("#console"))
    assert [value for value, _ in said] == ["5", "5", "10", "5", "20"] and len({where for _, where in said}) == 1


@pytest.mark.parametrize("story, mode", [("fork_page", "eager"), ("fork_page", "cow"), ("fork_page", "on_demand"),
                                         ("two harts", "cow"), ("two harts", "on_demand"), ("pipeline", "on_demand")])
def test_every_step_is_shown_and_the_rules_hold(real, story, mode):
    page = real(story).open(hash=f"{mode}/0")
    page.run("for (let m = 0; m < page.now.moments.length; ++m) page.go(m)")
    assert page.errors() == [] and "hold at all" in page.text("#verdict")


def test_forks_of_two_harts_stand_in_two_lanes(real):
    page = real("two harts").open(hash="cow")
    assert page.run("return new Set(page.run.events.filter((it) => it.kind === 'fork').map((it) => it.hart)).size") == 2
    assert page.run("return document.querySelectorAll('#scrubber .lane').length") == 2


def test_a_pipeline_is_three_programs_of_one_shell(real):
    page = real("pipeline").open(hash="on_demand")
    assert page.run("return [3, 4, 5].map((pid) => namesOf(page.run)[pid])") == ["ls", "cat", "cat"]
    assert page.text("#source").splitlines()[0] == "user/pipeline.sh"


def test_right_answers_to_its_questions_score_all(page):
    page.open(hash="cow", query="?ask")
    while page.run("return page.ask.open.length"):
        page.run("page.go(Infinity)")
        page.run("""const form = document.querySelector("form.ask");
            for (const { name, is } of partsOf(page.ask.open[0])) form.elements[name].value = is;
            form.querySelector("button").click();""")
    score = page.text(".score p")
    right, total = [int(word) for word in re.findall(r"\d+", score)]
    assert "The end" in score and right == total > 10


def test_the_exported_picture_is_a_drawing_with_both_processes(page):
    page.open(hash="on_demand").to_group("fault", 3, STORE_10)
    picture = xml.fromstring(page.run("return page.svg()"))
    words = "".join(picture.itertext())
    assert picture.tag == "{http://www.w3.org/2000/svg}svg" and "var(" not in words
    assert all(word in words for word in ("pid 2", "pid 3", "RW- M", *map(hex, x_frames(page))))
    assert len(picture.findall(".//{http://www.w3.org/2000/svg}rect")) > 60


def test_20_000_events_are_a_few_steps_and_boxes(real):
    page = real("large").open()
    page.to_group("fork", 2)
    assert page.run("return page.run.events.length") > 20_000
    assert page.run("return [page.now.moments.length < 1000, page.shown.boxes.size < 60]") == [True, True]
    assert "hold at all" in page.text("#verdict")


def test_the_time_of_a_step_among_20_000_events_is_reported(real, record_property):
    page = real("large").open()
    middle, longest = page.run("""const times = [];
        page.steps().fork();
        for (let i = 0; i < 101; ++i) {
          const start = performance.now();
          page.go(page.m + 1);
          document.body.getBoundingClientRect();
          times.push(performance.now() - start);
        }
        times.sort((a, b) => a - b);
        return [times[50], times[100]];""")
    record_property("report", f"a step among 20,000 events: {middle:.0f} ms in the median of 101, at most "
                              f"{longest:.0f} ms")
    assert page.errors() == []
