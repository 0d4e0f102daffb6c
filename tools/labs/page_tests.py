"""What the machine tests of all labs ask of a process's pages: where they are, whose, and what is in them."""
import random

import sv39
from guest import expect


def somewhere():
    """An address for some pages, in the middle of nothing."""
    return random.randrange(0x8_0000_0000, 0x20_0000_0000, 1 << 21) + random.randrange(400) * sv39.PAGE


def pages_of(start, count):
    return [start + i * sv39.PAGE for i in range(count)]


def mapped(guest, count):
    """So many pages of new memory of the parent; their addresses."""
    start = somewhere()
    expect(guest.do(guest.parent, "map", start, count) == start, "mmap gives the program its pages", "it does not")
    return pages_of(start, count)


def filled(guest, count):
    """The parent has so many pages, each with its own bytes; their addresses."""
    vas = mapped(guest, count)
    guest.do(guest.parent, "fill", vas[0], count)
    return vas


def is_shared(guest, one, other, va):
    frame = guest.frame(one, va)
    return frame != 0 and frame == guest.frame(other, va)


def expect_word(guest, process, va, word):
    """In memory, and as the process itself reads it."""
    for seen, how in ((guest.word(process, va), "its page table leads to"), (guest.do(process, "load", va), "it reads")):
        own = ", the page's own address, which fill wrote" if word == va else ""
        expect(seen == word, f"{process.name} has {word:#x}{own}, at {va:#x}", f"{how} {seen:#x}", va)


def expect_apart(guest, one, other, va):
    expect(not is_shared(guest, one, other, va), f"after a store at {va:#x} each process has a frame of its own",
           f"both map frame {guest.frame(one, va):#x}", va)


def eager_fork(boot, limit):
    """A gate: a child's store in mode eager is not the parent's."""
    guest = boot(mode="eager")
    vas = filled(guest, 24)
    child = guest.fork(guest.parent)
    va = random.choice(vas)
    guest.do(child, "store", va, 3)
    expect_word(guest, guest.parent, va, va)
    expect(guest.exit(child, guest.parent) == 0, "the child exits with 0", "it does not")
