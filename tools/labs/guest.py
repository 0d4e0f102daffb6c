"""A machine with the student's kernel, whose one program does what the grader says (program.c), a command at a time.

Nothing that the kernel says is believed. Who runs is the root in satp; what a process maps stands in the page tables
below it, read in the machine's memory from outside. The program's name is another in each machine, and its addresses in each
grading.
"""
import mmap
import os
import random
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import initramfs
import qemu
import recording
import sv39
import symbols
from stub import ICOUNT, PC, RA, Ended, Hung, Stub

HERE = Path(__file__).resolve().parent
PREFIX = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-")
PROGRAM = HERE / "program.c"
OPS = re.findall(r"^  op_(\w+),?$", PROGRAM.read_text(), re.MULTILINE)
SECONDS = 0.4  # of the machine's clock, for one command: 4 * 10^8 instructions, ten times what the longest takes
MOST_STOPS = 2000  # of one machine; the longest test has 300
TAIL = 12      # lines of the console


class Failed(Exception):
    """A test has failed: what was expected, what was seen, and the page that shows it."""

    def __init__(self, expected, seen, va=None):
        super().__init__(f"expected: {expected}; seen: {seen}")
        self.expected, self.seen, self.va = expected, seen, va


def expect(condition, expected, seen, va=None):
    if not condition:
        raise Failed(expected, seen, va)


def signed(result):
    return result - (1 << 64 if result >> 63 else 0)


@cache
def compiled():
    """The program's bytes and its symbols, at addresses that nobody knows before."""
    base = random.randrange(0x20_0000, 0x4000_0000, 0x1000)
    with tempfile.TemporaryDirectory(prefix="ox-lab-") as folder:
        program = Path(folder, "program")
        subprocess.run([PREFIX + "gcc", "-O1", "-w", "-nostdlib", "-static", "-ffreestanding", "-fno-stack-protector",
                        f"-Wl,-Ttext-segment={base:#x},--build-id=none", "-o", program, PROGRAM], check=True)
        listing = subprocess.run([PREFIX + "nm", program], check=True, capture_output=True, text=True).stdout
        return program.read_bytes(), {words[2]: int(words[0], 16) for words in map(str.split, listing.splitlines())}


class Process:
    """`root` is the frame of its root table, `pipe` the file numbers that it waits at when it has nothing to do."""

    def __init__(self, name, root, pipe):
        self.name, self.root, self.pipe = name, root, pipe
        self.result, self.then = 0, "block"


class Guest:
    def __init__(self, kernel, mode="cow", memory="64M", pipes=8, counter=None):
        self.kernel, self.log, self.processes, self.current, self.stops = kernel, [], [], None, 0
        self.folder = tempfile.TemporaryDirectory(prefix="ox-lab-")
        folder = Path(self.folder.name)
        name = "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=8))
        program, self.symbols = compiled()
        extra = [*ICOUNT, "-S", "-gdb", f"unix:{folder}/gdb,server=on,wait=off",
                 *recording.qemu_ram(folder / "ram", memory), *(counter(self.symbols) if counter else ())]
        (folder / "archive").write_bytes(initramfs.archive({f"bin/{name}": program}))
        self.console = folder / "console"
        with open(self.console, "wb") as console:
            self.machine = subprocess.Popen(
                qemu.command(kernel, folder / "archive", f"fork={mode} init=/bin/{name}", memory=memory, extra=extra),
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT)
        self.ram, self.stub, self.pipes = None, None, pipes

    def start(self):
        folder = Path(self.folder.name)
        self.stub = Stub(folder / "gdb", self.machine)
        with open(folder / "ram", "rb") as file:
            self.ram = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.stub.set_breakpoint(self.symbols["point"])
        self._run()
        self.pipes = [self._command("pipe") for _ in range(self.pipes)]
        self.parent.pipe = self._take_pipe()

    def close(self):
        if self.stub is not None:
            self.stub.close()
        self.machine.kill()
        self.machine.wait()
        if self.ram is not None:
            self.ram.close()
        self.folder.cleanup()

    # --- memory

    def table(self, frame):
        return sv39.entries(self.page(frame))

    def page(self, frame):
        start = frame * sv39.PAGE - recording.RAM_START
        if not 0 <= start <= len(self.ram) - sv39.PAGE:
            raise Failed("every page table and page is in the machine's RAM", f"an entry names frame {frame:#x}")
        return self.ram[start:start + sv39.PAGE]

    def leaf(self, process, va):
        return sv39.leaf(self.table, process.root, va)

    def frame(self, process, va):
        """0: no page is there."""
        return sv39.frame_of(self.leaf(process, va))

    def word(self, process, va):
        """What the process would read there."""
        return int.from_bytes(self.page(self.frame(process, va))[va % sv39.PAGE:][:8], "little")

    # --- running it

    def _run(self):
        """Until somebody calls point(): that process is `current`."""
        self.current = None
        self.stops += 1
        if self.stops > MOST_STOPS:
            raise Hung(idle=False)
        self.stub.run(SECONDS)
        registers = self.stub.registers()
        if registers[PC] != self.symbols["point"]:
            raise Failed("the machine stops in the program", f"it stops at {registers[PC]:#x}")
        root = sv39.root_of(self.stub.satp())
        process = next((one for one in self.processes if one.root == root), None)
        if process is None:
            process = Process("parent" if not self.processes else f"child {len(self.processes)}", root, None)
            self.processes.append(process)
            process.pipe = self._take_pipe() if process is not self.parent else None
        process.result = registers[10]
        self.current, self.returns = process, registers[RA]

    def _take_pipe(self):
        """The last one is for forks(), the one before for all who come late."""
        both = self.pipes.pop(0) if len(self.pipes) > 2 else self.pipes[0]
        return both & 0xffffffff, both >> 32

    def _answer(self, op, x=0, y=0):
        for number, value in ((10, OPS.index(op)), (11, x), (12, y), (PC, self.returns)):
            self.stub.set_register(number, value)
        self._run()

    def _command(self, op, x=0, y=0):
        """The current process does it. Whoever else comes meanwhile waits at its pipe."""
        process = self.current
        self._answer(op, x, y)
        while self.current is not process:
            self._park()
        return process.result

    def _park(self):
        process = self.current
        if process.then == "exit":
            self.processes.remove(process)
            self._answer("exit")
        else:
            self._answer(process.then, process.pipe[0])

    def _turn_to(self, process):
        if self.current is process:
            return
        self._answer("wake", process.pipe[1])
        while self.current is not process:
            self._park()

    @property
    def parent(self):
        return self.processes[0]

    def do(self, process, op, x=0, y=0):
        """The process does `op`; its result, and it is current."""
        self._turn_to(process)
        va = {"store": x, "load": x, "read": y}.get(op)
        before = va and self.frame(process, va)
        self.log.append(f"{process.name}: {op}" + "".join(f" {word:#x}" for word in (x, y) if word))
        result = self._command(op, x, y)
        if va and self.frame(process, va) != before:
            self.log[-1] += f": its page was frame {before:#x}, it is frame {self.frame(process, va):#x}"
        return result

    def fork(self, process):
        """Its child; both have come back from the call."""
        self._turn_to(process)
        self.log.append(f"{process.name}: fork")
        known = len(self.processes)
        self._answer("fork")
        answer, child = None, None
        while answer is None or child is None:
            if self.current is process:
                answer = process.result
            elif len(self.processes) > known:
                child = self.processes[-1]
            if answer is not None and (answer == 0 or answer >> 63):
                break
            if answer is None or child is None:
                self._park()
        expect(child is not None, "fork gives the parent the child's number", f"it gives {signed(answer)}")
        self.log[-1] += f": {child.name}, with root {child.root:#x}"
        return child

    def forks(self, process, count, come):
        """So many children at once, and `come` of them: the others wait. (A stop costs more than a fork.)"""
        known = len(self.processes)
        reader, writer = self.pipes[-1] & 0xffffffff, self.pipes[-1] >> 32
        answer = self.do(process, "forks", count, reader)
        expect(answer == count, f"{count} forks make {count} children", f"one of them gives {signed(answer)}")
        for _ in range(come):
            self.do(process, "wake", writer)
        while len(self.processes) < known + come:
            self._park()
        return self.processes[known:]

    def exit(self, child, parent):
        """The child exits, and the parent has waited for it: the status."""
        self._turn_to(parent)
        self.log.append(f"{child.name}: exit")
        child.then = "exit"
        self._command("wake", child.pipe[1])
        return self._command("wait")

    # --- for a person

    def last_lines(self, most=TAIL):
        """Of the console, without the firmware's."""
        text = self.console.read_text(errors="replace").replace("\r", "")
        return qemu.Run(text, None, False, 0).output.splitlines()[-most:]

    def where(self):
        """A line for each hart: the functions it is in, the innermost first."""
        names = functions(self.kernel)
        try:
            return [f"hart {number}: " + self._calls(registers, names)
                    for number, registers in enumerate(self.stub.harts())]
        except (Ended, OSError):
            return ["the machine has ended"]

    def _calls(self, registers, names):
        calls, frame = [name_of(names, registers["pc"])], registers.get("s0", 0)
        if registers["pc"] >> 63:
            calls.append(name_of(names, registers.get("ra", 0)))
            while frame >> 63 and len(calls) < 8:
                pair = self.stub.ask(f"m{frame - 16:x},10")
                if len(pair) != 32:
                    break
                data = bytes.fromhex(pair)
                above, back = int.from_bytes(data[:8], "little"), int.from_bytes(data[8:], "little")
                calls.append(name_of(names, back))
                if above <= frame:
                    break
                frame = above
        return " <- ".join(dict.fromkeys(call for call in calls if call))


def functions(kernel):
    listing = subprocess.run([PREFIX + "nm", "-C", "-n", kernel], capture_output=True, text=True, check=True).stdout
    return symbols.read_functions(listing.splitlines())


def name_of(names, address):
    if not address >> 63:
        return f"{address:#x} (a program)" if address else ""
    below = [name for start, name in names if start <= address]
    return below[-1] if below else f"{address:#x}"
