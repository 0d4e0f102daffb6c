"""The wrong solutions of a lab of kind answers: programs and answers, on the tree's own kernel."""
import os
import subprocess

import grade
import lab as labs
from broken_tree import ROOT
from conftest import BUILD


class Programs:
    """Has the functions of graded_kernels.Kernels."""

    def __init__(self, lab, folder):
        self.lab, self.folder = labs.Lab(lab), folder

    def build_program(self, jobs):
        """Each variant's are compiled where they are graded."""

    def build_kernel(self, jobs):
        """It is the tree's."""

    def sources(self, name):
        return self.lab.skeleton_sources() if name == "skeleton" else self.lab.wrong_sources(name) if name else {}

    def results(self, name, words=()):
        """Of a variant; "": of the tree itself."""
        folder = self.folder / (name or "tree")
        folder.mkdir(exist_ok=True)
        sources = self.sources(name)
        for file in (hole.file for hole in self.lab.holes):
            (folder / os.path.basename(file)).write_text(sources.get(file) or self.lab.source(file))
        for program in self.lab.about["programs"]:
            (folder / program).unlink(missing_ok=True)
            (folder / program).symlink_to(BUILD / "user" / program)
        for source in folder.glob("*.c"):
            (folder / source.stem).unlink()
            subprocess.run(["riscv64-linux-gnu-gcc", "-static", "-O1", "-Wall", "-Wextra", "-Werror", "-o", folder / source.stem,
                            source], check=True)
        grading = grade.Grading(*grade.read_lab(self.lab.name), folder)
        grading.programs = grade.program_tests.Programs(ROOT / "tools/labs" / self.lab.name, BUILD / "ox.elf", folder,
                                                   folder / "answers.toml")
        return grading.run(words)
