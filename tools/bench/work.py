"""Work that users do, measured on ox and on Linux: commands of Debian's busybox and bash (work.sh), processes born beside
a large heap and in a crowd, and a fork of a parent without a libc."""
from pathlib import Path

SCRIPT = Path(__file__).with_suffix(".sh")
PROGRAMS = ("bench", "bench_no_libc", "snapshot", "true")
COMMANDS = ("bench_no_libc", "bench births", "busybox ash /work.sh")


def files(build, userland):
    programs = {f"bin/{name}": build / "rootfs/bin" / name for name in PROGRAMS}
    debian = {f"bin/{name}": userland / "bin" / name for name in ("busybox", "bash")}
    return {"init": build / "rootfs/init", "work.sh": SCRIPT, **programs, **debian}


def measure(system, build, userland):
    """The figures of a systems.System."""
    programs = files(build, userland)
    return [figure for command in COMMANDS for figure in system.measure(programs, command)]
