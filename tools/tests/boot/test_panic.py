"""Panics: gdb makes the kernel do what it must never do. The machine must end with status 134, a message, and a
backtrace of names that goes through the trap to the program's system call."""
import os
import re
import subprocess

import pytest
from conftest import BUILD, Machine
from gdb_machine import panicked, run_under_gdb
from sv39 import PAGE, R, U, W, X

STACK, SLOT = 2 * PAGE, 4 * PAGE
IMAGE, DIRECT_MAP, STACKS = 0xffffffff00000000, 0xffffffc000000000, 0xffffffe000000000
TEXT = 0xffffffff80200000
CALLER = ["trap_entry"]  # trap_from_user's caller


@pytest.fixture
def wrong(machine, tmp_path):
    """Boots, makes panic_session.py do something wrong, and returns the run and the state at that moment."""
    def run(case, command="fork_page", **options):
        return run_under_gdb(machine, tmp_path, "boot/panic_session.py", case, command, **options)
    return run


def test_a_null_pointer(wrong):
    run, where = wrong("null_object")
    calls = panicked(run, f"hart 0 pid {where['pid']}: trap from the kernel: cause 13 (load page fault), stval 0x")
    assert calls[-2:] == ["trap_from_user", *CALLER], calls


@pytest.mark.parametrize("address", ["0x0", "0xffffffc081000000"], ids=["null", "data"])
def test_a_jump_to_what_is_no_function(wrong, address):
    run, where = wrong(f"jump {address}")
    calls = panicked(run, f"pid {where['pid']}: trap from the kernel: cause 12 (fetch page fault), stval {address}, pc {address}")
    assert calls[-1:] == CALLER, calls


@pytest.mark.parametrize("address", [TEXT, TEXT - IMAGE + DIRECT_MAP], ids=["the image", "the direct map"])
def test_a_write_to_the_kernels_text(wrong, address):
    run, where = wrong(f"copy_to {address:#x}")
    calls = panicked(run, f"pid {where['pid']}: trap from the kernel: cause 15 (store page fault), stval {address:#x}")
    assert calls[calls.index("memcpy") + 1].startswith("ox::") and calls[-1] == "trap_entry", calls


def test_recursion_without_end(wrong):
    run, where = wrong("recursion")
    calls = panicked(run, f"hart 0 pid {where['pid']}: kernel stack overflow: sp 0x")
    sp = int(re.search(r"overflow: sp (0x[0-9a-f]+)", run.output)[1], 16)
    assert where["bottom"] - STACK < sp <= where["bottom"] + 320, "at the guard page, or when no trap fits on the stack"
    assert calls.count("trap_from_user") > 20, calls


def test_a_panic_in_a_panic_ends(wrong):
    run, _ = wrong("panic_in_panic")
    assert not run.timed_out and run.status == 134, run.output
    assert run.output.count("ox: panic: ") == 1, run.output


def test_a_panic_on_another_hart(wrong):
    run, where = wrong("null_object 2", "torture", cpus=4)
    calls = panicked(run, f"hart 2 pid {where['pid']}: trap from the kernel: cause 13 (load page fault), stval 0x")
    assert calls[-2:] == ["trap_from_user", *CALLER], calls


def test_panics_on_several_harts_make_one_message(wrong):
    run, where = wrong("two_harts", "torture", cpus=4)
    assert panicked(run, f"hart 1 pid {where['pid']}: trap from the kernel: cause 13 (load page fault), stval 0x")


# --- the kernel's mappings, read from its page tables

@pytest.fixture(scope="module")
def mappings(tmp_path_factory):
    run, leaves = run_under_gdb(Machine(), tmp_path_factory.mktemp("map"), "boot/panic_session.py", "kernel_map")
    assert run.status == 0, run.output
    return leaves


@pytest.fixture(scope="module")
def symbols():
    nm = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-") + "nm"
    listing = subprocess.run([nm, BUILD / "ox.elf"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {name: int(address, 16) for address, _, name in (line.split(maxsplit=2) for line in listing.splitlines())}


def access(mappings, address):
    """The permissions of the page at an address; None: it is not mapped."""
    for start, size, _, bits in mappings:
        if start <= address < start + size:
            return bits & (R | W | X | U)
    return None


def pages(start, end):
    return range(start, end, PAGE)


def test_no_mapping_of_the_kernel_is_for_users_or_for_both_writing_and_executing(mappings):
    assert all(not bits & U and bits & (W | X) != W | X for _, _, _, bits in mappings)


def test_text_and_constants_are_read_only_in_the_image_and_in_the_direct_map(mappings, symbols):
    for page in pages(symbols["text_start"], symbols["text_end"]):
        assert access(mappings, page) == R | X
        assert access(mappings, page - IMAGE + DIRECT_MAP) == R
    for page in pages(symbols["rodata_start"], symbols["rodata_end"]):
        assert access(mappings, page) == R
        assert access(mappings, page - IMAGE + DIRECT_MAP) == R


def test_nothing_but_text_can_be_executed_and_nothing_else_maps_text_or_the_firmware(mappings, symbols):
    text = range(symbols["text_start"] - IMAGE, symbols["rodata_end"] - IMAGE)
    for start, size, physical, bits in mappings:
        assert not bits & X or symbols["text_start"] <= start < symbols["text_end"]
        assert not bits & W or physical >= text.stop or physical + size <= text.start
        assert not 0x80000000 <= physical < text.start, "the firmware's memory"


def test_below_each_kernel_stack_is_a_guard(mappings, symbols):
    slots = {start // SLOT * SLOT for start, *_ in mappings if STACKS <= start < STACKS + 4096 * SLOT}
    assert len(slots) >= 2, "init's and the program's"
    for slot in slots:
        assert [access(mappings, page) for page in pages(slot, slot + SLOT)] == [None, None, R | W, R | W]
    guard = symbols["boot_stack_guard"]
    assert [access(mappings, page) for page in pages(guard, guard + 2 * STACK)] == [None, None, R | W, R | W]
