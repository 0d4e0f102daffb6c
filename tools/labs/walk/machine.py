"""The graded machine test of the lab "walk": boot() gives a machine whose program does what is written here (guest.py).

Each fault, and each access of the kernel to a program's memory, asks the walk.
"""
import random

from guest import expect
from page_tests import expect_apart, expect_word, filled

PAGES = 600  # below two level-0 tables at least


def programs_run(boot, limit):
    guest = boot()
    vas = filled(guest, PAGES)
    child = guest.fork(guest.parent)
    for va in random.sample(vas, 4):
        guest.do(child, "store", va, 7)
        expect_apart(guest, child, guest.parent, va)
        expect_word(guest, child, va, 7)
        expect_word(guest, guest.parent, va, va)
    source, target = random.sample(vas, 2)
    guest.do(guest.parent, "store", source, 5)
    ends = guest.do(guest.parent, "pipe")
    expect(guest.do(guest.parent, "send", ends >> 32, source) == 8, f"write() sends 8 bytes from {source:#x}",
           "it does not", source)
    expect(guest.do(guest.parent, "read", ends & 0xffffffff, target) == 8, f"read() puts 8 bytes to {target:#x}",
           "it does not", target)
    expect_word(guest, guest.parent, target, 5)
    expect(guest.exit(child, guest.parent) == 0, "the child exits with 0", "it does not")
