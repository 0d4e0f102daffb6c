"""Labs of kind tests: what a student gets of the broken kernels, and what is taken of a student."""
import shutil
import subprocess

import cut
import grade
import graded_tests
import gradescope
import kernels
import lab as labs
import pytest
import submission
from conftest import ROOT

pytestmark = [pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a lab is cut from a git repository"),
              pytest.mark.xdist_group("labs")]
LAB = labs.Lab("mutants")
FILE = LAB.holes[0].file
FORK = "kernel/vm/fork.cpp"


@pytest.fixture
def students(tmp_path):
    """A student's repository, with a test of theirs."""
    folder = tmp_path / "students"
    cut.cut(LAB, folder)
    with open(folder / FILE, "a", encoding="utf-8") as text:
        text.write("// a student's\n")
    subprocess.run(["git", "-C", folder, "-c", "user.name=somebody", "-c", "user.email=somebody@ox.invalid", "commit",
                    "-qam", "a commit"], check=True)
    return folder


def test_the_broken_kernels_tell_nothing_of_their_bugs(students):
    data = (students / "tools/labs/mutants/kernels.o").read_bytes().decode(errors="replace").lower()
    names = [bug.name for bug in kernels.bugs(LAB.folder)]
    assert [word for word in [*names, "seeded", str(ROOT)] if word.lower() in data] == []


def test_a_test_that_fails_everywhere_has_no_points_by_whatever_name_it_is_asked(tmp_path):
    test = LAB.source(FILE).replace("TEST_F(", "TEST_F(MutantsLab, IsNeverRight) { EXPECT_EQ(1, 2); }\nTEST_F(", 1)
    kernels = graded_tests.TestFiles(LAB.name, tmp_path)
    kernels.build_program(2)
    kernels.text = lambda name: test
    results = kernels.results("never right", ["kernel 3"])
    assert [(result.entry["kernel"], result.passed) for result in results] == [(0, False), (3, True)]
    assert grade.score_of(results) == 0


@pytest.mark.parametrize("number", ["13", "-1", "abc", ""])
def test_a_kernel_that_is_not_there_is_refused(tmp_path, number):
    kernels = graded_tests.TestFiles(LAB.name, tmp_path)
    kernels.build_program(2)
    kernels.results("", ["kernel 3"])
    run = subprocess.run([tmp_path / "tree"], env={"OX_KERNEL": number}, capture_output=True, text=True)
    assert run.returncode == 2 and "the kernels are 0 (the right one) to 12" in run.stderr


def test_a_cut_has_none_of_the_tests_that_would_be_a_solution(students):
    assert [file.name for file in students.glob("host_tests/**/*_test.cpp")] == [FILE.rpartition("/")[2]]


def test_an_update_leaves_a_student_the_tests_that_they_wrote(students):
    cut.update(LAB, students)
    assert (students / FILE).read_text().endswith("// a student's\n")


@pytest.mark.parametrize("file, old, new, complaint", [
    ("wrong/fork-only.cpp", "// score ", "// scored ", "fork-only.cpp must begin with a comment"),
    ("wrong/fork-only.cpp", None, None, "fork-only.cpp is not there"),
    ("bugs.txt", "kernel/vm/unmap.cpp", "kernel/fs/pipe.cpp", "kernel/fs/pipe.cpp is not a .cpp of kernel/vm"),
    ("bugs.txt", "entry.is_map_shared() ? level", "entry.is_shared() ? level", "this text stands 0 times"),
])
def test_a_mistake_in_a_labs_folder_is_named(tmp_path, file, old, new, complaint):
    shutil.copytree(LAB.folder, tmp_path / "tools/labs/mutants")
    place = tmp_path / "tools/labs/mutants" / file
    text = place.read_text()
    place.unlink()
    if old:
        assert old in text
        place.write_text(text.replace(old, new))
    with pytest.raises((labs.LabError, kernels.KernelsError), match=complaint):
        lab = labs.Lab("mutants", tmp_path)
        lab.wrong("fork-only")
        kernels.texts(lab.folder)


def test_of_a_submission_the_tests_are_the_students_and_the_kernel_is_ours(students, tmp_path):
    (students / FORK).write_text("// a student's kernel\n")
    tree = tmp_path / "tree"
    assert submission.assemble(students, [(FILE, "")], tree) == []
    assert (tree / FILE).read_text() == (students / FILE).read_text()
    assert (tree / FORK).read_text() == (ROOT / FORK).read_text()
    ours = {path.name for path in (tree / "tools/labs/mutants").iterdir()}
    assert "kernels.o" in ours and "bugs.txt" not in ours


def test_a_submission_without_tests_is_refused_by_name(students, tmp_path):
    (students / FILE).unlink()
    with pytest.raises(submission.NoSubmission, match=FILE):
        submission.assemble(students, [(FILE, "")], tmp_path / "tree")


def test_the_archive_for_gradescope_has_the_kernels_and_not_the_solution():
    _, lab = grade.read_lab("mutants")
    texts = [(name, data.decode(errors="replace")) for name, data, _ in gradescope.contents("mutants", lab)]
    assert cut.quotes(LAB, texts) == []
    names = [name for name, _ in texts]
    assert "ox/tools/labs/mutants/kernels.o" in names and not any("bugs.txt" in name for name in names)
