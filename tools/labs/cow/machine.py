"""The graded machine tests of the lab "cow": boot() gives a machine whose program does what is written here (guest.py).

Every test begins with a fork after which the two must share every page, as their page tables say. Which frame is whose
is read in the tables and nowhere else.
"""
import random

import sv39
from cost import Counter
from guest import expect
from page_tests import eager_fork, expect_apart, expect_word, filled, is_shared  # eager_fork is the gate

PAGES = 24


def forked(guest, process, vas):
    """A child that shares all of these pages."""
    before = {va: guest.frame(process, va) for va in vas}
    child = guest.fork(process)
    for va in vas:
        expect(is_shared(guest, process, child, va), f"after fork, {process.name} and {child.name} map one frame at {va:#x}",
               f"{process.name} maps {guest.frame(process, va):#x}, {child.name} {guest.frame(child, va):#x}", va)
        expect(guest.frame(process, va) == before[va], f"fork leaves {process.name}'s page at {va:#x} where it is",
               f"it moved from frame {before[va]:#x} to {guest.frame(process, va):#x}", va)
    return child


def sharing(boot, limit):
    guest = boot()
    vas = filled(guest, PAGES)
    child = forked(guest, guest.parent, vas)
    for va in vas:
        expect_word(guest, random.choice((child, guest.parent)), va, va)
        expect(is_shared(guest, guest.parent, child, va), f"a load at {va:#x} copies nothing", "the frames differ", va)


def sealing(boot, limit):
    """Of the pages that nobody has written since the fork; of the stack it depends on who ran how far."""
    guest = boot()
    vas = filled(guest, PAGES)
    child = forked(guest, guest.parent, vas)
    for process in (guest.parent, child):
        for va in vas:
            expect(not guest.leaf(process, va) & sv39.W, "a frame that two processes map has W in no leaf",
                   f"frame {guest.frame(process, va):#x} has W in {process.name}'s leaf at {va:#x}", va)


def first_writes(boot, limit):
    guest = boot()
    vas = filled(guest, PAGES)
    child = forked(guest, guest.parent, vas)
    mine, its = random.sample(vas, 2)
    for writer, reader, va in ((child, guest.parent, its), (guest.parent, child, mine)):
        guest.do(writer, "store", va, 7)
        expect_apart(guest, writer, reader, va)
        expect_word(guest, writer, va, 7)
        expect_word(guest, writer, va + sv39.PAGE - 8, va)
        expect_word(guest, reader, va, va)
    for va in set(vas) - {mine, its}:
        expect(is_shared(guest, guest.parent, child, va), f"the page at {va:#x}, which nobody wrote, stays shared",
               "the frames differ", va)


def last_owner(boot, limit):
    guest = boot()
    vas = filled(guest, PAGES)
    child = forked(guest, guest.parent, vas)
    va = random.choice(vas)
    before = guest.frame(guest.parent, va)
    expect(guest.exit(child, guest.parent) == 0, "the child exits with 0", "it does not")
    guest.do(guest.parent, "store", va, 9)
    expect(guest.frame(guest.parent, va) == before, f"the parent, alone again, writes frame {before:#x} in place",
           f"the store moved the page to frame {guest.frame(guest.parent, va):#x}", va)
    expect_word(guest, guest.parent, va, 9)


def kernels_write(boot, limit):
    guest = boot()
    vas = filled(guest, PAGES)
    source, va = random.sample(vas, 2)
    ends = guest.do(guest.parent, "pipe")
    child = forked(guest, guest.parent, vas)
    expect(guest.do(guest.parent, "send", ends >> 32, source) == 8, "write to a pipe takes 8 bytes", "it does not")
    expect(guest.do(child, "read", ends & 0xffffffff, va) == 8, "read from a pipe gives 8 bytes", "it does not")
    expect_apart(guest, child, guest.parent, va)
    expect_word(guest, child, va, source)
    expect_word(guest, guest.parent, va, va)


def many_sharers(boot, limit):
    """Generations, then many children of one page."""
    guest = boot(pipes=12)
    vas = filled(guest, 4)
    family = [guest.parent]
    for _ in range(6):
        family.append(forked(guest, family[-1], vas))
    for number, process in enumerate(family):
        if number % 2:
            guest.do(process, "store", vas[0], number)
    for number, process in enumerate(family):
        expect_word(guest, process, vas[0], number if number % 2 else vas[0])
    for process in guest.forks(guest.parent, 290, come=16):
        expect(is_shared(guest, guest.parent, process, vas[1]), f"all children map the parent's frame at {vas[1]:#x}",
               f"{process.name} maps {guest.frame(process, vas[1]):#x}", vas[1])
    guest.do(guest.parent, "store", vas[1], 5)
    expect_word(guest, guest.parent, vas[1], 5)
    for process in guest.processes[1:]:
        expect(guest.word(process, vas[1]) == vas[1], f"{process.name} keeps {vas[1]:#x} at {vas[1]:#x}",
               f"its page table leads to {guest.word(process, vas[1])}", vas[1])


def memory_comes_back(boot, limit):
    """In 32 MiB, which are 8192 frames. Each round writes 64 pages in a child, then in the parent: if it lost what it
    copied, no frame would be left before the last round, whatever the kernel says of it."""
    rounds, count = 130, 64
    guest = boot(memory="32M")
    vas = filled(guest, count)
    guest.exit(forked(guest, guest.parent, vas), guest.parent)
    done = guest.do(guest.parent, "churn", vas[0], rounds << 16 | count)
    expect(done == rounds, f"{rounds} times, a child writes {count} pages and exits, and the parent writes them",
           f"round {done + 1} failed: fork had no memory, or the child was killed")
    for va in vas:
        expect_word(guest, guest.parent, va, va)


def cost_of_a_fork(boot, limit):
    counter = Counter("fork")
    guest = boot(counter=counter)
    vas = filled(guest, limit["pages"])
    forked(guest, guest.parent, vas)
    cost = counter.counts[-1]
    guest.log.append(f"that fork: {cost} instructions")
    expect(cost <= limit["instructions"],
           f"fork of {limit['pages']} pages costs the kernel at most {limit['instructions']} instructions", f"{cost}")
