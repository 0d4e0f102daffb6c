"""The run-time checker (`debug`, kernel/vm/checker.h) finds each broken rule: gdb changes one thing in a running
machine and lets it run on, and the machine must end with a panic that names the rule and the place.

Some rules cannot be seen to be broken in a running machine. Other tests prove them: rules 4 (the last owner copies
nothing), 10 (out of memory is an answer) and 11 (unmapping) the model test, which predicts every success and counts
every copy; rules 6 and 7 (fences) the simulated MMU, which drops entries only at a fence; rule 8 (no lock in a tree)
threads_test.cpp under ThreadSanitizer (all of these in host_tests/); rules 9 and 14 (the kernel's and files' writes
copy first) the programs kernel_writes, mmap and exec.
"""
import pytest
from gdb_machine import panicked, run_under_gdb

PATH = "recount=100000000"  # at a trap exit the checker looks only at the process's own path
ALL = "recount=1"           # at a trap exit the checker looks at everything


@pytest.fixture
def broken(machine, tmp_path):
    """Boots, makes checker_session.py break something, and returns the run and what was broken."""
    def run(case, words="fork=cow " + ALL):
        return run_under_gdb(machine, tmp_path, "memory/checker_session.py", case, words=words)
    return run


def place(seen):
    return ("pid {pid}, address {va:#x}, level-{level} table {table:#x}, index {index}, entry {entry:#x}, "
            "count {count}").format(**seen)


NO_FRAME = (1, "entry names no frame")
FREE_FRAME = (1, "entry names a free frame")
USED = (5, "used groups")
WRITABLE = (5, "writable groups")
SHARED_WRITABLE = (5, "a shared table has writable groups")
NO_TABLE = (2, "non-leaf entry names no table")
TABLE_FLAGS = (2, "flags in a non-leaf entry")
NO_PAGE = (2, "a leaf names a frame that is no page")
RESERVED = (2, "reserved bits in a leaf")
NO_UAD = (2, "a leaf without U, A and D")
NO_ACCESS = (2, "a valid leaf without access")
W_AND_X = (13, "write and execute")
W_ALONE = (3, "W without R, V or MAY_WRITE")
W_BELOW_SHARED = (3, "W below a shared table")
W_SHARED = (3, "W on a shared page")
REGION = (3, "a leaf that its region does not allow")

ENTRIES = [
    (NO_FRAME, "cow", PATH, "entry child stack frame=below_ram"),
    (NO_FRAME, "cow", PATH, "entry child table frame=above_ram"),
    (FREE_FRAME, "cow", PATH, "entry child stack frame=free"),
    (FREE_FRAME, "cow", ALL, "entry child data frame=free"),
    (USED, "cow", PATH, "groups child root used_groups"),
    (USED, "cow", PATH, "groups child table used_groups"),
    (USED, "cow", PATH, "groups child stack used_groups"),
    (WRITABLE, "cow", PATH, "groups child root writable_groups"),
    (WRITABLE, "cow", PATH, "groups child table writable_groups"),
    (WRITABLE, "cow", PATH, "groups child stack writable_groups"),
    (SHARED_WRITABLE, "on_demand", PATH, "writable_groups_shared parent root"),
    (SHARED_WRITABLE, "on_demand", PATH, "writable_groups_shared parent table"),
    (NO_TABLE, "cow", PATH, "entry child table frame=page"),
    (NO_TABLE, "cow", PATH, "entry child root frame=kernel"),
    (TABLE_FLAGS, "cow", PATH, "entry child table +A"),
    (TABLE_FLAGS, "cow", PATH, "entry child table +D"),
    (TABLE_FLAGS, "cow", PATH, "entry child root +U"),
    (TABLE_FLAGS, "cow", PATH, "entry child root +63"),
    (NO_PAGE, "cow", PATH, "entry child stack frame=table"),
    (NO_PAGE, "cow", PATH, "entry child stack frame=kernel"),
    (RESERVED, "cow", PATH, "entry child stack +G"),
    (REGION, "cow", PATH, "entry child stack +9"),
    (RESERVED, "cow", PATH, "entry child stack +54"),
    (NO_UAD, "cow", PATH, "entry child stack -U"),
    (NO_UAD, "cow", PATH, "entry child stack -A"),
    (NO_UAD, "cow", PATH, "entry child stack -D"),
    (NO_ACCESS, "cow", PATH, "entry child stack -R"),
    (W_AND_X, "cow", PATH, "entry child stack +X"),
    (W_AND_X, "cow", PATH, "entry child text +MAY_WRITE"),
    (W_ALONE, "cow", PATH, "entry child stack -V"),
    (W_ALONE, "cow", PATH, "entry child stack -MAY_WRITE"),
    (W_BELOW_SHARED, "on_demand", PATH, "entry parent stack +W"),
    (W_BELOW_SHARED, "on_demand", ALL, "entry parent data +W"),
    (W_SHARED, "cow", PATH, "entry parent stack +W"),
    (W_SHARED, "cow", ALL, "entry parent data +W"),
    (REGION, "cow", PATH, "entry child text -X"),
    (REGION, "cow", ALL, "entry child data -MAY_WRITE"),
]


@pytest.mark.parametrize("message, mode, words, case", ENTRIES, ids=[case for _, _, _, case in ENTRIES])
def test_an_entry_or_the_record_of_its_table(broken, message, mode, words, case):
    rule, what = message
    run, seen = broken(case, f"fork={mode} {words}")
    calls = panicked(run, f"hart 0 pid {seen['pid']}: rule {rule}: {what}: {place(seen)}")
    assert " [kernel/vm/checker.cpp:" in run.output and ADVICE not in run.output
    looked = "ox::Checker::path" if words == PATH else "ox::Audit::recount"
    assert calls.index("ox::Checker::require") < calls.index(looked) < calls.index("trap_entry"), calls


@pytest.mark.parametrize("index, bits", [("300", "0xc7"), ("320", "0x100")], ids=["one more", "another"])
def test_the_kernels_half_of_a_root(broken, index, bits):
    run, seen = broken(f"kernel_half {index} {bits}")
    assert panicked(run, f"rule 1: the kernel's half differs: {place(seen)}")


@pytest.mark.parametrize("address, flag", [
    ("0xffffffff80200000", "W"), ("(long)&ox::the_console", "X"), ("0xffffffd00c000000", "U")],
    ids=["text that can be written", "data that can be executed", "a device of the user's"])
def test_a_mapping_of_the_kernel(broken, address, flag):
    run, seen = broken(f"kernel_mapping {address} {flag}")
    assert panicked(run, f"pid 3: rule 13: a mapping of the kernel: {place(seen)}")


@pytest.mark.parametrize("what, change", [
    ("page", +1), ("page", -1), ("table", +1), ("root", +1), ("file_page", +1), ("file_page", -1), ("free", +1),
    ("regions", -1)])
def test_a_count_that_is_not_the_number_of_references(broken, what, change):
    run, seen = broken(f"count parent {what} {change}")
    assert panicked(run, "rule 1: frame {frame:#x} (kind {kind}) has count {count}, but {references} references"
                    .format(**seen))


def test_a_lost_reference(broken):
    run, frame = broken("lost child stack")
    assert panicked(run, f"rule 1: frame {frame:#x} (kind page) has count 1, but 0 references")


def test_a_frame_that_nobody_has_and_that_is_not_free(broken):
    run, frame = broken("forgotten child stack")
    assert panicked(run, f"rule 1: frame {frame:#x} (kind page) has count 0, but 0 references")


def test_a_list_of_free_frames_that_is_longer_than_it_says(broken):
    run, _ = broken("free_list")
    assert panicked(run, "rule 1: ", " frames are referenced and ", " free, of ")


def test_a_write_to_the_zero_frame(broken):
    run, _ = broken("zero_frame")
    assert panicked(run, "rule 12: the zero frame was written: 0x1")


@pytest.mark.parametrize("content, offset, found", [(0, 0, "0x5a5a5a5a5a5a5a17"), (1, 4088, "0x17")],
                         ids=["any bytes", "zeros"])
def test_a_write_to_a_free_frame(broken, content, offset, found):
    run, frame = broken(f"free_frame_written {content} {offset}")
    assert panicked(run, f"rule 12: free frame {frame:#x} was written: {found}")


def test_sharing_what_nobody_has(broken):
    run, frame = broken("uncounted ox::PageTree::fork stack")
    calls = panicked(run, f"hart 0 pid 2: rule 1: share of frame {frame:#x}, which has count 0 (kind page)")
    assert "ox::AddressSpace::fork" in calls, calls


def test_dropping_what_nobody_has(broken):
    run, frame = broken("uncounted ox::give_up_space stack", "fork=cow " + PATH)
    calls = panicked(run, f"hart 0 pid 2: rule 1: drop of frame {frame:#x}, which has count 0 (kind page)")
    assert "ox::drop_tree" in calls and calls[-1] == "trap_entry", calls


ADVICE = "APPEND=debug finds this at the fault; make check-host finds a missing fence, QEMU hides it"


def test_without_debug_a_panic_ends_with_what_to_do_next(machine, tmp_path):
    run, _ = run_under_gdb(machine, tmp_path, "memory/checker_session.py", "uncounted ox::give_up_space stack", debug=False)
    assert panicked(run, "rule 1: drop of frame ", " [kernel/vm/frame.cpp:")
    assert run.kernel_lines[-1] == f"ox: {ADVICE}"


def test_without_debug_a_lost_reference_is_said_at_the_end(machine, tmp_path):
    run, _ = run_under_gdb(machine, tmp_path, "memory/checker_session.py", "one_too_many ox::give_up_space stack", debug=False)
    assert run.kernel_lines[-1] == f"ox: lost frames: 1. References to them were not dropped (rule 1). {ADVICE}"


def test_a_hart_that_translates_through_another_root(broken):
    run, seen = broken("kernel_root", "fork=cow " + PATH)
    assert panicked(run, "pid 3: rule 7: satp is {satp:#x}".format(**seen))


@pytest.mark.parametrize("case", ["sstatus 18", "sstatus 19", "saved_sstatus 18", "saved_sstatus 19"],
                         ids=["SUM", "MXR", "SUM for the user", "MXR for the user"])
def test_a_hart_that_reaches_user_memory_by_accident(broken, case):
    run, _ = broken(case, "fork=cow " + PATH)
    assert panicked(run, "pid 3: rule 13: sstatus is ")
