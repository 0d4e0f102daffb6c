"""Each lab can be cut, and what is cut holds no solution; its wrong solutions can be put into the tree. What they
score, the grader's tests say."""
import re
import shutil
import subprocess
import sys

import check
import cut
import lab as labs
import pytest
from broken_tree import copy_tree
from conftest import BUILD, ROOT
from cut_labs import repository  # noqa: F401, a fixture

LABS = labs.names()
BUGS = [name for name in LABS if labs.Lab(name).kind == "bug"]
WRONG = [(name, wrong) for name in LABS for wrong in labs.Lab(name).wrong_names()]
FOLDER = BUILD.relative_to(ROOT)  # of a build, in a copy as here

pytestmark = [pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a lab is cut from a git repository"),
              pytest.mark.xdist_group("labs")]


def git(folder, *words):
    return subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("name", LABS)
def test_a_cut_is_one_commit_without_a_persons_name(repository, name):
    log = git(repository(name), "log", "--all", "--format=%an <%ae>|%cn")
    assert log == "ox lab <lab@ox.invalid>|ox lab\n"
    assert git(repository(name), "status", "--porcelain") == ""
    assert (repository(name) / "HANDOUT.md").read_text().startswith("# ")


@pytest.mark.parametrize("name", LABS)
def test_the_same_tree_gives_the_same_repository(repository, name, tmp_path):
    cut.cut(labs.Lab(name), tmp_path / "again")
    assert git(tmp_path / "again", "rev-parse", "HEAD") == git(repository(name), "rev-parse", "HEAD")


@pytest.mark.parametrize("name", LABS)
def test_no_line_of_the_solution_is_in_a_cut(repository, name):
    lab, folder = labs.Lab(name), repository(name)
    objects = subprocess.run(["git", "-C", folder, "cat-file", "--batch-all-objects", "--batch"], check=True,
                             capture_output=True).stdout.decode(errors="replace")
    files = [(str(file), file.read_bytes().decode(errors="replace"))
             for file in folder.rglob("*") if file.is_file() and ".git" not in file.parts]
    assert cut.quotes(lab, [*files, ("an object of git", objects)]) == []


@pytest.mark.parametrize("name", LABS)
def test_every_hole_has_lines_to_look_for(name):
    lab = labs.Lab(name)
    for hole in lab.holes:
        body = lab.body(hole)
        assert any(line in body for line in lab.solution_lines()), hole.function


def test_a_line_of_the_solution_is_found_in_a_remark_too():
    lab = labs.Lab("cow")
    quoted = "once more: drop_tree(*memory_, to, level);\n"
    assert cut.quotes(lab, [("a file", quoted)]) == [("a file", "drop_tree(*memory_, to, level);")]
    assert cut.redacted(f"before\n{quoted}after\n", lab.solution_lines()) == "before\n    ...\nafter\n"


@pytest.mark.parametrize("name", LABS)
def test_a_cut_has_nothing_of_the_instructors(repository, name):
    files = git(repository(name), "ls-files").split()
    private = r"host_tests/mutants|prove/mutants|bugs\.txt|host_tests/model|simulated|wrong/|holes/|hints|instructor|hidden|forger|tools/labs/(lab|cut|check|kernels|regrade|student)|test_labs"
    assert [file for file in files if re.search(private, file)] == []
    others = [other for other in LABS if other != name]
    assert [file for file in files if file.startswith(tuple(f"tools/labs/{other}/" for other in others))] == []


def test_hidden_tests_and_skeletons_stay_with_the_instructor():
    entries = ['title = "x"\n\n', '[[test]]\nname = "a"\nhidden = true\n\n', '[[test]]\nname = "b"\n']
    assert cut.without_private("".join(entries)) == entries[0] + entries[2]
    assert cut.without_private('[[hole]]\nfile = "a"\nskeleton = "holes/a.txt"\n') == '[[hole]]\nfile = "a"\n'


def test_the_place_of_a_planted_bug_stays_with_the_instructor():
    assert cut.without_private('title = "x"\n\n[[hole]]\nfile = "a"\n\n[[gate]]\n', "bug") == 'title = "x"\n\n[[gate]]\n'


@pytest.mark.parametrize("name", BUGS)
def test_no_file_beside_the_sources_names_the_place_of_a_planted_bug(repository, name):
    places = [word for hole in labs.Lab(name).holes for word in (hole.function, hole.file.rpartition("/")[2])]
    files = [file for file in git(repository(name), "ls-files").split() if not file.startswith("kernel/")]
    texts = {file: (repository(name) / file).read_bytes().decode(errors="replace") for file in files}
    assert [(file, place) for file, text in texts.items() for place in places if place in text] == []


@pytest.mark.parametrize("name", LABS)
def test_a_cut_tells_of_no_folder_that_is_not_there(repository, name):
    assert "`model/`" not in (repository(name) / "host_tests/README.md").read_text()
    steps_back = "step back from the panic" in (repository(name) / "tools/gdb/README.md").read_text()
    assert steps_back == (name in BUGS)
    assert "holes/" not in (repository(name) / f"tools/labs/{name}/lab.toml").read_text()


@pytest.mark.parametrize("name", LABS)
def test_links_of_a_cut_lead_to_files(repository, name):
    for file in [*repository(name).glob("*.md"), *repository(name).rglob("README.md")]:
        text = re.sub(r"^```.*?^```", "", file.read_text(), flags=re.DOTALL | re.MULTILINE)
        links = re.findall(r"\]\(([^)#\s]+)", text)
        assert [link for link in links if not link.startswith("https://") and not (file.parent / link).exists()] == [], file


@pytest.mark.parametrize("name", LABS)
def test_gdb_has_all_its_commands_in_a_cut(repository, name):
    run = subprocess.run(["gdb-multiarch", "-q", "-batch", BUILD / "ox.elf", "-x", "tools/gdb/ox.gdb", "-ex",
                          "help ox-break-copy"], cwd=repository(name), capture_output=True, text=True)
    assert "Usage: ox-break-copy" in run.stdout, run.stderr
    assert "Error" not in run.stderr


@pytest.mark.parametrize("name, wrong", WRONG)
def test_a_wrong_solution_can_be_put_into_the_tree(name, wrong):
    lab = labs.Lab(name)
    assert 0 <= lab.wrong(wrong).score < 100
    for file, text in lab.wrong_sources(wrong).items():
        assert text != lab.source(file)


@pytest.mark.parametrize("name", LABS)
def test_the_instructors_table_says_what_each_wrong_solution_gets(name):
    lab = labs.Lab(name)
    lines = (lab.folder / "instructor.md").read_text().splitlines()
    wrong = [lab.wrong(each) for each in lab.wrong_names()]
    assert [each.row() for each in wrong if each.fails and each.row() not in lines] == []


# --- which labs are proven

@pytest.mark.parametrize("files, concerned", [
    ({"README.md", "kernel/main.cpp"}, []),
    ({"tools/labs/lazy/handout.md"}, ["lazy"]),
    ({"host_tests/labs/share_test.cpp"}, ["share"]),
    ({"kernel/vm/space.cpp"}, ["lazy", "mutants"]),
    ({"kernel/vm/page_tree.cpp"}, ["backwards", "counts", "fence", "mutants", "share", "walk"]),
    ({"kernel/vm/fault.cpp"}, ["backwards", "cow", "fence", "lazy", "mutants", "share"]),
    ({"user/family.c"}, ["processes"]),
    ({"tools/labs/guest.py"}, LABS),
    ({"host_tests/labs/fork.h"}, LABS),
    (None, LABS),
])
def test_a_change_concerns_the_labs_that_it_may_break(files, concerned):
    assert check.concerned(files) == concerned


@pytest.fixture
def history(tmp_path, monkeypatch):
    """A repository whose main has two commits, each with a file of its name."""
    git(tmp_path, "init", "-q", "-b", "main")
    for name in ("first", "second"):
        (tmp_path / name).write_text("")
        commit(tmp_path)
    monkeypatch.setattr(check, "ROOT", tmp_path)
    return tmp_path


def test_on_main_the_last_commit_is_what_has_changed(history):
    assert check.changed_files() == {"second"}


def test_on_a_branch_all_that_is_not_on_main_has_changed(history):
    git(history, "checkout", "-q", "-b", "branch", "HEAD~1")
    for name in ("third", "fourth"):
        (history / name).write_text("")
        commit(history)
    (history / "new").write_text("")
    (history / "first").write_text("edited")
    assert check.changed_files() == {"first", "third", "fourth", "new"}


def test_without_a_main_branch_the_changes_are_unknown(history):
    git(history, "branch", "-q", "-m", "main", "other")
    assert check.changed_files() is None


# --- one more commit

@pytest.fixture
def tree(tmp_path):
    """A repository of ox with one commit."""
    folder = tmp_path / "ox"
    folder.mkdir()
    copy_tree(folder, everything=True)
    shutil.rmtree(folder / "build", ignore_errors=True)
    git(folder, "init", "-q")
    commit(folder)
    return folder


def commit(folder):
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=somebody", "-c", "user.email=somebody@ox.invalid", "commit", "-qm", "a commit")


def make_lab(tree, *words):
    return subprocess.run([sys.executable, "-B", tree / "tools/labs/cut.py", *words], capture_output=True, text=True)


def test_an_update_brings_handout_tests_and_grader_and_leaves_the_rest(tree, tmp_path):
    students = tmp_path / "students"
    assert make_lab(tree, "cow", students).returncode == 0
    for file in ("kernel/vm/fork.cpp", "host_tests/my_test.cpp", "README.md"):
        with open(students / file, "a", encoding="utf-8") as text:
            text.write("// a student's\n")
    commit(students)
    (tree / "host_tests/cpio_test.cpp").unlink()
    for file in ("tools/labs/cow/handout.md", "host_tests/fork_test.cpp", "tools/machine/qemu.py", "kernel/main.cpp"):
        with open(tree / file, "a", encoding="utf-8") as text:
            text.write("# corrected\n")
    commit(tree)
    run = make_lab(tree, "cow", "--update", students)
    assert run.returncode == 0, run.stderr
    assert git(students, "log", "--format=%an").split("\n")[:3] == ["ox lab", "somebody", "ox lab"]
    changed = git(students, "show", "--name-only", "--format=", "HEAD").split()
    assert changed == ["HANDOUT.md", "host_tests/cpio_test.cpp", "host_tests/fork_test.cpp", "tools/machine/qemu.py"]
    assert not (students / "host_tests/cpio_test.cpp").exists()
    assert "no commit" in make_lab(tree, "cow", "--update", students).stdout


@pytest.mark.parametrize("words, complaint", [
    (["cow", "."], "is there already"),
    (["none", "new"], "the labs are: .*cow"),
    (["cow"], "name a new folder"),
    (["cow", "--update", "."], "is no lab's repository"),
])
def test_what_cannot_be_cut_is_refused_by_name(tmp_path, words, complaint):
    (tmp_path / "something").write_text("")
    run = subprocess.run([sys.executable, "-B", ROOT / "tools/labs/cut.py", *words], cwd=tmp_path, capture_output=True,
                         text=True)
    assert run.returncode != 0 and re.search(complaint, run.stderr) and "Traceback" not in run.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["something"]


def test_a_repository_of_another_lab_is_not_updated(repository):
    with pytest.raises(labs.LabError, match="the repository of another lab than lazy"):
        cut.update(labs.Lab("lazy"), repository("cow"))


def test_a_lab_that_git_does_not_know_is_not_cut(monkeypatch, tmp_path):
    monkeypatch.setattr(cut, "tracked", lambda: ["README.md"])
    with pytest.raises(labs.LabError, match="git add it"):
        cut.copy(labs.Lab("cow"), tmp_path)


def test_a_repository_with_changes_is_not_updated(repository):
    file = repository("cow") / "HANDOUT.md"
    text = file.read_text()
    file.write_text(text + "a remark\n")
    with pytest.raises(labs.LabError, match="not committed"):
        cut.update(labs.Lab("cow"), repository("cow"))
    file.write_text(text)


@pytest.mark.parametrize("file, old, new, complaint", [
    ("lab.toml", 'function = "share_entries"', 'function = "share_all"', "no function share_all"),
    ("lab.toml", 'kind = "code"', 'kind = "essay"', "kind = \"essay\" is none of code"),
    ("lab.toml", "hours = ", "ours = ", "'hours' is missing"),
    ("lab.toml", "holes/fork.txt", "holes/nix.txt", "nix.txt is not there"),
    ("lab.toml", "\nrule = ", "\nrul = ", "no key is named rul"),
    ("lab.toml", "\npoints = ", "\nhidden = ", "has no points"),
    ("wrong/no-count.txt", "\nscore ", "\nscored ", "no-count.txt must begin with"),
    ("wrong/no-count.txt", ", function", "", "FILE, function NAME"),
    ("wrong/no-count.txt", "-      frames", "-    frames_", "no-count.txt: kernel/vm/fork.cpp: .* 0 times"),
])
def test_a_mistake_in_a_labs_folder_is_named(tmp_path, file, old, new, complaint):
    shutil.copytree(ROOT / "tools/labs/cow", tmp_path / "tools/labs/cow")
    shutil.copytree(ROOT / "kernel", tmp_path / "kernel")
    place = tmp_path / "tools/labs/cow" / file
    assert old in place.read_text()
    place.write_text(place.read_text().replace(old, new, 1))
    with pytest.raises(labs.LabError, match=complaint):
        lab = labs.Lab("cow", tmp_path)
        lab.skeleton_sources()
        lab.wrong_sources("no-count")
