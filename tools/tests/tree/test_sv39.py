"""tools/machine/sv39.py is the only Python code that decodes page tables. Expected numbers are from the
specification."""
import re

import pytest
import sv39
from conftest import ROOT
from sv39 import A, D, R, U, V, W

LEAF = V | R | W | U | A | D
VA = 0x3f_ffff_e123  # the last page but one of the lower half


def memory(entries):
    """A table() that returns the entries in {(frame, index): bits}."""
    return lambda frame: [entries.get((frame, index), 0) for index in range(sv39.ENTRIES)]


@pytest.fixture
def table():
    """Root 1, tables 2 and 3, and at VA a page in frame 7."""
    return memory({(1, 255): sv39.entry_of(2, V), (2, 511): sv39.entry_of(3, V), (3, 510): sv39.entry_of(7, LEAF)})


def test_an_address_has_nine_bits_for_each_level():
    assert [sv39.index_of(VA, level) for level in (2, 1, 0)] == [255, 511, 510]
    assert [sv39.span(level) for level in (0, 1, 2)] == [1 << 12, 1 << 21, 1 << 30]


def test_an_address_of_the_upper_half_has_its_indices_too():
    assert [sv39.index_of(0xffff_ffff_8020_0000, level) for level in (2, 1, 0)] == [510, 1, 0]


@pytest.mark.parametrize("va, good", [(0, True), (sv39.USER_END - 1, True), (sv39.USER_END, False),
                                      (0xffff_ffc0_0000_0000, True), (0xffff_ffbf_ffff_ffff, False)])
def test_bits_63_to_39_are_as_bit_38(va, good):
    assert sv39.is_address(va) == good


def test_an_entry_is_a_frame_and_ten_flags():
    bits = sv39.entry_of(0x80b11, LEAF | sv39.SOFTWARE[0])
    assert bits == 0x80b11 << 10 | 0x1d7 and sv39.frame_of(bits) == 0x80b11
    assert sv39.frame_of(bits | 1 << 63) == 0x80b11


def test_a_path_ends_at_the_leaf(table):
    assert [(level, frame) for level, frame, _ in sv39.path(table, 1, VA)] == [(2, 1), (1, 2), (0, 3)]
    assert sv39.frame_of(sv39.leaf(table, 1, VA)) == 7


def test_a_path_ends_where_there_is_no_more(table):
    assert len(sv39.path(table, 1, 0)) == 1 and sv39.leaf(table, 1, 0) == 0


def test_a_leaf_above_level_0_maps_no_page(table):
    huge = memory({(1, 255): sv39.entry_of(0x80000, LEAF)})
    assert len(sv39.path(huge, 1, VA)) == 1 and sv39.leaf(huge, 1, VA) == 0


@pytest.mark.parametrize("satp, root", [(8 << 60 | 0x80055, 0x80055), (0, None), (9 << 60 | 1, None)])
def test_satp_names_the_root_where_its_mode_is_sv39(satp, root):
    assert sv39.root_of(satp) == root


def test_only_one_module_takes_entries_apart():
    """No other Python file in tools/ has shifts and masks of entries, or sizes of tables."""
    spelled = re.compile(r">> 10\b|<< 10\b|\(1 << 44\) - 1|& 511\b|& 1023\b|0x3ff\b|9 \* \w*level")
    found = [f"{file.relative_to(ROOT)}:{number}: {line.strip()}" for file in sorted((ROOT / "tools").rglob("*.py"))
             if file.name not in ("sv39.py", "test_sv39.py")
             for number, line in enumerate(file.read_text().splitlines(), 1) if spelled.search(line)]
    assert found == []
