#!/usr/bin/env python3
"""make lab: a student's repository, cut from this tree.

    tools/labs/cut.py LAB OUT              a new folder with a git repository of one commit
    tools/labs/cut.py LAB --update DIR     one more commit in such a repository: handout, tests and grader as they are now

What git tracks here is copied, as it stands in the folder. Left out is what a student must not have; each hole gets its
skeleton. The last thing is a search: if a line of the solution is anywhere in the copy, the cut fails.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path, PurePath

import kernels
import lab as labs
from outside import UPDATED

ROOT = labs.ROOT
TITLE = "ox lab"
# Right lines stand in the seeded bugs and in the list of equivalent mutants; what vm/ does is told again by the host
# tests' model and worlds, and in Python by decide.py and the simulated kernel; and some tests look at what a student's
# copy has not got. A name that ends in / is a folder. Python files that import one of these stay behind with it.
LEFT_OUT = (".ci/", ".github/workflows/ci.yml", "host_tests/model/", "host_tests/model_test.cpp", "host_tests/states/",
            "host_tests/states_test.cpp", "host_tests/schedules_test.cpp", "host_tests/mutants/", "tools/prove/mutants.py",
            "tools/prove/equivalent.txt", "tools/view/browser_tests/", "tools/tests/simulated_kernel.py",
            "tools/tests/simulated_source.py", "tools/tests/gdb/gdb_foretell.py", "tools/tests/gdb/test_gdb_walk.py",
            "tools/tests/tree/test_readmes.py", "tools/tests/tree/test_rooms.py")
# Of tools/labs/: the instructor's. Of the lab itself a student has lab.toml and the tests; of other labs, nothing.
INSTRUCTORS = ("README.md", "AUTHORING.md", "GRADING.md", "lab_verbs.mk", "lab.py", "cut.py", "kernels.py", "submission.py",
               "regrade.html", "student/", "*/handout.md", "*/hints.md", "*/instructor.md", "*/holes/", "*/wrong/",
               "*/hidden/", "*/forgers/", "*/bugs.txt")
# Stands over the copy where the kernel is a student's to write: files that take another one's place, or come along.
STUDENTS = "tools/labs/student/"
# Sections of READMEs about what is not there, or that walk through what the student writes.
SECTIONS = {"host_tests/README.md": ["## All states, all orders", "## Seeded bugs"],
            "tools/gdb/README.md": ["## Your kernel panicked: step back from the panic"]}
# Of kind bug the student looks for the place, so the second section is what they read; it is about another bug.
STEPS_BACK = "tools/gdb/README.md"
NOTE = """
> **A student's copy, for the lab *{title}*: begin with [HANDOUT.md](HANDOUT.md).** {yours} Seeded bugs, the page's
> tests and instructors' verbs are not here.
"""
YOURS = {"code": """Some functions of `kernel/vm` are
> yours to write; the READMEs tell of the finished kernel. Where one quotes a line of your functions it has `...`, and
> its line numbers are another kernel's.""",
         "tests": """The kernel is finished, and not
> yours to change. The READMEs name tests of ox that are not here, since yours are to take their place.""",
         "answers": """The kernel is finished, and not
> yours to change.""",
         "bug": """One place in this kernel is wrong; the
> READMEs tell of the right kernel."""}


def git(folder, *words, **environment):
    """The same on each machine: no configuration, no hooks."""
    clean = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **environment}
    return subprocess.run(["git", "-C", folder, *words], env={**os.environ, **clean}, check=True, capture_output=True,
                          text=True).stdout


def tracked():
    if not (ROOT / ".git").exists():
        raise labs.LabError("make lab: this is no git repository, and only what git tracks is copied: clone ox")
    names = git(ROOT, "ls-files", "-z").split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def matches(name, patterns):
    return any(name.startswith(each) if each.endswith("/") else name == each for each in patterns)


def is_instructors(name, lab):
    """Whether a file is not for students of this lab: another lab's, or the instructor's part of tools/labs/."""
    for other in set(labs.names()) - {lab.name}:
        if name.startswith((f"tools/labs/{other}/", f"host_tests/labs/{other}.", f"host_tests/labs/{other}_")):
            return True
    rest = name.removeprefix("tools/labs/")
    return rest != name and matches(rest, [each.replace("*", lab.name) for each in INSTRUCTORS])


def imports(name):
    """The files of tools/ that a Python file names in its imports, in its own folder before the others."""
    for module in re.findall(r"^(?:from|import) (\w+)", (ROOT / name).read_text(), re.MULTILINE):
        own, rooms = ROOT / Path(name).parent, sorted((ROOT / "tools").glob("*/"))
        places = [folder / f"{module}.py" for folder in (own, *rooms)]
        yield from [str(place.relative_to(ROOT)) for place in places if place.is_file()][:1]


def students(lab):
    """The tracked files that belong into the copy."""
    names = tracked()
    gone = {name for name in names
            if matches(name, LEFT_OUT) or is_instructors(name, lab)
            or any(PurePath(name).match(pattern) for pattern in lab.about.get("left_out", []))}
    used = {name: set(imports(name)) for name in names if name.startswith("tools/") and name.endswith(".py")}
    while more := {name for name in used if name not in gone and used[name] & gone}:
        gone |= more
    return [name for name in names if name not in gone]


def put(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)


def without_sections(text, headings, name):
    for heading in headings:
        if f"\n{heading}\n" not in text:
            raise labs.LabError(f"{name} has no section `{heading}` any more: put SECTIONS in tools/labs/cut.py right")
        text = re.sub(rf"\n{re.escape(heading)}\n.*?(?=\n## |\Z)", "", text, flags=re.DOTALL)
    return text


def redacted(text, secrets):
    """A README without the lines that quote the solution."""
    lines = text.splitlines()
    return "\n".join("    ..." if any(secret in line for secret in secrets) else line for line in lines) + "\n"


def linked(text, file):
    """A text in which what would lead to a file that is not there is no link."""
    def link(match):
        return match[0] if match[2].startswith("https:") or (file.parent / match[2]).exists() else match[1]
    return re.sub(r"\[([^]\n]+)\]\(([^)#\s]+)[^)\s]*\)", link, text)


def counted(text, tree):
    """A text with true line counts, as tools/build/line_counts.py counts them."""
    import line_counts  # tools/ is in the path since lab.py is loaded

    def row(match):
        return f"[`{match[1]}`]({match[1]}){match[2]}({len((tree / match[1]).read_text().splitlines()):,} lines)"
    return line_counts.FILE.sub(row, text)


def without_rows(text, folder):
    """A README without the rows of its tables about folders that are not there."""
    def stays(line):
        row = re.match(r"\| `([^`]+/)` \|", line)
        return not row or (folder / row[1]).exists()
    return "".join(line for line in text.splitlines(keepends=True) if stays(line))


def without_private(text, kind="code"):
    """A lab.toml without what stays with the instructor: hidden tests, the names of the skeletons' files, and the place
    of a planted bug."""
    entries = re.split(r"^(?=\[\[)", text, flags=re.MULTILINE)
    private = r"^hidden = true$" + (r"|^\[\[hole\]\]$" if kind == "bug" else "")
    seen = "".join(entry for entry in entries if not re.search(private, entry, re.MULTILINE))
    return re.sub(r'^skeleton = .*\n', "", seen, flags=re.MULTILINE)


def write_texts(lab, tree):
    """The handout, the READMEs, and lab.toml."""
    toml = tree / f"tools/labs/{lab.name}/lab.toml"
    toml.write_text(without_private(toml.read_text(), lab.kind))
    secrets = lab.solution_lines()
    for file in tree.rglob("*.md"):
        text, name = file.read_text(), str(file.relative_to(tree))
        if lab.kind != "bug" or name != STEPS_BACK:
            text = without_sections(text, SECTIONS.get(name, ()), name)
        file.write_text(linked(redacted(without_rows(text, file.parent), secrets), file))
    (tree / "HANDOUT.md").write_text(counted((lab.folder / "handout.md").read_text(), tree))
    readme = tree / "README.md"
    head, rest = readme.read_text().split("\n", 1)
    readme.write_text(head + "\n" + NOTE.format(title=lab.title, yours=YOURS[lab.kind]) + rest)
    subprocess.run([sys.executable, "-B", tree / "tools/build/line_counts.py"], check=True)


def quotes(lab, texts):
    """(name, line) for each line of the solution that stands in one of the texts, (name, text)."""
    secrets = lab.solution_lines()
    return [(name, secret) for name, text in texts for secret in secrets if secret in text]


def copy(lab, tree):
    """The student's files, without a repository."""
    if f"tools/labs/{lab.name}/lab.toml" not in tracked():
        raise labs.LabError(f"make lab: git does not track tools/labs/{lab.name}: git add it, since only that is copied")
    if not (lab.folder / "handout.md").is_file():
        raise labs.LabError(f"make lab: tools/labs/{lab.name}/handout.md is not there; its first line is `# ` and the title")
    for name in students(lab):
        put(ROOT / name, tree / name)
    for name in tracked():
        if lab.kind == "code" and name.startswith(STUDENTS):
            put(ROOT / name, tree / name.removeprefix(STUDENTS))
    labs.write(lab.skeleton_sources(), tree)
    if lab.kind == "tests":
        put(kernels.build(lab.folder), tree / f"tools/labs/{lab.name}/kernels.o")
    write_texts(lab, tree)
    files = [file for file in sorted(tree.rglob("*")) if file.is_file()]
    found = quotes(lab, [(str(file.relative_to(tree)), file.read_text(errors="replace")) for file in files])
    if found:
        raise labs.LabError("make lab: the copy would give the solution away:\n" +
                            "\n".join(f"    {name}: {line}" for name, line in found) +
                            "\nleave such a file out (LEFT_OUT in tools/labs/cut.py), or change it")


def commit(folder, message):
    """By nobody, at the time of the tree's own last commit: the same tree gives the same repository."""
    date = git(ROOT, "log", "-1", "--format=%ct").strip() + " +0000"
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER")
           for what, value in (("NAME", TITLE), ("EMAIL", "lab@ox.invalid"), ("DATE", date))}
    tree = git(ROOT, "rev-parse", "HEAD").strip() + (" and changes" if git(ROOT, "status", "--porcelain") else "")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", f"{message}\n\nCut from ox {tree}.", **who)


def cut(lab, out):
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise labs.LabError(f"OUT={out} is there already: name a new folder, or UPDATE={out} for one more commit in it")
    out.mkdir(parents=True, exist_ok=True)
    try:
        copy(lab, out)
        git(out, "init", "--quiet", "--template=", "--initial-branch=main")
        commit(out, f"{lab.title}: the lab")
    except BaseException:
        shutil.rmtree(out)  # no half of a repository stays
        raise
    print(f"{out}: the lab \"{lab.title}\", {len(git(out, 'ls-files').split())} files in one commit; HANDOUT.md is on top")


def update(lab, folder):
    if not (folder / ".git").exists() or not (folder / "HANDOUT.md").exists():
        raise labs.LabError(f"UPDATE={folder} is no lab's repository: make lab LAB={lab.name} OUT={folder} makes one")
    if not (folder / f"tools/labs/{lab.name}/lab.toml").exists():
        raise labs.LabError(f"UPDATE={folder} is the repository of another lab than {lab.name}")
    if git(folder, "status", "--porcelain"):
        raise labs.LabError(f"UPDATE={folder} has changes that are not committed: commit them, then say it again")
    names = git(folder, "log", "--author", f"^{TITLE} <", "--name-only", "--format=", "-z").split("\0")
    ours = {name.strip() for name in names if matches(name.strip(), UPDATED)}
    if not ours:
        raise labs.LabError(f"UPDATE={folder}: no commit there is by `{TITLE}`, so it is no lab's repository")
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary)
        copy(lab, tree)
        theirs = {hole.file for hole in lab.holes if not hole.function}
        now = [str(file.relative_to(tree)) for file in tree.rglob("*") if file.is_file()]
        for name in now:
            if matches(name, UPDATED) and name not in theirs:
                put(tree / name, folder / name)
        for name in ours - set(now):
            (folder / name).unlink(missing_ok=True)
    if not git(folder, "status", "--porcelain"):
        print(f"{folder}: handout, tests and grader are as they were; no commit")
        return
    commit(folder, f"{lab.title}: handout, tests and grader as they are now")
    print(f"{folder}: one more commit:\n" + git(folder, "show", "--stat", "--format=", "HEAD").rstrip())


def main():
    parser = argparse.ArgumentParser(description="a student's repository, cut from this tree")
    parser.add_argument("lab")
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--update", type=Path)
    arguments = parser.parse_args()
    if (arguments.out is None) == (arguments.update is None):
        sys.exit(f"make lab: name a new folder (make lab LAB={arguments.lab or 'cow'} OUT=../lab), or UPDATE=DIR")
    try:
        lab = labs.Lab(arguments.lab)
        if arguments.update:
            if (arguments.update / "HANDOUT.md").exists() and git(ROOT, "status", "--porcelain"):
                raise labs.LabError("UPDATE=: this tree has changes that are not committed: commit what students shall get")
            update(lab, arguments.update)
        else:
            cut(lab, arguments.out)
    except (labs.LabError, kernels.KernelsError) as error:
        sys.exit(str(error))
    except subprocess.CalledProcessError as error:
        sys.exit(f"make lab: {' '.join(map(str, error.cmd))}: {error.stderr or error}")


if __name__ == "__main__":
    main()
