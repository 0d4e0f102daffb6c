"""Grading others' repositories: what is taken of them, the table and the page, and the archive for Gradescope."""
import csv
import shutil
import subprocess
import sys
import zipfile

import cut
import grade
import gradescope
import lab as labs
import pytest
import regrade
import submission
from conftest import ROOT

FORK = "kernel/vm/fork.cpp"
HOLES = [(FORK, "PageTree::fork")]


@pytest.fixture
def student(tmp_path):
    folder = tmp_path / "ada"
    shutil.copytree(ROOT / "kernel", folder / "kernel")
    return folder


def rewrite(file, right, wrong):
    text = file.read_text()
    assert right in text
    file.write_text(text.replace(right, wrong))


def test_only_the_kernel_is_the_students(student, tmp_path):
    (student / "host_tests").mkdir()
    (student / "host_tests/mine_test.cpp").write_text("")
    (student / "Makefile").write_text("all:\n")
    rewrite(student / FORK, "sfence_vma_all();  // rule 6", "")
    assert submission.assemble(student, HOLES, tmp_path / "tree") == []
    assert (tmp_path / "tree" / FORK).read_text() == (student / FORK).read_text()
    assert (tmp_path / "tree/Makefile").read_text() == (ROOT / "Makefile").read_text()
    assert not (tmp_path / "tree/host_tests/mine_test.cpp").exists()


def test_edits_outside_of_the_holes_are_told_and_taken(student, tmp_path):
    rewrite(student / FORK, "record.writable_groups = 0;", "")
    rewrite(student / "kernel/vm/fault.cpp", "FaultOutcome::spurious", "FaultOutcome::granted")
    warned = submission.assemble(student, HOLES, tmp_path / "tree")
    assert warned == ["kernel/vm/fault.cpp: changed", f"{FORK}: changed outside of PageTree::fork"]
    assert "FaultOutcome::spurious" not in (tmp_path / "tree/kernel/vm/fault.cpp").read_text()


def test_a_new_header_that_the_tests_would_include_is_left_out(student, tmp_path):
    for name in ("kernel/gtest/gtest.h", "kernel/vm/mine.h"):
        (student / name).parent.mkdir(exist_ok=True)
        (student / name).write_text("")
    warned = submission.assemble(student, HOLES, tmp_path / "tree")
    assert [line.split(": ")[:2] for line in warned] == [
        ["kernel/gtest/gtest.h", "new, and left out"], ["kernel/vm/mine.h", "new"]]
    assert not (tmp_path / "tree/kernel/gtest").exists() and (tmp_path / "tree/kernel/vm/mine.h").exists()


def test_the_next_submission_leaves_nothing_of_the_one_before(student, tmp_path):
    tree = tmp_path / "tree"
    (student / "kernel/vm/mine.h").write_text("")
    submission.assemble(student, HOLES, tree)
    same = (tree / "kernel/main.cpp").stat().st_mtime_ns
    (student / "kernel/vm/mine.h").unlink()
    (student / "kernel/vm/unmap.cpp").unlink()
    assert submission.assemble(student, HOLES, tree) == ["kernel/vm/unmap.cpp: removed; the instructor's is taken"]
    assert not (tree / "kernel/vm/mine.h").exists()
    assert (tree / "kernel/main.cpp").stat().st_mtime_ns == same, "it would be compiled again"


def test_table_and_page_show_each_ones_failures(tmp_path, monkeypatch):
    test = {"name": "fork shares", "max_score": 100}
    outcomes = {"ada": {"score": 100, "output": "", "extra_data": {"commit": "c0ffee" * 6},
                        "tests": [{**test, "score": 100, "status": "passed", "output": ""}]},
                "eve": {"score": 0, "output": "kernel/main.cpp: changed", "extra_data": {"commit": None},
                        "tests": [{**test, "score": 0, "status": "failed", "output": "expected: <one>; seen: two"}]},
                "nobody": regrade.failure("there is no folder kernel/")}
    for name in outcomes:
        (tmp_path / "all" / name).mkdir(parents=True)
    monkeypatch.setattr(regrade, "grade_one", lambda lab, about, folder, tree: outcomes[folder.name])
    monkeypatch.setattr(grade, "read_lab", lambda name: (None, {"title": "A lab", "test": [{"name": "fork shares"}]}))
    monkeypatch.setattr(sys, "argv", ["regrade", "cow", str(tmp_path / "all"), "--out", str(tmp_path)])
    regrade.main()
    with open(tmp_path / "grades.csv", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["submission", "score", "fork shares", "commit", "remarks"],
                    ["ada", "100", "100", "c0ffee" * 6, ""], ["eve", "0", "0", "", "kernel/main.cpp: changed"],
                    ["nobody", "0", "0", "", "there is no folder kernel/"]]
    page = (tmp_path / "grades.html").read_text()
    assert "expected: &lt;one&gt;; seen: two" in page and "kernel/main.cpp: changed" in page and "1 of 3" in page


def test_what_does_not_compile_is_said_once():
    failed = {"output": "expected: it compiles; seen: a.cpp:3: error: no\nagain: make grade"}
    results = {"tests": [dict(failed), dict(failed), {"output": "expected: 1; seen: 2"}]}
    assert regrade.compile_errors(results) == ["it does not compile: a.cpp:3: error: no"]
    assert [test["output"] for test in results["tests"]] == ["it does not compile"] * 2 + ["expected: 1; seen: 2"]


def test_a_repository_one_folder_too_deep_is_found(student, tmp_path):
    with pytest.raises(submission.NoSubmission, match="There is one in ada/"):
        submission.assemble(student.parent, HOLES, tmp_path / "tree")


def test_of_a_test_without_points_the_table_says_whether_it_passed(tmp_path):
    tests = [{"name": name, "score": 0, "max_score": 0, "status": status} for name, status in (("a", "passed"), ("b", "failed"))]
    graded = {"ada": {"score": 0, "output": "", "tests": tests, "extra_data": {"commit": None}}}
    regrade.write_csv(tmp_path / "grades.csv", graded, ["a", "b"])
    assert (tmp_path / "grades.csv").read_text().splitlines()[1] == "ada,0,passed,failed,,"


@pytest.mark.parametrize("name", labs.names())
def test_the_archive_for_gradescope_has_the_scripts_and_no_line_of_a_hole(name, tmp_path):
    _, lab = grade.read_lab(name)
    gradescope.write(tmp_path / "a.zip", name, lab)
    gradescope.write(tmp_path / "b.zip", name, lab)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = archive.namelist()
        assert {"setup.sh", "run_autograder", "ox/Makefile", f"ox/tools/labs/{name}/lab.toml", f"ox/{FORK}"} <= set(names)
        assert archive.getinfo("run_autograder").external_attr >> 16 & 0o111
        texts = [(name, archive.read(name).decode(errors="replace")) for name in names]
    assert cut.quotes(labs.Lab(name), texts) == []
    for script in ("setup.sh", "run_autograder"):
        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            subprocess.run(["sh", "-n"], input=archive.read(script), check=True)
