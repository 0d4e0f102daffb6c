"""`make check-host` reports each test of kernel/vm separately (tools/prove/googletest.py), even if some crash or
hang."""
import subprocess

import googletest
import pytest
from conftest import ROOT, newest
from pathlib import Path

BAD = Path(__file__).parent / "bad_tests.cpp"
RULE_3 = "Rule 3: MAY_WRITE says that the process may write the page; W needs MAY_WRITE, an owned path and a frame of count 1."
RULE_6 = "Rule 6: The fence comes after an entry is replaced or loses a permission, and before the old frame is dropped."


@pytest.fixture(scope="module")
def bad():
    return newest("host_programs", BAD.stem, [BAD], "g++", "-w", "-O0", BAD, "-lgtest", "-lgtest_main", "-pthread")


@pytest.fixture(scope="module")
def said(bad):
    """The report of a run, by test, and its counts."""
    printed = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda text: printed.append(text))
        patch.setattr(googletest, "SECONDS", 1)
        counts = googletest.run([bad])
    tests = {}
    for line in "\n".join(printed).splitlines():
        if line.startswith("FAILED: "):
            tests[line.removeprefix("FAILED: ")] = lines = []
        else:
            lines.append(line.strip())
    return tests, counts


def test_every_test_is_counted_once(said):
    assert said[1] == (3, 5, 1)


def test_a_test_that_dies_fails_alone(said):
    assert list(said[0]) == ["Bad.Fails", "Bad.Panics", "Bad.PanicsToo", "Bad.NeverEnds", "Param.IsTwo/three"]


@pytest.mark.parametrize("name, sentence", [("Bad.Fails", RULE_3), ("Bad.Panics", RULE_6), ("Bad.PanicsToo", RULE_6)])
def test_a_failed_test_says_the_broken_rules_sentence_first(said, name, sentence):
    assert said[0][name][0] == sentence


def test_the_first_failed_tests_say_what_they_printed_and_how_to_run_them_alone(said, bad):
    assert "panic: rule 6: a fence is missing" in said[0]["Bad.Panics"]
    assert said[0]["Bad.Panics"][-1] == f"alone: {bad.relative_to(ROOT)} --gtest_filter=Bad.Panics"


def test_the_names_of_the_host_tests_are_words():
    programs = list((ROOT / "build/host").glob("*_tests"))
    if not programs:
        pytest.skip("the host tests are not built: make check-host")
    for program in programs:
        listing = subprocess.run([program, "--gtest_list_tests"], stdout=subprocess.PIPE, text=True, check=True).stdout
        assert "byte object" not in listing
