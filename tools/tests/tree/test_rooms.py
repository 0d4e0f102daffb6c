"""The rooms of tools/: each file is in one, each room has a README for newcomers, and Python finds all modules."""
import re
from collections import Counter

import pytest
from conftest import ROOT

TOOLS = ROOT / "tools"
LINE = 'sys.path[:0] = map(str, Path(__file__).resolve().parents[{}].glob("*/"))  # all rooms of tools/'
ROOMS = sorted(folder for folder in TOOLS.iterdir() if folder.is_dir() and not folder.name.startswith((".", "__")))
# gdb's commands are a package. A student's file can replace one of them.
NOT_IMPORTED = ("gdb/ox/", "labs/student/")
OFTEN = ("conftest", "machine")  # two conftest.py; each lab's machine.py is loaded by its path


def modules():
    return [file for file in sorted(TOOLS.rglob("*.py"))
            if not str(file.relative_to(TOOLS)).startswith(NOT_IMPORTED)]


def imported(text):
    return re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)


def test_nothing_but_the_readme_is_loose():
    assert [file.name for file in TOOLS.iterdir() if file.is_file()] == ["README.md"]


def test_the_map_has_a_row_for_each_room():
    rows = re.findall(r"^\| \[`(\w+)/`\]\(\1/README.md\)", (TOOLS / "README.md").read_text(), re.MULTILINE)
    assert sorted(rows) == [room.name for room in ROOMS]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_says_where_a_new_one_goes(room):
    heads = re.findall(r"^## (.*)", (room / "README.md").read_text(), re.MULTILINE)
    assert any(re.match(r"Where a new|How to add|How a lab is made|A new ", head) for head in heads), heads


@pytest.mark.parametrize("subject", sorted(folder for folder in (TOOLS / "tests").iterdir() if folder.is_dir()
                                           and not folder.name.startswith((".", "__"))), ids=lambda folder: folder.name)
def test_the_tests_readme_names_each_subject(subject):
    assert f"\n| `{subject.name}/` |" in (TOOLS / "tests/README.md").read_text()


def test_each_test_is_in_a_subject():
    assert list((TOOLS / "tests").glob("test_*.py")) == []


def test_no_two_modules_have_one_name():
    names = Counter(file.stem for file in modules())
    assert [name for name, times in names.items() if times > 1 and name not in OFTEN] == []


def test_a_script_that_imports_from_another_room_has_the_line_or_a_neighbour_has_it():
    text_of = {(file.relative_to(TOOLS).parts[0], file.stem): file.read_text() for file in modules()}
    for (room, name), text in text_of.items():
        own = [text_of.get((room, other), "") for other in imported(text)]
        others = [other for other in imported(text) if (room, other) not in text_of and
                  any(stem == other for _, stem in text_of)]
        if others and '__name__ == "__main__"' in text:
            assert any(LINE.format(1) in each for each in (text, *own)), f"{room}/{name}.py imports {others}"


def test_that_line_is_the_only_way_to_a_room():
    lines = {line for file in modules() for line in file.read_text().splitlines() if line.startswith("sys.path")}
    assert lines == {LINE.format(1), LINE.format(2)}
