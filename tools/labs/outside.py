"""What a student changed outside the holes: their tree compared with the instructor's last commit.

Only a repository that `make lab` has cut has such a commit: its first one has the lab's folder. What the instructor
commits later (`make lab UPDATE=`) has the same author.
"""
import re
import subprocess
from pathlib import Path

import edits

ROOT = Path(__file__).resolve().parents[2]
CODE = (".cpp", ".h", ".c", ".S")
# What the instructor's later commits bring (cut.py); a name that ends in / is a folder.
UPDATED = ("HANDOUT.md", "host_tests/", "tools/", ".github/")


def git(*words):
    run = subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, errors="replace")
    return run.stdout if run.returncode == 0 else ""


def instructors_commit(lab):
    """None: this is no student's repository."""
    first = git("rev-list", "--max-parents=0", "HEAD").split()
    if len(first) != 1 or not git("ls-tree", first[0], f"tools/labs/{lab}/lab.toml"):
        return None
    author = git("show", "-s", "--format=%ae", first[0]).strip()
    theirs = git("log", "-1", "--format=%H", f"--author={re.escape(author)}", "HEAD", "--", *UPDATED).split()
    return theirs[0] if theirs else first[0]


def without_bodies(text, functions):
    """The source without what stands between the braces of these functions. What cannot be found stays."""
    for name in functions:
        if not name:
            return ""  # all of it is the student's
        try:
            function = edits.find(text, name)
        except edits.EditError:
            continue
        text = text[:function.start] + text[function.end:]
    return text


def warnings(lab, holes):
    """A line for each file that differs in more than the holes' bodies; `holes` are (file, function)."""
    base = instructors_commit(lab)
    if base is None:
        return []
    found = []
    new = git("ls-files", "--others", "--exclude-standard").split("\n")
    changed = git("diff", "--name-only", base, "--").split("\n")
    for name in sorted(filter(None, {*new, *changed})):
        functions = [function for file, function in holes if file == name]
        if not holes and name.startswith("kernel/"):
            continue  # of a planted bug a student's lab.toml names no place
        before = git("show", f"{base}:{name}")
        now = (ROOT / name).read_text(errors="replace") if (ROOT / name).is_file() else ""
        if functions and without_bodies(before, functions) == without_bodies(now, functions):
            continue
        if functions:
            found.append(f"{name}: changed outside of {', '.join(functions)}")
        elif Path(name).suffix in CODE or name.startswith(("tools/", "host_tests/")) or Path(name).name == "Makefile":
            found.append(f"{name}: " + ("new" if not before else "changed" if now else "removed"))
    return found
