"""The kernels that `make bench-linux` and `make bench-model` compare, and one run of a program on one of them."""
import sys
from dataclasses import dataclass
from pathlib import Path

import initramfs
import qemu
from figures import parse

MEMORY = "1G"  # with less than 512 MiB of free memory Linux uses no huge pages, whatever its settings say
# Linux uses the machine's random numbers and the time of day. With these options they are the same in each run.
REPEATS = (*qemu.ICOUNT, "-seed", "1", "-rtc", "base=2024-01-01,clock=vm")
# Name in tables and files: the kernel that linux.sh makes, and its transparent_hugepage.
LINUX = {
    "linux": ("Image", "never"),
    "linux_stacks": ("Image-stacks-not-zeroed", "never"),
    "linux_thp": ("Image", "always"),
}
MODES = ("cow", "on_demand")  # of ox


def bench_files(build):
    """init, and the programs that bench runs."""
    return {name: build / "rootfs" / name for name in ("init", "bin/bench", "bin/true")}


@dataclass
class System:
    kernel: Path
    line: str  # the kernel's command line

    def measure(self, programs, command, extra=()):
        """The figures that `command` prints, as figures.parse has them. `programs`: the files of the machine."""
        run = qemu.boot(self.kernel, initramfs.archive(programs), f"{self.line} -- {command}", memory=MEMORY,
                        extra=(*REPEATS, *extra), timeout=600)
        column = parse(run.output)
        # ox ends with init's status. Linux panics when init ends, and prints the status.
        failed = run.status != 0 or ("exitcode=" in run.output and "exitcode=0x00000000" not in run.output)
        if failed or not column:
            sys.exit(f"{run.output}\nbench: {command} on {self.kernel} ({self.line}) did not end with status 0")
        return column


def ox(build, mode):
    return System(build / "ox.elf", f"fork={mode}")


def linux(folder, name):
    image, huge_pages = LINUX[name]
    return System(folder / image, f"console=ttyS0 quiet panic=-1 transparent_hugepage={huge_pages}")
