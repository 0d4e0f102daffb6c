"""Wrong arguments, or the wrong moment: one line that names the thing and the remedy."""
import pytest
from gdb_machine import typed

WRONG = {
    "ox-walk": "usage: ox-walk ADDRESS [PID]",
    "ox-walk nonsense": 'No symbol "nonsense" in current context. (usage: ox-walk ADDRESS [PID])',
    "ox-walk 0x8000000000": "0x8000000000 is no Sv39 address: bits 63 to 39 must be as bit 38",
    "ox-walk 0x76000 77": "there is no process 77; `ox-ps` lists them",
    "ox-fault now": "usage: ox-fault",
    "ox-fault": "no trap is being served here; `stepi` at a store to a shared page leads into one",
    "ox-tree all": "usage: ox-tree [PID]",
    "ox-tree 77": "there is no process 77; `ox-ps` lists them",
    "ox-frame": "usage: ox-frame ADDRESS",
    "ox-frame 0x1000": "0x1000 is no frame of ox: those are 0x80200000 to 0x88000000",
    "ox-frame &page.x": "; a user's address: ox-walk tells its frame",
    "ox-frame 0x8000000000": "or as page numbers 0x80200 to 0x88000",
    "ox-maps 2 3": "usage: ox-maps [PID]",
    "ox-ps 1": "usage: ox-ps",
    "ox-diff 2": "usage: ox-diff PID PID",
    "ox-break-fault": "usage: ox-break-fault ADDRESS",
    "ox-break-fault &ox::harts": "is an address of the kernel, which never faults",
    "ox-break-copy on": "usage: ox-break-copy [off]",
    "ox-who &page.x": "this machine cannot go back: it was not recorded (`make gdb-rr` does)",
    "reverse-stepi": "this machine cannot go back: it was not recorded (`make gdb-rr` does)",
    "ox-symbols nothing": "nothing is not among the programs that were built; `make all test-programs` builds them",
}
NEED_A_KERNEL = ("ox-walk 0", "ox-tree", "ox-frame 0x80300", "ox-maps", "ox-ps", "ox-diff 1 2", "ox-who 0")


def is_one_line(said, words):
    assert said.startswith("error: ") and words in said and "\n" not in said.strip(), said
    return True


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    said = typed(tmp_path_factory.mktemp("errors"), "break fork_page.c:24", "continue", *WRONG, line="fork=cow")[2:]
    return dict(zip(WRONG, said))


@pytest.mark.parametrize("command", WRONG)
def test_wrong_arguments(answers, command):
    assert is_one_line(answers[command], WRONG[command])


def test_before_the_kernel_is_up(tmp_path):
    for said in typed(tmp_path, *NEED_A_KERNEL):
        assert is_one_line(said, "the kernel is not up yet; `break ox::start_init` and `continue` first")


def test_on_a_hart_that_runs_no_process(tmp_path):
    """Only init is left, which has freed its memory already; the other hart is idle."""
    said = typed(tmp_path, "break ox::power_off", "continue", "thread 1", "ox-walk 0x10000", "thread 2",
                 "ox-walk 0x10000", cpus=2)
    idle, last = sorted((said[3], said[5]), key=lambda answer: "init" in answer)
    assert is_one_line(idle, "no process runs on this hart; name one by its pid (`ox-ps` lists them)")
    assert is_one_line(last, "pid 1 init has no address space: it has ended, or lent it; `ox-ps` lists who has one")
