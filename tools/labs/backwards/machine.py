"""The graded machine tests of the lab "backwards": processes map pages of one file, leave, and others take memory."""
from guest import expect
from page_tests import eager_fork, expect_word, pages_of, somewhere  # eager_fork is the gate

PAGES = 32  # more than become free when a process ends


def share(guest, process):
    """The process maps the file's page, shared, at an address of its own, and reads it."""
    va = somewhere()
    expect(guest.do(process, "share", va, 1) == va, "mmap maps a page of a file", "it does not")
    guest.do(process, "load", va)
    return va


def unmap(guest, process, va):
    expect(guest.do(process, "unmap", va, 1) == 0, "munmap takes the page away", "it does not")


def family(boot):
    """The machine, an editor, a reader, and a stranger with the addresses of its own memory, in which no page is yet."""
    guest = boot()
    stranger, reader = guest.fork(guest.parent), guest.fork(guest.parent)
    start = somewhere()
    expect(guest.do(stranger, "map", start, PAGES) == start, "mmap gives the program its pages", "it does not")
    return guest, guest.parent, reader, stranger, pages_of(start, PAGES)


def fill(guest, process, vas):
    """The process takes frames for these pages: those first that became free last."""
    guest.do(process, "fill", vas[0], len(vas))


def a_strangers_memory(boot, limit):
    guest, editor, reader, stranger, own = family(boot)
    page = share(guest, editor)
    guest.do(editor, "store", page, 3)
    share(guest, reader)
    expect(guest.exit(reader, editor) == 0, "the reader exits with 0", "it does not")
    fill(guest, stranger, own)
    guest.do(editor, "store", page, 4)
    for va in own:
        expect_word(guest, stranger, va, va)


def the_file_keeps(boot, limit):
    guest, editor, reader, stranger, own = family(boot)
    page = share(guest, editor)
    guest.do(editor, "store", page, 3)
    seen = share(guest, reader)
    unmap(guest, editor, page)
    unmap(guest, reader, seen)
    fill(guest, stranger, own)
    expect_word(guest, editor, share(guest, editor), 3)


def all_see_one_page(boot, limit):
    guest, editor, reader, stranger, own = family(boot)
    page = share(guest, editor)
    guest.do(editor, "store", page, 3)
    seen = share(guest, reader)
    expect_word(guest, reader, seen, 3)
    guest.do(reader, "store", seen, 4)
    expect_word(guest, editor, page, 4)
    unmap(guest, reader, seen)
    fill(guest, stranger, own)
    expect_word(guest, editor, page, 4)


def memory_comes_back(boot, limit):
    """In 32 MiB, which are 8192 frames: if the file's pages stayed, none would be left before the last round."""
    rounds, count = 130, 64
    guest = boot(memory="32M")
    done = guest.do(guest.parent, "files", somewhere(), rounds << 16 | count)
    expect(done == rounds, f"{rounds} times, {count} pages of a file are written through a mapping, read through another, "
           "and cut off", f"round {done + 1} failed: there was no memory, or other bytes were read")
