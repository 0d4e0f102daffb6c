"""The graded machine tests of the lab "lazy": boot() gives a machine whose program does what is here (guest.py).

Every test begins with an mmap after which the page tables must have no page of it. Which frame is where is read in the
tables and nowhere else.
"""
import random

import sv39
from cost import Counter
from guest import expect
from page_tests import expect_word, mapped

PAGES = 24
GIB = 1 << 18  # pages


def expect_no_page(guest, process, va):
    expect(guest.frame(process, va) == 0, f"nobody has touched {va:#x}, so no page is there",
           f"frame {guest.frame(process, va):#x} is there", va)


def promised(guest, count=PAGES):
    """So many pages of memory of the parent, none of which is there yet."""
    vas = mapped(guest, count)
    for va in vas if count < 1000 else random.sample(vas, 1000):
        expect_no_page(guest, guest.parent, va)
    return vas


def expect_zero(guest, va):
    seen = guest.do(guest.parent, "load", va)
    expect(seen == 0, f"a load at {va:#x}, where nobody has stored, reads 0", f"it reads {seen:#x}", va)


def zero_frame(boot, limit):
    guest = boot()
    vas = promised(guest)
    touched = random.sample(vas, 8)
    for va in touched:
        expect_zero(guest, va)
        expect(not guest.leaf(guest.parent, va) & sv39.W, "the frame that all first loads map has W in no leaf",
               f"W is in the leaf at {va:#x}", va)
    frames = {guest.frame(guest.parent, va) for va in touched}
    expect(len(frames) == 1, "first loads of 8 pages map one frame", f"they map {len(frames)} frames", touched[0])
    for va in set(vas) - set(touched):
        expect_no_page(guest, guest.parent, va)


def first_stores(boot, limit):
    guest = boot()
    vas = promised(guest)
    loaded, *stored = random.sample(vas, 6)
    guest.do(guest.parent, "load", loaded)
    for va in [loaded, *stored]:
        guest.do(guest.parent, "store", va, va + 1)
    frames = {guest.frame(guest.parent, va) for va in [loaded, *stored]}
    expect(len(frames) == 6, "6 pages that were stored to have a frame each", f"they have {len(frames)} frames", loaded)
    for va in [loaded, *stored]:
        expect_word(guest, guest.parent, va, va + 1)
        expect_word(guest, guest.parent, va + 8, 0)
    for va in set(vas) - {loaded, *stored}:
        expect_no_page(guest, guest.parent, va)


def more_than_memory(boot, limit):
    """1 GiB, in a machine with 64 MiB."""
    guest = boot()
    vas = promised(guest, GIB)
    for va in random.sample(vas, 10):
        guest.do(guest.parent, "store", va, va)
        expect_word(guest, guest.parent, va, va)
    expect_zero(guest, random.choice(vas) + 8)


def stack(boot, limit):
    """The program's own stack: far below its pointer nothing is there, and a store brings that page alone."""
    guest = boot()
    promised(guest)
    pointer = guest.stub.registers()[2]
    for far in (100, 1000, 300):
        va = pointer - far * sv39.PAGE & ~7
        expect_no_page(guest, guest.parent, va)
        guest.do(guest.parent, "store", va, far)
        expect_word(guest, guest.parent, va, far)
        for neighbour in (va - sv39.PAGE, va + sv39.PAGE):
            expect_no_page(guest, guest.parent, neighbour)


def kernels_touch(boot, limit):
    guest = boot()
    untouched, target, stored = random.sample(promised(guest), 3)
    guest.do(guest.parent, "store", stored, 5)
    ends = guest.do(guest.parent, "pipe")
    for source, word in ((untouched, 0), (stored, 5)):
        expect(guest.do(guest.parent, "send", ends >> 32, source) == 8, f"write() sends 8 bytes from {source:#x}",
               "it does not", source)
        expect(guest.do(guest.parent, "read", ends & 0xffffffff, target) == 8, f"read() puts 8 bytes to {target:#x}",
               "it does not", target)
        expect_word(guest, guest.parent, target, word)


def after_a_fork(boot, limit):
    guest = boot()
    loaded, stored, untouched = random.sample(promised(guest), 3)
    guest.do(guest.parent, "load", loaded)
    guest.do(guest.parent, "store", stored, 1)
    child = guest.fork(guest.parent)
    for va in (loaded, stored, untouched):
        guest.do(child, "store", va, 2)
    for va, word in ((loaded, 0), (stored, 1), (untouched, 0)):
        seen = guest.do(guest.parent, "load", va)
        expect(seen == word, f"the parent reads {word} at {va:#x}", f"it reads {seen:#x}", va)
        expect_word(guest, child, va, 2)


def memory_comes_back(boot, limit):
    """In 32 MiB, which are 8192 frames: 20 times 500 pages are touched, half of them by a load first."""
    guest = boot(memory="32M")
    start = promised(guest, 500)[0]
    for number in range(20):
        guest.do(guest.parent, "load", start)
        guest.do(guest.parent, "fill", start, 500)
        expect_word(guest, guest.parent, start, start)
        expect(guest.do(guest.parent, "map", start, 500) == start, f"mmap number {number + 2} at the same place succeeds",
               "it fails")
        expect_no_page(guest, guest.parent, start)


def cost_of_a_promise(boot, limit):
    counter = Counter("map")
    guest = boot(counter=counter)
    promised(guest, limit["pages"])
    cost = counter.counts[-1]
    guest.log.append(f"that mmap: {cost} instructions")
    expect(cost <= limit["instructions"],
           f"mmap of {limit['pages']} pages costs the kernel at most {limit['instructions']} instructions", f"{cost}")


def mapped_memory(boot, limit):
    """The gate."""
    guest = boot()
    vas = mapped(guest, 8)
    guest.do(guest.parent, "store", vas[3], 3)
    expect_word(guest, guest.parent, vas[3], 3)
    expect_zero(guest, vas[4])
