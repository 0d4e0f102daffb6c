"""Records a run of a machine, for tests that go backwards in it: what the Makefile's gdb-rr does, without a terminal."""
import shutil
import subprocess

import pytest
from conftest import Machine
from gdb_machine import typed

needs_disk = pytest.mark.skipif(shutil.which("qemu-img") is None,
                                reason="no qemu-img (Debian: qemu-utils), which makes the disk for the snapshot")


@pytest.fixture
def recorded(tmp_path):
    """Records a run of a program. Returns how it ended, and a function that types commands to gdb in the replay."""
    disk = tmp_path / "rr.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "16M"], check=True)

    def options(mode):
        return ["-drive", f"file={disk},if=none,id=rr", "-icount",
                f"shift=0,rr={mode},rrfile={tmp_path}/rr.bin,rrsnapshot=init"]

    def record(words, kernel=Machine.kernel, command="fork_page"):
        machine = Machine()
        machine.kernel = kernel
        run = machine.run(command, words=words, debug=False, extra=options("record"))
        return run, lambda *commands: typed(tmp_path, *commands, line=words, kernel=kernel, command=command,
                                            extra=[*options("replay"), "-no-shutdown"])
    return record
