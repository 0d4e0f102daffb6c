"""Programs that check themselves, one behaviour each: each exits with 0 in every mode, and all frames are free again.

The first comment of a program says what it tests. Where Linux can answer, the program must pass there too.
"""
import subprocess

import pytest
import qemu
from conftest import ROOT, ended_well, for_the_host, program

# These must also pass on Linux, where the host runs the same source. (qemu-riscv64 would not do: it knows too little of
# signals and mappings, and its wait() may miss a zombie.)
PORTABLE = ["bad_pointers", "brk", "clone_flags", "cow", "cow_files", "deep_stack", "dup", "exe_link", "exec",
            "fault_handlers", "fd_limit", "fifo_poll", "file_contents", "files", "files_together", "flags", "flock",
            "fork_memory", "futex", "handlers", "identity", "jobs", "kernel_writes", "kill", "kill_group", "limits",
            "many_regions", "many_sharers", "mmap", "one_call", "pipe", "pipe_blocking", "pipe_readers", "preempt",
            "preempt_beside_sleeper", "proc_files", "proc_frames", "random", "record_locks", "reparenting", "restart",
            "running_text", "scripts", "segv", "sendfile", "shared_memory", "sigchld_handler", "sigpipe", "sleep",
            "small_calls", "spawn", "stack_gap", "system_info", "tree", "unaligned", "vfork", "wait"]
# These need RISC-V's instructions or call numbers, so they run under qemu-riscv64 instead.
RISCV = ["enosys", "forged_frames", "fp_state", "illegal", "registers"]
# Page tables play no part in these, or only a small one, and fork takes long in eager. One mode is enough.
ONE_MODE = ["continued", "directories_that_change", "long_line", "odd_signal_stacks", "odd_vectors", "queued_signals",
            "signal_storm", "timers", "unset_bytes", "unwanted_children"]
# These count ox's frames, use its terminal and traces, or require more than Linux grants: W^X.
OURS = ["fork_modes", "frames_return", "init_lives", "job_control", "new_code", "new_program", "proc_walk",
        "signal_page", "sparse_program", "terminal", "termios", "wxorx"]


def check(machine, name, mode, cpus):
    run = machine.run(name, words=f"fork={mode} stats", cpus=cpus, memory="256M", timeout=180)
    assert ended_well(run)
    stats = run.stats()
    assert stats["spurious"] == 0
    assert stats["frames_free_before"] == stats["frames_free_after"]


@pytest.mark.parametrize("name", PORTABLE + RISCV + OURS)
def test_program(machine, mode, name):
    check(machine, name, mode, cpus=1)


@pytest.mark.parametrize("name", PORTABLE + RISCV + OURS)
def test_program_on_four_harts(machine, mode, name):
    check(machine, name, mode, cpus=4)


@pytest.mark.parametrize("cpus", [1, 4])
@pytest.mark.parametrize("name", ONE_MODE)
def test_program_of_one_mode(machine, name, cpus):
    check(machine, name, "eager", cpus)


def test_a_signal_to_all_reaches_a_process_that_is_being_forked(machine):
    run = machine.run("kill_everybody", words="stats", cpus=4, memory="256M", timeout=60, debug=False)
    assert ended_well(run)
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]


@pytest.mark.parametrize("name", RISCV)
def test_program_says_the_same_on_linux(name):
    assert subprocess.run(["qemu-riscv64", program(name)], stdin=subprocess.DEVNULL, timeout=120).returncode == 0


@pytest.mark.parametrize("name", PORTABLE + ONE_MODE)
def test_program_says_the_same_on_the_host(name):
    on_host = for_the_host(ROOT / "tools/tests/programs" / f"{name}.c")
    assert subprocess.run([on_host], stdin=subprocess.DEVNULL, timeout=120).returncode == 0


def test_a_process_that_sleeps_uses_no_processor_time(machine):
    assert ended_well(machine.run("sleep_is_not_work", extra=qemu.ICOUNT))


@pytest.mark.parametrize("cpus", [2, 4])
def test_a_parent_that_waits_and_its_child_share_a_hart(machine, cpus):
    assert ended_well(machine.run("one_worker", cpus=cpus, debug=False, timeout=60))


@pytest.mark.parametrize("cpus", [2, 3])
def test_two_parents_that_wait_have_a_hart_each(machine, cpus):
    assert ended_well(machine.run("one_worker two", cpus=cpus, debug=False, timeout=60, extra=qemu.ICOUNT))


@pytest.mark.parametrize("cpus", [2, 4])
def test_a_parent_that_works_and_its_child_have_a_hart_each(machine, cpus):
    assert ended_well(machine.run("one_worker both", cpus=cpus, debug=False, timeout=60, extra=qemu.ICOUNT))


@pytest.mark.parametrize("cpus", [2, 4])
def test_a_parent_that_its_child_has_woken_runs_before_the_next_interrupt(machine, cpus):
    assert ended_well(machine.run("reaped_at_once", cpus=cpus, debug=False, timeout=60, extra=qemu.ICOUNT))


@pytest.mark.parametrize("cpus", [2, 4])
def test_a_read_of_proc_does_not_wait_for_long_calls(machine, cpus):
    assert ended_well(machine.run("proc_of_the_busy", cpus=cpus, memory="256M", debug=False, timeout=60))


def test_a_process_has_ten_thousand_regions(machine):
    run = machine.run("many_regions 10000", words="stats", memory="256M", timeout=120, debug=False)
    assert ended_well(run)
    stats = run.stats()
    assert stats["frames_free_before"] == stats["frames_free_after"]


@pytest.mark.parametrize("cpus", [1, 4])
def test_storm(machine, mode, cpus):
    """Everything at once, for a while; make soak runs it longer."""
    run = machine.run("storm 7 12 6", words=f"fork={mode} stats", cpus=cpus, memory="256M", timeout=120)
    assert ended_well(run)
    stats = run.stats()
    assert stats["spurious"] == 0
    assert stats["frames_free_before"] == stats["frames_free_after"]


@pytest.mark.parametrize("cpus", [1, 2])
def test_orphans_are_adopted_and_the_status_is_still_the_programs(machine, mode, cpus):
    run = machine.run("orphans", words=f"fork={mode} stats", cpus=cpus)
    assert run.status == 5, run.output
    assert run.output.count("orphan\n") == 5
    assert run.stats()["frames_free_before"] == run.stats()["frames_free_after"]


def test_what_is_typed_arrives_line_by_line(machine):
    run = machine.run("echo_input", typed=[("ready", "one\n"), ("got 4: one", "two, longer\n"), ("got 12", "\x04")])
    assert ended_well(run)
    assert "got 4: one" in run.output and "got 12: two, longer" in run.output


def test_a_call_that_ox_does_not_have_is_named_once_under_debug(machine):
    lines = [line for line in machine.run("enosys").kernel_lines if "not implemented" in line]
    assert lines and len(lines) == len(set(lines))
    assert not any("not implemented" in line for line in machine.run("enosys", debug=False).kernel_lines)


def test_a_call_that_refuses_its_arguments_is_named_once_under_debug(machine):
    lines = [line for line in machine.run("clone_flags").kernel_lines if "refuses its arguments" in line]
    assert len([line for line in lines if "system call 220 " in line]) == 1
    assert not any("refuses" in line for line in machine.run("clone_flags", debug=False).kernel_lines)
