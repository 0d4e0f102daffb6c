"""Boots ox in QEMU and returns what it printed and how it ended. Tests, the demo and the benchmark use this module."""
import os
import re
import select
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

QEMU = os.environ.get("QEMU", "qemu-system-riscv64")
# With these options, instruction counts and the order of events are the same in each run.
ICOUNT = ("-icount", "shift=0,sleep=off")


@dataclass
class Run:
    """One run of a machine, from power-on to power-off (or to the time limit)."""
    console: str           # all output, the firmware's too
    status: int | None     # QEMU's exit status; None if it had to be killed
    timed_out: bool
    seconds: float
    command: list = field(repr=False, default_factory=list)

    @property
    def output(self):
        """The output after the firmware's banner."""
        banner = list(re.finditer(r"^Boot HART .*\n", self.console, re.MULTILINE))
        return self.console[banner[-1].end():] if banner else self.console

    @property
    def kernel_lines(self):
        """The lines that the kernel printed."""
        return [line for line in self.output.splitlines() if line.startswith("ox: ")]

    @property
    def program_lines(self):
        """The lines that the programs printed."""
        return [line for line in self.output.splitlines() if line and not line.startswith("ox: ")]

    def stats(self):
        """The numbers of the last statistics line, which the kernel prints if `stats` is on its command line."""
        lines = [line for line in self.kernel_lines if line.startswith("ox: stats: ")]
        if not lines:
            raise AssertionError("the kernel printed no statistics:\n" + self.output)
        return {name: int(value) for name, value in re.findall(r"(\w+)=(\d+)", lines[-1])}


def version():
    """QEMU's (major, minor) version, since options and interfaces differ."""
    text = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.search(r"version (\d+)\.(\d+)", text).groups()))


def command(kernel, initrd=None, append="", cpus=1, memory="128M", extra=()):
    words = [QEMU, "-machine", "virt", "-bios", "default", "-m", str(memory), "-smp", str(cpus), "-no-reboot"]
    words += ["-display", "none", "-serial", "stdio", "-monitor", "none", "-kernel", str(kernel)]
    if initrd is not None:
        words += ["-initrd", str(initrd)]
    if append:
        words += ["-append", append]
    return words + list(extra)


def boot(kernel, initrd=None, append="", cpus=1, memory="128M", extra=(), timeout=30, typed=()):
    """Runs the machine until it powers off. `initrd` is a file, or the bytes of an archive.

    `typed` is a list of (prompt, text): when the prompt has appeared, the text is typed.
    """
    with tempfile.TemporaryDirectory(prefix="ox-") as folder:
        if isinstance(initrd, bytes):
            file = Path(folder, "initrd")
            file.write_bytes(initrd)
            initrd = file
        return _run(command(kernel, initrd, append, cpus, memory, extra), timeout, list(typed))


def _run(words, timeout, typed):
    start = time.monotonic()
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seen, unread, timed_out = bytearray(), 0, False
    try:
        while True:
            left = start + timeout - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                timed_out = True
                break
            chunk = os.read(process.stdout.fileno(), 65536)
            if not chunk:
                break
            seen += chunk.replace(b"\r", b"")
            while typed and (at := seen.find(typed[0][0].encode(), unread)) >= 0:
                prompt, text = typed.pop(0)
                unread = at + len(prompt)
                process.stdin.write(text.encode())
                process.stdin.flush()
        if timed_out:
            process.kill()
        status = process.wait(timeout=10)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdin.close()
        process.stdout.close()
    text = seen.decode(errors="replace")
    return Run(text, None if timed_out else status, timed_out, time.monotonic() - start, words)
