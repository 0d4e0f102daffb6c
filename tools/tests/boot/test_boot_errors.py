"""If the kernel cannot start, the machine ends with status 125, and a message names the file and the remedy."""
import struct
import subprocess

import initramfs
import pytest
import qemu
from conftest import refused, stripped

PHDR = 56  # size of a program header; an ELF header has 64 bytes
PT_LOAD = 1


def program_headers(image):
    start, = struct.unpack_from("<Q", image, 32)
    count, = struct.unpack_from("<H", image, 56)
    return [start + PHDR * n for n in range(count)]


def load_headers(image):
    return [at for at in program_headers(image) if struct.unpack_from("<I", image, at)[0] == PT_LOAD]


def patched(image, *changes):
    """A copy of `image` after the changes (offset, format, value)."""
    copy = bytearray(image)
    for offset, form, value in changes:
        struct.pack_into(form, copy, offset, value)
    return bytes(copy)


@pytest.fixture(scope="module")
def hello():
    return stripped("hello")


def boot_init(machine, image, **options):
    return machine.boot(initramfs.archive({"init": image}), **options)


def test_no_initramfs(machine):
    assert refused(machine.boot(None), "initramfs", "-initrd")


GARBAGE = {"zeros": b"\0" * 512, "a byte": b"x", "text": b"not an archive at all\n" * 40}


@pytest.mark.parametrize("kind", GARBAGE)
def test_an_initramfs_that_is_no_archive(machine, kind):
    assert refused(machine.boot(GARBAGE[kind]), "initramfs", "cpio -o -H newc")


def test_an_initramfs_that_is_compressed(machine):
    assert refused(machine.boot(b"\x1f\x8b\x08" + b"\0" * 509), "initramfs", "decompress")


@pytest.mark.parametrize("length", [1, 5, 6, 109, 110, 113, 116, 117, 200, 4096, -512, -200, -120, -113, -5])
def test_a_truncated_initramfs(machine, hello, length):
    assert refused(machine.boot(initramfs.archive({"init": hello})[:length]), "initramfs")


@pytest.mark.parametrize("size", [0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff])
def test_an_initramfs_whose_file_claims_to_be_larger_than_it(machine, size):
    assert refused(machine.boot(initramfs.entry("init", b"#!", size=size)), "initramfs", "truncated")


def test_no_init(machine, hello):
    assert refused(machine.boot(initramfs.archive({"bin/hello": hello})), "/init", "init=")


def test_an_init_of_the_command_line_that_does_not_exist(machine, hello):
    assert refused(machine.boot(initramfs.archive({"init": hello}), "init=/sbin/nosuch"), "/sbin/nosuch")


def test_an_init_that_is_a_folder(machine, hello):
    assert refused(machine.boot(initramfs.archive({"init/hello": hello})), "/init")


@pytest.mark.parametrize("path", ["/proc/self/exe", "/proc/self/fd/0", "/proc/1/exe", "/proc/meminfo"])
def test_an_init_in_proc(machine, hello, path):
    assert refused(machine.boot(initramfs.archive({"init": hello}), f"init={path}"), path, "init=PATH")


@pytest.mark.parametrize("word, allowed", [
    ("init=", "init=PATH"),
    ("fork=", "fork=eager, fork=cow, fork=on_demand"),
    ("fork=cows", "fork=eager, fork=cow, fork=on_demand"),
    ("record=", "record=N"),
    ("record=0", "record=N"),
    ("record=99999999999999999999", "record=N"),
    ("recount=0", "recount=N"),
    ("recount=-1", "recount=N"),
    ("recount", "recount=N"),
])
def test_a_word_with_a_value_that_is_not_allowed(machine, hello, word, allowed):
    assert refused(machine.boot(initramfs.archive({"init": hello}), word), f"{word}: not allowed", allowed)


@pytest.mark.parametrize("cpu, lacks", [("rv64,f=off,d=off", "f"), ("rv64,d=off", "d")])
def test_a_processor_without_floating_point(machine, hello, cpu, lacks):
    if qemu.version() >= (8, 0):
        cpu += ",zfa=off"  # Zfa requires the F extension
    run = machine.boot(initramfs.archive({"init": hello}), extra=["-cpu", cpu])
    assert refused(run, f"lacks the extension {lacks};")


@pytest.mark.parametrize("content", [b"", b"#!/bin/sh\necho no\n", b"\x7fELF", b"\0" * 8192],
                         ids=["nothing", "a script", "four bytes", "zeros"])
def test_an_init_that_is_no_program(machine, content):
    assert refused(boot_init(machine, content), "/init")


@pytest.mark.parametrize("what, change", [
    ("x86-64", (18, "<H", 62)),
    ("32 bits", (4, "<B", 1)),
    ("big endian", (5, "<B", 2)),
    ("position independent", (16, "<H", 3)),
    ("an object file", (16, "<H", 1)),
    ("a core dump", (16, "<H", 4)),
    ("no program headers", (56, "<H", 0)),
    ("65,535 program headers", (56, "<H", 0xffff)),
    ("program headers beyond the end", (32, "<Q", 1 << 40)),
    ("program headers whose offset wraps", (32, "<Q", (1 << 64) - 56)),
    ("entry outside of the text", (24, "<Q", 0x123456)),
    ("entry in the kernel", (24, "<Q", 0xffffffff80200000)),
])
def test_an_init_of_the_wrong_kind(machine, hello, what, change):
    assert refused(boot_init(machine, patched(hello, change)), "/init"), what


@pytest.mark.parametrize("what, field, form, value", [
    ("offset beyond the end", 8, "<Q", 1 << 40),
    ("offset that wraps", 8, "<Q", (1 << 64) - 4096),
    ("address in the null page", 16, "<Q", 0),
    ("address in the kernel", 16, "<Q", 0xffffffff80200000),
    ("address above user memory", 16, "<Q", 0x40_0000_0000),
    ("file size beyond the end", 32, "<Q", 1 << 40),
    ("file size that wraps", 32, "<Q", (1 << 64) - 1),
    ("memory smaller than the file's part", 40, "<Q", 1),
    ("memory that wraps", 40, "<Q", (1 << 64) - 1),
    ("memory over the stack", 40, "<Q", 0x3f_ffff_0000),
    ("writable and executable", 4, "<I", 7),
])
def test_an_init_with_a_segment_that_cannot_be(machine, hello, what, field, form, value):
    first = load_headers(hello)[0]
    assert refused(boot_init(machine, patched(hello, (first + field, form, value))), "/init"), what


def test_an_init_whose_segments_overlap(machine, hello):
    first, second = load_headers(hello)[:2]
    address, = struct.unpack_from("<Q", hello, first + 16)
    offset, = struct.unpack_from("<Q", hello, second + 8)
    overlapping = patched(hello, (second + 16, "<Q", (address & ~0xfff) + (offset & 0xfff)))
    assert refused(boot_init(machine, overlapping), "/init")


def lengths(size):
    """Lengths at which a file is cut: every one in the headers, and a few in each page-sized part after them."""
    return sorted({*range(0, 64, 9), 63, 64, 65, 119, 120, 64 + 6 * PHDR, 1000, 4095, 4096, 4097, size // 3, size // 2,
                   size - 4096, size - 65, size - 64, size - 1})


def test_an_init_cut_off_anywhere(machine, hello):
    for length in lengths(len(hello)):
        assert refused(boot_init(machine, hello[:length]), "/init"), f"cut off after {length} of {len(hello)} bytes"


# --- a wrong device tree; the machine must not keep running

@pytest.fixture(scope="module")
def device_tree(tmp_path_factory):
    """QEMU's own device tree, as bytes."""
    file = tmp_path_factory.mktemp("tree") / "virt.dtb"
    subprocess.run([qemu.QEMU, "-machine", f"virt,dumpdtb={file}"], check=True, capture_output=True)
    return file.read_bytes()


@pytest.fixture
def boot_tree(machine, hello, tmp_path):
    def boot(tree):
        (tmp_path / "tree").write_bytes(tree)
        return machine.boot(initramfs.archive({"init": hello}), extra=["-dtb", str(tmp_path / "tree")])
    return boot


def without(tree, *names):
    """The tree with these names replaced, so that the kernel finds neither the nodes nor their drivers."""
    for name in names:
        tree = tree.replace(name, name[:-1] + b"?")
    return tree


CONSOLE, POWER = (b"serial@", b"ns16550a"), (b"test@", b"sifive,test0", b"sifive,test1")


def test_a_device_tree_without_a_serial_line(boot_tree, device_tree):
    assert refused(boot_tree(without(device_tree, b"serial@")), "no serial line")


@pytest.mark.parametrize("names", [CONSOLE, CONSOLE + POWER], ids=["no console", "no console, no power switch"])
def test_without_any_console_the_status_is_still_125(boot_tree, device_tree, names):
    run = boot_tree(without(device_tree, *names))
    assert run.status == 125 and not run.timed_out


def test_a_device_tree_without_a_power_switch(boot_tree, device_tree):
    run = boot_tree(without(device_tree, *POWER))
    assert run.status == 0 and not run.timed_out, run.output


def test_a_device_tree_that_is_shorter_than_its_structure(boot_tree, device_tree):
    size, = struct.unpack_from(">I", device_tree, 36)
    assert refused(boot_tree(patched(device_tree, (36, ">I", size - 40))), "device tree cannot be read")


def test_a_device_tree_with_a_property_that_goes_beyond_its_end(boot_tree, device_tree):
    length = device_tree.index(b"ns16550a") - 8
    run = boot_tree(patched(device_tree, (length, ">I", 0x1000_0000)))
    assert run.status == 125 and not run.timed_out
