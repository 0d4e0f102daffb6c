"""What became of a graded test, and how a person reads it."""
from dataclasses import dataclass, field

import picture
import rules
import sv39


@dataclass
class Result:
    entry: dict          # of lab.toml
    passed: bool
    sentence: str = ""   # expected and seen
    rule: int | None = None
    picture: str = ""
    events: list = field(default_factory=list)
    more: list = field(default_factory=list)  # the console's tail, where each hart is

    @property
    def name(self):
        return self.entry["name"]

    @property
    def again(self):
        return f'again: make grade TEST="{self.name}"'

    def text(self):
        """In the order in which it helps: what, the rule, the picture, what came before, and how to see it again."""
        parts = [self.sentence]
        if self.rule:
            parts.append(f"Rule {self.rule}: {rules.sentences()[self.rule]}  (kernel/vm/README.md)")
        if self.picture:
            parts.append(self.picture)
        if self.events:
            parts.append("last events:\n" + "\n".join(f"  {event}" for event in self.events))
        parts += self.more
        parts.append(self.again)
        if "hint" in self.entry:
            parts.append(f"shows it: {self.entry['hint']}")
        return "\n".join(parts)


class Tables:
    """A stopped machine's processes, as picture.draw() wants them. Counts are of the tables that are seen here."""

    @dataclass
    class Frame:
        count: int = 0

    def __init__(self, guest, processes):
        self.guest, self.frames = guest, {}
        seen = set()
        for process in processes:
            self._count(process.root)
            self._walk(process.root, 2, seen)

    def _count(self, frame):
        self.frames.setdefault(frame, self.Frame()).count += 1

    def _walk(self, table, level, seen):
        if table in seen:
            return
        seen.add(table)
        for bits in self.guest.table(table)[:sv39.USER_ENTRIES if level == 2 else sv39.ENTRIES]:
            if bits & sv39.V:
                self._count(sv39.frame_of(bits))
                if not sv39.leaf_at(bits, level):
                    self._walk(sv39.frame_of(bits), level - 1, seen)

    def cached(self, frame):
        return False

    def path(self, process, va):
        steps = sv39.path(self.guest.table, process.root, va)
        nodes = [(table, bits) for _, table, bits in steps]
        last = steps[-1][2]
        return [*nodes, (sv39.frame_of(last), 0)] if last & sv39.V else nodes


def drawn(guest, va):
    """The way to `va` in the parent and in the youngest other process."""
    pair = [guest.parent, *guest.processes[1:][-1:]]
    return picture.draw(Tables(guest, guest.processes), pair, va, lambda process: process.name)
