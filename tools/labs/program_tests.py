"""Graded programs: functions of tools/labs/NAME/programs.py, which say what a student's program does on ox, and
answers(), which says what a run of the lab's own program shows.

Each command runs in a machine of its own. Who has forked whom says the kernel, which is not the student's; how it ended
says process 1, watch.c, behind a word that no program knows.
"""
import importlib.util
import os
import re
import secrets
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from signal import Signals

import initramfs
import qemu
from guest import Failed
from result import Result

HERE = Path(__file__).resolve().parent
PREFIX = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-")
WATCH = HERE / "watch.c"
WALL_SECONDS = 60  # the last guard: watch.c ends it long before
MOST_FORKS = 150   # of one command; the largest owes 61


@cache
def compiled(source):
    """The bytes of a C file's program."""
    with tempfile.TemporaryDirectory(prefix="ox-lab-") as folder:
        program = Path(folder, "program")
        subprocess.run([PREFIX + "gcc", "-O1", "-w", "-static", "-s", "-o", program, source], check=True)
        return program.read_bytes()


@dataclass
class Ended:
    """What a command has printed, a line each; who has forked whom, as (parent, child); how it ended."""
    lines: list
    forks: list
    faults: list  # the kernel's words
    status: int
    left: int  # processes that nobody had waited for


class Runner:
    """run("family tree 7"): the program `family` in a machine with `others`, which are names of user/, and `helpers`,
    which are C files by the names that their programs get."""

    def __init__(self, kernel, programs):
        self.kernel, self.programs, self.again = kernel, Path(programs), []

    def __call__(self, command, others=(), helpers=()):
        name, *arguments = command.split()
        word = secrets.token_hex(8)
        self.again = [f"the same: make qemu PROG=\"{command}\"" if not helpers else f"the same on Linux: ./build/{command}, with "
                      f"{', '.join(each for each in helpers if each in arguments)} as HANDOUT.md says"]
        files = {"init": compiled(WATCH), **{f"bin/{each}": self.programs / each for each in {name, *others}},
                 **{f"bin/{each}": compiled(source) for each, source in dict(helpers).items()}}
        run = qemu.boot(self.kernel, initramfs.archive(files),
                        " ".join(["fork=cow trace --", word, f"/bin/{name}", *arguments]), timeout=WALL_SECONDS,
                        extra=qemu.ICOUNT)
        return self.judge(command, word, run)

    def judge(self, command, word, run):
        ending = re.findall(rf"^{word}: status (\d+), signal (\d+), left (\d+), stopped (\d)$",
                            run.output.replace("\r", ""), re.MULTILINE)
        forks = [(int(parent), int(child)) for parent, child
                 in re.findall(r"^ox: fork cow: pid (\d+) -> (\d+):", run.output, re.MULTILINE)]
        if len(forks) > MOST_FORKS:
            raise Failed(f"`{command}` ends", f"it has forked {len(forks)} times: where does a child go after its work?")
        if len(ending) != 1:
            raise Failed(f"`{command}` runs, and the machine ends", "; ".join(run.kernel_lines[-1:]) or "nothing")
        status, signal, left, stopped = map(int, ending[0])
        lines = [line for line in run.program_lines if not line.startswith(word)]
        faults = [line for line in run.kernel_lines if line.startswith("ox: fault: ")]
        if stopped:
            raise Failed(f"`{command}` ends", "it was stopped when it had run too long; its last line: "
                         + (lines[-1] if lines else "none"))
        if signal:
            raise Failed(f"`{command}` ends by itself", f"signal {signal} ({Signals(signal).name})")
        return Ended(lines, forks, faults, status, left)


@cache
def load(folder):
    """By name, what the lab's programs.py defines."""
    spec = importlib.util.spec_from_file_location(f"lab_{folder.name}_programs", folder / "programs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return vars(module)


class Programs:
    """The graded programs of a lab: `programs` is the folder with the student's, `answers` the student's file."""

    def __init__(self, folder, kernel, programs, answers):
        self.folder, self.kernel, self.programs, self.answers = folder, kernel, programs, answers
        self.truths = cache(self._truths)

    def _truths(self, seed):
        return load(self.folder)["answers"](Runner(self.kernel, self.programs), seed)

    def run(self, entry):
        runner = Runner(self.kernel, self.programs)
        try:
            if "answer" in entry:
                self.compare(entry["answer"])
            else:
                load(self.folder)[entry["program"]](runner)
        except Failed as error:
            return Result(entry, False, str(error), more=runner.again)
        return Result(entry, True)

    def compare(self, name):
        try:
            given = tomllib.loads(self.answers.read_text())
        except (OSError, ValueError) as error:
            raise Failed(f"{self.answers.name} can be read (a word needs quotes, a number has none)", str(error)) from None
        seed = given.get("seed", 0)
        if not isinstance(seed, int) or not 0 < seed < 1 << 31:
            raise Failed("seed is your number, above 0 and below 2147483648", f"seed = {seed!r}")
        if given.get(name, "") in ("", 0):
            raise Failed(f"an answer behind {name}", "none")
        truth = self.truths(seed)[name]
        if type(given[name]) is not type(truth):
            raise Failed(f"{name} is a {'word in quotes' if isinstance(truth, str) else 'number, without quotes'}", repr(given[name]))
        if given[name] != truth:
            seen = hex(given[name]) if name.endswith("address") else given[name]
            raise Failed(f"{name} is what `fork_seed {seed}` shows with FORK=cow (HANDOUT.md says where)", seen)
