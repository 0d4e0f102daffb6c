"""The commands that explain one address or one trap: ox-walk, ox-fault."""
import re
from pathlib import Path

import sv39
from gdb_machine import in_gdb, result_of, typed

FORETELL = Path(__file__).with_name("gdb_foretell.py")
CHILD_STORE = "fork_page.c:24"
STEP_INTO_TRAP = "python [gdb.execute('stepi') for _ in range(9) if int(gdb.parse_and_eval('$priv')) == 0]"


def at_the_store(folder, *commands):
    """gdb's answers when the child is about to execute x = 10."""
    return typed(folder, f"break {CHILD_STORE}", "continue", *commands, line="fork=cow")[2:]


def page_of(walk):
    return int(re.search(r"^page +(0x[0-9a-f]+)", walk, re.MULTILINE)[1], 16)


def test_a_walk_ends_at_the_frame_that_the_machine_itself_finds(tmp_path):
    address, = re.findall("0x[0-9a-f]+", at_the_store(tmp_path, "print &page.x")[0])[-1:]
    walk, qemu = at_the_store(tmp_path, "ox-walk &page.x", f"monitor gva2gpa {address}")
    assert f"{page_of(walk) * sv39.PAGE:#x}" in qemu, walk


def test_a_walk_says_the_same_in_user_mode_and_in_the_kernel(tmp_path):
    user, _, mode, kernel = at_the_store(tmp_path, "ox-walk &page.x", STEP_INTO_TRAP, "print $priv", "ox-walk &page.x")
    assert mode == "$1 = 1\n" and kernel == user and "level 0" in user


def test_a_walk_shows_flags_by_letter_and_what_a_store_will_do(tmp_path):
    walk, = at_the_store(tmp_path, "ox-walk &page.x")
    lines = walk.splitlines()
    assert lines[0].endswith("of pid 3 fork_page: root " + lines[1].split()[3])
    assert [line[:7] for line in lines if line.startswith("level")] == ["level 2", "level 1", "level 0"]
    assert re.search(r"entry 118  Pte\(ppn 0x[0-9a-f]+ VR--U-AD MAY_WRITE\)", walk)
    assert lines[-2] == "a load does not fault"
    assert re.fullmatch(r"a store faults, copied: frame 0x[0-9a-f]+ \(count 3\) is copied", lines[-1])


def test_a_walk_to_a_function_by_its_name(tmp_path):
    by_name, by_address = at_the_store(tmp_path, "ox-walk main", "ox-walk &main")
    assert by_name == by_address and "page" in by_name and not by_name.startswith("error")


def test_a_walk_of_another_process_by_its_pid(tmp_path):
    mine, parents = at_the_store(tmp_path, "ox-walk $sp", "ox-walk $sp 2")
    assert "of pid 3 " in mine and "of pid 2 " in parents
    assert page_of(mine) != page_of(parents)


def test_a_walk_below_a_shared_table_says_where_the_path_stops_being_owned(tmp_path):
    *_, walk = typed(tmp_path, "break ox::AddressSpace::fork", "continue", "continue", "break ox::AddressSpace::fault",
                     "continue", "ox-walk va.value_", line="fork=on_demand")
    levels = [line for line in walk.splitlines() if line.startswith("level")]
    assert levels[0].endswith("count 1  owned") and levels[1].endswith("count 2  SHARED: owned no further"), walk
    assert levels[2].endswith("below a shared table") and "2 tables copied first" in walk, walk


def test_a_walk_where_nothing_is_mapped(tmp_path):
    null, beyond = at_the_store(tmp_path, "ox-walk 0", "ox-walk 0x1000000000")
    assert "a load faults, denied: SIGSEGV: nothing is mapped there" in null
    assert "the path ends here: no table of level 1" in beyond


def test_a_walk_of_a_kernel_address_in_any_mode(tmp_path):
    user, data = at_the_store(tmp_path, "ox-walk &ox::harts", "ox-walk 0xffffffc080000000 + 0x200000")
    assert "Pte(ppn 0x80" in user and "VRW--GAD" in user
    assert "VR---GAD" in data, "the kernel's text is read-only in the direct map"


def test_ox_fault_explains_a_store_fault_from_the_first_instruction_of_the_trap(tmp_path):
    _, entry, *_, handler = at_the_store(tmp_path, STEP_INTO_TRAP, "ox-fault", "break ox::AddressSpace::fault",
                                         "continue", "ox-fault")
    lines = entry.splitlines()
    assert lines[0].split() == "scause 0xf store page fault in pid 3 fork_page".split()
    assert re.fullmatch(r"stval +(0x[0-9a-f]+)  in \1-0x[0-9a-f]+ rw- /fork_page", lines[1])
    assert re.search(r"main at user/fork_page\.c:24:  page\.x = 10;$", lines[2])
    assert re.match(r"handler copied, as the tables stand now: frame 0x[0-9a-f]+ \(count 3\) is copied$", lines[3])
    assert handler == entry, "the saved registers say what the CSRs said"


def test_what_ox_fault_foretells_comes_true(tmp_path):
    faults = result_of(in_gdb(tmp_path, "-x", FORETELL, line="fork=on_demand"))
    assert len(faults) > 10 and {told for told, _ in faults} >= {"copied", "granted"}, faults
    assert all(told == came for told, came in faults), faults


def test_ox_fault_in_a_system_call_names_its_number(tmp_path):
    *_, fault = typed(tmp_path, "break ox::AddressSpace::fork", "continue", "ox-fault")
    assert "system call in pid 1 init" in fault and "220  the call's number" in fault


def test_ox_fault_outside_a_trap_says_how_to_get_into_one(tmp_path):
    said, = at_the_store(tmp_path, "ox-fault")
    assert said.startswith("error: ox-fault: no trap is being served here;") and "stepi" in said
    assert "\n" not in said.strip()
