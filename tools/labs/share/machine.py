"""The graded machine tests of the lab "share": boot() gives a machine whose program does what is here (guest.py).

Every test begins with a fork after which the two must share every page table below their roots, as these say. Which
frame is whose is read in the tables and nowhere else.
"""
import random

import sv39
from cost import Counter
from guest import expect
from page_tests import expect_apart, expect_word, filled, is_shared

PAGES = 24


def tables(guest, process, va):
    """The tables of level 1 and 0 on the way to `va`."""
    return [table for level, table, _ in sv39.path(guest.table, process.root, va) if level < 2]


def shown(frames):
    return ", ".join(f"{frame:#x}" for frame in frames)


def expect_tables_shared(guest, one, other, va):
    expect(tables(guest, one, va) == tables(guest, other, va),
           f"for {va:#x}, where nobody wrote since the fork, {one.name} and {other.name} have the same page tables",
           f"{one.name} has {shown(tables(guest, one, va))}, {other.name} {shown(tables(guest, other, va))}", va)


def expect_tables_apart(guest, one, other, va):
    common = set(tables(guest, one, va)) & set(tables(guest, other, va))
    expect(not common, f"after a store at {va:#x} {one.name} and {other.name} have page tables of their own",
           f"both have table {min(common, default=0):#x}", va)


def forked(guest, process, vas):
    """A child that shares the tables for all of these pages."""
    child = guest.fork(process)
    expect(child.root != process.root, "the child has a root of its own", "it has its parent's")
    for va in (vas[0], vas[-1]):
        expect_tables_shared(guest, process, child, va)
    return child


def sharing(boot, limit):
    guest = boot(mode="on_demand")
    vas = filled(guest, PAGES)
    child = forked(guest, guest.parent, vas)
    for va in random.sample(vas, 6):
        expect_word(guest, random.choice((child, guest.parent)), va, va)
        expect_tables_shared(guest, guest.parent, child, va)


def sealing(boot, limit):
    """Of the second fork too, after the child has written."""
    guest = boot(mode="on_demand")
    vas = filled(guest, PAGES)
    child = forked(guest, guest.parent, vas)
    for va in random.sample(vas, 3):
        guest.do(child, "store", va, 1)
    forked(guest, child, vas)
    for process in (guest.parent, child):
        for va in vas:
            expect(not guest.leaf(process, va) & sv39.W, "below a table that two processes have W is in no leaf",
                   f"W is in {process.name}'s leaf at {va:#x}", va)


def first_writes(boot, limit):
    guest = boot(mode="on_demand")
    vas = filled(guest, PAGES)
    child = forked(guest, guest.parent, vas)
    mine, its = random.sample(vas, 2)
    for writer, reader, va in ((child, guest.parent, its), (guest.parent, child, mine)):
        guest.do(writer, "store", va, 7)
        expect_apart(guest, writer, reader, va)
        expect_tables_apart(guest, writer, reader, va)
        expect_word(guest, writer, va, 7)
        expect_word(guest, reader, va, va)
    for va in set(vas) - {mine, its}:
        expect(is_shared(guest, guest.parent, child, va), f"the page at {va:#x}, which nobody wrote, stays shared",
               "the frames differ", va)


def last_owner(boot, limit):
    guest = boot(mode="on_demand")
    vas = filled(guest, PAGES)
    child = forked(guest, guest.parent, vas)
    expect(guest.exit(child, guest.parent) == 0, "the child exits with 0", "it does not")
    va = random.choice(vas)
    before = [*tables(guest, guest.parent, va), guest.frame(guest.parent, va)]
    guest.do(guest.parent, "store", va, 9)
    after = [*tables(guest, guest.parent, va), guest.frame(guest.parent, va)]
    expect(after == before, "the parent, alone again, writes in place, and copies no table",
           f"it had the tables and the page {shown(before)}, now {shown(after)}", va)


def many_sharers(boot, limit):
    """Generations, then many children of the same tables."""
    guest = boot(mode="on_demand", pipes=12)
    vas = filled(guest, 4)
    family = [guest.parent]
    for _ in range(4):
        family.append(forked(guest, family[-1], vas))
        guest.do(family[-1], "store", vas[0], len(family))
    for number, process in enumerate(family):
        expect_word(guest, process, vas[0], number + 1 if number else vas[0])
    for process in guest.forks(guest.parent, 150, come=5):
        expect_word(guest, process, vas[1], vas[1])
    guest.do(guest.parent, "store", vas[1], 5)
    for process in guest.processes[1:]:
        expect(guest.word(process, vas[1]) == vas[1], f"{process.name} keeps {vas[1]:#x} at {vas[1]:#x}",
               f"its page table leads to {guest.word(process, vas[1])}", vas[1])


def memory_comes_back(boot, limit):
    """In 32 MiB, which are 8192 frames: in each round child and parent copy pages and tables."""
    rounds, count = 130, 64
    guest = boot(mode="on_demand", memory="32M")
    vas = filled(guest, count)
    guest.exit(forked(guest, guest.parent, vas), guest.parent)
    done = guest.do(guest.parent, "churn", vas[0], rounds << 16 | count)
    expect(done == rounds, f"{rounds} times, a child writes {count} pages and exits, and the parent writes them",
           f"round {done + 1} failed: fork had no memory, or the child was killed")
    expect_word(guest, guest.parent, vas[0], vas[0])


def expect_cost(guest, counter, most, what):
    cost = counter.counts[-1]
    guest.log.append(f"that fork: {cost} instructions")
    expect(cost <= most, f"{what} costs the kernel at most {most} instructions", f"{cost}")


def cost_of_a_fork(boot, limit):
    counter = Counter("fork")
    guest = boot(mode="on_demand", counter=counter)
    forked(guest, guest.parent, filled(guest, limit["pages"]))
    expect_cost(guest, counter, limit["instructions"], f"the first fork of {limit['pages']} pages, all just written,")


def cost_of_the_next_fork(boot, limit):
    """Of a process that has written one page since the last one."""
    counter = Counter("fork")
    guest = boot(mode="on_demand", counter=counter)
    vas = filled(guest, limit["pages"])
    forked(guest, guest.parent, vas)
    guest.do(guest.parent, "store", random.choice(vas), 1)
    child = guest.fork(guest.parent)
    expect_tables_shared(guest, guest.parent, child, vas[0])
    expect_cost(guest, counter, limit["instructions"], f"the second fork of {limit['pages']} pages, one written since,")


def cow_fork(boot, limit):
    """The gate."""
    guest = boot(mode="cow")
    vas = filled(guest, PAGES)
    child = guest.fork(guest.parent)
    va = random.choice(vas)
    expect(is_shared(guest, guest.parent, child, va), f"in mode cow both map one frame at {va:#x}", "they do not", va)
    guest.do(child, "store", va, 3)
    expect_word(guest, guest.parent, va, va)
    expect(guest.exit(child, guest.parent) == 0, "the child exits with 0", "it does not")
