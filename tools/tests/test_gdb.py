"""From the child's `x = 10` into the page fault's handler and back, and the backtrace on every step of the way."""
from pathlib import Path

import pytest
from gdb_machine import in_gdb, result_of

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
    assert child["back_at_store"], "finish leads back to the very instruction"
    assert (child["before"], child["still"], child["after"]) == (5, 5, 10)
    parent = seen["parent"]
    assert parent["back_at_store"]
    assert (parent["before"], parent["after"]) == (5, 20)


@pytest.fixture(scope="module")
def stepped(tmp_path_factory):
    """A walk through all of trap_entry: a system call, page faults, traps from the kernel."""
    return result_of(in_gdb(tmp_path_factory.mktemp("entry"), "-x", TESTS / "gdb_entry_session.py", line="fork=cow"))


def test_the_backtrace_reaches_main_from_every_instruction_of_trap_entry_and_return(stepped):
    assert stepped["blind"] == []


def test_no_instruction_of_trap_entry_and_return_is_left_out(stepped):
    # Where a new process begins: what called it is the C library's fork(), which has no CFI.
    assert [text.split()[0] for text in stepped["never"]] == ["jal", "j"], stepped


def test_the_backtrace_of_a_panic_in_the_handler_reaches_main(stepped):
    calls = stepped["panic"]
    assert calls[0] == "ox::panic_text" and calls[-1] == "main", calls
    assert calls.count("trap") == 2, calls
