"""Long calls let interrupts in between their steps, so no call keeps interrupts off for long, however much it does.

A QEMU plugin (tools/machine/interrupts_off.py) counts the instructions of one hart.
"""
import initramfs
import interrupts_off
import pytest
from conftest import BUILD, stripped

CALLS = ("read_zero", "read_urandom", "read_pagemap", "getrandom", "read_file", "write_file", "mprotect", "munmap",
         "madvise", "mremap", "mmap", "execve", "ftruncate", "unlink", "execve_strings", "mmap_file", "mmap_sparse",
         "mprotect_regions", "munmap_regions", "exit_regions", "read_maps", "read_statm", "names", "getdents", "locks",
         "poll", "readv", "wake", "kill", "exit_children")
FORKS = ("fork eager", "fork cow", "fork on_demand")
# The longest step: a page table whose 512 pages are freed, or 64 KiB that are copied.
LONGEST_STEP = 150_000


@pytest.mark.parametrize("call", CALLS + FORKS)
def test_a_call_over_64_mib_lets_interrupts_in(call, tmp_path):
    archive = tmp_path / "archive.cpio"
    archive.write_bytes(initramfs.archive({name: stripped(name) for name in ("init", "long_calls", "true")}))
    call, _, mode = call.partition(" ")
    words = f"fork={mode or 'on_demand'} -- /long_calls {call} 64"
    longest = interrupts_off.longest(BUILD / "ox.elf", archive, words, "256M")
    if longest is None:
        pytest.skip("this QEMU takes no plugins")
    assert longest < LONGEST_STEP
