"""Accessibility and use: keyboard and screen reader, dark and light style, questions."""
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


def lightness(page):
    """The lightness of background and text, from 0 to 255."""
    rgb = page.run("""const style = getComputedStyle(document.body);
        return [style.backgroundColor, style.color].map((it) => it.match(/\\d+/g).map(Number));""")
    return [sum(colour) // 3 for colour in rgb]


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_button_changes_dark_and_light_whatever_the_system_prefers(fork_page, system):
    media = [{"name": "prefers-color-scheme", "value": system}]
    fork_page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    fork_page.open()
    seen = []
    for _ in range(3):
        paper, ink = lightness(fork_page)
        seen.append("dark" if paper < 60 and ink > 180 else "light" if paper > 200 and ink < 60 else (paper, ink))
        fork_page.browser.find_element(By.ID, "theme").click()
    fork_page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    other = {"light": "dark", "dark": "light"}[system]
    assert seen == [system, other, system]


@pytest.mark.parametrize("wide", [500, 900, 1440, 2200])
@pytest.mark.parametrize("key", ["?", "h"])
def test_a_key_lists_the_keys_at_every_width(fork_page, key, wide):
    size = {"width": wide, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    fork_page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    fork_page.open()
    fork_page.browser.find_element(By.TAG_NAME, "body").send_keys(key)
    words = fork_page.text("#keys")
    left, right, button = fork_page.run("""const { left, right } = document.getElementById("keys").getBoundingClientRect();
        return [left, right, document.getElementById("help").getBoundingClientRect().width];""")
    fork_page.browser.switch_to.active_element.send_keys(key)
    still = fork_page.run("return document.getElementById('keys').open")
    fork_page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert "the next fault" in words and 0 <= left < right <= wide and button > 0
    assert not still, "the same key closes it"


def ask(opened, answer):
    """Goes through the run and answers each question. Returns the last score."""
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
