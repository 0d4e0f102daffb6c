"""The kernels that students get: each boots /init and runs programs, as far as its handout promises."""
import re
import shutil
import subprocess

import pytest
from broken_tree import BUILT
from conftest import BUILD, ROOT, Machine, ended_well
from cut_labs import repository  # noqa: F401, a fixture

FOLDER = BUILD.relative_to(ROOT)  # of a build, in a cut as here

pytestmark = [pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a lab is cut from a git repository"),
              pytest.mark.xdist_group("labs")]


@pytest.fixture(scope="module")
def skeleton(repository):  # noqa: F811
    """skeleton(LAB): a machine with its kernel. Only what differs from the tree's own is compiled."""
    made = set()

    def of(name):
        tree = repository(name)
        if name not in made:
            made.add(name)
            for part in BUILT:
                source, target = BUILD / part, tree / FOLDER / part
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, target)
                elif source.exists():
                    shutil.copy2(source, target)
            subprocess.run(["make", "--no-print-directory", f"BUILD={FOLDER}", "WERROR=1", f"{FOLDER}/ox.elf"], cwd=tree,
                           check=True, stdout=subprocess.DEVNULL)
        machine = Machine()
        machine.kernel = tree / FOLDER / "ox.elf"
        return machine
    return of


@pytest.mark.parametrize("mode", ["eager", "cow"])
def test_the_cow_labs_kernel_copies_every_page(skeleton, mode):
    run = skeleton("cow").run("fork_example", words=f"fork={mode} trace")
    assert ended_well(run)
    assert "Child after change: x = 10" in run.output and "Parent after change: x = 20" in run.output
    pages = re.search(rf"ox: fork {mode}: pid 2 -> 3: copied .* tables .*, (\d+) pages; shared 0\+0 tables", run.output)
    assert int(pages[1]) > 100, run.output


def test_the_cow_labs_kernel_survives_a_storm(skeleton):
    assert ended_well(skeleton("cow").run("fork_tree", words="fork=eager"))


@pytest.mark.parametrize("name", ["backwards", "counts", "fence", "lazy", "share"])  # walk's first process stops at a hole
def test_the_cut_kernel_runs_the_program_of_its_handout(skeleton, name):
    run = skeleton(name).run("fork_example", words="fork=eager", debug=False)
    assert ended_well(run)
    assert "Child after change: x = 10" in run.output and "Parent after change: x = 20" in run.output


@pytest.mark.parametrize("mode", ["eager", "cow", "on_demand"])
def test_in_the_backwards_lab_a_process_reads_the_words_of_another(skeleton, mode):
    run = skeleton("backwards").run("board", words=f"fork={mode}", debug=False)
    assert re.search(r'Clerk: sheet \d+ is not as I wrote it: "Closed on Monday"', run.output), run.output
