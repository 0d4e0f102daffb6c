"""The grader: what the tree itself, each wrong solution and each forger gets in each lab, and what a student reads."""
import os
import subprocess

import broken
import grade
import graded_kernels
import graded_programs
import graded_tests
import host
import lab as labs
import machine
import outside
import pytest
from conftest import ROOT

pytestmark = pytest.mark.xdist_group("labs")
KINDS = {"code": graded_kernels.Kernels, "bug": graded_kernels.Kernels, "tests": graded_tests.TestFiles, "answers": graded_programs.Programs}
ENDLESS = ("hang", "trap-loop")  # cow's; every test of theirs takes until its limit: some of them are enough
WRONG = [pytest.param(lab, variant, id=f"{lab}-{variant.name}") for lab in labs.names()
         for variant in graded_kernels.variants(lab) if variant.name not in ENDLESS]
A_FEW = ("eager", "the child's write copies", "machine: the first writes")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A lab's kernels, compiled once."""
    made = {}

    def of(lab):
        if lab not in made:
            made[lab] = KINDS[labs.Lab(lab).kind](lab, tmp_path_factory.mktemp("kernels"))
            made[lab].build_program(os.cpu_count())
            made[lab].build_kernel(os.cpu_count())
        return made[lab]
    return of


@pytest.fixture(scope="module")
def kernels(built):
    return built("cow")


def failed(results):
    return {result.name: result for result in results if not result.passed}


@pytest.mark.parametrize("lab", labs.names())
def test_the_tree_itself_passes_everything(built, lab):
    results = built(lab).results("")
    assert not failed(results), "\n".join(result.text() for result in failed(results).values())
    assert grade.score_of(results) == labs.Lab(lab).points


@pytest.mark.parametrize("lab, variant", WRONG)
def test_a_wrong_kernel_gets_exactly_its_score(built, lab, variant):
    results = built(lab).results(variant.name)
    assert grade.score_of(results) == variant.score, "\n".join(failed(results))
    assert set(failed(results)) == set(variant.fails) if variant.fails else failed(results)
    for result in failed(results).values():
        assert result.text().startswith("expected: ") and "; seen: " in result.sentence
        assert result.again in result.text()


@pytest.mark.parametrize("name", ENDLESS)
def test_a_kernel_that_never_ends_is_graded_and_says_where_it_was(kernels, name):
    results = kernels.results(name, A_FEW)
    bad = failed(results)
    assert set(bad) == set(A_FEW[1:])
    on_host, on_machine = (bad[test] for test in A_FEW[1:])
    assert on_host.events
    assert "the program is not back" in on_machine.sentence
    assert any(line.startswith("  hart 0: ") for line in on_machine.more)


def test_a_machine_in_which_nobody_runs_any_more_is_noticed(kernels):
    def killed(boot, limit):
        guest = boot()
        guest.do(guest.fork(guest.parent), "store", 0x40)

    result = machine.run({"killed": killed}, kernels.kernel(0), {"name": "killed", "machine": "killed"})
    assert "every hart waits, or the process was killed" in result.sentence
    assert any("ox::Scheduler::run" in line for line in result.more)


def test_a_test_of_an_unknown_name_has_failed(kernels):
    result = machine.run({}, kernels.kernel(0), {"name": "mistyped", "machine": "mistyped"})
    assert not result.passed and "machine.py has none of that name" in result.sentence


def test_a_panic_shows_the_consoles_tail(kernels):
    [result] = kernels.results("panic", ["machine: the first writes"])
    assert "ox: panic: " in result.sentence and "not written yet" in result.sentence
    assert any("ox::PageTree::fork" in line for line in result.more)


def test_a_failed_machine_test_shows_rule_picture_events_and_commands_in_this_order(kernels):
    [result] = kernels.results("w-left-in-parent", ["machine: no shared frame has W"])
    text = result.text()
    places = [text.index(words) for words in ("expected: ", "; seen: ", "Rule 3: MAY_WRITE says", "│ count 2 │",
                                              "last events:\n", "parent: fork", "again: make grade TEST=", "shows it: make ")]
    assert places == sorted(places)


def test_a_failed_gate_takes_all_points(kernels):
    results = kernels.results("")
    results[0].passed = False
    assert grade.score_of(results) == 0
    assert all(test["score"] == 0 for test in grade.as_json(results, 1, [])["tests"])


def test_the_json_has_gradescopes_form_and_the_commit(kernels):
    document = grade.as_json(kernels.results("full-copy", ["fork shares", "eager fork"]), 1.25, ["a warning"])
    assert document["score"] == 0 and document["execution_time"] == 1.2 and document["output"] == "a warning"
    assert [(test["max_score"], test["status"]) for test in document["tests"]] == [(0, "passed"), (8, "failed"), (5, "failed")]
    head = subprocess.run(["git", "-C", ROOT, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    assert document["extra_data"]["commit"].startswith(head)


@pytest.mark.parametrize("kind, passed, verdict", [
    ("bug", [True, True], "found"), ("bug", [True, False], "not found"), ("code", [True, False], "score: 3 of 7"),
    ("code", [False, True], "score: 0 of 7"),
])
def test_a_planted_bug_is_found_or_not_and_other_labs_have_points(kind, passed, verdict):
    entries = [{"name": "a gate"}, {"name": "a", "points": 3}, {"name": "b", "points": 4}]
    results = [grade.Result(entry, each) for entry, each in zip(entries, [passed[0], True, passed[1]])]
    assert grade.verdict({"kind": kind}, results) == verdict


# --- what a student reads

SAID = "expected: frame 0x1 has count 2, as 2 entries name it (rule 1); seen: count 1"
PANIC = "panic: rule 6: freed frame 0x1 is still cached"


@pytest.mark.parametrize("lines, sentence, rule", [
    ([SAID, PANIC], SAID, 1),
    ([PANIC, SAID], f"expected: no panic; seen: {PANIC}", 6),
    (["expected: a; seen: b"], "expected: a; seen: b", 3),
])
def test_what_a_host_test_says_first_is_the_reason(lines, sentence, rule):
    result = host.judged({"name": "a test", "rule": 3}, "\n".join([*lines, ""]), 1)
    assert (result.sentence, result.rule) == (sentence, rule)


def test_a_grading_compiles_with_the_names_that_make_has(monkeypatch):
    commands = []
    monkeypatch.setattr(grade.subprocess, "run", lambda command, **_: commands.append(command) or subprocess.CompletedProcess([], 0))
    grade.Grading(*grade.read_lab("processes"), ROOT / "build").compile()
    assert commands[0][-5:] == ["BUILD=build", "build/ox.elf", "build/user/family", "build/user/fork_seed", "build/user/ps"]


FAILED_FIRST = """[ RUN      ] Lab.First
/a/lab_test.cpp:12: Failure
Expected equality of these values:
  5u
  6u
after the fork
[  FAILED  ] Lab.First (0 ms)
[ RUN      ] Lab.Second
[  SKIPPED ] Lab.Second (0 ms)
"""


def test_on_the_right_kernel_the_test_that_failed_is_named_with_its_place_and_words():
    sentence = broken.right(["Lab.First", "Lab.Second"], FAILED_FIRST, over=False)
    assert "seen: Lab.First does not: /a/lab_test.cpp:12: Expected equality of these values: 5u 6u after the fork" in sentence
    assert "FAILED" not in sentence


def test_a_test_that_ends_the_program_is_named():
    sentence = broken.right(["Lab.First", "Lab.Second"], "[ RUN      ] Lab.Second\n", over=False)
    assert "Lab.Second does not: it crashes" in sentence


@pytest.mark.parametrize("words, name, chosen", [
    (["kernel 1"], "kernel 1: fork", True), (["kernel 1"], "kernel 12: mremap", False),
    (["share"], "fork shares pages", True), (["none", "12"], "kernel 12: mremap", True),
])
def test_a_number_among_the_words_is_a_whole_number(words, name, chosen):
    assert grade.named({"name": name}, words) == chosen


def test_the_same_panic_is_told_once(capsys):
    sentences = [f"expected: no panic; seen: panic: rule {rule}: frame {frame:#x} is lost"
                 for rule, frame in ((1, 0x80b11), (1, 0x80b12), (2, 0x80b11), (1, 0x80b13))]
    results = [grade.Result({"name": name, "points": 1}, False, sentence) for name, sentence in zip("abcd", sentences)]
    assert [(result.name, more) for result, more in grade.told_apart(results)] == [("a", 2), ("c", 0)]
    grade.show(results, [])
    assert capsys.readouterr().out.count("and 2 more with the same panic") == 1


# --- edits outside the holes

CODE = "int f(int x) {\n  return x;\n}\nint g() { return 1; }\n"


@pytest.fixture
def students(tmp_path, monkeypatch):
    """A student's repository: one commit by the instructor."""
    def git(*words, name="teacher"):
        subprocess.run(["git", "-C", tmp_path, "-c", f"user.name={name}", "-c", f"user.email={name}@example.org", *words],
                       check=True, capture_output=True)

    for file, text in (("kernel/a.cpp", CODE), ("kernel/b.cpp", CODE), ("tools/labs/cow/lab.toml", ""),
                       ("host_tests/labs/cow_test.cpp", "// tests\n")):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "the lab")
    monkeypatch.setattr(outside, "ROOT", tmp_path)
    return tmp_path, git


def test_an_edit_within_a_hole_is_no_warning_even_when_committed(students):
    folder, git = students
    (folder / "kernel/a.cpp").write_text(CODE.replace("return x", "return x + 1"))
    git("commit", "-qam", "mine", name="student")
    assert outside.warnings("cow", [("kernel/a.cpp", "f")]) == []


def test_edits_outside_of_the_holes_are_told(students):
    folder, git = students
    (folder / "kernel/a.cpp").write_text(CODE.replace("return 1", "return 2"))
    (folder / "kernel/b.cpp").write_text(CODE.replace("return x", "return 2"))
    (folder / "kernel/c.cpp").write_text(CODE)
    git("commit", "-qam", "mine", name="student")
    assert outside.warnings("cow", [("kernel/a.cpp", "f")]) == [
        "kernel/a.cpp: changed outside of f", "kernel/b.cpp: changed", "kernel/c.cpp: new"]


def test_where_no_hole_is_named_the_whole_kernel_is_the_students(students):
    folder, git = students
    for file in ("kernel/b.cpp", "host_tests/labs/cow_test.cpp"):
        (folder / file).write_text("// mine\n")
    assert outside.warnings("cow", []) == ["host_tests/labs/cow_test.cpp: changed"]


@pytest.mark.parametrize("file", ["tools/labs/cow/lab.toml", "host_tests/labs/cow_test.cpp"])
def test_the_instructors_second_commit_is_none_of_the_students_edits(students, file):
    folder, git = students
    (folder / "kernel/a.cpp").write_text(CODE.replace("return x", "return 7"))
    git("commit", "-qam", "mine", name="student")
    (folder / file).write_text("// better\n")
    git("commit", "-qam", "the lab, corrected")
    assert outside.warnings("cow", [("kernel/a.cpp", "f")]) == []
