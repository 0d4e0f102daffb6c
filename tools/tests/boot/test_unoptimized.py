"""A kernel without optimization, for single steps in gdb: it links, and it runs."""
from conftest import built, ended_well


def test_a_kernel_built_with_O0_links_and_runs():
    run = built("o0", "OPTIMIZE=-O0 -g0", "WERROR=").run("fork_page", words="fork=on_demand")
    assert ended_well(run) and "Parent after change: x = 20" in run.output
