"""What the hardware says of an access. What the handler then does is yours to write, so no command foretells it here."""
from collections import namedtuple

from sv39 import USER_END, R, V, W, X

from . import entry

WANTED = {"load": R, "store": W, "execute": X}
QUESTION = "a question to you"
COPIES = {QUESTION}  # so ox-break-copy stops at each store that the hardware refuses

Decision = namedtuple("Decision", "outcome words tables")


def decide(machine, process, va, access):
    if va >= USER_END:
        return Decision("denied", "SIGSEGV: no user address", [])
    leaf = entry.walk(machine, process.root, va)[-1].bits
    if leaf == 0:
        return Decision("a first touch", "no page stands there yet", [])
    if leaf & V and leaf & WANTED[access]:
        return Decision("spurious", "the entry allows it already: fence and retry", [])
    return Decision(QUESTION, f"what must fault() do with {entry.text(leaf)}?", [])
