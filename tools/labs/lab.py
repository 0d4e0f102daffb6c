"""A lab's folder, read: its holes, its wrong solutions, and the sources with one or the other put in.

The tree itself is the solution. A hole is a function whose body a student does not get; a wrong solution is the tree
after some edits. AUTHORING.md in this folder says how they are written.

    python3 tools/labs/lab.py              lists the labs, with hours and points (make labs)
"""
import re
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = map(str, Path(__file__).resolve().parents[1].glob("*/"))  # all rooms of tools/

import edits  # noqa: E402

KINDS = ("code", "tests", "answers", "bug")
# Of gates and tests; GRADING.md says what each means.
ENTRY_KEYS = {"name", "points", "host", "kernel", "machine", "program", "answer", "rule", "limit", "hint", "hidden"}
SPECIFIC = 25  # a line of a solution is looked for if it has so many characters without the spaces around it


class LabError(Exception):
    """Names the lab's file, what is wrong in it, and what to do."""


@dataclass(frozen=True)
class Hole:
    function: str  # as tools/prove/edits.py names it; "": the whole file
    file: str
    skeleton: str  # the text between its braces in a student's repository
    given: bool    # that text works, and a student may leave it as it is


@dataclass(frozen=True)
class Wrong:
    name: str
    sentence: str
    score: int
    fails: tuple  # the tests' names; empty: not said
    edits: list  # of (file, function, [(old, new)])
    text: str = ""  # of kind tests: the whole test file

    def row(self):
        """Of the table in instructor.md."""
        fails = ", ".join(self.fails) if len(self.fails) < 4 else f"{len(self.fails)} tests"
        return f"| {self.name} | {self.sentence} | {self.score} | {fails} |"


class Lab:
    def __init__(self, name, root=ROOT):
        self.name, self.root = name, root
        self.folder = root / "tools/labs" / name
        file = self.folder / "lab.toml"
        if not file.is_file():
            raise LabError(f"LAB={name}: there is no tools/labs/{name}/lab.toml; the labs are: {', '.join(names(root))}")
        try:
            self.about = tomllib.loads(file.read_text())
            self.title, self.kind, self.hours = (self.about[key] for key in ("title", "kind", "hours"))
            self.hole_lines = [(hole.get("function", ""), hole["file"], hole["skeleton"], hole.get("given", False))
                               for hole in self.about.get("hole", [])]
        except tomllib.TOMLDecodeError as error:
            raise LabError(f"tools/labs/{name}/lab.toml: {error}") from None
        except KeyError as error:
            raise LabError(f"tools/labs/{name}/lab.toml: {error} is missing; tools/labs/AUTHORING.md says what must be there") from None
        self._check_entries()
        if self.kind not in KINDS:
            raise LabError(f"tools/labs/{name}/lab.toml: kind = \"{self.kind}\" is none of {', '.join(KINDS)}")

    def _check_entries(self):
        """Refuses an entry with a key that no one reads, and a test without points."""
        for kind in ("gate", "test"):
            for entry in self.about.get(kind, []):
                name = entry.get("name", "?")
                if unknown := set(entry) - ENTRY_KEYS:
                    raise LabError(f"tools/labs/{self.name}/lab.toml: {kind} \"{name}\": no key is named {', '.join(sorted(unknown))}")
                if kind == "test" and "points" not in entry:
                    raise LabError(f"tools/labs/{self.name}/lab.toml: test \"{name}\" has no points")

    @property
    def points(self):
        """Of all tests together, the hidden ones too. Of a planted bug there are none: it is found or not."""
        return 0 if self.kind == "bug" else 100

    @property
    def holes(self):
        return [Hole(function, file, self._text(skeleton), given)
                for function, file, skeleton, given in self.hole_lines]

    def _text(self, name):
        try:
            return (self.folder / name).read_text()
        except FileNotFoundError:
            raise LabError(f"tools/labs/{self.name}/{name} is not there, and lab.toml names it") from None

    def source(self, file):
        if not (self.root / file).is_file():
            raise LabError(f"tools/labs/{self.name}: there is no file {file}")
        return (self.root / file).read_text()

    def body(self, hole):
        """What the tree has where a student gets the skeleton."""
        text = self.source(hole.file)
        return edits.body(text, hole.function) if hole.function else text

    def skeleton_sources(self):
        """By file, its text with the skeleton's bodies in it."""
        texts = {}
        for hole in self.holes:
            if not hole.function:
                texts[hole.file] = hole.skeleton
                continue
            text = texts.get(hole.file) or self.source(hole.file)
            try:
                texts[hole.file] = edits.with_body(text, hole.function, hole.skeleton)
            except edits.EditError as error:
                raise LabError(f"tools/labs/{self.name}/lab.toml: {hole.file}: {error}") from None
        return texts

    def solution_lines(self):
        """The lines of the holes that give the solution away: those that stand nowhere in the sources without them."""
        skeletons = self.skeleton_sources()
        folders = {"tests": ("kernel", "host_tests"), "answers": ("kernel", "user", "tools/tests/programs")}.get(
            self.kind, ("kernel",))
        others = [file for folder in folders for file in sorted((self.root / folder).rglob("*.*"))
                  if file.suffix in (".c", ".cpp", ".h") and str(file.relative_to(self.root)) not in skeletons]
        elsewhere = "\n".join([*skeletons.values(), *(file.read_text() for file in others)])
        bodies = [self.body(hole) for hole in self.holes]
        # A line's code and its comment each for itself: a text may quote one of them.
        parts = {part.strip() for body in bodies for line in body.splitlines() for part in line.split("//")}
        return sorted(part for part in parts if len(part) >= SPECIFIC and part not in elsewhere)

    # --- wrong solutions

    def wrong_names(self):
        return sorted(file.stem for file in (self.folder / "wrong").glob("*.cpp" if self.kind == "tests" else "*.txt"))

    def wrong(self, name):
        """Read from wrong/NAME.txt: a sentence, `score N`, lines `fails TEST`, then blocks of edits, each of one function."""
        if self.kind == "tests":
            return self._wrong_tests(name)
        head, *blocks = re.split(r"\n\s*\n", self._text(f"wrong/{name}.txt").strip())
        about = re.fullmatch(r"(.+)\nscore (\d+)((?:\nfails .+)*)", head)
        if about is None or not blocks:
            raise LabError(f"tools/labs/{self.name}/wrong/{name}.txt must begin with a sentence and `score N`; then come the "
                           "lines `fails TEST` that it has, a blank line, and edits")
        fails = tuple(line.removeprefix("fails ") for line in about[3].split("\n")[1:])
        return Wrong(name, about[1], int(about[2]), fails, [self._edits(name, block.splitlines()) for block in blocks])

    def _wrong_tests(self, name):
        """Read from wrong/NAME.cpp, a test file whose first comment says the same."""
        text = self._text(f"wrong/{name}.cpp")
        about = re.match(r"// (.+)\n// score (\d+)\n((?:// fails .+\n)*)", text)
        if about is None:
            raise LabError(f"tools/labs/{self.name}/wrong/{name}.cpp must begin with a comment: a sentence, `score N`, and a "
                           "line `fails TEST` for each test that must fail")
        return Wrong(name, about[1], int(about[2]), tuple(re.findall(r"^// fails (.+)$", about[3], re.MULTILINE)), [], text)

    def _edits(self, name, lines):
        place = re.fullmatch(r"(\S+?)(?:, function (.+))?", lines[0])
        changes = list(edits.replacements(lines[1:]))
        if place is None or not changes:
            raise LabError(f"tools/labs/{self.name}/wrong/{name}.txt: `{lines[0]}`: FILE, function NAME (or FILE alone), then lines with "
                           "- and +")
        return place[1], place[2] or "", changes

    def wrong_sources(self, name):
        """By file, its text with the wrong solution in it."""
        texts = {}
        if self.kind == "tests":
            return {self.holes[0].file: self.wrong(name).text}
        for file, function, changes in self.wrong(name).edits:
            try:
                text = texts.get(file) or self.source(file)
                texts[file] = edits.edited(text, function, changes) if function else edits.edit(text, "", changes)
            except edits.EditError as error:
                raise LabError(f"tools/labs/{self.name}/wrong/{name}.txt: {file}: {error}") from None
        return texts


def names(root=ROOT):
    return sorted(file.parent.name for file in (root / "tools/labs").glob("*/lab.toml"))


def write(sources, tree):
    """Puts texts by file, as skeleton_sources() and wrong_sources() give them, into a copy of the tree."""
    for file, text in sources.items():
        (tree / file).write_text(text)


def main():
    print(f"{'lab':<10}hours  points  functions  tests  wrong solutions")
    for lab in map(Lab, names()):
        tests = lab.about.get("test", [])
        print(f"{lab.name:<10}{lab.hours:>5}{sum(test['points'] for test in tests):>8}{len(lab.hole_lines):>11}{len(tests):>7}"
              f"{len(lab.wrong_names()):>17}  {lab.title}")


if __name__ == "__main__":
    main()
