"""A kernel built with DEBUG=1 checks the order of its locks (kernel/sync/spinlock.h). Programs that take all the locks,
on four harts and with the checker, must end as usual; a wrong order must cause a panic."""
import pytest
from conftest import built, ended_well
from gdb_machine import panicked, run_under_gdb

# The tests share one build, so one process runs all of them.
pytestmark = pytest.mark.xdist_group("the debug kernel")


@pytest.fixture(scope="module")
def debug_machine():
    return built("debug", "DEBUG=1", "WERROR=1")


@pytest.mark.parametrize("name", ["spawn", "vfork", "pipe", "files", "kill", "reparenting", "wait"])
def test_programs_take_locks_in_order(debug_machine, name):
    assert ended_well(debug_machine.run(name, words="recount=1", cpus=4, memory="64M", timeout=60))


@pytest.mark.parametrize("name", ["flock", "pipe_blocking", "record_locks", "sleep"])  # recounts make them slow
def test_sleepers_take_locks_in_order(debug_machine, name):
    assert ended_well(debug_machine.run(name, cpus=4, memory="64M", timeout=60))


def test_a_zombie_has_given_everything_back(debug_machine):  # one hart: the exit lets its observer run
    assert ended_well(debug_machine.run("proc_files", cpus=1, timeout=60))


def test_orphans_take_locks_in_order(debug_machine):
    run = debug_machine.run("orphans", words="recount=1", cpus=4)
    assert run.status == 5, run.output


def test_the_torture_takes_locks_in_order(debug_machine):
    assert ended_well(debug_machine.run("torture 1", words="fork=on_demand", cpus=4, memory="32M", timeout=120))


def test_ctrl_c_takes_locks_in_order_while_a_directory_is_listed(debug_machine):
    assert ended_well(debug_machine.run("long_listing", typed=[("listing", "\x03" * 500)], timeout=60))


def test_a_wrong_order_of_locks_is_a_panic(debug_machine, tmp_path):
    run, where = run_under_gdb(debug_machine, tmp_path, "boot/panic_session.py", "console_held")
    calls = panicked(run, f"hart 0 pid {where['pid']}: rule: lock order: taking rank ", " while holding ranks 0x10000")
    assert calls[-2:] == ["trap_from_user", "trap_entry"], calls
