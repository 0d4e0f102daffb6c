"""The graded machine tests of the lab "fence": boot() gives a machine whose program does what is here (guest.py).

QEMU forgives most missing fences: it walks the tables again at each fault. So this is the gate only.
"""
from guest import expect
from page_tests import expect_apart, expect_word, filled


def eager_fork(boot, limit):
    """The gate: in this mode no page loses W, so nothing has to be forgotten."""
    guest = boot(mode="eager")
    vas = filled(guest, 4)
    child = guest.fork(guest.parent)
    guest.do(child, "store", vas[0], 3)
    expect_apart(guest, child, guest.parent, vas[0])
    expect_word(guest, child, vas[0], 3)
    expect_word(guest, guest.parent, vas[0], vas[0])
    expect(guest.exit(child, guest.parent) == 0, "the child exits with 0", "it does not")
