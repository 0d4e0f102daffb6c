"""A page in the browser, as the tests use it."""
import sys
from pathlib import Path

from selenium.webdriver.support.ui import WebDriverWait

ROOT = Path(__file__).resolve().parents[3]
MODES = ("eager", "cow", "on_demand")
sys.path[:0] = map(str, Path(__file__).resolve().parents[2].glob("*/"))  # all rooms of tools/


class Page:
    """One page in the browser. `run` executes JavaScript that can use the page's own objects."""

    def __init__(self, browser, file):
        self.browser, self.file = browser, file

    def open(self, hash="", query=""):
        self.browser.get("about:blank")  # without this, only the hash would change
        self.browser.get(f"{self.file.as_uri()}{query}{hash and '#' + hash}")
        WebDriverWait(self.browser, 60).until(lambda _: self.ready())
        return self

    def ready(self):
        if self.run("return document.body.dataset.ready") == "yes":
            return True
        assert (errors := self.errors()) == [], errors
        return False

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).innerText", selector)

    def to_group(self, kind, pid, line=0):
        """Goes to the end of the first fork or fault of this process (at this line of its source)."""
        self.run("""const [kind, pid, line] = arguments;
            const group = page.now.groups.find((it) => it.kind === kind && it.pid === pid
              && (!line || it.event.at?.line === line));
            page.go(page.now.momentOf[group.end]);""", kind, pid, line)
        return self

    def errors(self):
        return [entry["message"] for entry in self.browser.get_log("browser") if entry["level"] == "SEVERE"]
