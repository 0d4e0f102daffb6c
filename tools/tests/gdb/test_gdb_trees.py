"""The commands that show whole trees and references: ox-tree, ox-frame, ox-maps, ox-ps, ox-diff."""
import re
from pathlib import Path

import pytest
from gdb_machine import in_gdb, result_of, typed

COMMANDS = ("ox-tree", "ox-tree 2", "ox-maps", "ox-ps", "ox-diff 2 3", "ox-frame 0x80300")


def at_the_store(folder, *commands, mode="cow", **options):
    """gdb's answers when the child is about to execute x = 10."""
    return typed(folder, "break fork_page.c:24", "continue", *commands, line=f"fork={mode}", **options)[2:]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return dict(zip(COMMANDS, at_the_store(tmp_path_factory.mktemp("trees"), *COMMANDS)))


def pages_in(tree):
    return sum(int(number) for number in re.findall(r"(\d+) pages?  0x", tree))


def columns(text):
    return [line.split() for line in text.splitlines()]


def test_a_tree_has_as_many_pages_as_the_regions_have_there(seen):
    own = seen["ox-tree"].split("\npid 3 ")[1]
    there = [int(line[5]) for line in columns(seen["ox-maps"])[2:]]
    assert pages_in(own) == sum(there) > 100


def test_a_tree_of_one_process_names_no_other(seen):
    assert re.findall(r"^pid (\d+)", seen["ox-tree 2"], re.MULTILINE) == ["2"]
    assert re.findall(r"^pid (\d+)", seen["ox-tree"], re.MULTILINE) == ["1", "2", "3"]


def test_no_table_is_shared_after_a_cow_fork(seen):
    assert "as in pid" not in seen["ox-tree"]


def test_a_shared_subtree_is_drawn_once_with_its_count(tmp_path):
    *_, tree = typed(tmp_path, "tbreak ox::AddressSpace::fork", "continue", "break ox::first_steps", "continue",
                     "ox-tree", line="fork=on_demand")
    shared = [line for line in tree.splitlines() if "as in pid 1" in line]
    assert shared and all("count 2" in line for line in shared), tree
    assert tree.count(re.search(r"table (0x[0-9a-f]+)", shared[0])[1]) == 2, "once at its owner, once shared"


def test_maps_are_what_proc_maps_says(tmp_path):
    *_, maps = typed(tmp_path, "break ox::exit_process if self.pid == 2", "continue", "ox-maps",
                     command="cat /proc/self/maps")
    console = (tmp_path / "console").read_text().replace("\r", "")
    proc = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) ([rwx-]{3})p .*?(/cat|\[heap\]|\[stack\]|)$", console, re.MULTILINE)
    gdb = [[int(line[0], 16), int(line[1], 16), line[2]] for line in columns(maps)[2:]]
    assert len(proc) > 5 and [[int(start, 16), int(end, 16), prot] for start, end, prot, _ in proc] == gdb[:len(proc)]
    assert [name for *_, name in proc if name == "/cat"] == [line[-1] for line in columns(maps) if line[-1] == "/cat"]


def test_ps_lists_pid_parent_hart_state_and_name(seen):
    lines = columns(seen["ox-ps"])
    assert lines[0] == "PID PARENT HART STATE FAULTS ROOT NAME".split()
    assert [line[:3] + line[6:] for line in lines[1:]] == [["1", "0", "-", "init"], ["2", "1", "-", "fork_page"],
                                                           ["3", "2", "0", "fork_page"]]
    assert lines[1][3] == "sleeping" and lines[3][3] == "awake"  # the parent may be on its way to waitpid(2)


def test_ps_shows_who_runs_on_which_of_two_harts(tmp_path):
    ps, = at_the_store(tmp_path, "ox-ps", cpus=2)
    assert re.search(r"^ +3 +2 +[01] +awake", ps, re.MULTILINE), ps


def test_a_zombie_has_no_root(tmp_path):
    *_, ps = typed(tmp_path, "break ox::power_off", "continue", "ox-ps")
    assert [line[3:] for line in columns(ps)[1:]] == [["zombie", columns(ps)[1][4], "-", "init"]]


def test_diff_tells_what_is_shared_and_what_differs(seen):
    diff = seen["ox-diff 2 3"]
    shared, differ = (int(re.search(rf"(\d+) pages {what}", diff)[1]) for what in ("shared", "differ"))
    assert shared > 100 and differ >= 3
    assert shared + differ == pages_in(seen["ox-tree 2"])


def test_diff_names_a_shared_table_once(tmp_path):
    """The number of shared tables depends on whether a tick lets the child run before the parent's next store."""
    *_, diff = typed(tmp_path, "tbreak ox::AddressSpace::fork", "continue", "break ox::first_steps", "continue",
                     "ox-diff 1 2", line="fork=on_demand")
    shared = re.findall(r"^ +0x[0-9a-f]+  table of level \d  shared +(0x[0-9a-f]+) \(count 2\)$", diff, re.MULTILINE)
    assert shared and len(set(shared)) == len(shared), diff
    told = re.findall(r"(\d+) tables? of level \d shared", diff[diff.index("sum: "):])
    assert sum(map(int, told)) == len(shared), diff


def test_frame_tells_kind_count_and_each_referrer_of_a_page_of_a_file(tmp_path):
    walk, = at_the_store(tmp_path, "ox-walk &page.x")
    frame = re.search(r"^page +(0x[0-9a-f]+)", walk, re.MULTILINE)[1]
    by_number, by_address = at_the_store(tmp_path, f"ox-frame {frame}", f"ox-frame {frame}000")
    assert by_number == by_address
    lines = by_number.splitlines()
    assert lines[0] == f"frame {frame}: cached  count 3"
    assert [re.search(r"of pid (\d)  Pte\(ppn", line)[1] for line in lines[1:3]] == ["2", "3"]
    assert re.fullmatch(r"  page \d+ of /fork_page", lines[3]) and len(lines) == 4


def test_frame_tells_what_the_kernels_own_frames_are_for(seen):
    assert re.match(r"frame 0x80300: kernel  count 1\n  \w", seen["ox-frame 0x80300"])


@pytest.mark.parametrize("mode", ["cow", "on_demand"])
def test_of_every_frame_in_use_all_referrers_are_found(tmp_path, mode):
    """Checks rule 1 from outside: every count equals the number of references that ox-frame finds."""
    script = Path(__file__).with_name("gdb_referrers.py")
    frames = result_of(in_gdb(tmp_path, "-x", script, line=f"fork={mode}"))
    assert len(frames) > 200, len(frames)
    assert [frame for frame in frames if frame[1] != frame[2]] == []
