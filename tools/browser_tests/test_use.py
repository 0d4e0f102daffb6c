"""For everyone and for large runs: keyboard and screen reader, dark and light, questions, 20,000 events."""
import pytest
from pages import ROOT, Page
from selenium.webdriver.common.by import By

import simulated_programs as programs

AXE = ROOT / "build/npm/node_modules/axe-core/axe.min.js"


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: make check-view fetches it with npm, if there is npm")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", "?ask"])
def test_axe_finds_nothing_serious(fork_page, theme, query):
    fork_page.open(hash="on_demand", query=query)
    fork_page.run("document.documentElement.dataset.theme = arguments[0]; page.steps().fork()", theme)
    fork_page.run(AXE.read_text())
    found = fork_page.browser.execute_async_script("""const done = arguments[0];
        axe.run().then((it) => done(it.violations.filter((v) => ['serious', 'critical'].includes(v.impact))
          .map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 120)).slice(0, 3)])));""")
    assert found == []


def ask(opened, answer):
    """Goes through the run, answering each question; the last score."""
    page = opened(programs.recording(programs.fork_page, ["cow"]), query="?ask")
    score = None
    for _ in range(400):
        if not page.run("return page.asking && page.ask.open.length > 0"):
            break
        page.run("page.steps().on()")
        if page.run("return document.querySelector('form.ask') !== null"):
            for field in page.browser.find_elements(By.CSS_SELECTOR, "form.ask input"):
                field.send_keys(str(answer(page, field.get_attribute("name"))))
            page.browser.find_element(By.CSS_SELECTOR, "form.ask button").click()
            score = page.text(".score p")
    return score


def test_right_answers_score_all(opened):
    right = "const part = partsOf(page.ask.open[0]).find((it) => it.name === arguments[0]); return part.is"
    score = ask(opened, lambda page, name: page.run(right, name))
    said, total = [int(word) for word in score.split() if word.isdigit()]
    assert "The end" in score and said == total > 10


def test_wrong_answers_score_nothing(opened):
    assert "0 of" in ask(opened, lambda page, name: 77)


def test_a_question_cannot_be_jumped_over(opened):
    page = opened(programs.recording(programs.fork_page, ["cow"]), query="?ask")
    page.run("page.go(Infinity)")
    assert page.run("return page.m < page.now.momentOf[page.ask.open[0].start]")


@pytest.fixture(scope="module")
def big(made):
    return made(programs.recording(programs.big_fork, ["on_demand"]))


def test_20_000_events_are_a_few_boxes(big, browser):
    page = Page(browser, big).open()
    page.run("page.steps().fork()")
    assert page.run("return page.run.events.length") > 20_000
    assert page.run("return page.shown.boxes.size") < 60


def test_the_time_of_a_step_among_20_000_is_reported(big, browser, record_property, capsys):
    page = Page(browser, big).open()
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
    record_property("step_ms", round(middle, 1))
    with capsys.disabled():
        print(f"\na step among 20,000 events: {middle:.0f} ms in the median of 101, at most {longest:.0f} ms")
    assert page.errors() == []
