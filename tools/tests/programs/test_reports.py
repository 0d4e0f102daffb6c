"""How a child's report reaches its parent, seen in gdb."""
import pytest
from conftest import BUILD
from gdb_machine import typed


@pytest.mark.parametrize("command", ["true", "sigchld_handler"])  # init has no handler of SIGCHLD
def test_a_report_wakes_the_parent_after_the_lock_of_its_family_is_free(tmp_path, command):
    *_, stack, lock = typed(tmp_path, "tbreak ox::report_to_parent", "continue", "break ox::Scheduler::enqueue",
                            "continue", "backtrace 8", "print thread.process->family_lock.held_", command=command,
                            kernel=BUILD / "og/ox.elf")
    assert "ox::report_to_parent" in stack
    assert lock.endswith(" = Atomic(0)\n"), stack
