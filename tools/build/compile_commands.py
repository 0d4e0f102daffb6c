#!/usr/bin/env python3
"""make compile-commands: writes build/compile_commands.json, which tells clangd how each source is compiled.

make gives the commands of the kernel and the programs, CMake those of the host tests. A source of kernel/vm is compiled
in both ways; the file has the kernel's command for it.
"""
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "build/compile_commands.json"


def of_make():
    """The commands that `make all` would run if nothing were built yet."""
    run = subprocess.run(["make", "--no-print-directory", "-n", "-B", "V=1", "all", "test-programs"], cwd=ROOT,
                         capture_output=True, text=True, check=True)
    for line in run.stdout.splitlines():
        found = re.search(r"-o (\S+) (\S+\.(?:cpp|c|S))$", line)
        if found:
            yield {"directory": str(ROOT), "file": found[2], "output": found[1], "arguments": shlex.split(line)}


def of_cmake():
    subprocess.run(["cmake", "-S", ROOT, "-B", ROOT / "build/host", "--log-level=WARNING"], check=True,
                   stdout=subprocess.DEVNULL)
    for entry in json.loads((ROOT / "build/host/compile_commands.json").read_text()):
        path = Path(entry["file"])
        if "host_tests" in path.parts:
            yield {**entry, "file": str(path)}


def main():
    entries = [*of_make(), *of_cmake()]
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(entries, indent=1) + "\n")
    print(f"compile-commands: {FILE.relative_to(ROOT)}, {len(entries)} sources")
    return 0 if entries else 1


if __name__ == "__main__":
    sys.exit(main())
