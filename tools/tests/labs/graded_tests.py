"""The wrong solutions of a lab of kind tests: test files, each compiled and linked with the broken kernels."""
import broken
import grade
import host
import lab as labs
from broken_tree import ROOT


class TestFiles:
    """Has the functions of graded_kernels.Kernels."""

    __test__ = False  # pytest: no class of tests

    def __init__(self, lab, folder):
        self.lab, self.folder, self.host = labs.Lab(lab), folder, ROOT / "build/host"

    def build_program(self, jobs):
        assert not (errors := host.build(self.host, jobs)), errors

    def build_kernel(self, jobs):
        """There is none: no test is of a machine."""

    def text(self, name):
        [hole] = self.lab.holes
        return hole.skeleton if name == "skeleton" else self.lab.wrong(name).text if name else self.lab.source(hole.file)

    def results(self, name, words=()):
        """Of a variant; "": of the tree itself."""
        [hole] = self.lab.holes
        source, test, program = (self.folder / f"{name or 'tree'}{end}" for end in (".cpp", ".o", ""))
        source.write_text(self.text(name))
        errors = broken.compile_test(self.host, hole.file, source, test) or \
            broken.link(self.host, self.lab.folder, test, program)
        assert not errors, errors
        grading = grade.Grading(*grade.read_lab(self.lab.name), self.folder)
        grading.kernels = program
        return grading.run(words)
