#!/usr/bin/env python3
"""Checks the rules of kernel/vm: rules.h and the README have the same sentences, and no number of a rule is wrong.

Each rule of the README must name a test that exists, and some test must cite the rule's number.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE, README = ROOT / "kernel/vm/rules.h", ROOT / "kernel/vm/README.md"
SOURCES = (".cpp", ".h", ".S", ".c", ".py", ".js", ".txt", ".md")
CITED = re.compile(r"\brules? (\d+)\b|panic_rule\((\d+),", re.IGNORECASE)
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", re.MULTILINE)


def sentences():
    """{number: sentence}, from rules.h."""
    text = re.sub(r'"\n\s*"', "", TABLE.read_text())  # join the two halves of a long sentence
    return {int(number): sentence for number, sentence in re.findall(r'// (\d+)\n\s*"(.*)",', text)}


def rules_in_readme():
    """[(number, sentence, the rest of its paragraph)]."""
    text = README.read_text().partition("<!-- rules: begin -->")[2].partition("<!-- rules: end -->")[0]
    entries = re.findall(r"^(\d+)\. \*\*(.*?)\*\*(.*?)(?=^\d+\. |\Z)", text, re.MULTILINE | re.DOTALL)
    return [(int(number), " ".join(sentence.split()), rest) for number, sentence, rest in entries]


def files(*folders):
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in SOURCES and "node_modules" not in file.parts:
                yield file


def problems():
    in_code, in_readme = sentences(), rules_in_readme()
    if [number for number, _, _ in in_readme] != list(in_code) or list(in_code) != list(range(1, len(in_code) + 1)):
        yield f"the rules of {README.name} and {TABLE.name} are not numbered alike, from 1 on"
    for number, sentence, _ in in_readme:
        if sentence != in_code.get(number):
            yield f"rule {number}: the README says «{sentence}», rules.h says «{in_code.get(number)}»"
    tests = {f"{suite}.{name}" for file in files("host_tests") for suite, name in TEST.findall(file.read_text())}
    suites = {test.partition(".")[0] for test in tests}
    for number, _, rest in in_readme:
        named = re.findall(r"`(\w+)\.(\w+|\*)`", rest)
        named = [(suite, name) for suite, name in named if name not in ("h", "cpp", "S")]
        if not named:
            yield f"rule {number}: the README names no test"
        for suite, name in named:
            if suite not in suites if name == "*" else f"{suite}.{name}" not in tests:
                yield f"rule {number}: there is no test {suite}.{name}"
    cited_by_tests = set()
    for file in files("kernel", "user", "host_tests", "tools"):
        for match in CITED.finditer(file.read_text()):
            number = int(match[1] or match[2])
            if number not in in_code:
                yield f"{file.relative_to(ROOT)}: cites rule {number}, which does not exist"
            elif "host_tests" in file.parts or "tests" in file.parts:
                cited_by_tests.add(number)
    for number in sorted(set(in_code) - cited_by_tests):
        yield f"rule {number}: no test cites it"


def main():
    found = list(problems())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
