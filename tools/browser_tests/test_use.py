"""For everyone: keyboard and screen reader, dark and light, questions."""
import pytest
from pages import ROOT
from selenium.webdriver.common.by import By

import simulated_programs as programs

AXE = ROOT / "build/npm/node_modules/axe-core/axe.min.js"


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: make check-view fetches it, with npm and online")
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


def test_wrong_answers_score_nothing(opened):
    assert "0 of" in ask(opened, lambda page, name: 77)


def test_a_question_cannot_be_jumped_over(opened):
    page = opened(programs.recording(programs.fork_page, ["cow"]), query="?ask")
    page.run("page.go(Infinity)")
    assert page.run("return page.m < page.now.momentOf[page.ask.open[0].start]")
