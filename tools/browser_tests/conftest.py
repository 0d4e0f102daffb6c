"""What the page's tests share: recordings of the simulated kernel, the pages made of them, and one chromium."""
import json
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tools/tests")]

import simulated_programs as programs  # noqa: E402
import view  # noqa: E402
from selenium import webdriver  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

MODES = programs.MODES
QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=1440,900")


class Page:
    """One page in the browser. `run` is JavaScript that sees the page's own objects."""

    def __init__(self, browser, file):
        self.browser, self.file = browser, file

    def open(self, hash="", query=""):
        self.browser.get("about:blank")  # else only the hash would change
        self.browser.get(f"{self.file.as_uri()}{query}{hash and '#' + hash}")
        WebDriverWait(self.browser, 60).until(lambda browser: self.run("return document.body.dataset.ready") == "yes")
        return self

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).innerText", selector)

    def to_group(self, kind, pid, line=0):
        """To the end of the first fork or fault of this process (at this line of its source)."""
        self.run("""const [kind, pid, line] = arguments;
            const group = page.now.groups.find((it) => it.kind === kind && it.pid === pid
              && (!line || it.event.at?.line === line));
            page.go(page.now.momentOf[group.end]);""", kind, pid, line)
        return self

    def errors(self):
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]


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
    """made(recording) is its page, as make view writes it."""
    folder = tmp_path_factory.mktemp("pages")

    def make(recording):
        file = folder / f"{len(list(folder.iterdir()))}.html"
        file.write_text(view.page(json.loads(json.dumps(recording))))
        return file
    return make


@pytest.fixture(scope="session")
def stories(made):
    return {story.__name__: made(programs.recording(story))
            for story in (programs.fork_page, programs.two_harts, programs.pipeline)}


@pytest.fixture
def fork_page(browser, stories):
    return Page(browser, stories["fork_page"])


@pytest.fixture
def opened(browser, made):
    """opened(recording): the page of a recording that the test made."""
    return lambda recording, **where: Page(browser, made(recording)).open(**where)
