"""What the page's tests share: recordings of the simulated kernel, the pages made from them, and one chromium."""
import json
import os

import pytest
from pages import Page
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

import simulated_programs as programs
import view

QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=1440,900")


def pytest_terminal_summary(terminalreporter):
    """Prints what was measured, also for xdist's workers, whose own output is not shown."""
    for report in terminalreporter.getreports("passed"):
        for words in (words for name, words in report.user_properties if name == "report"):
            terminalreporter.write_line(words)


@pytest.fixture(scope="session")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    for word in QUIET:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    yield browser
    browser.quit()


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """made(recording): the file of its page, as make view writes it."""
    folder = tmp_path_factory.mktemp("pages")

    def make(recording):
        file = folder / f"{len(list(folder.iterdir()))}.html"
        file.write_text(view.page(json.loads(json.dumps(recording))))
        return file
    return make


@pytest.fixture(scope="session")
def stories(made):
    return {story.__name__: made(programs.recording(story))
            for story in (programs.fork_page, programs.two_harts, programs.pipeline, programs.mappings)}


@pytest.fixture
def fork_page(browser, stories):
    return Page(browser, stories["fork_page"])


@pytest.fixture
def opened(browser, made):
    """opened(recording): the page of a recording that the test made, open in the browser."""
    return lambda recording, **where: Page(browser, made(recording)).open(**where)
