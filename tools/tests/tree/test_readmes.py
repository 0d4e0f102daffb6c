"""The READMEs are true: the test types their commands, in a copy of the tree, and follows their links.

tools/tests/README.md says how commands are told from other text.
"""
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from broken_tree import copy_tree
from conftest import BUILD, ROOT
from gdb_machine import typed

COMMANDS = ("make", "mkdir", "cp", "python3", "pytest-3", "riscv64-linux-gnu-gcc")
# Not run: they take minutes, need a network, or repeat another command.
LONG = ("make test", "make soak", "make lab", "make grade", "make regrade", "make bench", "make lint", "make setup", "make check-",
        "make picture", "make view PROG", "make qemu USERLAND", "python3 tools/bench/",
        "python3 tools/prove/mutants.py")
# Texts that the output of these commands must contain.
ANSWERS = {
    "make demo": r"tables copied by fork +10 +10 +2\b",
    "make help": "make soak",
    'make qemu PROG="ls -l /bin"': "fork_example",
    "make qemu PROG=fork_example FORK=cow APPEND=trace": "ox: fork cow: pid 2 -> 3",
    "make qemu PROG=hello": "hello, world",
    "make qemu ROOTFS=my/files PROG=greet": "hello, world",
    "make qemu PROG=free_frames": r"\d{5} frames are free",
    "make view": "build/view/fork_page.html",
    "pytest-3 tools/tests/terminal/test_terminal.py -k arrive_raw": "1 passed",
}
READMES = [ROOT / "README.md", *sorted(file for folder in ROOT.iterdir() if folder.is_dir() and folder.name != "build"
                                       for file in folder.rglob("README.md"))]


def name(readme):
    return str(readme.relative_to(ROOT))


def blocks(readme):
    """(number of the first line, lines) of each block that is indented by four spaces or fenced."""
    found, fenced, above = [], False, ""
    for number, line in enumerate(readme.read_text().splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
            if fenced:
                found.append((number + 1, []))
        elif fenced:
            found[-1][1].append(line)
        elif line.startswith("    "):
            if not above.startswith("    "):
                found.append((number, []))
            found[-1][1].append(line[4:])
        above = "" if line.startswith("```") else line
    return found


def commands(readme):
    """(line, command), without the remarks."""
    for number, lines in blocks(readme):
        if lines and lines[0].split(" ")[0] in COMMANDS:
            for at, line in enumerate(lines, number):
                assert line.split(" ")[0] in COMMANDS, f"{name(readme)}:{at}: no command: {line}"
                yield at, re.split(r"\s{2,}", line)[0]


def files(readme):
    """(file, whether the text is appended, text)."""
    for _, lines in blocks(readme):
        if head := re.fullmatch(r"// (\S+\.\w+)(, at the end)?", lines[0] if lines else ""):
            yield head[1], head[2] is not None, "\n".join(lines) + "\n"


def cases():
    """Each command once. A README that writes files has a tree of its own, and one process for its commands."""
    seen = set()
    for readme in READMES:
        for line, command in commands(readme):
            if command not in seen:
                seen.add(command)
                tree = f"commands of {name(readme)}" if any(files(readme)) else "commands"
                yield pytest.param(readme, tree, command, id=f"{name(readme)}:{line}: {command}",
                                   marks=pytest.mark.xdist_group(tree))


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    made = {}

    def tree(which, readme):
        if which not in made:
            made[which] = copy_tree(tmp_path_factory.mktemp("tree"), everything=True)
            for file, behind, text in files(readme):
                with open(made[which] / file, "a" if behind else "w", encoding="utf-8") as target:
                    target.write(text)
        return made[which]
    yield tree
    for folder in made.values():
        shutil.rmtree(folder)


class Terminal:
    """A typed command."""

    def __init__(self, command, tree, timeout=120):
        if command.startswith("make"):
            command += f" BUILD={BUILD.relative_to(ROOT)}"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        environment |= {"OX_BUILD": str(BUILD.relative_to(ROOT)), "PYTEST_DEBUG_TEMPROOT": str(tree)}
        self.child = pexpect.spawn("/bin/sh", ["-c", command], cwd=str(tree), env=environment, timeout=timeout,
                                   encoding="utf-8", codec_errors="replace", dimensions=(50, 200))

    def expect(self, text):
        self.child.expect(text)
        return self.child

    def ends_well(self):
        """Waits for the end, which must be a success. Returns the output after the last expected text."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        assert self.child.exitstatus == 0, self.child.before
        return self.child.before


def leave_gdb(terminal):
    terminal.expect(r"\(gdb\) ").sendline("quit")
    if terminal.child.expect([r"Quit anyway\? \(y or n\)", pexpect.EOF]) == 0:
        terminal.child.sendline("y")
        terminal.expect(pexpect.EOF)


def type_to_the_end(command, tree):
    terminal = Terminal(command, tree)
    if command.startswith("make qemu-gdb"):
        terminal.expect("In another terminal")
        printed = terminal.expect(r"\n +(\S*gdb\S* -q [^\r\n]*)\r").match[1]
        leave_gdb(Terminal(printed, tree))
        terminal.child.close(force=True)
        return ""
    if command.startswith("make gdb"):
        return leave_gdb(terminal)
    if command.startswith("make qemu") and "PROG=" not in command:
        terminal.expect(r"ox\$ ").send("\x04")
    return terminal.ends_well()


def known_to_make(words):
    """Whether the Makefile has these verbs and these variables."""
    makefile = (ROOT / "Makefile").read_text() + (ROOT / "tools/labs/lab_verbs.mk").read_text()
    verbs = [word for word in words[1:] if "=" not in word and word[0] != "-"]
    targets = " ".join(re.findall(r"^\.PHONY: (.*)", makefile, re.MULTILINE)).split()
    variables = [word.partition("=")[0] for word in words[1:] if "=" in word]
    return all(verb in targets for verb in verbs) and all(f"$({variable}" in makefile for variable in variables)


def check_without_running(command, tree):
    words = shlex.split(command)
    if words[0] == "make":
        assert known_to_make(words)
        subprocess.run(["make", "-n", *words[1:]], cwd=tree, check=True, stdout=subprocess.DEVNULL)
    else:
        tool = (ROOT / words[1]).read_text()
        assert all(f'"{word}"' in tool for word in words[2:] if word.startswith("--"))
        if "mutants" in words[1]:
            lists = "".join(file.read_text() for file in (ROOT / "host_tests/mutants").glob("*.txt"))
            assert all(word in lists for word in words[2:])


@pytest.mark.parametrize("readme, which, command", cases())
def test_command(trees, readme, which, command):
    tree = trees(which, readme)
    if command.startswith(LONG):
        check_without_running(command, tree)
        return
    if command == "make view":
        there = subprocess.run([ROOT / "tools/build/setup.sh", "check", "view"], capture_output=True, text=True)
        if there.returncode != 0:
            pytest.skip(there.stderr.splitlines()[0])
    if "build/view/" in command and not (tree / "build/view/fork_page.json").exists():
        pytest.skip("reads what make view records")
    said = type_to_the_end(command, tree)
    if command in ANSWERS:
        assert re.search(ANSWERS[command], said), said


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_links_lead_to_files(readme):
    links = re.findall(r"\]\(([^)#\s]+)", readme.read_text())
    gone = [link for link in links if not link.startswith("https://") and not (readme.parent / link).exists()]
    assert not gone


@pytest.mark.parametrize("readme", READMES, ids=name)
def test_verbs_in_sentences_exist(readme):
    spans = re.findall(r"`(make [^`]+)`", readme.read_text())
    assert [span for span in spans if not known_to_make(shlex.split(span))] == []


def alike(text):
    """The text without addresses (they change with every kernel), column widths, gdb's own numbers, and the folder
    /bin, which the machine of typed() does not have."""
    return re.sub(r"\s+", " ", re.sub(r"0x[0-9a-f]+|Breakpoint \d+, |\$\d+|^#0 +|/bin(?=/)", "", text, flags=re.MULTILINE)).strip()


def test_gdb_answers_as_its_readme_says(tmp_path):
    """The walk from the store into the handler and back."""
    lines = next(lines for _, lines in blocks(ROOT / "tools/gdb/README.md") if lines[0].startswith("(gdb) break"))
    exchange = []
    for line in lines:
        if line.startswith("(gdb) "):
            exchange.append((line.removeprefix("(gdb) "), []))
        elif not re.search(r"\.\.\.|<|^Value returned", line):  # shortened, or not part of the command's output
            exchange[-1][1].append(line)
    full = {"c": ["continue"], "stepi 4": ["stepi"] * 4}
    typing = [full.get(command, [command]) for command, _ in exchange]
    answers = iter(typed(tmp_path, *[word for words in typing for word in words], kernel=BUILD / "og/ox.elf"))
    for words, (command, wanted) in zip(typing, exchange):
        said = "".join(next(answers) for _ in words)
        assert not said.startswith("error: "), f"{command}: {said}"
        for line in wanted:
            assert alike(line) in alike(said), f"(gdb) {command}\n{said}"
