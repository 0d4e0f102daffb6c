"""ox-tree: prints page tables as a tree; a table that several processes share is printed once."""
from sv39 import PAGE, frame_of, span

from . import entry
from .command import Command, pids


def run_key(machine, ppn, bits):
    """A key: neighbouring pages with equal keys are printed on one line."""
    return entry.flags(bits), machine.frame(ppn).count, machine.frame(ppn).kind, ppn == machine.zero


class Tree:
    def __init__(self, machine):
        self.machine, self.drawn = machine, {}

    def process(self, process):
        return self.tree(str(process), process.pid, process.root)

    def tree(self, title, pid, root):
        yield f"{title}: root {root:#x}  count {self.machine.frame(root).count}"
        self.drawn[root] = pid
        yield from self._below(pid, root, 2, 0)

    def _below(self, pid, table, level, base):
        indent = "  " * (3 - level)
        if level == 0:
            yield from (indent + line for line in self._pages(table, base))
            return
        for index, bits in entry.children(self.machine, table, level):
            child, va = frame_of(bits), base + index * span(level)
            line = f"{indent}[{index:3}] {va:#x}  table {child:#x}  count {self.machine.frame(child).count}"
            if child in self.drawn:
                yield f"{line}  as in pid {self.drawn[child]}"
                continue
            self.drawn[child] = pid
            yield line
            yield from self._below(pid, child, level - 1, va)

    def _pages(self, table, base):
        runs = []
        for index, bits in entry.children(self.machine, table, 0):
            key = run_key(self.machine, frame_of(bits), bits)
            if runs and runs[-1][-1][0] == index - 1 and runs[-1][0][2] == key:
                runs[-1].append((index, frame_of(bits), key))
            else:
                runs.append([(index, frame_of(bits), key)])
        return (self._page_line(run, base) for run in runs)

    @staticmethod
    def _page_line(run, base):
        (first, ppn, (flags, count, kind, zero)), last = run[0], run[-1][0]
        frames = [found for _, found, _ in run]
        consecutive = frames == list(range(ppn, ppn + len(run)))
        frame = f"{ppn:#x}" if len(run) == 1 else f"{ppn:#x}-{frames[-1]:#x}" if consecutive else f"{ppn:#x}, ..."
        where = f"[{first:3}]    " if first == last else f"[{first:3}-{last:3}]"
        pages = f"{len(run)} page{'s' if len(run) > 1 else ''}"
        what = "the zero frame" if zero else "cached" if kind == "cached" else ""
        return f"{where} {base + first * PAGE:#x}  {pages}  {frame}  count {count}  {flags}  {what}".rstrip()


def lines(machine, processes):
    tree = Tree(machine)
    for process in processes:
        yield from tree.process(process)


class TreeCommand(Command):
    """Draw the tree of page tables of a process, or of all: each table and page with its count.

Usage: ox-tree [PID]
A table that several processes share is drawn for the first of them, and only named for the others. Neighbouring pages
with the same flags and count are one line."""
    usage = "ox-tree [PID]"

    def run(self, machine, text):
        wanted = pids(text, 1)
        processes = [machine.process(pid) for pid in wanted] or [p for p in machine.processes() if p.root is not None]
        print("\n".join(lines(machine, processes)))


TreeCommand()
