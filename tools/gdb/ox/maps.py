"""ox-maps: lists a process's regions, and how many of their pages are mapped."""
from sv39 import PAGE, W, frame_of, span

from . import entry, regions
from .command import Command, pids


def pages(machine, table, level=2, base=0, owned=True):
    """[(va, bits, owned)] of a process's pages. A page is owned if all tables on its path are."""
    for index, bits in entry.children(machine, table, level):
        va = base + index * span(level)
        below = owned and machine.frame(frame_of(bits)).count == 1
        if level == 0:
            yield va, bits, below
        else:
            yield from pages(machine, frame_of(bits), level - 1, va, below)


def lines(machine, process):
    present = list(pages(machine, process.root))
    yield f"{process}: root {process.root:#x}"
    yield f"{'START':>12} {'END':>12} PROT KIND     {'PAGES':>6} {'THERE':>6} {'ALONE':>6} {'W':>6}  FILE"
    for region in regions.regions(machine, process):
        inside = [page for page in present if region.start <= page[0] < region.end]
        alone = sum(owned for _, _, owned in inside)
        writable = sum(bool(bits & W) for _, bits, _ in inside)
        yield (f"{region.start:#12x} {region.end:#12x} {region.prot}  {region.kind:<8} "
               f"{(region.end - region.start) // PAGE:6} {len(inside):6} {alone:6} {writable:6}  "
               f"{regions.name(machine, region)}").rstrip()


class Maps(Command):
    """List the regions of a process: what is mapped, how many pages it can have and how many it has.

Usage: ox-maps [PID]
THERE: the pages that have an entry. ALONE: those that no other process or file can reach. W: those to which a store
does not fault."""
    usage = "ox-maps [PID]"

    def run(self, machine, text):
        wanted = pids(text, 1)
        print("\n".join(lines(machine, machine.process(*wanted))))


Maps()
