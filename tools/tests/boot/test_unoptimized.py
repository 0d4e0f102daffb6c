"""A kernel without optimization, for single steps in gdb: it links, and it runs."""
import subprocess

from conftest import BUILD, ROOT, Machine, ended_well


def test_a_kernel_built_with_O0_links_and_runs():
    folder = BUILD / "o0"
    subprocess.run(["make", "--no-print-directory", f"BUILD={folder}", "OPTIMIZE=-O0 -g0", "WERROR=", folder / "ox.elf"],
                   cwd=ROOT, check=True)
    machine = Machine()
    machine.kernel = folder / "ox.elf"
    run = machine.run("fork_page", words="fork=on_demand")
    assert ended_well(run) and "Parent after change: x = 20" in run.output
