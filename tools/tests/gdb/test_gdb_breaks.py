"""Breakpoints at copy-on-write events: ox-break-fault, ox-break-copy."""
import re

import pytest
from gdb_machine import typed


def test_break_fault_stops_at_the_first_store_in_the_page_whoever_makes_it(tmp_path):
    *_, said, stop, calls, again = typed(tmp_path, "break fork_page.c:17", "continue", "ox-break-fault &page.x",
                                         "continue", "bt", "continue", line="fork=cow")
    assert re.fullmatch(r"Stops at the first store fault in the page 0x[0-9a-f]+\.\n", said)
    assert "ox::AddressSpace::fault" in stop and "of pid 3 fork_page: root" in stop
    assert re.search(r"a store faults, copied: frame 0x[0-9a-f]+ \(count 3\) is copied", stop)
    assert re.search(r"main \(\) at user/fork_page\.c:24", calls)
    assert "AddressSpace" not in again, "the parent's store comes later, and does not stop"


def test_break_fault_sees_the_kernels_own_store_for_a_process(tmp_path):
    """The kernel stores a new child's pid where fork() asked for it. That store is a fault, but no trap."""
    *_, stop, calls = typed(tmp_path, "break fork_page.c:17", "continue",
                            "break ox::AddressSpace::copy_out if pid_ == 3", "continue", "ox-break-fault $a1",
                            "continue", "bt", line="fork=cow")
    assert "ox::AddressSpace::fault" in stop and "of pid 3 fork_page" in stop
    assert "ox::AddressSpace::copy_out" in calls and "ox::first_steps" in calls


@pytest.fixture(scope="module", params=["cow", "on_demand"])
def copies(request, tmp_path_factory):
    """All stops of a run from main() on, and the trace that the kernel printed meanwhile."""
    folder = tmp_path_factory.mktemp("copies")
    stops = ["continue"] * 60
    answers = typed(folder, "break main", "continue", "delete", "ox-break-copy", "break ox::power_off", *stops,
                    line=f"fork={request.param} trace")[5:]
    end = next(n for n, answer in enumerate(answers) if "ox::power_off" in answer)
    console = (folder / "console").read_text().replace("\r", "")
    return request.param, answers[:end], console[console.index(">>>") if ">>>" in console else 0:]


def test_break_copy_stops_before_and_after_each_copy(copies):
    _, stops, _ = copies
    titles = [re.search(r"^--- (before|after): .*", stop, re.MULTILINE) for stop in stops]
    assert all(titles), stops
    assert [title[1] for title in titles] == ["before", "after"] * (len(stops) // 2)


def test_break_copy_stops_at_as_many_copies_as_the_kernel_traces(copies):
    _, stops, console = copies
    after = [stop for stop in stops if "--- after: copied" in stop]
    traced = re.findall(r"^ox: fault: pid [23] store (0x[0-9a-f]+): page copied", console, re.MULTILINE)
    stored = [re.search(r"stores to (0x[0-9a-f]+)", stop)[1] for stop in stops if "stores to" in stop]
    assert len(after) == len(stored) > 3
    assert traced[-len(stored):] == stored


def test_break_copy_passes_by_a_copy_that_it_has_told_of(tmp_path):
    """QEMU 7.2 sometimes reports a step that it has not made, so gdb stops at the same place and asks again."""
    *_, stop, again = typed(tmp_path, "break main", "continue", "delete", "ox-break-copy", "continue",
                            "python from ox.breaks import BreakCopy; print(BreakCopy.stops[1].stop())")
    assert "--- before: pid 2 forks" in stop
    assert again == "False\n"


def test_break_copy_shows_both_trees_of_a_fork(copies):
    mode, stops, _ = copies
    before, after = stops[:2]
    assert f"--- before: pid 2 forks, {mode}" in before and "as in pid" not in before
    assert "--- after: the child is pid 3" in after and "\npid 3: root" in after
    assert ("as in pid 2" in after) == (mode == "on_demand")


def test_break_copy_shows_the_path_before_and_after(copies):
    _, stops, _ = copies
    first = next(n for n, stop in enumerate(stops) if "stores to" in stop)
    before, after = stops[first:first + 2]
    page = r"^page +(0x[0-9a-f]+)"
    assert re.search(page, before, re.MULTILINE)[1] != re.search(page, after, re.MULTILINE)[1]
    assert "VR--U-AD MAY_WRITE" in before and "VRW-U-AD MAY_WRITE" in after
