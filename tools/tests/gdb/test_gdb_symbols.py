"""The symbols of the program that was executed last, and the pretty-printers."""
import re

import pytest
from gdb_machine import typed


def test_a_line_of_a_program_that_a_shell_will_run_can_be_named_before(tmp_path):
    pending, stop, main, there = typed(tmp_path, "break fork_page.c:24", "continue", "info symbol main",
                                       "info breakpoints", command="sh -c /fork_page", others=["fork_page"])
    assert pending == "" or "pending" in pending
    assert re.search(r"\[pid 3 runs /fork_page: symbols of .*user/fork_page\]", stop)
    assert "main () at user/fork_page.c:24" in stop
    assert main.strip().endswith("user/fork_page") and "<PENDING>" not in there


def test_the_last_programs_symbols_are_gone(tmp_path):
    before, *_, after, files = typed(tmp_path, "info line user/sh.c:1", "break fork_page.c:24", "continue",
                                     "info line sh.c:1",
                                     "python print([f.filename for f in gdb.objfiles()])", command="sh -c /fork_page",
                                     others=["fork_page"])
    assert "sh.c" in before and after.startswith("error: No source file named sh.c")
    assert files.count("build") >= 2 and "user/sh" not in files


def test_a_program_without_symbols_gets_none_of_another_program(tmp_path):
    text = typed(tmp_path, "break ox::AddressSpace::fork if pid_ == 3", "break ox::power_off", "continue",
                 "python print(len(gdb.objfiles()))", command="sh -c /stranger", renamed=[("true", "stranger")])
    assert re.search(r"\[pid 3 runs /stranger: no symbols\]", text[2]), text


def test_init_does_not_take_the_programs_symbols_away(tmp_path):
    *_, stop, main = typed(tmp_path, "break main", "break ox::AddressSpace::fork", "continue", "info symbol main")
    assert "ox::AddressSpace::fork" in stop and "user/fork_page" in main


def test_a_stop_in_init_has_inits_symbols_too(tmp_path):
    *_, calls = typed(tmp_path, "break ox::AddressSpace::fork", "continue", "up 20", "bt")
    assert "system call" in calls
    *_, line = typed(tmp_path, "break ox::AddressSpace::fork", "continue", "info line init.c:31")
    assert "starts at address 0x8" in line


def test_a_stop_in_another_program_says_whose_symbols_are_missing(tmp_path):
    *_, stop = typed(tmp_path, "break fork_page.c:24", "continue", "break ox::exit_process if self.pid == 2",
                     "continue", command="sh -c /fork_page;/fork_page", others=["fork_page"])
    assert "[pid 2 runs /sh, whose symbols are not loaded: `ox-symbols sh`]" in stop


PRINTED = {
    "print va": r"VirtAddr\(0x76[0-9a-f]+\)",
    "print tree_.root_": r"Ppn\(0x80[0-9a-f]{3}\)",
    "print tree_.memory_->zero": r"FrameRef\(0x80[0-9a-f]{3}\)",
    "print tree_.memory_->frames.by_number_[tree_.root_.value_]":
        r"Frame\(table, count 1, used groups 0x[0-9a-f]+, writable groups 0x[0-9a-f]+\)",
    "print tree_.memory_->frames.fresh_._M_elems[0].next": r"Atomic\([0-9]+\)",
    "print tree_.memory_->mode": r"Atomic\(ox::ForkMode::cow\)",
    "print ((ox::Thread*)ox::harts._M_elems[0].current)->process->program": r"Ref\(0xffffffc0[0-9a-f]+\)",
    "print ((ox::Thread*)ox::harts._M_elems[0].current)->process->arguments": r"\[0x3f[0-9a-f]+, 0x3f[0-9a-f]+\)",
    "print access": "ox::Access::store",
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    said = typed(tmp_path_factory.mktemp("printers"), "break fork_page.c:24", "continue",
                 "break ox::AddressSpace::fault", "continue", *PRINTED, line="fork=cow")[4:]
    return dict(zip(PRINTED, said))


@pytest.mark.parametrize("command", PRINTED)
def test_a_small_type_is_printed_as_one_word(printed, command):
    assert re.fullmatch(r"\$\d+ = " + PRINTED[command] + "\n", printed[command])


def test_an_entry_is_printed_with_its_flags_by_letter(tmp_path):
    *_, entry = typed(tmp_path, "break fork_page.c:24", "continue", "break ox::AddressSpace::write_fault", "continue",
                      "print leaf", line="fork=cow")
    assert re.fullmatch(r"\$\d+ = Pte\(ppn 0x80[0-9a-f]{3} VR--U-AD MAY_WRITE\)\n", entry)


def test_a_result_is_printed_as_its_value_or_its_error(tmp_path):
    *_, value = typed(tmp_path, "break ox::build_kernel_map", "continue", "finish", "print $")
    assert re.fullmatch(r"\$\d+ = value\(Ppn\(0x80[0-9a-f]{3}\)\)\n", value)
    made = "python r = gdb.Value({}, gdb.lookup_type('ox::Result<ox::Ppn, ox::Errno>')); print(r)"
    nothing = ("python print(gdb.Value(bytes([0, 0, 0, 0, 1, 0, 0, 0]), "
               "gdb.lookup_type('ox::Result<void, ox::Errno>')))")
    answers = typed(tmp_path, made.format(r"b'\x0c' + bytes(15)"), nothing)
    assert answers == ["error(ox::Errno::enomem)\n", "value()\n"]
