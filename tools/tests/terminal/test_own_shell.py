"""The messages of ox's own shell and init for mistakes that a person makes in the first hour."""
import os
import re
import subprocess

import initramfs
import pytest
from conftest import BUILD, ROOT, for_the_host, newest, stripped

HELLO = ROOT / "tools/tests/programs/hello.c"
NOT_STATIC = "not a static RISC-V program (link with -static)"


@pytest.fixture(scope="module")
def archive():
    """ox's shell, and programs that ox cannot run."""
    gcc = os.environ.get("TOOLPREFIX", "riscv64-linux-gnu-") + "gcc"
    files = {f"bin/{name}": stripped(name) for name in ("sh", "ls", "echo", "exit_codes")}
    files["init"] = files["bin/init"] = stripped("init")
    files["bin/dyn"] = newest("dynamic", "hello", [HELLO], gcc, HELLO)
    files["bin/host"] = for_the_host(HELLO)
    files["bin/script"] = b"echo script $1\n"
    return initramfs.archive(files)


def make(*words):
    folder = f"BUILD={BUILD.relative_to(ROOT)}"
    return subprocess.run(["make", "-s", "-C", ROOT, folder, *words], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)


@pytest.fixture
def typed(machine, archive):
    """Types lines at the prompt; returns the answer to each one."""
    def answers(*lines):
        typing = [("ox$ ", f"{line}\n") for line in lines]
        run = machine.boot(archive, init_arguments="sh", debug=False, typed=[*typing, ("ox$ ", "exit 0\n")])
        assert not run.timed_out and run.status == 0, run.output
        parts = re.split(r"ox\$ .*\n", run.output)[1:]
        return [part.strip() for part in parts[:len(lines)]]
    return answers


def test_a_program_that_is_not_static_is_said_to_be_so(typed):
    lines = ["dyn", "host", "/bin/dyn", "sh /bin/dyn", "dyn; echo $?", "echo a | dyn"]
    names = ["dyn", "host", "/bin/dyn", "/bin/dyn", "dyn", "dyn"]
    answers = typed(*lines)
    for answer, name in zip(answers, names):
        assert answer.splitlines()[0] == f"sh: {name}: {NOT_STATIC}"
    assert answers[4].splitlines()[1:] == ["126"]


def test_a_text_without_an_interpreter_is_a_script_still(typed):
    assert typed("script x", "/bin/script y") == ["script x", "script y"]


def test_an_unknown_command_is_not_found(typed):
    assert typed("nosuch; echo $?", "./nosuch; echo $?") == ["sh: nosuch: command not found\n127",
                                                             "sh: ./nosuch: No such file or directory\n127"]


def test_what_arrow_keys_type_is_no_part_of_a_command(typed):
    left, right, up, delete, home = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[3~", "\x1bOH"
    assert typed(up, f"ec{left}{right}ho arrows", f"{home}echo x{delete}y", "\x1b") == ["", "arrows", "xy", ""]


def test_help_names_each_builtin(typed):
    words = typed("help")[0].split()
    assert {"cd", "exit", "export", "umask", "jobs", "fg", "bg", "wait", "help", "USERLAND=debian"} <= set(words)


def test_the_prompt_says_where_editing_and_history_are(machine, archive):
    run = machine.boot(archive, init_arguments="sh", debug=False, typed=[("ox$ ", "exit 0\n")])
    assert "help" in run.program_lines[0] and "USERLAND=debian" in run.program_lines[0]


def test_init_is_refused_to_all_but_process_1(typed):
    refused, after = typed("/init; echo $?", "echo on")
    assert refused.startswith("init: refused") and refused.endswith("\n1") and after == "on"


@pytest.mark.parametrize("program", ["sh -c \"echo a;  echo 'b  c'\"", "sh -c 'echo a;  echo \"b  c\"'"])
def test_make_keeps_the_quotes_of_PROG(program):
    run = make("qemu", f"PROG={program}")
    assert run.stdout.replace("\r", "").splitlines()[-2:] == ["a", "b  c"], run.stdout


@pytest.mark.parametrize("size, says", [("MEM=16M", "ox needs 32M or more"), ("MEM=31", "ox needs 32M or more"),
                                        ("MEM=much", "ox needs 32M or more"), ("CPUS=0", "ox runs on 1 to 8 harts"),
                                        ("CPUS=9", "ox runs on 1 to 8 harts")])
def test_make_says_which_sizes_a_machine_may_have(size, says):
    for verb in ("qemu", "gdb", "view"):
        run = make(verb, size)
        assert run.returncode != 0 and f"{size}: {says}" in run.stderr, run


@pytest.mark.parametrize("name", ["dyn", "/bin/host"])
def test_init_says_that_its_program_is_not_static(machine, archive, name):
    run = machine.boot(archive, init_arguments=name, debug=False)
    assert run.status == 126 and f"init: {name}: {NOT_STATIC}" in run.output, run.output
