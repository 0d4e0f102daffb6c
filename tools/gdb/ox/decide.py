"""Predicts what the page-fault handler will do, from the current tables. It follows vm/fault.cpp."""
from collections import namedtuple

from sv39 import USER_END, R, V, W, X, frame_of

from . import entry, regions

WANTED = {"load": R, "store": W, "execute": X}
COPIES = {"copied"}  # the outcomes at which ox-break-copy stops
# `outcome` is a name of FaultOutcome; `tables` are the page numbers of the tables that will be copied.
Decision = namedtuple("Decision", "outcome words tables")


def tables_to_copy(machine, steps):
    """The tables on the path that have to be copied: the first shared one and all below it."""
    tables = [step.table for step in steps if step.level < 2 and not step.owned]
    return [ppn for ppn in tables if machine.frame(ppn).kind == "table"]


def _path_words(machine, steps):
    copied = tables_to_copy(machine, steps)
    missing = steps[-1].level if steps[-1].bits == 0 else 0
    words = [f"{len(copied)} table{'s' if len(copied) > 1 else ''} copied first"] if copied else []
    words += [f"{missing} new table{'s' if missing > 1 else ''}"] if missing else []
    return copied, "".join("; " + word for word in words)


def _store(machine, leaf, steps, shared):
    copied, path = _path_words(machine, steps)
    frame = machine.frame(frame_of(leaf))
    if shared:
        return Decision("granted", f"W is set: a MAP_SHARED page is not copied{path}", copied)
    if frame.ppn == machine.zero:
        return Decision("zeroed", f"a new frame of zeros takes the zero frame's place{path}", copied)
    if frame.count == 1 and not copied:
        return Decision("granted", f"W is set, nothing is copied: frame {frame.ppn:#x} has count 1{path}", copied)
    below = " below a shared table" if copied else ""
    return Decision("copied", f"frame {frame.ppn:#x} (count {frame.count}{below}) is copied{path}", copied)


def _first_touch(machine, region, access, steps):
    copied, path = _path_words(machine, steps)
    needed = {"load": "rw", "store": "w", "execute": "x"}[access]
    if region is None:
        return Decision("denied", "SIGSEGV: nothing is mapped there", [])
    if not any(letter in region.prot for letter in needed):
        return Decision("denied", f"SIGSEGV: its region is {region.prot}", [])
    if region.source is not None:
        page = f"the page of {regions.name(machine, region)} is mapped"
        if access != "store":
            return Decision("mapped_file", page + path, copied)
        if region.shared:
            return Decision("granted", f"{page}, with W{path}", copied)
        return Decision("copied", f"{page}{path}; the store then copies it", copied)
    if access == "store":
        return Decision("zeroed", f"first store: a new frame of zeros{path}", copied)
    return Decision("mapped_zero", f"first access: one more reference to the zero frame{path}", copied)


def decide(machine, process, va, access):
    if va >= USER_END:
        return Decision("denied", "SIGSEGV: no user address", [])
    steps = entry.walk(machine, process.root, va)
    leaf = steps[-1].bits
    if leaf == 0:
        return _first_touch(machine, regions.find(machine, process, va), access, steps)
    own = dict(entry.own_flags())
    if leaf & V and leaf & WANTED[access]:
        return Decision("spurious", "the entry allows it already: fence and retry", [])
    if access != "store" or not leaf & own["MAY_WRITE"]:
        return Decision("denied", f"SIGSEGV: {entry.text(leaf)} does not allow it", [])
    return _store(machine, leaf, steps, bool(leaf & own["MAP_SHARED"]))
