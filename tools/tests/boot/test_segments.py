"""How exec maps the segments of a program (kernel/proc/exec.cpp, map_segment)."""
import struct

import initramfs
from conftest import ended_well, stripped
from test_boot_errors import load_headers, patched


def test_behind_a_read_only_segments_bytes_stand_zeros_that_are_read_only_too(machine, mode):
    image = stripped("segment_tail")
    header = load_headers(image)[0]
    offset, address, _, file_size = struct.unpack_from("<4Q", image, header + 8)
    end = (file_size - 8) & ~7
    assert image[offset + end - 8:offset + end] != bytes(8) != image[offset + end:offset + end + 8]
    shorter = patched(image, (header + 32, "<Q", end))  # p_filesz; p_memsz stays the same
    files = initramfs.archive({"init": stripped("init"), "segment_tail": shorter})
    run = machine.boot(files, f"fork={mode} stats", f"/segment_tail {address + end:x}")
    assert ended_well(run)
    stats = run.stats()
    assert stats["frames_free_before"] == stats["frames_free_after"]
