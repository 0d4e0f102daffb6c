"""A recorded machine in gdb, which goes backwards: what the Makefile's gdb-rr does, without a terminal."""
import re

import pytest
from broken_tree import BUILD, broken_tree
from gdb_recorded import needs_disk, recorded  # noqa: F401, a fixture

pytestmark = needs_disk


@pytest.fixture
def replayed(recorded):  # noqa: F811
    def in_replay(*commands):
        run, replay = recorded("fork=cow")
        assert run.status == 0, run.output
        return replay(*commands)
    return in_replay


def test_reverse_stepi_leads_from_the_trap_back_to_the_store(replayed):
    *_, entry, store, value = replayed("break fork_page.c:24", "continue", "break *trap_entry if $scause == 15",
                                       "continue", "reverse-stepi", "print page.x")
    assert "signal handler called" in entry
    assert "main () at user/fork_page.c:24" in store and value.endswith("= 5\n")


def test_reverse_continue_goes_back_to_a_breakpoint(replayed):
    """It starts from the parent's last line. (The very end would not do: there QEMU 10 stops a little before
    ox::power_off, and sometimes goes back to the beginning.)"""
    *_, back, value = replayed("break fork_page.c:35", "continue", "break fork_page.c:33", "reverse-continue",
                               "print page.x")
    assert "main () at user/fork_page.c:33" in back and value.endswith("= 5\n"), back


def test_ox_who_goes_back_to_the_last_write_of_an_entry(replayed):
    *_, copied, source, earlier = replayed("break fork_page.c:25", "continue", "ox-who &page.x", "bt", "ox-who 0x76000")
    assert re.search(r"before the write  Pte\(ppn 0x80[0-9a-f]{3} VR--U-AD MAY_WRITE\)", copied)
    assert re.search(r"after it          Pte\(ppn 0x80[0-9a-f]{3} VRW-U-AD MAY_WRITE\)", copied)
    assert "ox::AddressSpace::write_fault" in source and "main () at user/fork_page.c:24" in source
    assert "before the write  Pte(empty)" in earlier and "share_entries" in earlier, "the fork that copied the table"


def test_ox_who_stops_at_the_writing_instruction(replayed):
    *_, instruction = replayed("break fork_page.c:25", "continue", "ox-who &page.x", "x/i $pc")
    assert re.search(r"\ts[dw]\t", instruction)


def test_a_breakpoint_does_not_stop_ox_who_on_its_way_and_is_there_afterwards(replayed):
    *_, found, breakpoints = replayed("break fork_page.c:25", "continue", "break ox::AddressSpace::fault",
                                      "break *trap_entry", "ox-who &page.x", "info breakpoints")
    assert "before the write" in found and "store" in found
    assert re.findall(r"^\d+ +breakpoint +keep ([yn])", breakpoints, re.MULTILINE) == ["y"] * 3


def test_a_breakpoint_does_not_stop_reverse_stepi_and_is_there_afterwards(replayed):
    *_, store, breakpoints = replayed("break fork_page.c:24", "continue", "tbreak *trap_entry", "continue",
                                      "reverse-stepi", "info breakpoints")
    assert "fork_page.c:24" in store
    assert re.findall(r"^\d+ +breakpoint +keep ([yn])", breakpoints, re.MULTILINE) == ["y"]


def test_an_address_that_had_no_table_then_is_refused(replayed):
    """The page's entry was written by exec; before that, its table did not exist."""
    *_, made, nobody = replayed("break main", "continue", "ox-who $pc", "ox-who $pc 1")
    assert "before the write  Pte(empty)" in made
    assert nobody.startswith("error: ox-who: ") and "\n" not in nobody.strip()


def test_from_a_panic_the_way_back_leads_to_the_line_that_broke_the_rule(recorded, tmp_path):  # noqa: F811
    """The panic and the bug of tools/gdb/README.md: the new frame is not mapped, and the checker finds it late."""
    tree = broken_tree(tmp_path / "tree", "kernel/vm/fault.cpp", "leaf.with_frame(copy).with(Pte::W)",
                       "leaf.with(Pte::W)")
    run, replay = recorded("debug", tree / BUILD / "ox.elf")
    assert run.status == 134
    address = re.search(r"rule 3: W on a shared page: pid 1, address (0x\w+),", run.output)[1]
    stopped, who, before = replay("break ox::panic_text", "continue", f"ox-who {address}", f"ox-walk {address}")[1:]
    assert "ox::panic_text" in stopped
    assert re.search(r"after it +Pte\(ppn 0x\w+ VRW-U-AD MAY_WRITE\)", who)
    assert "ox::AddressSpace::write_fault" in who and f"=== trap: store page fault, stval {address} ===" in who
    assert "VR--U-AD MAY_WRITE" in before, "the machine is stopped before the store"
