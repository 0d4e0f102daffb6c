#!/usr/bin/env python3
"""make regrade: grades a folder of students' repositories with this tree's tests, those of the instructor too.

    python3 tools/labs/regrade.py LAB SUBMISSIONS [--out DIR]        DIR/grades.csv and DIR/grades.html (build/regrade/LAB)
    python3 tools/labs/regrade.py LAB --one FOLDER --json FILE       one, as Gradescope wants it

It compiles and runs what students wrote, with your rights: do it in a container. One after the other are graded in one
tree, so each compiles only what differs.
"""
import argparse
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import grade
import submission

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_name("regrade.html")
MINUTES = 20  # for one: the last guard
NOT_COMPILED = "expected: it compiles; seen: "


def failure(text):
    """The results of what cannot be graded."""
    return {"score": 0, "output": text, "tests": [], "extra_data": {"commit": None}}


def compile_errors(results):
    """What the compiler says, once: it is taken out of the tests, each of which has failed for it."""
    found = []
    for test in results["tests"]:
        if test["output"].startswith(NOT_COMPILED):
            text = test["output"].removeprefix(NOT_COMPILED).partition("\nagain: ")[0]
            test["output"] = "it does not compile"
            found += [f"it does not compile: {text}"]
    return list(dict.fromkeys(found))


def grade_one(name, lab, folder, tree):
    """The results of the repository in `folder`, graded in `tree`."""
    try:
        warned = submission.assemble(folder, grade.holes_of(lab), tree)
    except submission.NoSubmission as error:
        return failure(str(error))
    file = tree / "build/grade.json"
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    try:
        run = subprocess.run([sys.executable, tree / "tools/labs/grade.py", name, "--json", file], cwd=tree,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                             timeout=60 * MINUTES)
    except subprocess.TimeoutExpired:
        return failure(f"it was not graded after {MINUTES} minutes")
    if not file.is_file():
        return failure("the grader ended before it was done:\n" + run.stdout[-2000:])
    results = json.loads(file.read_text())
    results["output"] = "\n".join([*compile_errors(results), *warned])
    results["extra_data"] = {"commit": submission.commit_of(folder)}
    return results


def write_csv(file, graded, tests):
    with open(file, "w", newline="") as out:
        table = csv.writer(out)
        table.writerow(["submission", "score", *tests, "commit", "remarks"])
        for name, results in graded.items():
            points = {test["name"]: test["score"] if test["max_score"] else test["status"] for test in results["tests"]}
            table.writerow([name, results["score"], *(points.get(test, 0) for test in tests),
                            results["extra_data"]["commit"] or "", results["output"].replace("\n", "; ")])


def write_page(file, title, graded, tests):
    import jinja2
    page = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(PAGE.read_text())
    counts = {test: sum(any(one["name"] == test and one["status"] == "passed" for one in results["tests"])
                        for results in graded.values()) for test in tests}
    file.write_text(page.render(title=title, graded=graded, counts=counts))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lab")
    parser.add_argument("submissions", nargs="?", type=Path)
    parser.add_argument("--one", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    _, lab = grade.read_lab(arguments.lab)
    out = arguments.out or ROOT / "build/regrade" / arguments.lab
    tree = out / "tree"
    if arguments.one:
        results = grade_one(arguments.lab, lab, arguments.one, tree)
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")
        return
    if arguments.submissions is None:
        sys.exit("regrade: name the folder with the repositories: make regrade LAB=cow SUBMISSIONS=DIR")
    if not arguments.submissions.is_dir():
        sys.exit(f"regrade: SUBMISSIONS={arguments.submissions}: there is no such folder")
    for file in sorted(each for each in arguments.submissions.iterdir() if not each.is_dir()):
        print(f"{file.name}: is no folder, and left out")
    folders = sorted(folder for folder in arguments.submissions.iterdir() if folder.is_dir())
    print(f"{len(folders)} submissions; the first one compiles everything", flush=True)
    graded = {}
    for folder in folders:
        graded[folder.name] = grade_one(arguments.lab, lab, folder, tree)
        print(f"{folder.name}: {graded[folder.name]['score']}", flush=True)
    tests = [test["name"] for test in lab["test"]]
    write_csv(out / "grades.csv", graded, tests)
    write_page(out / "grades.html", lab["title"], graded, tests)
    print(os.path.relpath(out / "grades.csv"), os.path.relpath(out / "grades.html"))


if __name__ == "__main__":
    main()
