"""A student's work put into the instructor's tree: kernel/ is the student's, everything else the instructor's. In a lab
whose work is files, of tests or of answers, these files alone are the student's.

So nobody changes a test, the grader or the simulated machine. New files are taken only beside a hole: elsewhere a header
could stand in for one that the tests include.
"""
import shutil
import subprocess
from pathlib import Path

import broken
import outside

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("Makefile", "CMakeLists.txt", "host_tests/sim", "host_tests/labs", "tools", "user")
LEFT_OUT = (".git", "__pycache__", "browser_tests", "shots", "gdb", "plots", "tests", "wrong", "forgers",
            "holes", "mutants.py", "equivalent.txt", "bugs.txt", "kernels.py")


class NoSubmission(Exception):
    """What is missing in the folder."""


def files_of(folder):
    return {str(file.relative_to(folder)): file for file in sorted(Path(folder).rglob("*"))
            if file.is_file() and not file.is_symlink() and file.suffix != ".md"
            and not set(file.relative_to(folder).parts) & set(LEFT_OUT)}


def instructors_files(holes):
    """By name: what a grading needs of this tree, without kernel/. Where students write tests: the broken kernels, too."""
    files = {part: ROOT / part for part in PARTS if (ROOT / part).is_file()}
    for part in PARTS:
        files |= {f"{part}/{name}": file for name, file in files_of(ROOT / part).items()}
    if any(file.startswith("host_tests/") for file, _ in holes):
        files |= {f"tools/labs/{bugs.parent.name}/kernels.o": broken.kernels(bugs.parent)
                  for bugs in (ROOT / "tools/labs").glob("*/bugs.txt")}
    return files


def is_files(holes):
    """Whether what a student hands in is files, and not functions of the kernel."""
    return any(not function for _, function in holes)


def handed_in(folder, holes):
    """(the files that were to be written, and the instructor's kernel; no warnings)."""
    for file, _ in holes:
        if not (folder / file).is_file() or (folder / file).is_symlink():
            raise NoSubmission(f"there is no file {file}: is it a repository of this lab?")
    kernel = {f"kernel/{name}": file for name, file in files_of(ROOT / "kernel").items()}
    return kernel | {file: folder / file for file, _ in holes}, []


def students_files(folder, holes):
    """(what is taken of kernel/, by name; warnings)."""
    if is_files(holes):
        return handed_in(folder, holes)
    if not (folder / "kernel").is_dir():
        below = [each.parent.name for each in sorted(folder.glob("*/kernel"))]
        raise NoSubmission("there is no folder kernel/: is it a repository of this lab?" +
                           (f" There is one in {below[0]}/" if below else ""))
    ours = {f"kernel/{name}": file for name, file in files_of(ROOT / "kernel").items()}
    theirs = {f"kernel/{name}": file for name, file in files_of(folder / "kernel").items()}
    beside = {str(Path(file).parent) for file, _ in holes}
    taken, warned = {}, []
    for name in sorted({*ours, *theirs}):
        functions = [function for file, function in holes if file == name]
        if name not in theirs:
            warned.append(f"{name}: removed; the instructor's is taken")
            taken[name] = ours[name]
        elif name in ours:
            before, now = (outside.without_bodies(file.read_text(errors="replace"), functions)
                           for file in (ours[name], theirs[name]))
            if before != now:
                warned.append(f"{name}: changed" + (f" outside of {', '.join(functions)}" if functions else ""))
            taken[name] = theirs[name]
        elif str(Path(name).parent) in beside:
            warned.append(f"{name}: new")
            taken[name] = theirs[name]
        else:
            warned.append(f"{name}: new, and left out: put new files beside the functions that are yours")
    return taken, warned


def assemble(folder, holes, target):
    """Makes `target` the tree to be graded; what is there already and the same is not written, and so not compiled
    again. Returns the warnings."""
    taken, warned = students_files(Path(folder), holes)
    wanted = instructors_files(holes) | taken
    for name, file in files_of(target).items() if target.is_dir() else ():
        if name not in wanted and not name.startswith("build/"):
            file.unlink()
    for name, file in wanted.items():
        to = target / name
        if not to.is_file() or to.read_bytes() != file.read_bytes():
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, to)  # with the time of now: make compiles what depends on it
            shutil.copymode(file, to)
    return warned


def commit_of(folder):
    run = subprocess.run(["git", "-C", folder, "rev-parse", "--show-toplevel", "HEAD"], capture_output=True, text=True)
    top, _, head = run.stdout.strip().partition("\n")
    return head if run.returncode == 0 and Path(top).resolve() == Path(folder).resolve() else None
