"""One scripted gdb session: from the child's `x = 10` into the page fault's handler, and back."""
import json
import os
import subprocess
from pathlib import Path

import initramfs
import pytest
import qemu
from conftest import BUILD, ROOT, program, stripped

GDB = os.environ.get("GDB", "gdb-multiarch")
SESSION = Path(__file__).with_name("gdb_session.py")


def session(tmp_path, mode):
    archive = tmp_path / "initramfs.cpio"
    archive.write_bytes(initramfs.archive({name: stripped(name) for name in ("init", "fork_page")}))
    machine = qemu.command(BUILD / "ox.elf", archive, f"fork={mode} -- /fork_page",
                           extra=["-S", "-gdb", "stdio"])
    machine[machine.index("-serial") + 1] = f"file:{tmp_path}/console"
    pipe = " ".join(f'"{word}"' if " " in word else word for word in machine)
    gdb = subprocess.run([GDB, "-q", "-batch", BUILD / "ox.elf", "-x", "tools/gdb/ox.gdb",
                          "-ex", f"add-symbol-file {program('fork_page')}", "-ex", f"target remote | exec {pipe}",
                          "-x", SESSION, "-ex", "kill"],
                         cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         text=True, timeout=120)
    results = [line for line in gdb.stdout.splitlines() if line.startswith("RESULT ")]
    assert results, gdb.stdout
    seen = json.loads(results[0].removeprefix("RESULT "))
    assert "error" not in seen, f"{seen}\n{gdb.stdout}"
    return seen


@pytest.mark.parametrize("mode", ["cow", "on_demand"])
def test_from_the_childs_store_into_the_handler_and_back(tmp_path, mode):
    seen = session(tmp_path, mode)
    child = seen["child"]
    assert child["entry"], "stepi at the store lands on the first instruction of trap_entry"
    assert child["trap_line"].endswith(f"=== trap: store page fault, stval {child['x_address']} === ()")
    handler = child["handler"]
    assert handler[0] == "ox::AddressSpace::fault"
    assert handler.index("ox::page_fault_from_user") < handler.index("trap") < handler.index("main"), child["handler_text"]
    assert child["back_at_store"], "finish leads back to the very instruction"
    assert (child["before"], child["still"], child["after"]) == (5, 5, 10)
    parent = seen["parent"]
    assert parent["back_at_store"]
    assert (parent["before"], parent["after"]) == (5, 20)


def test_the_backtrace_reaches_main_from_every_instruction_of_trap_entry_and_return(tmp_path):
    seen = session(tmp_path, "cow")
    assert seen["child"]["entry_steps"] > 30 and seen["parent"]["exit_steps"] > 20
    assert min(seen["parent"]["call_steps"]) > 35
    assert seen["child"]["blind"] == seen["parent"]["blind"] == seen["parent"]["call_blind"] == []
