"""From the child's `x = 10` into the page-fault handler and back, with the backtrace at every step."""
from pathlib import Path

import pytest
from conftest import BUILD
from gdb_machine import in_gdb, result_of, typed

TESTS = Path(__file__).parent


@pytest.mark.parametrize("mode", ["cow", "on_demand"])
def test_from_the_childs_store_into_the_handler_and_back(tmp_path, mode):
    seen = result_of(in_gdb(tmp_path, "-x", TESTS / "gdb_session.py", line=f"fork={mode}"))
    child = seen["child"]
    assert child["entry"], "stepi at the store lands on the first instruction of trap_entry"
    assert child["trap_line"].endswith(f"=== trap: store page fault, stval {child['x_address']} === ()")
    handler = child["handler"]
    assert handler[0] == "ox::AddressSpace::fault"
    places = [handler.index(name) for name in ("ox::trap_from_user", "trap", "main")]
    assert places == sorted(places), child["handler_text"]
    assert child["back_at_store"], "finish leads back to the same instruction"
    assert (child["before"], child["still"], child["after"]) == (5, 5, 10)
    parent = seen["parent"]
    assert parent["back_at_store"]
    assert (parent["before"], parent["after"]) == (5, 20)


# The kernel of make gdb, built by `make gdb-kernel`.
GDB_KERNEL = BUILD / "og/ox.elf"


def test_the_locals_of_the_store_fault_s_functions_can_be_read(tmp_path):
    at_store = ["break fork_page.c:24", "continue", "break ox::AddressSpace::write_fault", "continue"]
    *_, own, _, outer = typed(tmp_path, *at_store, *["next"] * 6, "info locals", "up", "info locals", kernel=GDB_KERNEL)
    values = dict(line.split(" = ") for line in (own + outer).splitlines())
    assert set(values) == {"table", "old", "copy", "leaf"}
    assert all("optimized out" not in value for value in values.values()), values


STEP_THROUGH = """
def entered(function):
    names = []
    while True:
        gdb.execute("step", to_string=True)
        name = gdb.selected_frame().name()
        if name == function:
            continue
        if gdb.selected_frame().older().name() != function:
            return names
        names.append(name)
        gdb.execute("finish", to_string=True)
print(*entered("ox::AddressSpace::write_fault"))"""


def test_step_goes_into_what_does_something_and_past_what_answers_a_question(tmp_path):
    """Steps through the whole store fault, but not into the small functions of VirtAddr, Pte and Ppn."""
    script = tmp_path / "step.py"
    script.write_text(STEP_THROUGH)
    *_, entered = typed(tmp_path, "break fork_page.c:24", "continue", "break ox::AddressSpace::write_fault", "continue",
                        f"source {script}", kernel=GDB_KERNEL)
    assert entered.split() == [f"ox::{name}" for name in ("PageTree::own", "PageTree::copy_frame", "PageTree::set_leaf",
                                                          "drop_page")]


@pytest.fixture(scope="module")
def stepped(tmp_path_factory):
    """A walk through all of trap_entry: a system call, page faults, traps from the kernel."""
    return result_of(in_gdb(tmp_path_factory.mktemp("entry"), "-x", TESTS / "gdb_entry_session.py", line="fork=cow"))


def test_the_backtrace_reaches_main_from_every_instruction_of_trap_entry_and_return(stepped):
    assert stepped["blind"] == []


def test_no_instruction_of_trap_entry_and_return_is_left_out(stepped):
    # The first function of a new process: its caller is the C library's fork(), which has no CFI.
    assert [text.split()[0] for text in stepped["never"]] == ["jal", "j"], stepped


def test_the_backtrace_of_a_panic_in_the_handler_reaches_main(stepped):
    calls = stepped["panic"]
    assert calls[0] == "ox::panic_text" and calls[-1] == "main", calls
    assert calls.count("trap") == 2, calls
