"""The graded machine tests of the lab "counts": boot() gives a machine whose program does what is here (guest.py).

Whether memory comes back shows when it would have run out, whatever the kernel says of it.
"""
from guest import expect
from page_tests import eager_fork, expect_word, filled  # eager_fork is the gate


def memory_comes_back(boot, limit):
    """In 32 MiB, which are 8192 frames. Each round writes 64 pages in a child, then in the parent: if they or the
    tables stayed, no frame would be left before the last round."""
    rounds, count = 130, 64
    guest = boot(memory="32M")
    vas = filled(guest, count)
    done = guest.do(guest.parent, "churn", vas[0], rounds << 16 | count)
    expect(done == rounds, f"{rounds} times, a child writes {count} pages and exits, and the parent writes them",
           f"round {done + 1} failed: fork had no memory, or the child was killed")
    for va in vas:
        expect_word(guest, guest.parent, va, va)
