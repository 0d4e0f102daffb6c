"""The lab backwards: the way from what its program shows back to the planted bug."""
import re

import lab as labs
import pytest
from broken_tree import BUILD, broken_tree
from gdb_recorded import needs_disk, recorded  # noqa: F401, a fixture

pytestmark = [needs_disk, pytest.mark.xdist_group("labs")]


def test_the_way_back_leads_to_the_planted_bug(recorded, tmp_path):  # noqa: F811
    """As instructor.md tells it: from the strange sheet back through its frame's count, to who first took the frame."""
    lab = labs.Lab("backwards")
    [hole] = lab.holes
    tree = broken_tree(tmp_path / "tree", hole.file, lab.body(hole), f"\n{hole.skeleton}  ")
    run, replay = recorded("", tree / BUILD / "ox.elf", "board")
    assert run.status == 134 and re.search(r'Clerk: sheet \d+ is not as I wrote it: "Closed on Monday"', run.output)
    frame = re.search(r"drop of frame (0x\w+), which has count 0", run.output)[1]
    count = f"ox::harts._M_elems[0].kernel->memory.frames.by_number_[{frame}].count"
    found, who, _, taken, dropped, left, _, first = replay(
        "break board.c:47", "continue", f"ox-frame {frame}", "ox-who sheet[i]", f"watch -l {count}",
        "reverse-continue", "reverse-continue", f"ox-frame {frame}", "reverse-continue", "bt")[2:]
    assert "3 referrers, not 1" in found and "page 0 of /board.txt" in found
    assert "before the write  Pte(empty)" in who and "main () at user/board.c" in who
    assert "hand_out" in taken and "fetch_sub" in dropped and "2 referrers, not 0" in left
    assert f"ox::{hole.function} " in first
